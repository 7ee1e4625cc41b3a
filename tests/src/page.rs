//! The page as an operator uses it, by the names that assistive technology reads out.

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    account::Account,
    chromium::{Chromium, Element, Rect, Tab},
    picture::Picture,
    relay::Relay,
    sim::Sim,
    wait::{wait_for, wait_until},
};

/// The largest mean absolute error a channel, of 255, at which two pictures count as the same after encoding.
pub const CODEC_ERROR: f64 = 6.0;

/// The tools whose panels stand over the console.
pub const PANELS: [&str; 8] = [
    "Type text",
    "Macros",
    "Shortcuts",
    "Drives",
    "Power",
    "Serial console",
    "Statistics",
    "Settings",
];

/// The tool of a relay with a switch, whose panel stands there, too.
pub const MACHINES: &str = "Machines";

/// The console in a tab.
pub struct Page {
    /// Where it is open.
    pub tab: Tab,
}

impl Page {
    /// Opens the console of an account in a new tab and waits until its picture is the machine's.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn open(chromium: &Chromium, account: &Account, sim: &Sim) -> Result<Self> {
        let page = Self::load(chromium, account).await?;
        page.shows_the_screen_of(sim).await?;
        Ok(page)
    }

    /// Opens the console of an account in a new tab.
    ///
    /// # Errors
    /// Where it cannot be loaded.
    pub async fn load(chromium: &Chromium, account: &Account) -> Result<Self> {
        let page = Self::prepare(chromium, account).await?;
        page.tab.go(&account.base).await?;
        Ok(page)
    }

    /// Opens an empty tab that has the session of an account.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn prepare(chromium: &Chromium, account: &Account) -> Result<Self> {
        let tab = chromium.tab().await?;
        let (name, value) = account.cookie.split_once('=').context("a cookie")?;
        let cookie = json!({
            "url": account.base.as_str(), "name": name, "value": value, "path": "/",
            "secure": name.starts_with("__"), "httpOnly": true, "sameSite": "Strict",
        });
        tab.call("Network.setCookie", cookie).await?;
        Ok(Self { tab })
    }

    /// Opens a relay's page in a new tab, without a session.
    ///
    /// # Errors
    /// Where it cannot be loaded.
    pub async fn visit(chromium: &Chromium, relay: &Relay) -> Result<Self> {
        let tab = chromium.tab().await?;
        tab.go(&relay.url).await?;
        Ok(Self { tab })
    }

    /// The canvas.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn screen(&self) -> Result<Element> {
        self.tab.element("application", "Remote screen").await
    }

    /// What the canvas shows, in the machine's pixels.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn picture(&self) -> Result<Picture> {
        self.tab.canvas(&self.screen().await?).await
    }

    /// Waits until the canvas shows what is on the machine's screen.
    ///
    /// # Errors
    /// Where it does not within the deadline; the error tells by how much.
    pub async fn shows_the_screen_of(&self, sim: &Sim) -> Result<()> {
        let mut newest = String::new();
        let wait = wait_until("the picture is the machine's", async || {
            let (shown, drawn) = (self.picture().await?, sim.picture().await?);
            let error = shown.mean_error(&drawn);
            newest = format!("{error:?}");
            Ok(error.is_ok_and(|error| error.iter().all(|channel| *channel < CODEC_ERROR)))
        });
        let wait = wait.await;
        wait.with_context(|| format!("mean error {newest}, console {:#?}", self.tab.console()))
    }

    /// Where the machine's picture is on the page.
    ///
    /// # Errors
    /// Where there is no canvas.
    pub async fn picture_rect(&self) -> Result<Rect> {
        let screen = self.screen().await?;
        let size = self.tab.of(&screen, "[this.width, this.height]").await?;
        let (width, height) = serde_json::from_value::<(f64, f64)>(size)?;
        Ok(self.tab.rect(&screen).await?.fit(width, height))
    }

    /// Which pixel of the machine is at a point of the page, by the browser's own reckoning; fractions are parts of it.
    ///
    /// # Errors
    /// Where there is no canvas.
    pub async fn pixel_at(&self, x: f64, y: f64) -> Result<(f64, f64)> {
        let screen = self.screen().await?;
        let expression = format!(
            "(() => {{
                const style = getComputedStyle(this);
                const room = this.parentElement.getBoundingClientRect();
                const from = new DOMPoint({x} - room.x - room.width / 2, {y} - room.y - room.height / 2);
                const at = new DOMMatrix(style.transform).inverse().transformPoint(from);
                return [
                    (at.x / parseFloat(style.width) + 0.5) * this.width,
                    (at.y / parseFloat(style.height) + 0.5) * this.height,
                ];
            }})()"
        );
        Ok(serde_json::from_value(
            self.tab.of(&screen, &expression).await?,
        )?)
    }

    /// The part of the picture that is in sight, on the page.
    ///
    /// # Errors
    /// Where there is no canvas.
    pub async fn in_sight(&self) -> Result<Rect> {
        let screen = self.screen().await?;
        let expression = "(() => {
            const [a, b] = [this, this.parentElement].map((element) => element.getBoundingClientRect());
            const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
            return { x, y, width: Math.min(a.right, b.right) - x, height: Math.min(a.bottom, b.bottom) - y };
        })()";
        Ok(serde_json::from_value(
            self.tab.of(&screen, expression).await?,
        )?)
    }

    /// Clicks the middle of the picture, so that the keyboard is the machine's.
    ///
    /// # Errors
    /// Where there is no canvas.
    pub async fn click_the_screen(&self) -> Result<()> {
        let (x, y) = self.picture_rect().await?.centre();
        self.tab.click_at(x.round(), y.round()).await?;
        wait_until("the screen has the focus", async || {
            let focused = self
                .tab
                .evaluate("document.activeElement.getAttribute('aria-label')");
            Ok(focused.await? == "Remote screen")
        })
        .await
    }

    /// What the page says of its link.
    ///
    /// # Errors
    /// Where it says nothing.
    pub async fn connection(&self) -> Result<String> {
        let status = self.tab.element("status", "Connection").await?;
        self.tab.text(&status).await
    }

    /// A lock light.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn light(&self, name: &str) -> Result<Element> {
        self.tab.element("button", name).await
    }

    /// Waits until a lock light is on or off.
    ///
    /// # Errors
    /// Where it is not within the deadline.
    pub async fn lights(&self, name: &str, on: bool) -> Result<()> {
        wait_until(&format!("{name} is {on}"), async || {
            let light = self.light(name).await?;
            let pressed = self.tab.of(&light, "this.ariaPressed").await?;
            Ok(pressed.as_str() == Some(if on { "true" } else { "false" }))
        })
        .await
    }

    /// Presses a button of the toolbar, which is behind "More" where there is no room.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn open_tool(&self, name: &str) -> Result<()> {
        let is_there = wait_for("the tools", async || {
            let tool = self.tab.find("button", name).await?;
            let more = self.tab.find("button", "More").await?;
            Ok((tool.is_some() || more.is_some()).then_some(tool.is_some()))
        });
        if !is_there.await? {
            self.tab.click("button", "More").await?;
        }
        self.tab.click("button", name).await
    }

    /// Chooses a value of a list.
    ///
    /// # Errors
    /// Where there is no such list or no such value in it.
    pub async fn choose(&self, list: &str, value: &str) -> Result<()> {
        let list = self.tab.element("combobox", list).await?;
        let choose = format!(
            "[...this.options].some(option => option.value === {value:?})
                && (this.value = {value:?}, this.dispatchEvent(new Event('change', {{ bubbles: true }})))"
        );
        wait_until(value, async || {
            Ok(self.tab.of(&list, &choose).await? == true)
        })
        .await
    }

    /// Waits until the page has a text on it.
    ///
    /// # Errors
    /// Where it does not within the deadline; the error has the page's text.
    pub async fn reads(&self, text: &str) -> Result<()> {
        let wait = wait_until(text, async || Ok(self.text().await?.contains(text))).await;
        if wait.is_err() {
            let page = self.text().await?;
            wait.with_context(|| format!("the page: {page}\n{:#?}", self.tab.console()))?;
        }
        Ok(())
    }

    /// Waits until a text has gone from the page.
    ///
    /// # Errors
    /// Where it does not within the deadline.
    pub async fn reads_no_more(&self, text: &str) -> Result<()> {
        let what = format!("{text:?} has gone");
        wait_until(&what, async || Ok(!self.text().await?.contains(text))).await
    }

    /// All text on the page.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn text(&self) -> Result<String> {
        let text = self.tab.evaluate("document.body.innerText").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for an alert and gives its text.
    ///
    /// # Errors
    /// Where none comes within the deadline.
    pub async fn alert(&self) -> Result<String> {
        wait_for("an alert", async || {
            for alert in self.tab.all("alert", None).await? {
                let text = self.tab.text(&alert).await?;
                if !text.is_empty() {
                    return Ok(Some(text));
                }
            }
            Ok(None)
        })
        .await
    }
}
