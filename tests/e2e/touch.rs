//! A tablet or a phone in the hand, turned either way: every gesture does on the machine what it should.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use tests::{
    account::Account,
    chromium::{Chromium, Fingers, Rect},
    page::Page,
    relay::Relay,
    sim::{Pointer, Report, Sim},
    wait::{wait_for, wait_until},
};

/// A tablet and a phone, upright and on their side.
const SCREENS: [(u32, u32); 4] = [(820, 1180), (1180, 820), (390, 844), (844, 390)];

/// A device in the hand, and the machine that it works on.
struct Device {
    relay: Relay,
    chromium: Chromium,
    page: Page,
}

impl Device {
    async fn take_up() -> Result<Self> {
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

    async fn load(chromium: &Chromium, account: &Account) -> Result<Page> {
        let page = Page::prepare(chromium, account).await?;
        page.tab.touch_screen().await?;
        page.tab.without_motion().await?;
        page.tab.go(&account.base).await?;
        Ok(page)
    }

    fn sim(&self) -> &Sim {
        &self.relay.sim
    }

    /// Does something with the device held each way.
    async fn each_way(&self, act: impl AsyncFn(&Self) -> Result<()>) -> Result<()> {
        for (width, height) in SCREENS {
            self.page.tab.hand_held(width, height).await?;
            act(self)
                .await
                .with_context(|| format!("on {width}x{height}"))?;
        }
        Ok(())
    }

    async fn put_down(self) -> Result<()> {
        self.chromium.end().await
    }

    async fn reports(&self) -> Result<u64> {
        Ok(self.sim().state().await?.reports)
    }

    /// Waits until the buttons have done this since a report, no button being down before.
    async fn buttons_do(&self, since: u64, wanted: &[u8]) -> Result<()> {
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
    async fn left_was_held(&self, since: u64) -> Result<()> {
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
    async fn tap_clicks(
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
    async fn pointer_is_at(&self, (column, row): (f64, f64)) -> Result<Pointer> {
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
    async fn scale(&self) -> Result<f64> {
        let screen = self.page.screen().await?;
        let scale = "this.getBoundingClientRect().width / this.width";
        let scale = self.page.tab.of(&screen, scale).await?;
        scale.as_f64().context("a scale")
    }
}

/// The values that the buttons of pointer and mouse had, one after the other.
fn buttons(reports: &[Report]) -> Result<Vec<u8>> {
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
fn wheels(reports: &[Report]) -> Result<(i64, i64)> {
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

fn point(rect: Rect, across: f64, down: f64) -> (f64, f64) {
    (
        (rect.x + across * rect.width).round(),
        (rect.y + down * rect.height).round(),
    )
}

#[tokio::test]
async fn on_the_trackpad_a_finger_moves_the_pointer_from_where_it_is() -> Result<()> {
    let device = Device::take_up().await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.3, 0.4);
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x + 60.0, y + 40.0)], 3).await?;
            fingers.up(1).await?;
            let reports = device.reports().await?;
            let from = wait_for("the pointer at rest", async || {
                let pointer = device.sim().state().await?.pointer;
                Ok((pointer == device.sim().state().await?.pointer).then_some(pointer))
            })
            .await?;
            let (x, y) = point(sight, 0.7, 0.5);
            fingers.wait_ms(800.0).down(2, x, y).await?;
            fingers.glide(&[(2, x - 45.0, y - 30.0)], 3).await?;
            fingers.up(2).await?;
            let scale = device.scale().await?;
            let wanted = (
                f64::from(from.x) + 0.5 - 45.0 / scale,
                f64::from(from.y) + 0.5 - 30.0 / scale,
            );
            device.pointer_is_at(wanted).await?;
            device.buttons_do(reports, &[0]).await
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn on_the_trackpad_of_a_relative_pointer_a_finger_is_a_mouse() -> Result<()> {
    let device = Device::take_up().await?;
    device.page.open_tool("Relative pointer").await?;
    device
        .each_way(async |device| {
            let before = device.reports().await?;
            let (x, y) = point(device.page.in_sight().await?, 0.4, 0.6);
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x + 60.0, y - 40.0)], 4).await?;
            fingers.up(1).await?;
            let mut sum = (0, 0);
            let wait = wait_until("the whole way", async || {
                sum = (0, 0);
                for report in device.sim().reports(before).await? {
                    assert_eq!(report.interface, "mouse");
                    let bytes = report.bytes()?;
                    sum.0 += i32::from(bytes[1].cast_signed());
                    sum.1 += i32::from(bytes[2].cast_signed());
                }
                Ok(sum == (60, -40))
            });
            let wait = wait.await;
            wait.with_context(|| format!("{sum:?}"))
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn on_the_trackpad_taps_click_where_the_pointer_is() -> Result<()> {
    let device = Device::take_up().await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let mut fingers = Fingers::on(&device.page.tab);
            let (x, y) = point(sight, 0.5, 0.5);
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x - 30.0, y - 20.0)], 3).await?;
            fingers.up(1).await?;
            let places = [(0.2, 0.3), (0.5, 0.6), (0.8, 0.4)].map(|(x, y)| point(sight, x, y));
            for (count, button) in [(1, 1), (2, 2), (3, 4)] {
                let since = device
                    .tap_clicks(&mut fingers, &places[..count], button)
                    .await
                    .with_context(|| format!("{count} fingers"))?;
                let pointer = device.sim().state().await?.pointer;
                let moved: BTreeSet<Vec<u8>> = since
                    .iter()
                    .map(|report| Ok(report.bytes()?[1..5].to_vec()))
                    .collect::<Result<_>>()?;
                assert_eq!(moved.len(), 1, "{since:?} at {pointer:?}");
            }
            Ok(())
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn on_the_trackpad_a_tap_and_a_half_drags() -> Result<()> {
    let device = Device::take_up().await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.4, 0.4);
            let mut fingers = Fingers::on(&device.page.tab);
            wait_until("a tap and a half", async || {
                let before = device.reports().await?;
                fingers.wait_ms(1_000.0).tap(&[(x, y)]).await?;
                fingers.wait_ms(40.0).down(2, x, y).await?;
                fingers.glide(&[(2, x + 50.0, y + 30.0)], 5).await?;
                fingers.wait_ms(2_000.0).up(2).await?;
                device
                    .sim()
                    .state_where("the button up", |state| state.pointer.buttons == 0)
                    .await?;
                let reports = device.sim().reports(before).await?;
                // On a machine that is too busy, the second touch comes too late for the first.
                if buttons(&reports)? != [0, 1, 0] {
                    return Ok(false);
                }
                let dragged: BTreeSet<Vec<u8>> = reports
                    .iter()
                    .map(Report::bytes)
                    .filter(|bytes| bytes.as_ref().is_ok_and(|bytes| bytes[0] == 1))
                    .collect::<Result<_>>()?;
                Ok(dragged.len() > 1)
            })
            .await
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn on_the_trackpad_two_fingers_scroll_both_ways_and_go_on() -> Result<()> {
    let device = Device::take_up().await?;
    let sign = |(vertical, horizontal): (i64, i64)| (vertical.signum(), horizontal.signum());
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.4, 0.5);
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x + 30.0, y)], 3).await?;
            fingers.up(1).await?;
            for (across, down, turned) in [
                (0.0, 90.0, (1, 0)),
                (0.0, -90.0, (-1, 0)),
                (90.0, 0.0, (0, -1)),
                (-90.0, 0.0, (0, 1)),
            ] {
                let before = device.reports().await?;
                let ways = [(1, x + across, y + down), (2, x + 50.0 + across, y + down)];
                fingers.wait_ms(500.0).down(1, x, y).await?;
                fingers.down(2, x + 50.0, y).await?;
                fingers.glide(&ways, 9).await?;
                let by_hand = wait_for("the wheel", async || {
                    let reports = device.sim().reports(before).await?;
                    Ok(Some(wheels(&reports)?).filter(|sum| sign(*sum) == turned))
                });
                let by_hand = by_hand.await.with_context(|| format!("{across}, {down}"))?;
                fingers.up(2).await?;
                fingers.up(1).await?;
                wait_until("the momentum", async || {
                    let sum = wheels(&device.sim().reports(before).await?)?;
                    Ok(sign(sum) == turned
                        && sum.0.abs() + sum.1.abs() > by_hand.0.abs() + by_hand.1.abs())
                })
                .await?;
                fingers
                    .wait_ms(3_000.0)
                    .tap(&[(x, y), (x + 20.0, y), (x, y + 20.0), (x + 20.0, y + 20.0)])
                    .await?;
            }
            Ok(())
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn on_the_trackpad_a_pinch_zooms_and_the_pointer_stays_in_sight() -> Result<()> {
    let device = Device::take_up().await?;
    device
        .each_way(async |device| {
            let before = device.reports().await?;
            let fitting = device.scale().await?;
            let room = device.page.in_sight().await?;
            let (x, y) = point(room, 0.5, 0.5);
            let pixel = device.page.pixel_at(x, y).await?;
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x - 30.0, y).await?;
            fingers.down(2, x + 30.0, y).await?;
            fingers
                .glide(&[(1, x - 120.0, y), (2, x + 120.0, y)], 9)
                .await?;
            fingers.up(1).await?;
            fingers.up(2).await?;
            let zoomed = device.scale().await?;
            assert!(
                (2.0..=4.2).contains(&(zoomed / fitting)),
                "{fitting} to {zoomed}"
            );
            let (column, row) = device.page.pixel_at(x, y).await?;
            let strayed = (column - pixel.0).hypot(row - pixel.1);
            assert!(strayed * zoomed < 8.0, "{pixel:?} to {column}, {row}");
            device.buttons_do(before, &[0]).await?;
            for (across, down) in [
                (150.0, 0.0),
                (0.0, -100.0),
                (-150.0, 0.0),
                (-150.0, 100.0),
                (-150.0, 100.0),
            ] {
                fingers.wait_ms(500.0).down(3, x, y).await?;
                fingers.glide(&[(3, x + across, y + down)], 6).await?;
                fingers.up(3).await?;
                wait_until("the pointer in sight", async || {
                    let pointer = device.sim().state().await?.pointer;
                    let sight = device.page.in_sight().await?;
                    let first = device.page.pixel_at(sight.x, sight.y).await?;
                    let last = device
                        .page
                        .pixel_at(sight.x + sight.width, sight.y + sight.height)
                        .await?;
                    let (x, y) = (f64::from(pointer.x) + 0.5, f64::from(pointer.y) + 0.5);
                    Ok((first.0..=last.0).contains(&x) && (first.1..=last.1).contains(&y))
                })
                .await?;
            }
            fingers.wait_ms(500.0).down(1, x - 120.0, y).await?;
            fingers.down(2, x + 120.0, y).await?;
            fingers
                .glide(&[(1, x - 10.0, y), (2, x + 10.0, y)], 9)
                .await?;
            fingers.up(1).await?;
            fingers.up(2).await?;
            let back = device.scale().await?;
            assert!((back - fitting).abs() < 1e-3, "{fitting} to {back}");
            Ok(())
        })
        .await?;
    device.put_down().await
}

async fn directly(device: &Device) -> Result<()> {
    let trackpad = device.page.tab.element("button", "Trackpad").await?;
    if device.page.tab.of(&trackpad, "this.ariaPressed").await? == "true" {
        device.page.open_tool("Trackpad").await?;
    }
    Ok(())
}

#[tokio::test]
async fn directly_a_touch_is_where_it_is_however_the_picture_is_turned() -> Result<()> {
    let device = Device::take_up().await?;
    directly(&device).await?;
    device.page.open_tool("View").await?;
    device
        .each_way(async |device| {
            for _ in 0..4 {
                device.page.tab.click("button", "Rotate").await?;
                let sight = device.page.in_sight().await?;
                let mut fingers = Fingers::on(&device.page.tab);
                for (across, down) in [(0.25, 0.35), (0.5, 0.5), (0.75, 0.6)] {
                    let (x, y) = point(sight, across, down);
                    device.tap_clicks(&mut fingers, &[(x, y)], 1).await?;
                    let pixel = device.page.pixel_at(x, y).await?;
                    device.pointer_is_at(pixel).await?;
                }
            }
            Ok(())
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn directly_a_finger_drags_and_a_long_press_is_the_right_button() -> Result<()> {
    let device = Device::take_up().await?;
    directly(&device).await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (from, to) = (point(sight, 0.3, 0.3), point(sight, 0.6, 0.7));
            let before = device.reports().await?;
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, from.0, from.1).await?;
            fingers.glide(&[(1, to.0, to.1)], 6).await?;
            let pressed = device.page.pixel_at(to.0, to.1).await?;
            let pointer = device.pointer_is_at(pressed).await?;
            assert_eq!(pointer.buttons, 1);
            fingers.up(1).await?;
            device.left_was_held(before).await?;
            let reports = device.sim().reports(before).await?;
            let presses = reports.iter().find(|report| {
                report.interface == "pointer" && report.bytes().is_ok_and(|bytes| bytes[0] == 1)
            });
            let bytes = presses.context("a press")?.bytes()?;
            let screen = device.page.picture().await?;
            let pixel = |at: usize, pixels: usize| {
                f64::from(u16::from_le_bytes([bytes[at], bytes[at + 1]])) * (pixels - 1) as f64
                    / 32767.0
            };
            let start = device.page.pixel_at(from.0, from.1).await?;
            assert!(
                (pixel(1, screen.width) + 0.5 - start.0).abs() <= 1.5,
                "{bytes:?} {start:?}"
            );
            assert!(
                (pixel(3, screen.height) + 0.5 - start.1).abs() <= 1.5,
                "{bytes:?} {start:?}"
            );

            let before = device.reports().await?;
            fingers.wait_ms(1_000.0).down(1, from.0, from.1).await?;
            device.buttons_do(before, &[0, 2, 0]).await?;
            fingers.up(1).await?;
            device.buttons_do(before, &[0, 2, 0]).await?;
            device.pointer_is_at(start).await?;
            Ok(())
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn directly_two_fingers_pan_and_zoom_and_press_nothing() -> Result<()> {
    let device = Device::take_up().await?;
    directly(&device).await?;
    device
        .each_way(async |device| {
            let before = device.reports().await?;
            let fitting = device.scale().await?;
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.5, 0.5);
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x - 30.0, y).await?;
            fingers.down(2, x + 30.0, y).await?;
            fingers
                .glide(&[(1, x - 90.0, y), (2, x + 90.0, y)], 6)
                .await?;
            let scale = device.scale().await?;
            assert!((scale / fitting - 3.0).abs() < 0.1, "{fitting} to {scale}");
            let pixel = device.page.pixel_at(x, y).await?;
            fingers
                .glide(&[(1, x - 50.0, y), (2, x + 130.0, y)], 4)
                .await?;
            let moved = device.page.pixel_at(x + 40.0, y).await?;
            assert!(
                (moved.0 - pixel.0).abs() * scale < 2.0,
                "{pixel:?} {moved:?}"
            );
            fingers.up(1).await?;
            fingers.up(2).await?;
            device.buttons_do(before, &[0]).await?;
            device.page.open_tool("View").await?;
            device.page.tab.click("button", "Fit").await?;
            device.page.open_tool("View").await
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn one_thumb_holds_what_the_other_hand_needs() -> Result<()> {
    let device = Device::take_up().await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.5, 0.3);
            let mut fingers = Fingers::on(&device.page.tab);
            let place = async |name: &str| -> Result<(f64, f64)> {
                let button = device.page.tab.element("button", name).await?;
                Ok(device.page.tab.rect(&button).await?.centre())
            };
            let (key_x, key_y) = place("Ctrl").await?;
            fingers.down(9, key_x, key_y).await?;
            let held = |state: &tests::sim::State| state.keys_down == [0xE0];
            device.sim().state_where("Ctrl", held).await?;
            device.tap_clicks(&mut fingers, &[(x, y)], 1).await?;
            assert!(held(&device.sim().state().await?));
            fingers.up(9).await?;
            device
                .sim()
                .state_where("no Ctrl", |state| state.keys_down.is_empty())
                .await?;

            let (button_x, button_y) = place("Left button").await?;
            let before = device.reports().await?;
            fingers.wait_ms(1_000.0).down(9, button_x, button_y).await?;
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x - 60.0, y + 20.0)], 6).await?;
            fingers.wait_ms(500.0).up(1).await?;
            device
                .sim()
                .state_where("the button", |state| state.pointer.buttons == 1)
                .await?;
            fingers.up(9).await?;
            device.left_was_held(before).await
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn what_is_held_is_released_when_the_system_takes_the_fingers() -> Result<()> {
    let device = Device::take_up().await?;
    directly(&device).await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.4, 0.4);
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x + 60.0, y + 20.0)], 4).await?;
            device
                .sim()
                .state_where("the button", |state| state.pointer.buttons == 1)
                .await?;
            fingers.cancel().await?;
            device
                .sim()
                .state_where("nothing held", |state| state.pointer.buttons == 0)
                .await?;
            Ok(())
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn the_mode_is_changed_in_one_tap_and_remembered() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Device::load(&chromium, &account).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.tab.hand_held(390, 844).await?;
    let is_trackpad = async |page: &Page| -> Result<bool> {
        let button = page.tab.element("button", "Trackpad").await?;
        Ok(page.tab.of(&button, "this.ariaPressed").await? == "true")
    };
    assert!(is_trackpad(&page).await?);
    let button = page.tab.element("button", "Trackpad").await?;
    let centre = page.tab.rect(&button).await?.centre();
    Fingers::on(&page.tab).tap(&[centre]).await?;
    wait_until("the other mode", async || Ok(!is_trackpad(&page).await?)).await?;
    page.tab.go(&account.base).await?;
    assert!(!is_trackpad(&page).await?);
    chromium.end().await
}

#[tokio::test]
async fn the_devices_own_keyboard_types_corrects_and_erases() -> Result<()> {
    let device = Device::take_up().await?;
    let (tab, sim) = (&device.page.tab, device.sim());
    tab.hand_held(390, 844).await?;
    sim.boots().await?;
    device.page.open_tool("Device keyboard").await?;
    let has_focus = async || -> Result<bool> {
        let label = tab.evaluate("document.activeElement.getAttribute('aria-label')");
        Ok(label.await? == "Device keyboard")
    };
    wait_until("the field has the focus", has_focus).await?;
    wait_until("the layout is here", async || {
        tab.call("Input.insertText", json!({ "text": "e" })).await?;
        Ok(sim.state().await?.typed.ends_with('e'))
    })
    .await?;
    tab.call("Input.insertText", json!({ "text": "\n" }))
        .await?;
    let insert = async |text: &str| tab.call("Input.insertText", json!({ "text": text })).await;
    let shows = async |text: &str| {
        let line = format!("$ {text}");
        sim.state_where(&line, |state| {
            let mut lines = state.text.iter().rev().map(|line| line.trim_end());
            lines
                .find(|line| line.contains('$'))
                .is_some_and(|last| last.ends_with(line.trim_end()))
        })
        .await
    };

    insert("Say: ~teh").await?;
    shows("Say: ~teh").await?;
    let end = tab.evaluate("document.activeElement.value.length").await?;
    let end = end.as_u64().context("a length")?;
    let correction = json!({
        "text": "the", "selectionStart": 3, "selectionEnd": 3,
        "replacementStart": end - 3, "replacementEnd": end,
    });
    tab.call("Input.imeSetComposition", correction).await?;
    insert("the ").await?;
    shows("Say: ~the").await?;

    for _ in 0..5 {
        tab.evaluate("document.execCommand('delete')").await?;
    }
    shows("Say:").await?;
    insert("é").await?;
    device.page.reads("Not typed: é").await?;
    insert("x").await?;
    device.page.reads_no_more("Not typed").await?;

    let before = device.reports().await?;
    tab.key_down("ArrowLeft").await?;
    tab.key_up("ArrowLeft").await?;
    wait_until("the arrow", async || {
        let reports = sim.reports(before).await?;
        let arrow = |report: &Report| report.bytes().is_ok_and(|bytes| bytes[2] == 0x50);
        Ok(reports.iter().any(arrow))
    })
    .await?;
    let sight = device.page.in_sight().await?;
    device
        .tap_clicks(&mut Fingers::on(tab), &[point(sight, 0.5, 0.5)], 1)
        .await?;
    assert!(has_focus().await?);
    device.put_down().await
}

#[tokio::test]
async fn the_devices_own_keyboard_enters_what_no_key_makes() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.touch_screen().await?;
    let wishes = json!({ "untypable": { "unicode": "linux" } }).to_string();
    page.tab
        .inject(&format!("localStorage.setItem('typing', {wishes:?})"))
        .await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.open_tool("Device keyboard").await?;
    let before = relay.sim.state().await?.reports;
    // ISO 14755's entry, as GTK and IBus have it: Ctrl, Shift and U, the number, and a space.
    let wanted = [(0x03, 0x18), (0, 0x08), (0, 0x26), (0, 0x2C)];
    wait_until("the entry of é", async || {
        page.tab
            .call("Input.insertText", json!({ "text": "é" }))
            .await?;
        let reports = relay.sim.reports(before).await?;
        let mut keys = Vec::new();
        for report in reports
            .iter()
            .filter(|report| report.interface == "keyboard")
        {
            let bytes = report.bytes()?;
            if bytes[2] != 0 {
                keys.push((bytes[0], bytes[2]));
            }
        }
        let typed = |stroke| keys.contains(stroke);
        Ok(wanted.iter().all(typed))
    })
    .await?;
    chromium.end().await
}
