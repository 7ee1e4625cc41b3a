//! The simulated PC's control interface: what it saw, and ways to meddle.

use anyhow::{Context, Result, ensure};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    account::http_client,
    picture::Picture,
    wait::{wait_for, wait_until},
};

/// The control interface of a relay's simulated PC; of a rack, that of the one that is selected.
#[derive(Clone)]
pub struct Sim {
    base: Url,
    /// Where its routes are.
    root: String,
    http: reqwest::Client,
}

/// What the simulated PC tells of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    /// `on`, `off` or `sleep`.
    pub power: String,
    /// Of the screen, `1280x720`.
    pub size: String,
    /// The keyboard usages that are down.
    pub keys_down: Vec<u16>,
    /// The lock lights.
    pub leds: Value,
    /// Where the pointer is.
    pub pointer: Pointer,
    /// The lines of the screen in text.
    pub text: Vec<String>,
    /// All that was typed so far.
    pub typed: String,
    /// How many HID reports have arrived.
    pub reports: u64,
    /// The drives.
    pub drives: Vec<Drive>,
    /// The front panel.
    pub panel: Panel,
    /// The serial port.
    pub serial: Serial,
}

/// The switch of a rack.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Switch {
    /// The port that is selected, counted from 1.
    pub port: u8,
    /// What is wrong with it.
    pub fault: String,
    /// How often it went to another port.
    pub moves: u64,
}

/// The simulated PC's front panel.
#[derive(Clone, Debug, Deserialize)]
pub struct Panel {
    /// Whether the power button is down.
    pub power_down: bool,
    /// Whether the reset button is down.
    pub reset_down: bool,
    /// Whether the power light is lit.
    pub power_light: bool,
    /// The presses that are over, oldest first.
    pub presses: Vec<Press>,
}

/// A press of a button of the panel.
#[derive(Clone, Debug, Deserialize)]
pub struct Press {
    /// `power` or `reset`.
    pub button: String,
    /// How long, in milliseconds.
    pub ms: u64,
}

/// The simulated PC's serial port.
#[derive(Clone, Debug, Deserialize)]
pub struct Serial {
    /// All that came in.
    pub received: String,
    /// How many breaks came in.
    pub breaks: u32,
    /// The speed of the relay's end, while its port is open.
    pub relay_speed: Option<u32>,
}

/// A drive as the simulated PC has it.
#[derive(Clone, Debug, Deserialize)]
pub struct Drive {
    /// Its name.
    pub slot: String,
    /// `cd` or `disk`.
    pub kind: String,
    /// Whether a medium is in it.
    pub inserted: bool,
    /// How many bytes the PC has read of it.
    pub bytes_read: u64,
    /// Of the whole medium, once the PC has read it.
    pub sha256: Option<String>,
}

/// The simulated PC's pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Pointer {
    /// In pixels from the left.
    pub x: i32,
    /// In pixels from the top.
    pub y: i32,
    /// The buttons that are down, as bits.
    pub buttons: u8,
}

/// A HID report as the simulated PC's host got it.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    /// Counts from 1.
    pub n: u64,
    /// When it arrived, in microseconds of Unix time.
    pub t_us: u64,
    /// Which HID function sent it.
    pub interface: String,
    /// Its bytes in hexadecimal digits.
    pub hex: String,
}

impl Report {
    /// Its bytes.
    ///
    /// # Errors
    /// Where they are not hexadecimal digits.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        (0..self.hex.len() / 2)
            .map(|at| Ok(u8::from_str_radix(&self.hex[at * 2..at * 2 + 2], 16)?))
            .collect()
    }
}

impl Sim {
    pub(crate) fn new(base: Url) -> Result<Self> {
        let http = http_client()?;
        Ok(Self {
            base,
            root: "sim".to_owned(),
            http,
        })
    }

    /// The PC of a rack at this port, counted from 1.
    #[must_use]
    pub fn pc(&self, port: u8) -> Self {
        Self {
            root: format!("sim/pc/{port}"),
            ..self.clone()
        }
    }

    /// How the switch of a rack stands.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn switch(&self) -> Result<Switch> {
        self.get("sim/switch").await
    }

    /// Presses the button of a port on the switch itself; ports are counted from 1.
    ///
    /// # Errors
    /// Where there is no such port.
    pub async fn press_port(&self, port: u8) -> Result<()> {
        self.post("sim/switch", &json!({ "port": port })).await
    }

    /// Makes something go wrong with the switch, or right again with `none`.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn switch_fault(&self, fault: &str) -> Result<()> {
        self.post("sim/switch", &json!({ "fault": fault })).await
    }

    /// Where it listens.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// What it tells of itself now.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn state(&self) -> Result<State> {
        self.get(&self.route("state")).await
    }

    /// Waits for a state.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn state_where(
        &self,
        what: &str,
        condition: impl Fn(&State) -> bool,
    ) -> Result<State> {
        wait_for(what, async || {
            Ok(Some(self.state().await?).filter(&condition))
        })
        .await
    }

    /// Waits until a line of its screen contains a text.
    ///
    /// # Errors
    /// Where it does not within the deadline; the error has the screen.
    pub async fn reads(&self, text: &str) -> Result<()> {
        let shown = |state: &State| state.text.iter().any(|line| line.contains(text));
        let wait = wait_until(text, async || Ok(shown(&self.state().await?))).await;
        if wait.is_err() {
            let state = self.state().await?;
            wait.with_context(|| format!("the screen: {:#?}", state.text))?;
        }
        Ok(())
    }

    /// The HID reports after number `since`, in order.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn reports(&self, since: u64) -> Result<Vec<Report>> {
        self.get(&self.route(&format!("reports?since={since}")))
            .await
    }

    /// Waits on the simulated PC's side for a HID report after number `since`; gives all of them.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn next_reports(&self, since: u64) -> Result<Vec<Report>> {
        self.get(&self.route(&format!("reports?since={since}&wait=true")))
            .await
    }

    /// Waits until its keyboard's reports after number `since` are these and no others: the modifiers' bits, and the
    /// keys' usages. A report that repeats the one before says nothing new and is left out: the relay reminds a host
    /// that has just come of what is down.
    ///
    /// # Errors
    /// Where they are not within the deadline; the error has both.
    pub async fn gets_keys(&self, since: u64, expected: &[(u8, &[u8])]) -> Result<()> {
        let expected: Vec<Vec<u8>> = expected
            .iter()
            .map(|(modifiers, keys)| {
                let mut report = vec![*modifiers, 0];
                report.extend(*keys);
                report.resize(8, 0);
                report
            })
            .collect();
        let mut found = Vec::new();
        let wait = wait_until("the keyboard's reports", async || {
            found.clear();
            for report in self.reports(since).await? {
                if report.interface == "keyboard" {
                    found.push(report.bytes()?);
                }
            }
            found.dedup();
            Ok(found == expected)
        })
        .await;
        wait.with_context(|| format!("{found:02X?} for {expected:02X?}"))
    }

    /// Waits until it has booted and shows its prompt.
    ///
    /// # Errors
    /// Where it does not within the deadline.
    pub async fn boots(&self) -> Result<()> {
        self.state_where("the prompt", |state| {
            let mut lines = state.text.iter().rev().map(|line| line.trim_end());
            let last = lines.find(|line| !line.is_empty());
            last.is_some_and(|line| line.ends_with(['$', '>', '#']))
        })
        .await?;
        Ok(())
    }

    /// Its screen, pixel by pixel.
    ///
    /// # Errors
    /// Where it cannot be reached or has none.
    pub async fn picture(&self) -> Result<Picture> {
        let response = self
            .http
            .get(self.base.join(&self.route("picture"))?)
            .send()
            .await?;
        Picture::from_ppm(&response.error_for_status()?.bytes().await?)
    }

    /// Makes something go wrong, or right again with `none`.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn fault(&self, kind: &str) -> Result<()> {
        self.post(&self.route("fault"), &json!({ "kind": kind }))
            .await
    }

    /// Makes something go wrong for a time, or by a time, in milliseconds.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn fault_ms(&self, kind: &str, ms: u32) -> Result<()> {
        self.post(&self.route("fault"), &json!({ "kind": kind, "ms": ms }))
            .await
    }

    /// Changes its screen.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn screen(&self, change: &Value) -> Result<()> {
        self.post(&self.route("screen"), change).await
    }

    /// Shows a pattern with a time code in it, this many frames a second.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn time_code(&self, pattern: &str, fps: u32) -> Result<()> {
        self.screen(&json!({ "pattern": pattern, "fps": fps, "timecode": true }))
            .await
    }

    /// Lets its USB host do something.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn host(&self, act: &Value) -> Result<()> {
        self.post(&self.route("host"), act).await
    }

    /// Reads the whole medium of a drive, as the simulated PC's host does: `bytes`, and `sha256` or `error`.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn read(&self, slot: &str) -> Result<Value> {
        self.ask(&self.route("host"), &json!({ "read": slot }))
            .await
    }

    /// Writes a block of a drive, as the simulated PC's host does; answers with `error` where that fails.
    ///
    /// # Errors
    /// Where nothing is in the drive.
    pub async fn write(&self, slot: &str, block: u64, bytes: &[u8]) -> Result<Value> {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let act = json!({ "write": slot, "block": block, "hex": hex });
        self.ask(&self.route("host"), &act).await
    }

    fn route(&self, name: &str) -> String {
        format!("{}/{name}", self.root)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        let response = self.http.get(self.base.join(path)?).send().await?;
        let bytes = response.error_for_status()?.bytes().await?;
        serde_json::from_slice(&bytes)
            .with_context(|| format!("{path}: {}", String::from_utf8_lossy(&bytes)))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<()> {
        self.ask(path, body).await?;
        Ok(())
    }

    /// What it answers; `null` where that is nothing.
    async fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(self.base.join(path)?).json(body);
        let response = request.send().await?;
        let status = response.status();
        let answer = response.text().await?;
        ensure!(status.is_success(), "{path} {body}: {status} {answer}");
        Ok(serde_json::from_str(&answer).unwrap_or_default())
    }
}
