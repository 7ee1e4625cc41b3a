//! Touching the picture where it is meant.

use anyhow::{Context, Result};
use tests::chromium::Fingers;

use super::device::{Device, directly, point};

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
