//! A machine whose power no line leads to: programs of the owner's switch it, and say whether it is on.

use anyhow::{Context, Result, ensure};
use shared::power::{Outcome, PowerAction, Supply};
use tests::{native::Client, relay::program};

use crate::stand::Stand;

/// A plug that is on while there is a file. Its reset hangs.
const PLUG: &str = r#"
[power.hooks]
pause_s = 0
on = { run = ["touch", "/run/plug"] }
off = { run = ["rm", "/run/plug"] }
reset = { run = ["sleep", "1234"], limit_s = 1 }
status = { run = ["test", "-e", "/run/plug"], every_s = 3600 }
"#;

const WRONG: &str = r#"
[power.hooks]
on = { run = ["/run/no-plug", "on"] }
status = { run = ["cat", "/run/plug"], on = "ON" }
"#;

/// The programs that were meant to sleep that long.
const SLEEPERS: &str = "grep -lz ^1234$ /proc/[0-9]*/cmdline 2>/dev/null; true";

#[tokio::test]
async fn a_machine_is_switched_by_programs() -> Result<()> {
    let mut stand = Stand::start().await?;
    stand.restart(PLUG).await?;
    let mut viewer = stand.viewer().await?;
    let offered = viewer
        .power_where("what can be done", |power| !power.actions.is_empty())
        .await?
        .actions;
    ensure!(
        offered.has(PowerAction::Cycle) && !offered.has(PowerAction::Press),
        "{offered:?}"
    );
    viewer.sees(Supply::Off).await?;
    for (action, outcome, supply) in [
        (PowerAction::On, Outcome::Done, Supply::On),
        (PowerAction::Cycle, Outcome::Done, Supply::On),
        (PowerAction::Reset, Outcome::TimedOut, Supply::On),
        (PowerAction::Hold, Outcome::Done, Supply::Off),
        (PowerAction::Hold, Outcome::Refused, Supply::Off),
    ] {
        let ended = does(&stand, &mut viewer, action).await?;
        assert_eq!(ended, outcome, "{action:?}");
        viewer.sees(supply).await?;
        let there = stand.guest.run("ls /run").await?.contains("plug\n");
        assert_eq!(there, supply == Supply::On, "{action:?}");
    }
    let left = stand.guest.run(SLEEPERS).await?;
    ensure!(left.is_empty(), "left behind: {left}");
    wrong_hooks_are_named(&mut stand).await?;
    stand.stop().await
}

async fn does(stand: &Stand, viewer: &mut Client, action: PowerAction) -> Result<Outcome> {
    let id = stand.account().begins(action).await?;
    let ended = viewer.power_ends(id).await?;
    assert_eq!(ended.action, action);
    Ok(ended.outcome)
}

/// What the relay and its doctor say of a program that is not there, and of one that does not tell the state.
async fn wrong_hooks_are_named(stand: &mut Stand) -> Result<()> {
    stand.restart(WRONG).await?;
    let mut viewer = stand.viewer().await?;
    let ended = does(stand, &mut viewer, PowerAction::On).await?;
    assert_eq!(ended, Outcome::Refused);
    let doctor = format!(
        "{} doctor --config /run/armchair.toml; true",
        program()?.display()
    );
    let report = stand.guest.run(&doctor).await?;
    for (hook, says) in [("on", "\"/run/no-plug\""), ("status", "No such file")] {
        let fail = format!("fail  power: power.hooks.{hook}");
        let found = report.lines().find(|line| line.starts_with(&fail));
        let found = found.with_context(|| report.clone())?;
        println!("{found}");
        ensure!(found.contains(says), "{found}");
    }
    Ok(())
}
