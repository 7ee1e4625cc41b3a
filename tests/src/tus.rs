//! An ordinary tus client, tus-js-client, in a process of its own.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::process::{Child, Command};

use crate::account::Account;

/// Where the client's script is, in this repository.
const SCRIPT: &str = "e2e/library/upload.mjs";

/// A file to upload.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file.
    pub file: PathBuf,
    /// What the image shall be called.
    pub name: String,
    /// The file's hash, in hexadecimal.
    pub sha256: String,
    /// Where the client remembers what it has begun.
    pub memory: PathBuf,
}

/// A client that is uploading; killed when dropped.
pub struct TusClient {
    child: Child,
}

impl TusClient {
    /// Begins a job, or goes on with it.
    ///
    /// # Errors
    /// Where Node.js or the client is not there.
    pub fn start(account: &Account, job: &Job) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT);
        let order = json!({
            "endpoint": account.base.join("api/v1/uploads")?.as_str(),
            "cookie": account.cookie,
            "file": job.file,
            "name": job.name,
            "sha256": job.sha256,
            "memory": job.memory,
        });
        let child = Command::new("node")
            .arg(script)
            .arg(order.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start; `./justw` installs it")?;
        Ok(Self { child })
    }

    /// Kills it, so that it has no time to do anything.
    ///
    /// # Errors
    /// Where it has ended already.
    pub async fn kill(mut self) -> Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "the client has ended: {ended:?}");
        Ok(self.child.kill().await?)
    }

    /// Waits until it has ended; with what it says.
    ///
    /// # Errors
    /// Where it cannot be waited for.
    pub async fn ended(self) -> Result<(ExitStatus, String)> {
        let output = self.child.wait_with_output().await?;
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status, says))
    }
}
