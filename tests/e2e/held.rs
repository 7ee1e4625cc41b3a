//! Files that a browser holds, and a machine that reads them: whoever has the file, however the link does.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use shared::{
    held::{ASKED_MAX, End, FROM_HOLDER_MAX, FromHolder, HELD_MAX, Offer},
    input::Usage,
    media::{Drives, Ejected, Source},
};
use tests::{
    account::Account,
    drives::{noise, sample, sha256},
    native::{
        Client, Refused, Upgrade,
        holder::{Holder, file},
    },
    relay::{PASSWORD, Relay},
    wait::{wait_until, wait_within},
};

mod page;

/// How long a drive may stay full without the bytes of its medium, on a busy machine.
const EJECT_LIMIT: Duration = Duration::from_secs(60);

/// An image of a CD, followed by noise.
fn iso(megabytes: usize) -> Result<Arc<Vec<u8>>> {
    Ok(Arc::new(
        [sample("joliet")?, noise(megabytes << 20, 11)].concat(),
    ))
}

fn is_held(drives: &Drives, held: u32, reachable: bool) -> bool {
    let medium = drives[0].medium.as_ref();
    medium.is_some_and(|medium| {
        medium.source == Source::Browser(held) && medium.reachable == reachable
    })
}

/// Waits until the CD drive is empty, and gives the reason.
async fn ejected(account: &Account) -> Result<Option<Ejected>> {
    wait_within(EJECT_LIMIT, "an empty drive", async || {
        let answer = account.request(Method::GET, "api/v1/drives").await?;
        let drives: Drives = serde_json::from_value(answer.body)?;
        Ok(drives[0].medium.is_none().then_some(drives[0].ejected))
    })
    .await
}

#[tokio::test]
async fn a_held_file_is_read_whole_and_never_more_of_it_asked_for_than_the_credit() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let bytes = iso(24)?;
    let mut holder = Holder::offer(&account, "rescue.iso", &bytes, None).await?;
    let held = holder.number().await?;
    account.insert_held("cd", held).await?.done()?;
    viewer
        .drives_where("the file", |drives| is_held(drives, held, true))
        .await?;
    let read = relay.sim.read("cd").await?;
    assert_eq!(read["sha256"], sha256(&bytes), "{read}");
    let asked: u64 = holder
        .asked()
        .await?
        .iter()
        .map(|ask| u64::from(ask.length))
        .sum();
    ensure!(
        asked <= bytes.len() as u64 * 11 / 10,
        "{asked} bytes asked for to read {}",
        bytes.len()
    );

    account
        .insert_held("usb", held)
        .await?
        .refused(409, "held-in-use")?;
    account
        .insert_held("usb", held + 1)
        .await?
        .refused(404, "not-held")?;
    account.eject("cd", false).await?.done()?;
    assert_eq!(holder.end().await?, End::Ejected);
    Ok(())
}

#[tokio::test]
async fn a_holder_that_is_silent_has_little_to_answer() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let bytes = iso(24)?;
    let mut holder = Holder::offer(&account, "rescue.iso", &bytes, None).await?;
    let held = holder.number().await?;
    account.insert_held("cd", held).await?.done()?;
    let before = holder.asked().await?.len();
    holder.answers(false)?;
    let read = relay.sim.read("cd").await?;
    assert_eq!(read["error"], "medium_error", "{read}");
    let asked = holder.asked().await?;
    let unanswered: usize = asked[before..].iter().map(|ask| ask.length as usize).sum();
    ensure!(unanswered > 0 && unanswered <= ASKED_MAX, "{unanswered}");
    holder.answers(true)?;
    wait_until("the file is read again", async || {
        let read = relay.sim.read("cd").await?;
        Ok(read["sha256"] == sha256(&bytes))
    })
    .await
}

#[tokio::test]
async fn a_machine_whose_file_is_gone_gets_a_medium_error_then_an_empty_drive_and_its_keys()
-> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut operator = Client::operate(&account).await?;
    let bytes = iso(24)?;
    let mut holder = Holder::offer(&account, "rescue.iso", &bytes, None).await?;
    let held = holder.number().await?;
    account.insert_held("cd", held).await?.done()?;
    holder.answers(false)?;
    let since = relay
        .sim
        .reports(0)
        .await?
        .last()
        .map_or(0, |last| last.n + 1);
    let reading = async { relay.sim.read("cd").await };
    let working = async {
        holder.asked().await?;
        drop(holder);
        for _ in 0..50 {
            operator.tap(Usage::Keyboard(0x04))?;
        }
        relay.sim.reads(&"a".repeat(50)).await
    };
    let (read, worked) = tokio::join!(reading, working);
    worked.context("keys while a read hangs")?;
    ensure!(!relay.sim.reports(since).await?.is_empty());
    assert_eq!(read?["error"], "medium_error");
    operator
        .drives_where("a file out of reach", |drives| is_held(drives, held, false))
        .await?;
    assert_eq!(ejected(&account).await?, Some(Ejected::SourceLost));
    let mut late = Holder::offer(&account, "rescue.iso", &bytes, Some(held)).await?;
    assert_eq!(late.end().await?, End::Unknown);
    Ok(())
}

#[tokio::test]
async fn whoever_comes_back_with_the_same_file_goes_on_and_no_other() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let bytes = iso(4)?;
    let mut first = Holder::offer(&account, "rescue.iso", &bytes, None).await?;
    let held = first.number().await?;
    account.insert_held("cd", held).await?.done()?;
    drop(first);
    viewer
        .drives_where("a file out of reach", |drives| is_held(drives, held, false))
        .await?;
    let changed = Arc::new([&bytes[..bytes.len() - 1], &[bytes[bytes.len() - 1] ^ 1]].concat());
    for (name, other) in [
        ("rescue.iso", &changed),
        ("other.iso", &bytes),
        ("rescue.iso", &iso(3)?),
    ] {
        let mut other = Holder::offer(&account, name, other, Some(held)).await?;
        assert_eq!(other.end().await?, End::OtherFile);
    }
    let mut second = Holder::offer(&account, "rescue.iso", &bytes, Some(held)).await?;
    assert_eq!(second.number().await?, held);
    viewer
        .drives_where("the file", |drives| is_held(drives, held, true))
        .await?;
    assert_eq!(relay.sim.read("cd").await?["sha256"], sha256(&bytes));

    let mut third = Holder::offer(&account, "rescue.iso", &bytes, Some(held)).await?;
    assert_eq!(third.number().await?, held);
    assert_eq!(second.end().await?, End::Superseded);
    assert_eq!(relay.sim.read("cd").await?["sha256"], sha256(&bytes));
    third.send(&FromHolder::Changed, &[])?;
    assert_eq!(third.end().await?, End::Ejected);
    assert_eq!(ejected(&account).await?, Some(Ejected::SourceChanged));
    Ok(())
}

#[tokio::test]
async fn what_is_no_cd_is_refused_and_let_go_of() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let bytes = Arc::new(noise(2 << 20, 3));
    let mut holder = Holder::offer(&account, "noise.iso", &bytes, None).await?;
    let held = holder.number().await?;
    account
        .insert_held("cd", held)
        .await?
        .refused(422, "not-a-cd")?;
    assert_eq!(holder.end().await?, End::Ejected);
    let mut holder = Holder::offer(&account, "noise.img", &bytes, None).await?;
    let held = holder.number().await?;
    let body = json!({ "held": held, "writable": true });
    let writable = account.post("api/v1/drives/usb/insert", &body).await?;
    writable.refused(422, "held-not-writable")?;
    account.insert_held("usb", held).await?.done()
}

#[tokio::test]
async fn only_operators_hold_files_and_only_while_they_are_signed_in() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let owner = relay.claimed().await?;
    relay.add_user("eve", "viewer").await?;
    let eve = Account::sign_in(&relay.url, "eve", PASSWORD).await?;
    let bytes = iso(1)?;
    let held = Upgrade::held(&owner);
    for (what, upgrade, status) in [
        ("a viewer", Upgrade::held(&eve), 403),
        (
            "nobody",
            Upgrade {
                cookie: None,
                ..held.clone()
            },
            401,
        ),
        (
            "another site",
            Upgrade {
                origin: Some("https://evil.example".to_owned()),
                ..held.clone()
            },
            403,
        ),
        (
            "another subprotocol",
            Upgrade {
                subprotocol: Some("armchair.v1".to_owned()),
                ..held.clone()
            },
            400,
        ),
    ] {
        let refused = Holder::connect(&upgrade, bytes.clone()).await.err();
        let refused = refused.and_then(|error| error.downcast::<Refused>().ok());
        assert_eq!(refused, Some(Refused(status)), "{what}");
    }
    let mut holder = Holder::offer(&owner, "rescue.iso", &bytes, None).await?;
    holder.number().await?;
    owner.sign_out().await?.done()?;
    assert_eq!(holder.end().await?, End::SignedOut);
    Ok(())
}

#[tokio::test]
async fn a_bad_message_closes_its_line_with_a_reason_and_nothing_else() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let bytes = iso(2)?;
    let offer = FromHolder::Offer(Offer {
        file: file("a.iso", &bytes),
        resumes: None,
    });
    let mut early = Holder::connect(&Upgrade::held(&account), bytes.clone()).await?;
    early.send(&FromHolder::Part { number: 1 }, b"x")?;
    assert_eq!(early.end().await?, End::BadMessage, "before its offer");

    let mut good = Holder::offer(&account, "good.iso", &bytes, None).await?;
    let held = good.number().await?;
    account.insert_held("cd", held).await?.done()?;
    for (what, message) in [
        ("rubbish", vec![0xFF; 40]),
        ("empty", Vec::new()),
        ("oversized", vec![1; FROM_HOLDER_MAX + 1]),
        ("huge", vec![1; 2 << 20]),
        (
            "a second offer",
            shared::held::encode_from_holder(&offer, &[]),
        ),
        ("what nobody asked for", vec![1, 77, 1, 2, 3]),
        ("a failure of nothing", vec![2, 77]),
    ] {
        let mut bad = Holder::offer(&account, "bad.iso", &bytes, None).await?;
        bad.number().await?;
        bad.send_bytes(message)?;
        assert_eq!(bad.end().await?, End::BadMessage, "{what}");
        viewer
            .ping()
            .await
            .with_context(|| format!("after {what}"))?;
    }

    let mut short = Holder::offer(&account, "short.iso", &bytes, None).await?;
    let number = short.number().await?;
    short.answers(false)?;
    let inserting = account.insert_held("usb", number);
    let answering = async {
        let ask = short.asked().await?[0];
        short.send(&FromHolder::Part { number: ask.number }, &[0; 100])?;
        short.end().await
    };
    let (inserted, end) = tokio::join!(inserting, answering);
    assert_eq!(end?, End::BadMessage, "a part of another length");
    inserted?.refused(503, "held-unread")?;

    let mut many = Vec::new();
    for _ in 1..HELD_MAX {
        let mut holder = Holder::offer(&account, "many.iso", &bytes, None).await?;
        holder.number().await?;
        many.push(holder);
    }
    let mut more = Holder::offer(&account, "more.iso", &bytes, None).await?;
    assert_eq!(more.end().await?, End::Full);
    assert_eq!(relay.sim.read("cd").await?["sha256"], sha256(&bytes));
    Ok(())
}

#[tokio::test]
async fn a_relay_that_ends_while_a_read_hangs_ends_in_time_and_says_so() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    relay.sim.boots().await?;
    let bytes = iso(4)?;
    let mut holder = Holder::offer(&account, "rescue.iso", &bytes, None).await?;
    let held = holder.number().await?;
    account.insert_held("cd", held).await?.done()?;
    let before = holder.asked().await?.len();
    holder.answers(false)?;
    let sim = &relay.sim;
    let hanging = async {
        tokio::select! {
            read = sim.read("cd") => anyhow::bail!("it was read: {:?}", read?),
            asked = holder.asked_more_than(before) => asked.map(drop),
        }
    };
    hanging.await?;
    assert!(relay.terminate().await?.success());
    assert_eq!(holder.end().await?, End::Restarting);
    ensure!(
        !relay.logged().contains("not emptied"),
        "{}",
        relay.logged()
    );
    Ok(())
}
