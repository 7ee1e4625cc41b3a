//! Runs commands in the guest for the host.
//!
//! A connection is one process: a line of JSON ([`Request`]), the bytes of its standard input, and from then on a byte
//! for each signal that it shall get. Back come lines of JSON ([`Output`]). When the host closes the connection, or
//! the process ends, all of its children are killed.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use serde::{Deserialize, Serialize};

use super::{AGENT_PORT, READY};

/// What the host asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// The program and its arguments.
    pub(super) command: Vec<String>,
    /// How many bytes of standard input follow.
    pub(super) stdin: usize,
}

/// What became of it, piece by piece.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Output {
    /// A line on standard output.
    Out(String),
    /// A line on standard error.
    Err(String),
    /// The last piece: the exit status, or 128 and the signal that ended it.
    Exit(i32),
}

/// Serves the host until the guest ends.
///
/// # Errors
/// Where the port cannot be listened on.
pub fn serve() -> io::Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", AGENT_PORT))?;
    println!("{READY}");
    for connection in listener.incoming() {
        let connection = connection?;
        thread::spawn(move || {
            if let Err(error) = run(connection) {
                println!("lab: {error}");
            }
        });
    }
    Ok(())
}

fn run(connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let answers = Answers(Arc::new(Mutex::new(connection.try_clone()?)));
    let mut requests = BufReader::new(connection);
    let mut line = String::new();
    requests.read_line(&mut line)?;
    let request: Request = serde_json::from_str(&line)?;
    let mut child = match start(&request) {
        Ok(child) => child,
        Err(error) => {
            answers.send(&Output::Err(format!("{:?}: {error}", request.command)))?;
            return answers.send(&Output::Exit(127));
        }
    };
    let readers = [
        child
            .stdout
            .take()
            .map(|out| forward(out, Output::Out, answers.clone())),
        child
            .stderr
            .take()
            .map(|err| forward(err, Output::Err, answers.clone())),
    ];
    if let Some(mut stdin) = child.stdin.take() {
        io::copy(&mut (&mut requests).take(request.stdin as u64), &mut stdin)?;
    }
    let group = child.id();
    thread::spawn(move || obey(requests, group));
    let status = child.wait()?;
    kill(group, 9);
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    answers.send(&Output::Exit(code(status)))
}

fn start(request: &Request) -> io::Result<Child> {
    let (program, arguments) = request
        .command
        .split_first()
        .ok_or(io::ErrorKind::InvalidInput)?;
    Command::new(program)
        .args(arguments)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

fn obey(mut signals: impl Read, group: u32) {
    let mut signal = [0];
    while signals.read_exact(&mut signal).is_ok() {
        kill(group, signal[0]);
    }
    kill(group, 9);
}

fn kill(group: u32, signal: u8) {
    let _ = Command::new("kill")
        .args(["-s", &signal.to_string(), "--", &format!("-{group}")])
        .stderr(Stdio::null())
        .status();
}

fn forward(
    stream: impl Read + Send + 'static,
    kind: fn(String) -> Output,
    answers: Answers,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Some(Ok(line)) = lines.next() {
            let line = String::from_utf8_lossy(&line).into_owned();
            if answers.send(&kind(line)).is_err() {
                break;
            }
        }
    })
}

#[derive(Clone)]
struct Answers(Arc<Mutex<TcpStream>>);

impl Answers {
    fn send(&self, output: &Output) -> io::Result<()> {
        let mut line = serde_json::to_vec(output)?;
        line.push(b'\n');
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(&line)
    }
}
