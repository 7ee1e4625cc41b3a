//! A tab: look at it, and be its operator's hands.

use std::sync::{Arc, atomic::AtomicU8};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use serde_json::{Value, json};

use super::devtools::DevTools;
use crate::wait::wait_until;

mod elements;
mod hands;
mod screen;

pub use elements::{Element, Rect};

/// A tab of [`super::Chromium`].
#[derive(Clone)]
pub struct Tab {
    pub(super) devtools: Arc<DevTools>,
    session: String,
    target: String,
    /// The modifiers that are down, as DevTools counts them.
    modifiers: Arc<AtomicU8>,
}

impl Tab {
    pub(super) async fn attach(devtools: Arc<DevTools>, target: String) -> Result<Self> {
        let attached = devtools
            .call(
                None,
                "Target.attachToTarget",
                &json!({ "targetId": target, "flatten": true }),
            )
            .await?;
        let session = attached["sessionId"]
            .as_str()
            .context("a session")?
            .to_owned();
        let tab = Self {
            devtools,
            session,
            target,
            modifiers: Arc::default(),
        };
        for domain in ["Page", "Runtime", "Log", "DOM", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({})).await?;
        }
        Ok(tab)
    }

    /// Calls a method of the DevTools protocol on this tab.
    ///
    /// # Errors
    /// Where Chromium says so.
    pub async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.devtools
            .call(Some(&self.session), method, &parameters)
            .await
    }

    /// What pages of this browser wrote to their consoles.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        self.devtools.console()
    }

    /// Goes to an address and waits until its document is complete.
    ///
    /// # Errors
    /// Where it cannot be loaded.
    pub async fn go(&self, url: &Url) -> Result<()> {
        let answer = self
            .call("Page.navigate", json!({ "url": url.as_str() }))
            .await?;
        if let Some(error) = answer.get("errorText") {
            bail!("{url}: {error}");
        }
        wait_until("a complete document", async || {
            Ok(self.evaluate("document.readyState").await? == "complete")
        })
        .await
    }

    /// The value of an expression in the page; a promise is awaited.
    ///
    /// # Errors
    /// Where it throws.
    pub async fn evaluate(&self, expression: &str) -> Result<Value> {
        let mut answer = self
            .call(
                "Runtime.evaluate",
                json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
            )
            .await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("{expression}: {exception}");
        }
        Ok(answer["result"]["value"].take())
    }

    /// Runs a script in every document from now on, before its own.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn inject(&self, script: &str) -> Result<()> {
        self.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await?;
        Ok(())
    }

    /// From now on the page sends at most so many bytes a second.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn sends(&self, bytes_per_second: f64) -> Result<()> {
        let conditions = json!({
            "offline": false,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        });
        self.call("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }

    /// Lets pages read and write the clipboard without asking.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn allow_the_clipboard(&self) -> Result<()> {
        let permissions = json!(["clipboardReadWrite", "clipboardSanitizedWrite"]);
        self.call(
            "Browser.grantPermissions",
            json!({ "permissions": permissions }),
        )
        .await?;
        Ok(())
    }

    /// Goes to an address though the page asks whether to stay. Fails where it does not ask.
    ///
    /// # Errors
    /// As [`Self::go`].
    pub async fn go_anyway(&self, url: &Url) -> Result<()> {
        let leave = wait_until("the page asks whether to stay", async || {
            let answer = json!({ "accept": true });
            Ok(self
                .call("Page.handleJavaScriptDialog", answer)
                .await
                .is_ok())
        });
        let (went, asked) = tokio::join!(self.go(url), leave);
        asked?;
        went
    }

    /// Closes this tab.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn close(&self) -> Result<()> {
        self.devtools
            .call(
                None,
                "Target.closeTarget",
                &json!({ "targetId": self.target }),
            )
            .await?;
        Ok(())
    }
}
