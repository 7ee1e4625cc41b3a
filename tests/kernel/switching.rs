//! A switch at real GPIO lines (gpio-sim): which line is pressed for how long, and what is read back.

use anyhow::{Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{lab::gpio::Seen, relay::program, wait::wait_until};

use crate::{
    chip::Chip,
    stand::{AGENT, Stand},
};

/// The chip's label.
const CHIP: &str = "rack";

const FIRST_BUTTON: u32 = 0;
const SECOND_BUTTON: u32 = 1;
const FIRST_LIGHT: u32 = 2;
const SECOND_LIGHT: u32 = 3;
const NAMES: [&str; 4] = ["BTN_1", "", "PORT_1", "PORT_2"];

/// The second button is active when its line is low.
const BUTTONS: &str = r#"
[switch.driver.lines]
pulse = [{ line = "BTN_1" }, { chip = "rack", line = 1, active_low = true, bias = "pull-up" }]
read_back = [{ line = "PORT_1" }, { line = "PORT_2" }]
pulse_ms = 250
limit_ms = 3000
"#;

const LEVELS: &str = r#"
[switch.driver.lines]
level = [{ line = "BTN_1" }, { chip = "rack", line = 1 }]
"#;

const PORTS: &str = r#"
[[switch.port]]
name = "Web"
[[switch.port]]
name = "Mail"
[switch]
settle_limit_s = 1
"#;

/// How much longer than it is set a press may be seen where everything is emulated, in microseconds.
const TOLERANCE_US: u64 = 1_000_000;

/// How late the beginning of a press may be seen, in microseconds.
const LATE_US: u64 = 20_000;

fn settings(driver: &str) -> String {
    format!("{PORTS}{driver}")
}

async fn ports(stand: &Stand) -> Result<Value> {
    Ok(stand
        .account()
        .request(Method::GET, "api/v1/ports")
        .await?
        .body)
}

async fn moves(stand: &Stand, port: usize) -> Result<()> {
    let begun = stand
        .account()
        .post("api/v1/ports", &json!({ "port": port }))
        .await?;
    ensure!(begun.status == StatusCode::ACCEPTED, "{}", begun.body);
    Ok(())
}

async fn ended(stand: &Stand, outcomes: &[&str]) -> Result<()> {
    wait_until("the end of the move", async || {
        Ok(ports(stand).await?["moving"].is_null())
    })
    .await?;
    let state = ports(stand).await?;
    let outcome = state["moved"]["outcome"].as_str().unwrap_or_default();
    ensure!(outcomes.contains(&outcome), "{state}");
    Ok(())
}

async fn selected(stand: &Stand, port: u8) -> Result<()> {
    wait_until("the port", async || {
        Ok(ports(stand).await?["selected"] == port)
    })
    .await
}

#[tokio::test]
async fn a_switch_is_moved_by_its_lines_and_they_come_to_rest() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut chip = Chip::make(stand.guest, CHIP, &NAMES).await?;
    chip.pull(FIRST_LIGHT, true).await?;
    stand.restart(&settings(BUTTONS)).await?;
    a_button_is_pressed_for_its_time(&stand, &mut chip).await?;
    one_that_stays_is_noticed(&stand, &mut chip).await?;
    a_killed_relay_releases(&mut stand, &mut chip).await?;
    a_chip_that_is_gone_is_told(&stand, &chip).await?;
    stand.end().await?;
    let mut chip = Chip::watch(stand.guest, CHIP).await?;
    stand.start_again(&settings(LEVELS)).await?;
    one_level_is_active(&stand, &mut chip).await?;
    stand.end().await?;
    a_line_that_another_has_is_named(&stand).await?;
    stand.start_again("").await?;
    stand.stop().await
}

async fn a_button_is_pressed_for_its_time(stand: &Stand, chip: &mut Chip) -> Result<()> {
    while chip.levels != [false, true, true, false] {
        chip.next().await?;
    }
    selected(stand, 0).await?;
    moves(stand, 1).await?;
    let down = chip.changes(SECOND_BUTTON, false).await?;
    let up = chip.changes(SECOND_BUTTON, true).await?;
    println!("pressed for {} us of 250000", up - down);
    ensure!(up - down + LATE_US >= 250_000, "too short");
    ensure!(up - down <= 250_000 + TOLERANCE_US, "too long");
    chip.pull(FIRST_LIGHT, false).await?;
    chip.pull(SECOND_LIGHT, true).await?;
    ended(stand, &["done", "no-signal"]).await?;
    selected(stand, 1).await
}

async fn one_that_stays_is_noticed(stand: &Stand, chip: &mut Chip) -> Result<()> {
    moves(stand, 0).await?;
    chip.changes(FIRST_BUTTON, true).await?;
    chip.changes(FIRST_BUTTON, false).await?;
    ended(stand, &["refused"]).await?;
    selected(stand, 1).await
}

/// The kernel frees the line of whoever is killed; then the guard drives it to rest.
async fn a_killed_relay_releases(stand: &mut Stand, chip: &mut Chip) -> Result<()> {
    let slow = settings(BUTTONS).replace("pulse_ms = 250", "pulse_ms = 2000");
    stand.restart(&slow).await?;
    moves(stand, 0).await?;
    loop {
        if let Seen::Level {
            line: FIRST_BUTTON,
            high: true,
            ..
        } = chip.next().await?
        {
            break;
        }
    }
    stand.kill().await?;
    let mut by_guard = Vec::new();
    while by_guard.len() < 2 || chip.levels[FIRST_BUTTON as usize] {
        if let Seen::Requested { line, by, output } = chip.next().await? {
            ensure!((by.as_str(), output) == ("armchair", true), "{by}");
            by_guard.push(line);
        }
    }
    ensure!(by_guard == [FIRST_BUTTON, SECOND_BUTTON], "{by_guard:?}");
    stand.start_again(&settings(BUTTONS)).await
}

async fn a_chip_that_is_gone_is_told(stand: &Stand, chip: &Chip) -> Result<()> {
    chip.plug(false).await?;
    moves(stand, 0).await?;
    ended(stand, &["lost"]).await?;
    chip.plug(true).await
}

async fn one_level_is_active(stand: &Stand, chip: &mut Chip) -> Result<()> {
    for (port, expected) in [(0, [true, false]), (1, [false, true]), (0, [true, false])] {
        moves(stand, port).await?;
        while chip.levels[..2] != expected {
            chip.next().await?;
        }
        ended(stand, &["done", "no-signal"]).await?;
        selected(stand, u8::try_from(port)?).await?;
    }
    Ok(())
}

/// What the relay and its doctor say of a line that somebody else has.
async fn a_line_that_another_has_is_named(stand: &Stand) -> Result<()> {
    let mut other = stand
        .guest
        .start(&format!("exec {AGENT} take {CHIP} 1"))
        .await?;
    other.says("taken").await?;
    assert_eq!(stand.refuses(&settings(BUTTONS)).await?, 2);
    let doctor = format!(
        "{} doctor --config /run/armchair.toml; true",
        program()?.display()
    );
    let report = stand.guest.run(&doctor).await?;
    ensure!(
        report.contains("fail  switch: switch.driver.lines.pulse.1: ")
            && report.contains("held by \"another program\""),
        "{report}"
    );
    other.signal(9).await?;
    other.exit().await?;
    Ok(())
}
