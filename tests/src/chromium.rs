//! Headless Chromium, driven over the Chrome DevTools Protocol.

use std::{process::Stdio, sync::Arc};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::wait::{DEADLINE, wait_for};

mod devtools;
mod download;
mod fingers;
pub mod keys;
mod tab;

use devtools::DevTools;
pub use download::names;
pub use fingers::Fingers;
pub use tab::{Element, Rect, Tab};

/// Chromium with an empty profile; ended when dropped.
pub struct Chromium {
    devtools: Arc<DevTools>,
    process: Child,
    _profile: TempDir,
}

/// Keeps Chromium to itself: no network of its own, no first-run pages, no background work.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--lang=en-US",
    "--password-store=basic",
    "--ignore-certificate-errors",
    "--window-size=1440,900",
    "--remote-debugging-port=0",
];

impl Chromium {
    /// Starts it: `CHROMIUM`, or `chromium`.
    ///
    /// # Errors
    /// Where it is not there or does not start.
    pub async fn start() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let log = std::fs::File::create(profile.path().join("log"))?;
        let program = std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
        let process = Command::new(&program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let address = wait_for("Chromium's debugging port", async || {
            Ok(debugging_address(&profile))
        })
        .await
        .with_context(|| {
            let log = std::fs::read_to_string(profile.path().join("log"));
            format!("Chromium says: {}", log.unwrap_or_default())
        })?;
        let devtools = Arc::new(DevTools::connect(&address).await?);
        Ok(Self {
            devtools,
            process,
            _profile: profile,
        })
    }

    /// Opens an empty tab, in front of the others.
    ///
    /// # Errors
    /// Where Chromium has ended.
    pub async fn tab(&self) -> Result<Tab> {
        let made = self
            .call("Target.createTarget", &json!({ "url": "about:blank" }))
            .await?;
        let target = made["targetId"].as_str().context("a target")?.to_owned();
        Tab::attach(self.devtools.clone(), target).await
    }

    /// Ends it, and waits until it has.
    ///
    /// # Errors
    /// Where it does not within the deadline.
    pub async fn end(mut self) -> Result<()> {
        // The answer may not come any more.
        let _ = self.call("Browser.close", &json!({})).await;
        let ended = tokio::time::timeout(DEADLINE, self.process.wait()).await;
        ended.context("Chromium goes on")??;
        Ok(())
    }

    async fn call(&self, method: &str, parameters: &Value) -> Result<Value> {
        self.devtools.call(None, method, parameters).await
    }
}

/// The file appears in one piece, but is read while it may still be empty.
fn debugging_address(profile: &TempDir) -> Option<String> {
    let file = std::fs::read_to_string(profile.path().join("DevToolsActivePort")).ok()?;
    let (port, path) = file.split_once('\n')?;
    (!path.is_empty()).then(|| format!("ws://127.0.0.1:{port}{}", path.trim_end()))
}
