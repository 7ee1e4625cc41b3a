//! The audit log: who did what, at which machine.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use shared::power::PowerAction;
use tests::{
    account::Account,
    native::Client,
    relay::{PASSWORD, Relay},
    wait::wait_until,
};

const AUDIT: &str = "api/v1/audit";

/// Settings under which nobody waits long for the picture of a machine that is off.
const RACK: &str = r#"
[switch]
settle_limit_s = 1
[[switch.port]]
name = "Files"
[[switch.port]]
name = "Mail"
[[switch.port]]
name = "Build"
[[switch.port]]
name = "Spare"
"#;

/// What was done, oldest first, without numbers and times.
async fn acts(owner: &Account) -> Result<Vec<Value>> {
    let answer = owner.request(Method::GET, AUDIT).await?;
    ensure!(answer.status.is_success(), "{}", answer.body);
    let entries = answer.body["entries"].as_array().context("entries")?;
    let act = |entry: &Value| {
        let mut act = entry.as_object().context("an entry")?.clone();
        act.retain(|name, _| name != "id" && name != "at_us");
        Ok(Value::Object(act))
    };
    entries.iter().rev().map(act).collect()
}

/// Waits until something was done.
async fn says(owner: &Account, act: Value) -> Result<()> {
    wait_until(&act.to_string(), async || {
        Ok(acts(owner).await?.contains(&act))
    })
    .await
}

#[tokio::test]
async fn moves_and_power_are_written_down_with_their_machine_and_outlive_the_relay() -> Result<()> {
    let mut relay = Relay::serve_rack_with(RACK).await?;
    let owner = relay.claimed().await?;
    relay.add_user("mia", "operator").await?;
    let mia = Account::sign_in(&owner.base, "mia", PASSWORD).await?;
    let mut viewer = Client::watch(&mia).await?;
    viewer
        .switch_where("a port", |switch| switch.selected == Some(0))
        .await?;

    mia.post("api/v1/ports", &json!({ "port": 1 }))
        .await?
        .done()?;
    let mail = |what: &str| json!({ "by": "mia", "what": what, "port": 1, "machine": "Mail" });
    let mut moved = mail("moved");
    moved["outcome"] = json!("done");
    says(&owner, moved.clone()).await?;
    mia.begins(PowerAction::Press).await?;
    let mut begun = mail("power-begun");
    begun["action"] = json!("press");
    let mut ended = mail("power-ended");
    (ended["action"], ended["outcome"]) = (json!("press"), json!("done"));
    says(&owner, ended.clone()).await?;

    relay.sim.press_port(3).await?;
    let by_hand =
        json!({ "by": "", "what": "moved", "port": 2, "machine": "Build", "outcome": "done" });
    says(&owner, by_hand.clone()).await?;

    let expected = [mail("move-begun"), moved, begun, ended, by_hand];
    let before = acts(&owner).await?;
    let at_a_port = before.iter().filter(|act| !act["port"].is_null());
    assert_eq!(at_a_port.cloned().collect::<Vec<_>>(), expected);
    let added = json!({ "by": "", "what": "user-added", "user": "mia", "role": "operator" });
    ensure!(before.contains(&added), "{before:?}");

    ensure!(relay.terminate().await?.success());
    relay.start_again().await?;
    let after = acts(&owner).await?;
    assert_eq!(after[..before.len()], before);
    let since: Vec<_> = after[before.len()..]
        .iter()
        .map(|act| &act["what"])
        .collect();
    assert_eq!(since, ["relay-stopped", "relay-started"]);
    Ok(())
}
