//! The virtual machine: its kernel and initrd made where they are missing, booted, and gone with the process that
//! booted it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use super::{AGENT_PORT, Guest, READY, RELAY_PORT};
use crate::relay::target_folder;

/// From power-on until the agent answers, at most: some ten times what it takes on an idle machine.
const BOOT_LIMIT: Duration = Duration::from_secs(50);

/// A running virtual machine. It ends with this value, and with the thread that booted it.
#[derive(Debug)]
pub struct Machine {
    /// The way to commands in it.
    pub guest: Guest,
    /// Where a relay that listens on [`RELAY_PORT`] in the guest is reached.
    pub relay: SocketAddr,
    _process: Process,
    _only_one: File,
}

impl Machine {
    /// Boots a machine with this program as its agent, and waits until it can be reached.
    ///
    /// # Errors
    /// Where a tool is missing, the kernel cannot be had, or the guest does not come up; with what to do.
    pub fn boot(agent: &Path) -> Result<Self> {
        check_tools()?;
        let cache = target_folder()?.join("lab");
        let only_one = prepare(&cache)?;
        let log = cache.join("console.log");
        let ports = Ports {
            agent: free_port()?,
            relay: free_port()?,
        };
        let mut process = Process(qemu(&cache, agent, ports).spawn()?);
        let ready = watch_console(&mut process.0, &log)?;
        if ready.recv_timeout(BOOT_LIMIT).is_err() {
            bail!("the virtual machine did not come up; see {}", log.display());
        }
        Ok(Self {
            guest: Guest::new(ports.agent),
            relay: ports.relay,
            _process: process,
            _only_one: only_one,
        })
    }
}

#[derive(Debug)]
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn check_tools() -> Result<()> {
    let missing: Vec<&str> = include_str!("../../kernel/lab/tools")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(tool, _)| !is_installed(tool))
        .map(|(_, package)| package)
        .collect();
    ensure!(
        missing.is_empty(),
        "the kernel lab needs tools that are missing: apt-get install {}",
        missing.join(" ")
    );
    Ok(())
}

fn is_installed(tool: &str) -> bool {
    let places = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&places)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|place| place.join(tool).is_file())
}

/// Makes what is missing. The lock is held while a machine runs, since two at a time would be too slow.
fn prepare(cache: &Path) -> Result<File> {
    fs::create_dir_all(cache)?;
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;
    if !cache.join("kernel").exists() {
        script("fetch-kernel.sh", cache)?;
    }
    script("build-initrd.sh", cache)?;
    Ok(lock)
}

fn script(name: &str, cache: &Path) -> Result<()> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel/lab");
    let status = Command::new(scripts.join(name)).arg(cache).status()?;
    ensure!(status.success(), "{name} failed: {status}");
    Ok(())
}

/// Where the guest's services are reached on the host.
#[derive(Clone, Copy)]
struct Ports {
    agent: SocketAddr,
    relay: SocketAddr,
}

fn free_port() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// Software emulation always: where hardware acceleration exists, it may be one that this guest cannot use.
fn qemu(cache: &Path, agent: &Path, ports: Ports) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "qemu-system-x86_64"])
        .args(["-nodefaults", "-no-user-config", "-no-reboot"])
        .args(["-machine", "q35", "-accel", "tcg,thread=multi"])
        .args(["-cpu", "max", "-smp", "1", "-m", "2048"])
        .args(["-display", "none", "-serial", "stdio"])
        .args(["-device", "virtio-rng-pci"])
        .args(["-fsdev", HOST_ROOT])
        .args(["-device", "virtio-9p-pci,fsdev=host,mount_tag=host"])
        .args(["-netdev", &network(ports)])
        .args(["-device", "virtio-net-pci,netdev=net,romfile="])
        .arg("-kernel")
        .arg(cache.join("vmlinuz"))
        .arg("-initrd")
        .arg(cache.join("initrd.zst"))
        .arg("-append")
        .arg(format!(
            "{KERNEL_ARGUMENTS} armchair.agent={}",
            agent.display()
        ))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

const HOST_ROOT: &str = "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap";

const KERNEL_ARGUMENTS: &str =
    "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check audit=0";

fn network(ports: Ports) -> String {
    let Ports { agent, relay } = ports;
    format!(
        "user,id=net,restrict=on,hostfwd=tcp:{agent}-:{AGENT_PORT},hostfwd=tcp:{relay}-:{RELAY_PORT}"
    )
}

/// Keeps what the guest prints in a file, and tells when the agent is ready.
fn watch_console(process: &mut Child, log: &Path) -> Result<Receiver<()>> {
    let console = process.stdout.take().context("no console")?;
    let mut log = File::create(log)?;
    let (is_ready, ready) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(console).split(b'\n').map_while(Result::ok) {
            let _ = log.write_all(&[&line, b"\n".as_slice()].concat());
            if line.trim_ascii() == READY.as_bytes() {
                let _ = is_ready.send(());
            }
        }
    });
    Ok(ready)
}
