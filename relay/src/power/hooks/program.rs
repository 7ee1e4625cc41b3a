//! Programs: begun in a process group of their own, which ends with them.

use std::{process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::timeout,
};

use super::{Answer, End, OUTPUT_MAX};

/// Runs a program without a shell, and gives what it has printed.
pub(super) async fn run(arguments: &[String], limit: Duration) -> Answer {
    let mut output = Vec::new();
    let end = match start(arguments) {
        Ok(mut child) => {
            let group = Group::of(&child);
            let end = timeout(limit, finish(&mut child, &mut output)).await;
            drop(group);
            end.unwrap_or(End::TimedOut)
        }
        Err(error) => {
            output = format!("{}: {error}", arguments.join(" ")).into_bytes();
            End::Failed
        }
    };
    Answer {
        end,
        output: String::from_utf8_lossy(&output).trim().to_owned(),
    }
}

fn start(arguments: &[String]) -> std::io::Result<Child> {
    let (program, arguments) = arguments
        .split_first()
        .ok_or(std::io::ErrorKind::InvalidInput)?;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Whatever the program has begun. It is over when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _nobody_is_left = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Waits until both outputs are closed, so that nothing of the program is left that could print, and for its end.
async fn finish(child: &mut Child, output: &mut Vec<u8>) -> End {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut errors = Vec::new();
    tokio::join!(collect(out, output), collect(err, &mut errors));
    output.extend(errors);
    output.truncate(OUTPUT_MAX);
    match child.wait().await {
        Ok(status) => End::Exit(status.code().unwrap_or(-1)),
        Err(_) => End::Failed,
    }
}

async fn collect(from: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) {
    let Some(mut from) = from else {
        return;
    };
    let mut piece = [0; 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let room = OUTPUT_MAX - into.len();
        into.extend_from_slice(&piece[..length.min(room)]);
    }
}
