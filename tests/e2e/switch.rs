//! Several machines behind a switch: which of them the hands are at, and how one moves to another.

mod held;
mod page;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    input::{Buttons, Input, Usage},
    message::{Signal, Usb},
    power::{PowerAction, Supply},
    switch::{Moved, Outcome, Switch},
};
use tests::{
    account::Account,
    drives::{sample, sha256},
    native::Client,
    relay::{PASSWORD, Relay},
    sim::{Report, Sim},
    wait::wait_until,
};

const PORTS: &str = "api/v1/ports";

const A: u8 = 0x04;
const B: u8 = 0x05;
const SCROLL_LOCK: u8 = 0x47;
const SHIFT: u8 = 0xE1;

/// Settings under which nobody waits long for the picture of a machine that is off.
const SOON: &str = r#"
[switch]
settle_limit_s = 1
[[switch.port]]
name = "Files"
notes = "Ask before a restart."
[[switch.port]]
name = "Mail"
[[switch.port]]
name = "Build"
[[switch.port]]
name = "Spare"
"#;

/// Begins to move to a port, counted from 0; gives the number of the move.
async fn begins(account: &Account, port: u8) -> Result<u32> {
    let begun = account.post(PORTS, &json!({ "port": port })).await?;
    ensure!(begun.status == StatusCode::ACCEPTED, "{}", begun.body);
    assert_eq!(begun.body["to"], port);
    let id = begun.body["id"].as_u64().context("a number")?;
    Ok(u32::try_from(id)?)
}

/// Waits until a move is over; a viewer is told so.
async fn ends(viewer: &mut Client, id: u32) -> Result<Moved> {
    let over = |switch: &Switch| switch.moved.as_ref().is_some_and(|moved| moved.id == id);
    let switch = viewer.switch_where("the end of the move", over).await?;
    ensure!(switch.moving.is_none(), "{switch:?}");
    switch.moved.context("a move")
}

/// Moves to a port and waits until it is over.
async fn moves(account: &Account, viewer: &mut Client, port: u8) -> Result<Outcome> {
    let id = begins(account, port).await?;
    Ok(ends(viewer, id).await?.outcome)
}

/// Moves to the port of a machine that is on, and waits until it listens.
async fn arrives(account: &Account, viewer: &mut Client, port: u8) -> Result<()> {
    assert_eq!(moves(account, viewer, port).await?, Outcome::Done);
    let switch = viewer.switch_where("a port", |switch| switch.moving.is_none());
    assert_eq!(switch.await?.selected, Some(port));
    listens(viewer).await
}

async fn listens(viewer: &mut Client) -> Result<()> {
    let listens = |state: &shared::message::State| state.usb == Usb::Configured;
    viewer
        .state_where("a machine that listens", listens)
        .await?;
    Ok(())
}

/// The reports of a machine's keyboard, in order.
async fn keyboard(pc: &Sim) -> Result<Vec<Vec<u8>>> {
    let reports = pc.reports(0).await?.into_iter();
    reports
        .filter(|report| report.interface == "keyboard")
        .map(|report| Report::bytes(&report))
        .collect()
}

fn presses(report: &[u8], key: u8) -> bool {
    report[2..].contains(&key)
}

#[tokio::test]
async fn a_move_releases_what_is_held_and_brings_the_picture_and_the_hands() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let (oak, birch) = (relay.sim.pc(1), relay.sim.pc(2));
    oak.boots().await?;
    birch.boots().await?;
    let mut operator = Client::operate(&account).await?;
    operator.key(Usage::Keyboard(SHIFT), true)?;
    operator.key(Usage::Keyboard(A), true)?;
    operator.input(Input::Buttons(Buttons(1)))?;
    oak.state_where("what is held", |state| {
        state.keys_down == [u16::from(A), u16::from(SHIFT)] && state.pointer.buttons == 1
    })
    .await?;

    let id = begins(&account, 1).await?;
    let held = [SHIFT, A].map(Usage::Keyboard);
    wait_until("the end of the move", async || {
        operator.held(&held, Buttons(1))?;
        let body = account.request(Method::GET, PORTS).await?.body;
        Ok(body["moved"]["id"] == id && body["moving"].is_null())
    })
    .await?;
    for _ in 0..3 {
        operator.held(&held, Buttons(1))?;
    }
    operator.ping().await?;
    listens(&mut operator).await?;
    let moved = ends(&mut operator, id).await?;
    assert_eq!(moved.outcome, Outcome::Done);

    let last = keyboard(&oak).await?.pop().context("a report")?;
    assert_eq!(last, [0; 8], "the relay has released it itself");
    let state = oak.state().await?;
    ensure!(state.keys_down.is_empty() && state.pointer.buttons == 0);
    operator.held(&[], Buttons(0))?;
    account.types("clock").await?;
    birch
        .state_where("what is typed", |state| state.typed == "clock\n")
        .await?;
    for report in keyboard(&birch).await? {
        ensure!(!presses(&report, A), "{report:?}");
    }
    let at_the_old_one = oak.state().await?.typed;
    ensure!(!at_the_old_one.contains("clock"), "{at_the_old_one}");

    let size = |state: &shared::message::State| {
        matches!(
            state.signal,
            Signal::Picture {
                width: 1024,
                height: 768,
                ..
            }
        )
    };
    operator.state_where("the other size", size).await?;
    wait_until("the other picture", async || {
        let Some(shown) = operator.picture().filter(|shown| shown.width == 1024) else {
            return Ok(false);
        };
        let error = shown.mean_error(&birch.picture().await?)?;
        Ok(error.iter().all(|channel| *channel < 3.0))
    })
    .await
}

#[tokio::test]
async fn what_is_done_while_a_move_goes_on_reaches_no_machine() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let (oak, birch) = (relay.sim.pc(1), relay.sim.pc(2));
    oak.boots().await?;
    birch.boots().await?;
    birch.fault("no_lock").await?;
    let mut operator = Client::operate(&account).await?;
    let id = begins(&account, 1).await?;
    let moving = operator.switch_where("the move", |switch| switch.moving.is_some());
    assert_eq!(moving.await?.moving.map(|moving| moving.to), Some(1));
    listens(&mut operator).await?;
    operator.tap(Usage::Keyboard(B))?;
    operator.input(Input::PointerTo { x: 1, y: 1 })?;
    operator.ping().await?;
    let refused = json!({ "text": "b", "layout": "en-us" });
    let refused = account.post("api/v1/type", &refused).await?;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);

    birch.fault("none").await?;
    assert_eq!(ends(&mut operator, id).await?.outcome, Outcome::Done);
    account.types("a").await?;
    birch
        .state_where("what is typed", |state| state.typed == "a\n")
        .await?;
    for pc in [&oak, &birch] {
        let reports = keyboard(pc).await?;
        ensure!(reports.iter().all(|report| !presses(report, B)));
    }
    ensure!(
        oak.reports(0)
            .await?
            .iter()
            .all(|report| report.interface != "pointer")
    );
    Ok(())
}

#[tokio::test]
async fn one_moves_at_a_time_and_everybody_sees_who() -> Result<()> {
    let mut relay = Relay::serve_rack_with(SOON).await?;
    let ada = relay.claimed().await?;
    relay.add_user("bob", "operator").await?;
    relay.add_user("eve", "viewer").await?;
    let bob = Account::sign_in(&relay.url, "bob", PASSWORD).await?;
    let eve = Account::sign_in(&relay.url, "eve", PASSWORD).await?;
    let mut watching = Client::watch(&eve).await?;
    let known = watching.switch_where("four ports", |switch| switch.ports.len() == 4);
    let known = known.await?;
    let names: Vec<_> = known.ports.iter().map(|port| port.name.as_str()).collect();
    assert_eq!(names, ["Files", "Mail", "Build", "Spare"]);
    assert_eq!(known.ports[0].notes, "Ask before a restart.");
    assert_eq!(eve.request(Method::GET, PORTS).await?.body, json!(known));

    let cannot = eve.post(PORTS, &json!({ "port": 1 })).await?;
    assert_eq!(cannot.status, StatusCode::FORBIDDEN);
    for (body, status) in [
        (json!({ "port": 4 }), 422),
        (json!({ "port": -1 }), 422),
        (json!({}), 422),
    ] {
        let refused = ada.post(PORTS, &body).await?;
        assert_eq!(refused.status.as_u16(), status, "{body}: {}", refused.body);
    }

    relay.sim.pc(2).fault("no_lock").await?;
    let id = begins(&ada, 1).await?;
    let busy = bob.post(PORTS, &json!({ "port": 2 })).await?;
    busy.refused(409, "switch-busy")?;
    let detail = busy.body["detail"].as_str().unwrap_or_default();
    ensure!(
        detail.contains("ada") && detail.contains("port 2"),
        "{detail}"
    );
    let moved = ends(&mut watching, id).await?;
    assert_eq!((moved.by.as_str(), moved.to), ("ada", 1));
    assert_eq!(moved.outcome, Outcome::NoSignal, "the picture did not lock");
    assert_eq!(moves(&bob, &mut watching, 2).await?, Outcome::Done);
    let switch = relay.sim.switch().await?;
    assert_eq!((switch.port, switch.moves), (3, 2));
    let logged = relay.logged();
    let told = |line: &str| line.contains("by=\"bob\"") && line.contains("Build");
    ensure!(logged.lines().any(told), "{logged}");
    Ok(())
}

#[tokio::test]
async fn a_relay_with_one_machine_has_no_ports() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let list = account.request(Method::GET, PORTS).await?;
    list.refused(404, "no-switch")?;
    let moves = account.post(PORTS, &json!({ "port": 0 })).await?;
    moves.refused(404, "no-switch")
}

#[tokio::test]
async fn what_is_in_the_drives_follows_and_is_plugged_out_of_the_old_machine() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let (oak, birch) = (relay.sim.pc(1), relay.sim.pc(2));
    oak.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let bytes = sample("joliet")?;
    let image = account.upload("rescue.iso", &bytes).await?;
    account.insert("cd", image, false).await?.done()?;
    assert_eq!(oak.read("cd").await?["sha256"], sha256(&bytes));
    oak.host(&json!({ "lock": "cd", "on": true })).await?;

    arrives(&account, &mut viewer, 1).await?;
    ensure!(
        !oak.state().await?.drives[0].inserted,
        "still in the old one"
    );
    assert_eq!(birch.read("cd").await?["sha256"], sha256(&bytes));
    let drives = viewer.drives_where("the drives", |_| true).await?;
    ensure!(drives[0].medium.is_some() && drives[0].ejected.is_none());
    account.eject("cd", false).await?.done()?;
    ensure!(!birch.state().await?.drives[0].inserted);
    arrives(&account, &mut viewer, 0).await?;
    ensure!(!oak.state().await?.drives[0].inserted);
    Ok(())
}

#[tokio::test]
async fn the_power_button_is_that_of_the_machine_that_is_shown() -> Result<()> {
    let mut relay = Relay::serve_rack_with(SOON).await?;
    let account = relay.claimed().await?;
    let mut viewer = Client::watch(&account).await?;
    let supplies = |expected: [Supply; 4]| {
        move |switch: &Switch| {
            let supplies = switch.ports.iter().map(|port| port.supply);
            supplies.eq(expected)
        }
    };
    let (on, off) = (Supply::On, Supply::Off);
    let at_first = supplies([on, on, on, off]);
    viewer.switch_where("the light of each", at_first).await?;

    let spare = moves(&account, &mut viewer, 3).await?;
    assert_eq!(spare, Outcome::NoSignal, "it is off");
    let dark = |state: &shared::message::State| state.signal == Signal::TargetOff;
    viewer.state_where("a machine that is off", dark).await?;
    viewer.sees(Supply::Off).await?;
    for machine in [0, 4] {
        let hold = json!({ "action": "hold", "port": machine });
        let other = account.post("api/v1/power", &hold).await?;
        other.refused(409, "other-machine")?;
    }
    account.begins(PowerAction::Press).await?;
    viewer.sees(Supply::On).await?;
    viewer.switch_where("all lights", supplies([on; 4])).await?;
    relay.sim.pc(4).boots().await?;
    for port in 1..=4 {
        let presses = relay.sim.pc(port).state().await?.panel.presses;
        assert_eq!(presses.len(), usize::from(port == 4), "port {port}");
    }
    relay.sim.pc(1).boots().await?;
    arrives(&account, &mut viewer, 0).await?;
    account.types("poweroff").await?;
    let at_last = supplies([off, on, on, on]);
    viewer.switch_where("the light of each", at_last).await?;
    Ok(())
}

#[tokio::test]
async fn a_switch_that_does_not_do_it_is_said_and_the_old_machine_stays_in_hand() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let oak = relay.sim.pc(1);
    oak.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let mut typed = String::new();
    for (fault, outcome) in [
        ("silent", Outcome::NoAnswer),
        ("refuses", Outcome::Refused),
        ("stuck", Outcome::Refused),
    ] {
        relay.sim.switch_fault(fault).await?;
        assert_eq!(moves(&account, &mut viewer, 1).await?, outcome, "{fault}");
        let switch = viewer.switch_where("the old port", |switch| switch.moving.is_none());
        assert_eq!(switch.await?.selected, Some(0), "{fault}");
        account.types(fault).await?;
        typed.push_str(&format!("{fault}\n"));
        let all = |state: &tests::sim::State| state.typed == typed;
        oak.state_where("what is typed", all).await?;
    }
    relay.sim.switch_fault("none").await?;
    arrives(&account, &mut viewer, 1).await
}

#[tokio::test]
async fn its_own_button_is_noticed_and_everybody_is_told() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let cedar = relay.sim.pc(3);
    cedar.boots().await?;
    let mut operator = Client::operate(&account).await?;
    let first = operator.switch_where("the first port", |switch| switch.selected == Some(0));
    first.await?;
    relay.sim.press_port(3).await?;
    let moved = operator.switch_where("the button", |switch| switch.moved.is_some());
    let switch = moved.await?;
    let moved = switch.moved.context("a move")?;
    assert_eq!((moved.by.as_str(), moved.to), ("", 2));
    assert_eq!((moved.outcome, switch.selected), (Outcome::Done, Some(2)));
    listens(&mut operator).await?;
    account.types("help").await?;
    cedar
        .state_where("what is typed", |state| state.typed == "help\n")
        .await?;
    Ok(())
}

#[tokio::test]
async fn after_a_restart_the_relay_knows_where_the_switch_stands() -> Result<()> {
    let mut relay = Relay::serve_rack_with(SOON).await?;
    let account = relay.claimed().await?;
    let mut viewer = Client::watch(&account).await?;
    arrives(&account, &mut viewer, 2).await?;
    relay.terminate().await?;
    relay.start_again().await?;
    let selected = async || -> Result<Value> {
        let ports = account.request(Method::GET, PORTS).await?;
        Ok(ports.body["selected"].clone())
    };
    wait_until("the port that the switch says", async || {
        Ok(selected().await? == json!(0))
    })
    .await
}

#[tokio::test]
async fn a_switch_that_listens_to_the_keyboard_is_moved_by_its_keys() -> Result<()> {
    let driver = "[switch.driver.hotkeys]\npress_ms = 20\ngap_ms = 20\n";
    let mut relay = Relay::serve_rack_with(&format!("{SOON}{driver}")).await?;
    let account = relay.claimed().await?;
    let (oak, birch) = (relay.sim.pc(1), relay.sim.pc(2));
    oak.boots().await?;
    let mut operator = Client::operate(&account).await?;
    let ports = account.request(Method::GET, PORTS).await?.body;
    assert_eq!(ports["selected"], Value::Null, "it cannot tell");
    operator.key(Usage::Keyboard(A), true)?;
    let held = |state: &tests::sim::State| state.keys_down == [u16::from(A)];
    oak.state_where("what is held", held).await?;

    arrives(&account, &mut operator, 1).await?;
    assert_eq!(relay.sim.switch().await?.port, 2);
    let mut seen = keyboard(&oak).await?;
    seen.dedup();
    let pressed: Vec<u8> = seen.iter().map(|report| report[2]).collect();
    assert_eq!(pressed, [0, A, 0, SCROLL_LOCK, 0, SCROLL_LOCK, 0]);
    let new = keyboard(&birch).await?;
    ensure!(new.iter().all(|report| *report == [0; 8]), "{new:?}");

    let spare = moves(&account, &mut operator, 3).await?;
    assert_eq!(spare, Outcome::NoSignal);
    let back = moves(&account, &mut operator, 0).await?;
    assert_eq!(back, Outcome::Lost, "a machine that is off takes no keys");
    let switch = operator.switch_where("the port", |switch| switch.moving.is_none());
    assert_eq!(switch.await?.selected, Some(3));
    account.begins(PowerAction::Press).await?;
    relay.sim.pc(4).boots().await?;
    listens(&mut operator).await?;
    arrives(&account, &mut operator, 0).await
}
