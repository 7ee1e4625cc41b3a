//! The front panel at real GPIO lines (gpio-sim): which line is pressed for how long, and that none stays pressed.

use anyhow::{Context, Result, ensure};
use shared::power::{Outcome, PowerAction, Supply};
use tests::lab::gpio::Seen;

use crate::{
    chip::Chip,
    stand::{AGENT, Stand},
};

/// The chip's label.
const CHIP: &str = "atx";

const POWER_BUTTON: u32 = 0;
const RESET_BUTTON: u32 = 1;
const POWER_LIGHT: u32 = 2;
const DISK_LIGHT: u32 = 3;
const LINES: usize = 6;

/// The reset button is active when its line is low.
const SETTINGS: &str = r#"
[power]
power_button = { chip = "atx", line = "PWR_BTN" }
reset_button = { chip = "atx", line = 1, active_low = true, bias = "pull-up" }
power_light = { line = "PWR_LED" }
disk_light = { chip = "atx", line = "HDD_LED" }
press_ms = 250
reset_ms = 400
hold_ms = 4500
"#;

/// How much longer than it is set a press may be seen where everything is emulated, in microseconds.
const TOLERANCE_US: u64 = 1_000_000;

/// How late the beginning of a press may be seen, in microseconds.
const LATE_US: u64 = 20_000;

/// The names of the lines, in their order.
const NAMES: [&str; LINES] = ["PWR_BTN", "RST_BTN", "PWR_LED", "HDD_LED", "", ""];

fn rest(chip: &Chip) -> Result<()> {
    let buttons = [POWER_BUTTON, RESET_BUTTON].map(|line| chip.levels[line as usize]);
    ensure!(buttons == [false, true], "{:?}", chip.levels);
    Ok(())
}

#[tokio::test]
async fn buttons_are_pressed_on_their_lines_and_never_stay_pressed() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut chip = Chip::make(stand.guest, CHIP, &NAMES).await?;
    stand.restart(SETTINGS).await?;
    at_rest_from_the_start(&mut chip).await?;
    lights_are_told(&stand, &mut chip).await?;
    presses_have_their_length(&stand, &mut chip).await?;
    a_killed_relay_releases(&mut stand, &mut chip).await?;
    a_relay_that_ends_releases(&mut stand, &mut chip).await?;
    a_chip_that_goes_is_told_and_comes_back(&mut stand, chip).await?;
    wrong_lines_are_named(&mut stand).await?;
    stand.start_again("").await?;
    stand.stop().await
}

async fn at_rest_from_the_start(chip: &mut Chip) -> Result<()> {
    let mut requested = Vec::new();
    while requested.len() < 4 || rest(chip).is_err() {
        if let Seen::Requested { line, by, output } = chip.next().await? {
            assert_eq!(by, "armchair");
            requested.push((line, output));
        }
        ensure!(!chip.levels[POWER_BUTTON as usize], "pressed at the start");
    }
    let expected = [
        (POWER_BUTTON, true),
        (RESET_BUTTON, true),
        (POWER_LIGHT, false),
        (DISK_LIGHT, false),
    ];
    assert_eq!(requested, expected);
    Ok(())
}

async fn lights_are_told(stand: &Stand, chip: &mut Chip) -> Result<()> {
    let mut viewer = stand.viewer().await?;
    viewer.sees(Supply::Off).await?;
    chip.pull(POWER_LIGHT, true).await?;
    viewer.sees(Supply::On).await?;
    chip.pull(DISK_LIGHT, true).await?;
    viewer
        .power_where("the disk", |power| power.disk == Some(true))
        .await?;
    chip.pull(DISK_LIGHT, false).await?;
    viewer
        .power_where("no disk", |power| power.disk == Some(false))
        .await?;
    for high in [false, true, false, true] {
        chip.pull(POWER_LIGHT, high).await?;
    }
    viewer.sees(Supply::Asleep).await?;
    viewer.sees(Supply::On).await?;
    chip.pull(POWER_LIGHT, false).await?;
    viewer.sees(Supply::Off).await
}

async fn presses_have_their_length(stand: &Stand, chip: &mut Chip) -> Result<()> {
    let mut viewer = stand.viewer().await?;
    for (action, line, pressed, least) in [
        (PowerAction::Press, POWER_BUTTON, true, 250_000),
        (PowerAction::Reset, RESET_BUTTON, false, 400_000),
        (PowerAction::Hold, POWER_BUTTON, true, 4_500_000),
    ] {
        let id = stand.account().begins(action).await?;
        let down = chip.changes(line, pressed).await?;
        let up = chip.changes(line, !pressed).await?;
        println!("{action:?}: {} us for {least}", up - down);
        ensure!(up - down + LATE_US >= least, "{action:?}: too short");
        ensure!(up - down <= least + TOLERANCE_US, "{action:?}: too long");
        let ended = viewer.power_ends(id).await?;
        assert_eq!((ended.action, ended.outcome), (action, Outcome::Done));
    }
    Ok(())
}

/// The kernel frees the line of whoever is killed; then the guard drives it to rest.
async fn a_killed_relay_releases(stand: &mut Stand, chip: &mut Chip) -> Result<()> {
    stand.account().begins(PowerAction::Hold).await?;
    let down = chip.changes(POWER_BUTTON, true).await?;
    stand.kill().await?;
    let mut by_guard = Vec::new();
    let mut up = None;
    while by_guard.len() < 2 {
        match chip.next().await? {
            Seen::Requested { line, by, output } => {
                assert_eq!((by.as_str(), output), ("armchair", true));
                by_guard.push(line);
            }
            Seen::Level {
                line: POWER_BUTTON,
                high: false,
                at_us,
            } => up = Some(at_us),
            Seen::Level {
                high: true, line, ..
            } => ensure!(line != POWER_BUTTON, "pressed anew"),
            Seen::Level { .. } | Seen::Released { .. } => {}
        }
    }
    assert_eq!(by_guard, [POWER_BUTTON, RESET_BUTTON]);
    let up = up.context("the button was not released")?;
    println!("down for {} us of a hold of 4500000", up - down);
    ensure!(up - down < 4_500_000, "only the hold's own end released it");
    stand.start_again(SETTINGS).await
}

async fn a_relay_that_ends_releases(stand: &mut Stand, chip: &mut Chip) -> Result<()> {
    stand.account().begins(PowerAction::Hold).await?;
    loop {
        if let Seen::Level {
            line: POWER_BUTTON,
            high: true,
            ..
        } = chip.next().await?
        {
            break;
        }
    }
    stand.end().await?;
    chip.changes(POWER_BUTTON, false).await?;
    stand.start_again(SETTINGS).await
}

async fn a_chip_that_goes_is_told_and_comes_back(stand: &mut Stand, chip: Chip) -> Result<()> {
    let mut viewer = stand.viewer().await?;
    viewer.sees(Supply::Off).await?;
    chip.plug(false).await?;
    viewer.sees(Supply::Unknown).await?;
    let id = stand.account().begins(PowerAction::Press).await?;
    let lost = viewer.power_ends(id).await?;
    assert_eq!(
        (lost.action, lost.outcome),
        (PowerAction::Press, Outcome::LineLost)
    );
    chip.plug(true).await?;
    viewer.sees(Supply::Off).await?;
    let mut chip = Chip::watch(stand.guest, CHIP).await?;
    let id = stand.account().begins(PowerAction::Reset).await?;
    let back = viewer.power_ends(id).await?;
    assert_eq!(
        (back.action, back.outcome),
        (PowerAction::Reset, Outcome::Done)
    );
    while rest(&chip).is_err() {
        chip.next().await?;
    }
    stand.end().await
}

/// What the relay and its doctor say of a line that somebody else has, and of lines that are not there.
async fn wrong_lines_are_named(stand: &mut Stand) -> Result<()> {
    let guest = stand.guest;
    let mut other = guest.start(&format!("exec {AGENT} take {CHIP} 0")).await?;
    other.says("taken").await?;
    for (line, says) in [
        (
            "{ chip = \"atx\", line = 0 }",
            "held by \"another program\"",
        ),
        (
            "{ chip = \"atx\", line = \"POWER\" }",
            "has no line \"POWER\"",
        ),
        ("{ chip = \"atx\", line = 6 }", "has no line 6"),
        (
            "{ chip = \"gpiochip9\", line = 0 }",
            "no GPIO chip gpiochip9",
        ),
    ] {
        let settings = format!("[power]\npower_button = {line}\n");
        assert_eq!(stand.refuses(&settings).await?, 2, "{line}");

        let doctor = format!(
            "{} doctor --config /run/armchair.toml; true",
            tests::relay::program()?.display()
        );
        let report = guest.run(&doctor).await?;
        let found = report
            .lines()
            .find(|line| line.starts_with("fail  power: power_button"))
            .with_context(|| report.clone())?;
        println!("{found}");
        ensure!(found.contains(says), "{found}");
    }
    other.signal(9).await?;
    other.exit().await?;
    Ok(())
}
