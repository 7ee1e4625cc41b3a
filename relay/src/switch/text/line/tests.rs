//! Switches at pseudo-terminals and TCP connections.

use std::{future::Future, path::Path};

use tokio::{net::TcpListener, time::sleep};
use tokio_serial::{SerialPort, SerialStream};

use super::*;
use crate::{
    config::serial::Serial,
    switch::text::{Model, Settings},
};

const SOON: Duration = Duration::from_secs(20);

/// A switch at the other end of a line, and its device.
fn wired() -> (SerialStream, String) {
    let (switch, line) = SerialStream::pair().unwrap();
    let path = line.name().unwrap();
    (switch, path)
}

fn by_serial(path: &str, model: Model, settings: &Settings) -> TextSwitch {
    let device = Device::new(Path::new(path), Serial::default().frame());
    let place = Place::Serial(Arc::new(device), model.speed());
    TextSwitch::new(place, settings.protocol(Some(model), 4).unwrap(), 4)
}

fn by_tcp(address: &str, settings: &Settings) -> TextSwitch {
    let protocol = settings.protocol(Some(Model::Tesmart), 4).unwrap();
    TextSwitch::new(Place::Tcp(address.to_owned()), protocol, 4)
}

fn hasty() -> Settings {
    Settings {
        limit_ms: Some(400),
        pause_ms: Some(0),
        ..Settings::default()
    }
}

fn patient() -> Settings {
    Settings {
        limit_ms: Some(15_000),
        pause_ms: Some(0),
        ..Settings::default()
    }
}

/// Reads what the relay sends. The other end of a pseudo-terminal fails until the relay has opened its one.
async fn reads(line: &mut (impl AsyncRead + Unpin), expected: &[u8]) {
    let all = async {
        let mut read = Vec::new();
        while read.len() < expected.len() {
            let mut byte = [0];
            match line.read(&mut byte).await {
                Ok(1) => read.push(byte[0]),
                Ok(_) => panic!("closed after {}", read.escape_ascii()),
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
        read
    };
    let read = timeout(SOON, all).await.unwrap();
    assert_eq!(read, expected);
}

async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    timeout(SOON, async { tokio::join!(one, other) })
        .await
        .unwrap()
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

const QUESTION: [u8; 6] = [0xAA, 0xBB, 0x03, 0x10, 0x00, 0xEE];

fn answer(port: u8) -> [u8; 6] {
    [0xAA, 0xBB, 0x03, 0x11, port, 0x16 + port]
}

#[tokio::test]
async fn a_switch_at_a_serial_line_is_moved_and_asked() {
    let (mut line, path) = wired();
    let switch = by_serial(&path, Model::Ezcoo, &patient());
    assert_eq!(switch.name(), path);
    let (moved, ()) = both(switch.select(1), async {
        reads(
            &mut line,
            b"EZS OUT1 VS IN2\nEZS OUT1 VS IN2\nEZG OUT1 VS\n",
        )
        .await;
        assert_eq!(line.baud_rate().unwrap(), 115_200);
        line.write_all(b"OUT1 VS 2\r\n").await.unwrap();
    })
    .await;
    assert_eq!(moved, Ok(()));
    let (told, ()) = both(switch.selected(), async {
        reads(&mut line, b"EZG OUT1 VS\n").await;
        line.write_all(b"OUT1 VS 4\r\n").await.unwrap();
    })
    .await;
    assert_eq!(told, Ok(Some(3)));
}

#[tokio::test]
async fn what_a_switch_said_before_it_was_asked_does_not_count() {
    let (mut line, path) = wired();
    let switch = by_serial(&path, Model::XhHk4401, &patient());
    let heartbeat = async {
        loop {
            line.write_all(b"AG01gA").await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        first = switch.selected() => assert_eq!(first, Ok(Some(0))),
        () = heartbeat => {}
    }
    line.write_all(b"AG02gAAG02gAAG0").await.unwrap();
    let (moved, ()) = both(switch.select(2), async {
        reads(&mut line, b"SW3\r\nAG03gA").await;
        line.write_all(b"2gAAG03gA").await.unwrap();
    })
    .await;
    assert_eq!(moved, Ok(()));
}

#[tokio::test]
async fn a_serial_line_that_is_not_there_or_that_another_has_is_named() {
    let switch = by_serial("/dev/ttyNowhere", Model::Bliswitch, &hasty());
    let Err(SwitchError::Lost(problem)) = switch.selected().await else {
        panic!("there is none")
    };
    assert_eq!(
        problem,
        "/dev/ttyNowhere: it is not there; plug the adapter in, or name another device"
    );

    let (_line, path) = wired();
    let first = by_serial(&path, Model::EzcooSet, &hasty());
    first.select(0).await.unwrap();
    let second = by_serial(&path, Model::EzcooSet, &hasty());
    let lost = second.select(0).await.unwrap_err();
    assert!(
        lost.to_string().contains("another program has it"),
        "{lost}"
    );
}

#[tokio::test]
async fn an_adapter_that_goes_is_lost_and_taken_again_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    let (first, line) = wired();
    std::os::unix::fs::symlink(line, &path).unwrap();
    let switch = by_serial(path.to_str().unwrap(), Model::EzcooSet, &hasty());
    switch.select(0).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    drop(first);
    assert!(matches!(switch.select(0).await, Err(SwitchError::Lost(_))));
    let (mut second, line) = wired();
    std::os::unix::fs::symlink(line, &path).unwrap();
    switch.select(1).await.unwrap();
    reads(&mut second, b"SET OUT1 VS IN2\n").await;
}

#[tokio::test]
async fn a_network_switch_keeps_its_connection_and_one_that_was_cut_is_made_anew() {
    let (listener, address) = listener().await;
    let switch = by_tcp(&address, &patient());
    let (told, mut line) = both(switch.selected(), async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &QUESTION).await;
        line.write_all(&answer(1)).await.unwrap();
        line
    })
    .await;
    assert_eq!(told, Ok(Some(1)));
    let (moved, ()) = both(switch.select(2), async {
        reads(&mut line, &[0xAA, 0xBB, 0x03, 0x01, 0x03, 0xEE]).await;
        line.write_all(&answer(2)).await.unwrap();
    })
    .await;
    assert_eq!(moved, Ok(()));
    drop(line);
    let (told, ()) = both(switch.selected(), async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &QUESTION).await;
        line.write_all(&answer(3)).await.unwrap();
    })
    .await;
    assert_eq!(told, Ok(Some(3)));
}

#[tokio::test]
async fn a_network_switch_that_fails_is_told_within_its_limit() {
    let (listener, address) = listener().await;
    let switch = by_tcp(&address, &hasty());

    let (silent, _line) = both(switch.selected(), async {
        listener.accept().await.unwrap().0
    })
    .await;
    let silent = silent.unwrap_err().to_string();
    assert!(
        silent.contains(&format!("{address}: It said nothing for 0.4 s")),
        "{silent}"
    );

    let (cut, ()) = both(switch.selected(), async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &QUESTION).await;
        line.write_all(&answer(1)[..4]).await.unwrap();
    })
    .await;
    assert_eq!(
        cut,
        Err(SwitchError::Lost(format!(
            "{address}: it ended the connection; is another program connected to it?"
        )))
    );

    let (flooded, ()) = both(switch.selected(), async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &QUESTION).await;
        while line.write_all(&[b'x'; 4096]).await.is_ok() {
            if switch.kept.try_lock().is_ok() {
                break;
            }
        }
    })
    .await;
    assert!(
        matches!(&flooded, Err(SwitchError::Refused(problem)) if problem.contains("more than an answer")),
        "{flooded:?}"
    );

    drop(listener);
    let gone = by_tcp(&address, &hasty())
        .selected()
        .await
        .unwrap_err()
        .to_string();
    assert!(gone.contains("nobody listens there"), "{gone}");
}

#[tokio::test]
async fn one_that_stands_elsewhere_has_refused_and_a_move_waits_for_a_question() {
    let (listener, address) = listener().await;
    let switch = by_tcp(&address, &hasty());
    let (moved, ()) = both(switch.select(0), async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &[0xAA, 0xBB, 0x03, 0x01, 0x01, 0xEE]).await;
        line.write_all(&answer(3)).await.unwrap();
        let mut rest = Vec::new();
        let _closed = timeout(Duration::from_secs(1), line.read_to_end(&mut rest)).await;
    })
    .await;
    assert_eq!(
        moved,
        Err(SwitchError::Refused("it stands on port 4".to_owned()))
    );

    let patient = by_tcp(&address, &patient());
    let both_asked = async { tokio::join!(patient.selected(), patient.select(1)) };
    let ((told, moved), ()) = both(both_asked, async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &QUESTION).await;
        line.write_all(&answer(0)).await.unwrap();
        reads(&mut line, &[0xAA, 0xBB, 0x03, 0x01, 0x02, 0xEE]).await;
        line.write_all(&answer(1)).await.unwrap();
    })
    .await;
    assert_eq!((told, moved), (Ok(Some(0)), Ok(())));
}

#[tokio::test]
async fn who_does_not_wait_leaves_a_line_that_can_be_used() {
    let (listener, address) = listener().await;
    let switch = by_tcp(&address, &patient());
    let mut given_up = Box::pin(switch.selected());
    let mut line = tokio::select! {
        told = &mut given_up => panic!("{told:?}"),
        line = async {
            let mut line = listener.accept().await.unwrap().0;
            reads(&mut line, &QUESTION).await;
            line
        } => line,
    };
    drop(given_up);
    let _late = line.write_all(&answer(0)).await;
    let (told, ()) = both(switch.selected(), async {
        let mut line = listener.accept().await.unwrap().0;
        reads(&mut line, &QUESTION).await;
        line.write_all(&answer(2)).await.unwrap();
    })
    .await;
    assert_eq!(told, Ok(Some(2)));
}
