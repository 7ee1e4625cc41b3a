//! Commands in the guest, from the host.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinHandle,
};

use super::{
    DEADLINE,
    agent::{Output, Request},
};

/// The way to the agent in the guest.
#[derive(Clone, Copy, Debug)]
pub struct Guest {
    agent: SocketAddr,
}

impl Guest {
    pub(super) fn new(agent: SocketAddr) -> Self {
        Self { agent }
    }

    /// Runs a line of shell to its end and gives what it printed.
    ///
    /// # Errors
    /// Where it fails, with what it said, or goes on past the deadline.
    pub async fn run(&self, shell: &str) -> Result<String> {
        let finished = tokio::time::timeout(DEADLINE, self.finish(shell, &[])).await;
        finished.with_context(|| format!("after {DEADLINE:?} still running: {shell}"))?
    }

    /// Writes a file.
    ///
    /// # Errors
    /// Where the guest cannot.
    pub async fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.finish(&format!("cat > {path}"), bytes).await?;
        Ok(())
    }

    /// Starts a line of shell; it is killed when the [`Process`] is dropped.
    ///
    /// # Errors
    /// Where the agent does not answer.
    pub async fn start(&self, shell: &str) -> Result<Process> {
        let (pieces, signals) = self.request(shell, &[]).await?;
        let (tell, lines) = mpsc::unbounded_channel();
        Ok(Process {
            shell: shell.to_owned(),
            lines,
            signals,
            output: tokio::spawn(pieces.pass_on(tell)),
        })
    }

    async fn finish(&self, shell: &str, stdin: &[u8]) -> Result<String> {
        let (mut pieces, _signals) = self.request(shell, stdin).await?;
        let mut out = String::new();
        let mut err = String::new();
        loop {
            match pieces.next().await? {
                Output::Out(line) => out = out + &line + "\n",
                Output::Err(line) => err = err + &line + "\n",
                Output::Exit(0) => return Ok(out),
                Output::Exit(code) => bail!("`{shell}` ended with {code}: {err}{out}"),
            }
        }
    }

    async fn request(&self, shell: &str, stdin: &[u8]) -> Result<(Pieces, OwnedWriteHalf)> {
        let stream = TcpStream::connect(self.agent).await?;
        stream.set_nodelay(true)?;
        let (read, mut write) = stream.into_split();
        let request = Request {
            command: vec!["bash".into(), "-c".into(), shell.into()],
            stdin: stdin.len(),
        };
        let mut bytes = serde_json::to_vec(&request)?;
        bytes.push(b'\n');
        write.write_all(&bytes).await?;
        write.write_all(stdin).await?;
        Ok((Pieces(BufReader::new(read).lines()), write))
    }
}

/// A process in the guest. What it says on standard error goes to ours.
pub struct Process {
    shell: String,
    lines: mpsc::UnboundedReceiver<String>,
    signals: OwnedWriteHalf,
    output: JoinHandle<Result<i32>>,
}

impl Process {
    /// The next line that it prints on standard output.
    ///
    /// # Errors
    /// Where it has ended, or nothing comes within the deadline.
    pub async fn line(&mut self) -> Result<String> {
        self.line_within(DEADLINE).await
    }

    /// As [`Process::line`], for one that may take longer.
    ///
    /// # Errors
    /// Where it has ended, or nothing comes within the limit.
    pub async fn line_within(&mut self, limit: Duration) -> Result<String> {
        tokio::time::timeout(limit, self.lines.recv())
            .await
            .with_context(|| format!("`{}` is silent", self.shell))?
            .with_context(|| format!("`{}` has ended", self.shell))
    }

    /// What follows this in the first line that begins with it.
    ///
    /// # Errors
    /// Where no such line comes.
    pub async fn says(&mut self, prefix: &str) -> Result<String> {
        loop {
            let line = self.line().await.context(prefix.to_owned())?;
            if let Some(rest) = line.strip_prefix(prefix) {
                return Ok(rest.to_owned());
            }
        }
    }

    /// Waits for its end and gives its exit status, or 128 and the signal that ended it.
    ///
    /// # Errors
    /// Where it does not end within the deadline.
    pub async fn exit(&mut self) -> Result<i32> {
        tokio::time::timeout(DEADLINE, &mut self.output)
            .await
            .with_context(|| format!("`{}` goes on", self.shell))??
    }

    /// Sends it and its children a signal.
    ///
    /// # Errors
    /// Where the agent is gone.
    pub async fn signal(&mut self, signal: u8) -> Result<()> {
        Ok(self.signals.write_all(&[signal]).await?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.output.abort();
    }
}

/// The pieces that the agent sends of a process.
struct Pieces(Lines<BufReader<OwnedReadHalf>>);

impl Pieces {
    async fn next(&mut self) -> Result<Output> {
        let line = self.0.next_line().await?.context("the guest is gone")?;
        Ok(serde_json::from_str(&line)?)
    }

    async fn pass_on(mut self, lines: mpsc::UnboundedSender<String>) -> Result<i32> {
        loop {
            match self.next().await? {
                Output::Out(line) => drop(lines.send(line)),
                Output::Err(line) => eprintln!("{line}"),
                Output::Exit(code) => return Ok(code),
            }
        }
    }
}
