//! The picture as a trackpad.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use tests::{
    chromium::Fingers,
    sim::Report,
    wait::{wait_for, wait_until},
};

use super::device::{Device, buttons, point, wheels};

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
