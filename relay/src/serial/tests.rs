//! The keeper with pseudo-terminals.

use std::{os::unix::fs::symlink, path::Path, time::Duration};

use shared::serial::{Port, PortState, Refused};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_serial::{SerialPort, SerialStream};

use super::{Serial, device::Device};
use crate::config::serial::Serial as Settings;

const SOON: Duration = Duration::from_secs(20);

/// A machine at the other end of a line.
fn machine() -> (SerialStream, String) {
    let (machine, line) = SerialStream::pair().unwrap();
    let path = line.name().unwrap();
    (machine, path)
}

fn console(path: &Path) -> Serial {
    let settings = Settings::default();
    let device = Device::new(path, settings.frame());
    Serial::start(Box::new(device), settings.speed, 16 * 1024)
}

async fn port_where(serial: &Serial, is_so: impl FnMut(&Port) -> bool) -> Port {
    let mut port = serial.port();
    let port = timeout(SOON, port.wait_for(is_so)).await.unwrap().unwrap();
    port.clone()
}

async fn is(serial: &Serial, state: PortState) {
    port_where(serial, |port| port.state == state).await;
}

async fn printed(serial: &Serial, count: u64) -> Vec<u8> {
    let mut end = serial.end();
    let arrived = timeout(SOON, end.wait_for(|end| *end >= count)).await;
    arrived.unwrap().unwrap();
    serial.read(0, usize::MAX).1
}

async fn reads(machine: &mut SerialStream, expected: &[u8]) {
    let mut read = vec![0; expected.len()];
    let all = timeout(SOON, machine.read_exact(&mut read)).await;
    all.unwrap().unwrap();
    assert_eq!(read, expected);
}

#[tokio::test]
async fn bytes_go_both_ways_as_they_are() {
    let (mut machine, path) = machine();
    let serial = console(Path::new(&path));
    is(&serial, PortState::Open).await;
    let all: Vec<u8> = (0..=255).collect();
    machine.write_all(&all).await.unwrap();
    assert_eq!(printed(&serial, 256).await, all);
    serial.send(&all[..128]).unwrap();
    serial.send(&all[128..]).unwrap();
    reads(&mut machine, &all).await;
    assert_eq!(serial.port().borrow().name, path);
}

#[tokio::test]
async fn the_speed_is_changed_while_it_is_open() {
    let (machine, path) = machine();
    let serial = console(Path::new(&path));
    is(&serial, PortState::Open).await;
    assert_eq!(machine.baud_rate().unwrap(), 115_200);
    serial.set_speed(9600).await.unwrap();
    assert_eq!(machine.baud_rate().unwrap(), 9600);
    assert_eq!(serial.port().borrow().speed, 9600);
    assert_eq!(serial.set_speed(49).await, Err(Refused::Speed));
    assert_eq!(serial.set_speed(4_000_001).await, Err(Refused::Speed));
    assert_eq!(machine.baud_rate().unwrap(), 9600);
}

#[tokio::test]
async fn a_port_that_goes_and_comes_is_opened_again_and_gets_nothing_old() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    let serial = console(&path);
    is(&serial, PortState::Missing).await;
    assert_eq!(serial.send(b"lost"), Err(Refused::Closed));
    assert_eq!(serial.send_break(), Err(Refused::Closed));
    assert_eq!(serial.set_speed(9600).await, Ok(()));

    let (mut first, line) = machine();
    symlink(line, &path).unwrap();
    is(&serial, PortState::Open).await;
    assert_eq!(first.baud_rate().unwrap(), 9600);
    first.write_all(b"one").await.unwrap();
    printed(&serial, 3).await;
    std::fs::remove_file(&path).unwrap();
    drop(first);
    is(&serial, PortState::Missing).await;

    let (mut second, line) = machine();
    symlink(line, &path).unwrap();
    is(&serial, PortState::Open).await;
    second.write_all(b" two").await.unwrap();
    assert_eq!(printed(&serial, 7).await, b"one two");
    serial.send(b"new").unwrap();
    reads(&mut second, b"new").await;
}

#[tokio::test]
async fn a_port_that_another_program_has_is_told_and_taken_once_it_is_free() {
    let (_machine, path) = machine();
    let first = console(Path::new(&path));
    is(&first, PortState::Open).await;
    let second = console(Path::new(&path));
    // Root may open what is held exclusively; the lock of the file tells it.
    is(&second, PortState::Held).await;
    first.stop().await;
    is(&second, PortState::Open).await;
}

#[tokio::test]
async fn a_machine_that_takes_nothing_is_told_and_a_break_frees_the_line() {
    let (_machine, path) = machine();
    let serial = console(Path::new(&path));
    is(&serial, PortState::Open).await;
    let full = async {
        while serial.send(&[b'x'; 4096]).is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, full).await.unwrap();
    assert_eq!(serial.send(&[b'x'; 4096]), Err(Refused::Full));
    serial.send_break().unwrap();
    let freed = async {
        while serial.send(&[b'y'; 60 * 1024]).is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, freed).await.unwrap();
}
