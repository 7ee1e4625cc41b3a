//! The power of the machine: its buttons are pressed over HTTP, and its lights are seen over the link.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    input::Usage,
    power::{Outcome, PowerAction, Supply},
};
use tests::{account::Account, native::Client, relay::Relay, wait::wait_until};

const F12: Usage = Usage::Keyboard(0x45);

const POWER: &str = "api/v1/power";

/// Does something and waits until it is over; a viewer is told all of it.
async fn does(account: &Account, viewer: &mut Client, action: PowerAction) -> Result<Outcome> {
    let id = account.begins(action).await?;
    let ended = viewer.power_ends(id).await?;
    assert_eq!(ended.action, action);
    Ok(ended.outcome)
}

#[tokio::test]
async fn a_machine_is_shut_down_switched_on_forced_off_and_cycled() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    viewer.sees(Supply::On).await?;
    let on = does(&account, &mut viewer, PowerAction::On).await?;
    assert_eq!(on, Outcome::Done);
    ensure!(relay.sim.state().await?.panel.presses.is_empty(), "pressed");

    let shut_down = does(&account, &mut viewer, PowerAction::ShutDown).await?;
    assert_eq!(shut_down, Outcome::Done);
    assert_eq!(relay.sim.state().await?.power, "off");
    viewer.sees(Supply::Off).await?;

    let on = does(&account, &mut viewer, PowerAction::On).await?;
    assert_eq!(on, Outcome::Done);
    relay.sim.boots().await?;
    let hold = does(&account, &mut viewer, PowerAction::Hold).await?;
    assert_eq!(hold, Outcome::Done);
    assert_eq!(relay.sim.state().await?.power, "off");
    let press = does(&account, &mut viewer, PowerAction::Press).await?;
    assert_eq!(press, Outcome::Done);
    relay.sim.boots().await?;
    account.types("clock").await?;

    let cycle = does(&account, &mut viewer, PowerAction::Cycle).await?;
    assert_eq!(cycle, Outcome::Done);
    relay.sim.boots().await?;
    let state = relay.sim.state().await?;
    ensure!(!state.panel.power_down && !state.panel.reset_down);
    let lengths = [300, 300, 5_500, 300, 5_500, 300];
    assert_eq!(state.panel.presses.len(), lengths.len());
    for (press, least) in state.panel.presses.iter().zip(lengths) {
        ensure!(press.button == "power" && press.ms >= least, "{press:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_machine_that_does_not_follow_is_told_of_and_can_be_reset() -> Result<()> {
    let mut relay = Relay::serve_with("[power]\noff_limit_s = 4\npress_ms = 100\n").await?;
    let account = relay.claimed().await?;
    let mut operator = Client::operate(&account).await?;
    wait_until("the boot menu", async || {
        operator.tap(F12)?;
        let text = relay.sim.state().await?.text;
        Ok(text.iter().any(|line| line.starts_with("> ")))
    })
    .await?;
    let shut_down = does(&account, &mut operator, PowerAction::ShutDown).await?;
    assert_eq!(
        shut_down,
        Outcome::NotFollowed,
        "its firmware does not listen"
    );
    assert_eq!(relay.sim.state().await?.power, "on");
    let reset = does(&account, &mut operator, PowerAction::Reset).await?;
    assert_eq!(reset, Outcome::Done);
    relay.sim.boots().await?;
    let logged = relay.logged();
    let told = |line: &str| line.contains("shut-down") && line.contains("NotFollowed");
    ensure!(logged.lines().any(told), "{logged}");
    Ok(())
}

#[tokio::test]
async fn a_machine_that_sleeps_is_seen_to_and_a_press_wakes_it() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    viewer.sees(Supply::On).await?;
    account.types("sleep").await?;
    viewer.sees(Supply::Asleep).await?;
    assert_eq!(relay.sim.state().await?.power, "sleep");
    let on = does(&account, &mut viewer, PowerAction::On).await?;
    assert_eq!(on, Outcome::Done);
    assert_eq!(relay.sim.state().await?.power, "on");
    Ok(())
}

#[tokio::test]
async fn two_at_once_are_one_and_what_is_stopped_is_released() -> Result<()> {
    let mut relay = Relay::serve_with("[power]\nhold_ms = 20000\n").await?;
    let ada = relay.claimed().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&ada).await?;
    let id = ada.begins(PowerAction::Hold).await?;
    let running = viewer
        .power_where("the hold", |power| power.running.is_some())
        .await?;
    let running = running.running.context("running")?;
    assert_eq!((running.id, running.action), (id, PowerAction::Hold));
    let busy = ada.post(POWER, &json!({ "action": "press" })).await?;
    busy.refused(409, "power-busy")?;
    let detail = busy.body["detail"].as_str().unwrap_or_default();
    ensure!(
        detail.contains(&running.by) && detail.contains("hold"),
        "{detail}"
    );
    let pressed = |state: &tests::sim::State| state.panel.power_down;
    relay.sim.state_where("the button down", pressed).await?;

    ada.request(Method::DELETE, POWER).await?.done()?;
    let power = viewer
        .power_where("the end", |power| power.running.is_none())
        .await?;
    assert_eq!(
        power.ended.map(|ended| ended.outcome),
        Some(Outcome::Stopped)
    );
    let released = |state: &tests::sim::State| !state.panel.power_down;
    relay.sim.state_where("the button up", released).await?;
    Ok(())
}

#[tokio::test]
async fn a_line_that_is_lost_is_said_and_comes_back() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let mut viewer = Client::watch(&account).await?;
    viewer.sees(Supply::On).await?;
    relay.sim.fault("panel_gone").await?;
    viewer.sees(Supply::Unknown).await?;
    let reset = does(&account, &mut viewer, PowerAction::Reset).await?;
    assert_eq!(reset, Outcome::LineLost);
    relay.sim.fault("none").await?;
    viewer.sees(Supply::On).await?;
    let reset = does(&account, &mut viewer, PowerAction::Reset).await?;
    assert_eq!(reset, Outcome::Done);
    Ok(())
}

/// Has a macro kept and run once, and waits until it is in this phase; gives the step that it is at.
async fn runs(account: &Account, steps: &Value, phase: &str) -> Result<u64> {
    let document = json!({ "format": "armchair-macro/1", "name": "Power", "steps": steps });
    let kept = account.post("api/v1/macros", &document).await?;
    let id = kept.body["id"].as_u64().context("a number")?;
    let path = format!("api/v1/macros/{id}/run");
    let begun = account.post(&path, &json!({})).await?;
    begun.done()?;
    let mut step = 0;
    wait_until(phase, async || {
        let run = account.request(Method::GET, "api/v1/macros/run").await?;
        step = run.body["step"].as_u64().unwrap_or_default();
        Ok(run.body["run"] == begun.body["run"] && run.body["phase"] == phase)
    })
    .await?;
    Ok(step)
}

#[tokio::test]
async fn a_macro_uses_the_power_and_ends_where_it_cannot() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let power = |action: &str| json!({ "do": "power", "action": action });
    let pause = json!({ "do": "pause", "ms": 3_600_000 });
    let steps = json!([power("shut-down"), power("on")]);
    assert_eq!(runs(&account, &steps, "done").await?, 2);
    relay.sim.boots().await?;
    let state = viewer.power_where("an end", |power| power.ended.is_some());
    let ended = state.await?.ended.context("an end")?;
    assert_eq!(
        (ended.by, ended.outcome),
        (name(&account).await?, Outcome::Done)
    );

    relay.sim.fault("panel_gone").await?;
    let steps = json!([power("reset"), pause]);
    assert_eq!(runs(&account, &steps, "power-failed").await?, 1);
    relay.sim.fault("none").await?;

    let steps = json!([power("hold"), pause]);
    let document = json!({ "format": "armchair-macro/1", "name": "Hold", "steps": steps });
    let kept = account.post("api/v1/macros", &document).await?;
    let path = format!("api/v1/macros/{}/run", kept.body["id"]);
    account.post(&path, &json!({})).await?.done()?;
    let pressed = |state: &tests::sim::State| state.panel.power_down;
    relay.sim.state_where("the button down", pressed).await?;
    let stop = account.request(Method::DELETE, "api/v1/macros/run");
    stop.await?.done()?;
    let power = viewer
        .power_where("a released button", |power| {
            power.running.is_none()
                && power
                    .ended
                    .as_ref()
                    .is_some_and(|ended| ended.action == PowerAction::Hold)
        })
        .await?;
    assert_eq!(
        power.ended.map(|ended| ended.outcome),
        Some(Outcome::Stopped)
    );
    ensure!(!relay.sim.state().await?.panel.power_down);
    Ok(())
}

/// The name of who is signed in.
async fn name(account: &Account) -> Result<String> {
    let state = account.request(Method::GET, "api/v1/state").await?.body;
    let name = state["signed_in"]["name"].as_str().context("a name")?;
    Ok(name.to_owned())
}
