//! A device in the hand, and what the machine gets from it.

use anyhow::{Context, Result, bail, ensure};
use tests::{
    account::Account,
    chromium::{Chromium, Fingers, Rect},
    page::Page,
    relay::Relay,
    sim::{Pointer, Report, Sim},
    wait::wait_until,
};

/// A tablet and a phone, upright and on their side.
const SCREENS: [(u32, u32); 4] = [(820, 1180), (1180, 820), (390, 844), (844, 390)];

/// A device in the hand, and the machine that it works on.
pub(crate) struct Device {
    relay: Relay,
    chromium: Chromium,
    pub(crate) page: Page,
}

impl Device {
    pub(crate) async fn take_up() -> Result<Self> {
        let (relay, account) = Relay::demo().await?;
        let chromium = Chromium::start().await?;
        let page = Self::load(&chromium, &account).await?;
        page.shows_the_screen_of(&relay.sim).await?;
        Ok(Self {
            relay,
            chromium,
            page,
        })
    }

    pub(crate) async fn load(chromium: &Chromium, account: &Account) -> Result<Page> {
        let page = Page::prepare(chromium, account).await?;
        page.tab.touch_screen().await?;
        page.tab.without_motion().await?;
        page.tab.go(&account.base).await?;
        Ok(page)
    }

    pub(crate) fn sim(&self) -> &Sim {
        &self.relay.sim
    }

    /// Does something with the device held each way.
    pub(crate) async fn each_way(&self, act: impl AsyncFn(&Self) -> Result<()>) -> Result<()> {
        for (width, height) in SCREENS {
            self.page.tab.hand_held(width, height).await?;
            act(self)
                .await
                .with_context(|| format!("on {width}x{height}"))?;
        }
        Ok(())
    }

    pub(crate) async fn put_down(self) -> Result<()> {
        self.chromium.end().await
    }

    pub(crate) async fn reports(&self) -> Result<u64> {
        Ok(self.sim().state().await?.reports)
    }

    /// Waits until the buttons have done this since a report, no button being down before.
    pub(crate) async fn buttons_do(&self, since: u64, wanted: &[u8]) -> Result<()> {
        let mut seen = Vec::new();
        let wait = wait_until("the buttons", async || {
            seen = buttons(&self.sim().reports(since).await?)?;
            Ok(seen == wanted)
        });
        let wait = wait.await;
        wait.with_context(|| format!("{seen:?} instead of {wanted:?}"))
    }

    /// Waits until the left button has been held and is up. On a machine that is too busy to repeat in time what is
    /// held, it may be let go in between.
    pub(crate) async fn left_was_held(&self, since: u64) -> Result<()> {
        let mut seen = Vec::new();
        let wait = wait_until("the button up again", async || {
            seen = buttons(&self.sim().reports(since).await?)?;
            Ok(seen.len() > 2 && seen.last() == Some(&0))
        });
        wait.await.with_context(|| format!("{seen:?}"))?;
        ensure!(seen.iter().all(|buttons| *buttons < 2), "{seen:?}");
        Ok(())
    }

    /// Taps until that has clicked a button once, for a machine that is too busy to see that a tap is a quick one.
    pub(crate) async fn tap_clicks(
        &self,
        fingers: &mut Fingers<'_>,
        points: &[(f64, f64)],
        button: u8,
    ) -> Result<Vec<Report>> {
        let mut seen = Vec::new();
        for _ in 0..5 {
            let before = self.reports().await?;
            fingers.wait_ms(1_000.0).tap(points).await?;
            let clicked = wait_until("a click", async || {
                seen = buttons(&self.sim().reports(before).await?)?;
                Ok(seen.len() == 3)
            });
            clicked.await.with_context(|| format!("{seen:?}"))?;
            if seen == [0, button, 0] {
                return self.sim().reports(before).await;
            }
        }
        bail!("{seen:?} instead of {button}");
    }

    /// Waits until the pointer is at a pixel, or beside it.
    pub(crate) async fn pointer_is_at(&self, (column, row): (f64, f64)) -> Result<Pointer> {
        let near = |at: i32, wanted: f64| (f64::from(at) + 0.5 - wanted).abs() <= 1.5;
        let what = format!("the pointer at {column}, {row}");
        let state = self.sim().state_where(&what, |state| {
            near(state.pointer.x, column) && near(state.pointer.y, row)
        });
        let wait = state.await;
        let pointer = self.sim().state().await?.pointer;
        Ok(wait
            .with_context(|| format!("it is at {pointer:?}"))?
            .pointer)
    }

    /// CSS pixels a pixel of the machine.
    pub(crate) async fn scale(&self) -> Result<f64> {
        let screen = self.page.screen().await?;
        let scale = "this.getBoundingClientRect().width / this.width";
        let scale = self.page.tab.of(&screen, scale).await?;
        scale.as_f64().context("a scale")
    }
}

/// The values that the buttons of pointer and mouse had, one after the other.
pub(crate) fn buttons(reports: &[Report]) -> Result<Vec<u8>> {
    let mut values = vec![0];
    for report in reports {
        if ["pointer", "mouse"].contains(&report.interface.as_str()) {
            values.push(report.bytes()?[0]);
        }
    }
    values.dedup();
    Ok(values)
}

/// How far the wheels have turned, in 1/120 of a detent or in detents, whichever the host takes: vertical, horizontal.
pub(crate) fn wheels(reports: &[Report]) -> Result<(i64, i64)> {
    let mut sum = (0, 0);
    for report in reports {
        let bytes = report.bytes()?;
        if report.interface == "pointer" {
            let signed = |at: usize| i64::from(i16::from_le_bytes([bytes[at], bytes[at + 1]]));
            sum = (sum.0 + signed(5), sum.1 + signed(7));
        }
    }
    Ok(sum)
}

pub(crate) fn point(rect: Rect, across: f64, down: f64) -> (f64, f64) {
    (
        (rect.x + across * rect.width).round(),
        (rect.y + down * rect.height).round(),
    )
}

/// Has a touch be where it is.
pub(crate) async fn directly(device: &Device) -> Result<()> {
    let trackpad = device.page.tab.element("button", "Trackpad").await?;
    if device.page.tab.of(&trackpad, "this.ariaPressed").await? == "true" {
        device.page.open_tool("Trackpad").await?;
    }
    Ok(())
}
