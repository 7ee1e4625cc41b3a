//! What is put into the machine's drives, and what the machine makes of it.

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    input::Usage,
    media::{Drives, Ejected, Source},
    message::TypingPhase,
};
use tests::{
    account::{Account, Answer},
    drives::{noise, sample, sha256},
    native::Client,
    relay::Relay,
    wait::wait_until,
};

const F12: Usage = Usage::Keyboard(0x45);
const ENTER: Usage = Usage::Keyboard(0x28);

fn holds(drives: &Drives, drive: usize, image: u32) -> bool {
    let medium = drives[drive].medium.as_ref();
    medium.is_some_and(|medium| medium.source == Source::Library(image))
}

async fn state(account: &Account) -> Result<Value> {
    Ok(account.request(Method::GET, "api/v1/drives").await?.body)
}

#[tokio::test]
async fn images_are_read_whole_by_the_machine_and_everybody_sees_it() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    viewer
        .drives_where("two empty drives", |drives| {
            drives.len() == 2 && drives.iter().all(|drive| drive.medium.is_none())
        })
        .await?;
    let (rescue, stick) = (sample("joliet")?, noise(3 << 20, 1));
    let cd = account.upload("rescue.iso", &rescue).await?;
    let usb = account.upload("stick.img", &stick).await?;
    account.insert("cd", cd, false).await?.done()?;
    account.insert("usb", usb, false).await?.done()?;
    viewer
        .drives_where("both images", |drives| {
            holds(drives, 0, cd) && holds(drives, 1, usb)
        })
        .await?;
    for (slot, bytes) in [("cd", &rescue), ("usb", &stick)] {
        let read = relay.sim.read(slot).await?;
        assert_eq!(read["sha256"], sha256(bytes), "{slot}: {read}");
    }
    let whole = stick.len() as u64;
    viewer
        .activity_where("the reads of the stick", |activity| {
            activity.drive == 1 && activity.reads > 0 && activity.bytes_read >= Some(whole)
        })
        .await?;
    let seen = relay.sim.state().await?.drives;
    assert_eq!(seen[1].sha256, Some(sha256(&stick)));
    let image = &account.image("rescue.iso").await?;
    assert_eq!(
        (&image["kind"], &image["label"], &image["bootable"]),
        (&json!("cd"), &json!("ARMCHAIR TEST"), &json!(true))
    );
    let path = format!("api/v1/images/{cd}");
    let delete = account.request(Method::DELETE, &path).await?;
    delete.refused(409, "in-use")?;
    account.eject("cd", false).await?.done()?;
    viewer
        .drives_where("an empty CD drive", |drives| drives[0].medium.is_none())
        .await?;
    account.request(Method::DELETE, &path).await?.done()
}

#[tokio::test]
async fn the_machine_lists_shows_and_starts_from_what_is_inserted() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let operator = Client::operate(&account).await?;
    let cd = account.upload("rescue.iso", &sample("joliet")?).await?;
    let usb = account.upload("stick.img", &sample("fat32")?).await?;
    account.insert("cd", cd, false).await?.done()?;
    account.insert("usb", usb, false).await?.done()?;
    let read = |slot: &'static str| {
        relay.sim.state_where("what is inserted", move |state| {
            let mut drives = state.drives.iter();
            drives.any(|drive| drive.slot == slot && drive.bytes_read > 0)
        })
    };
    read("cd").await?;
    read("usb").await?;
    wait_until("the files of both", async || {
        account.types("ls").await?;
        let text = relay.sim.state().await?.text.join("\n");
        let names = ["cd/  ARMCHAIR TEST", "cd/readme.txt", "usb/  THIRTYTWO"];
        Ok(names.iter().all(|name| text.contains(name))
            && text.contains("usb/A long name with spaces, Zürich.txt"))
    })
    .await?;
    account.types("cat usb/readme.txt").await?;
    relay.sim.reads("Hello from the disc.").await?;

    account.types("clear").await?;
    restart(&operator)?;
    relay.sim.reads("for the boot menu").await?;
    wait_until("the boot menu", async || {
        operator.tap(F12)?;
        let text = relay.sim.state().await?.text;
        Ok(text.iter().any(|line| line == "Boot menu"))
    })
    .await?;
    relay.sim.reads("> CD/DVD: ARMCHAIR TEST").await?;
    relay.sim.reads("USB disk: THIRTYTWO").await?;
    operator.tap(ENTER)?;
    relay
        .sim
        .reads("Starting from CD/DVD: ARMCHAIR TEST")
        .await?;
    relay.sim.boots().await
}

/// Ctrl+Alt+Del.
fn restart(operator: &Client) -> Result<()> {
    let keys = [0xE0, 0xE2, 0x4C].map(Usage::Keyboard);
    for key in keys {
        operator.key(key, true)?;
    }
    for key in keys {
        operator.key(key, false)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_writable_disk_keeps_what_the_machine_writes() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let bytes = noise(1 << 20, 2);
    let image = account.upload("disk.img", &bytes).await?;
    account.insert("usb", image, false).await?.done()?;
    let refused = relay.sim.write("usb", 7, &[0xAB; 512]).await?;
    assert_eq!(refused["error"], "write_protected");
    account.insert("usb", image, true).await?.done()?;
    let mut viewer = Client::watch(&account).await?;
    let written = relay.sim.write("usb", 7, &[0xAB; 512]).await?;
    assert_eq!(written, json!({}));
    viewer
        .activity_where("the write", |activity| activity.writes > 0)
        .await?;
    account.eject("usb", false).await?.done()?;
    let mut expected = bytes;
    expected[7 * 512..8 * 512].fill(0xAB);
    assert_eq!(sha256(&account.download(image).await?), sha256(&expected));
    Ok(())
}

#[tokio::test]
async fn the_machine_keeps_a_disc_in_and_ejects_it_itself() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut viewer = Client::watch(&account).await?;
    let first = account.upload("first.iso", &sample("joliet")?).await?;
    let second = account.upload("second.iso", &sample("rock")?).await?;
    account.insert("cd", first, false).await?.done()?;
    relay.sim.host(&json!({ "lock": "cd", "on": true })).await?;
    account
        .eject("cd", false)
        .await?
        .refused(409, "drive-locked")?;
    account
        .insert("cd", second, false)
        .await?
        .refused(409, "drive-locked")?;
    viewer
        .drives_where("the first disc", |drives| holds(drives, 0, first))
        .await?;
    account.eject("cd", true).await?.done()?;
    ensure!(!relay.sim.state().await?.drives[0].inserted);
    account.insert("cd", first, false).await?.done()?;
    account.insert("cd", second, false).await?.done()?;
    viewer
        .drives_where("the second disc", |drives| holds(drives, 0, second))
        .await?;
    relay.sim.host(&json!({ "eject": "cd" })).await?;
    viewer
        .drives_where("a drive that the machine has emptied", |drives| {
            drives[0].medium.is_none() && drives[0].ejected == Some(Ejected::ByHost)
        })
        .await?;
    account.insert("cd", first, false).await?.done()?;
    assert_eq!(state(&account).await?[0]["ejected"], Value::Null);
    Ok(())
}

/// Has a macro kept and run once, and gives the answer.
async fn runs(account: &Account, steps: &Value) -> Result<Answer> {
    let document = json!({ "format": "armchair-macro/1", "name": "Rescue", "steps": steps });
    let kept = account.post("api/v1/macros", &document).await?;
    let id = kept.body["id"].as_u64().context("a number")?;
    account
        .post(&format!("api/v1/macros/{id}/run"), &json!({}))
        .await
}

/// Waits until the run is in this phase, and gives the step that it is at.
async fn run_is(account: &Account, phase: &str) -> Result<u64> {
    let mut step = 0;
    wait_until("the phase of the run", async || {
        let run = account.request(Method::GET, "api/v1/macros/run").await?;
        step = run.body["step"].as_u64().unwrap_or_default();
        Ok(run.body["phase"] == phase)
    })
    .await?;
    Ok(step)
}

#[tokio::test]
async fn a_macro_inserts_works_with_what_is_there_and_ejects() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let cd = account.upload("Rescue.iso", &sample("joliet")?).await?;
    let mut viewer = Client::watch(&account).await?;
    let list = json!({ "do": "text", "text": "ls\n", "layout": "en-us" });
    let insert = json!({ "do": "insert", "slot": "cd", "image": "rescue.ISO" });
    let begun = runs(&account, &json!([insert, list])).await?;
    ensure!(begun.status == StatusCode::ACCEPTED, "{}", begun.body);
    viewer
        .drives_where("the image", |drives| holds(drives, 0, cd))
        .await?;
    assert_eq!(run_is(&account, "done").await?, 2);
    ensure!(relay.sim.state().await?.typed.ends_with("ls\n"));
    lists(&account, &relay, true).await?;

    let clear = json!({ "do": "text", "text": "clear\n", "layout": "en-us" });
    let eject = json!({ "do": "eject", "slot": "cd" });
    runs(&account, &json!([eject, clear])).await?.done()?;
    viewer
        .drives_where("an empty CD drive", |drives| {
            drives[0].medium.is_none() && drives[0].ejected.is_none()
        })
        .await?;
    assert_eq!(run_is(&account, "done").await?, 2);
    ensure!(!relay.sim.state().await?.drives[0].inserted);
    lists(&account, &relay, false).await
}

/// Has the machine list its files until those of the disc are among them, or are no longer.
async fn lists(account: &Account, relay: &Relay, disc: bool) -> Result<()> {
    let body = json!({ "text": "clear\nls\n", "layout": "en-us" });
    wait_until("a list of the files", async || {
        let begun = account.post("api/v1/type", &body).await?;
        ensure!(
            [StatusCode::ACCEPTED, StatusCode::CONFLICT].contains(&begun.status),
            "{}",
            begun.body
        );
        let text = relay.sim.state().await?.text.join("\n");
        Ok(text.contains("fox.txt") && text.contains("cd/readme.txt") == disc)
    })
    .await
}

#[tokio::test]
async fn a_macro_ends_at_a_drive_that_refuses_and_stops_before_one() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let before = relay.sim.state().await?.typed;
    let iso = account.upload("rescue.iso", &sample("joliet")?).await?;
    account.upload("disk.img", &noise(1 << 16, 3)).await?;
    let key = json!({ "do": "tap", "key": "KeyX" });
    for (step, says) in [
        (json!({ "do": "eject", "slot": "tape" }), "no drive"),
        (
            json!({ "do": "insert", "slot": "cd", "image": "lost.iso" }),
            "no image",
        ),
        (
            json!({ "do": "insert", "slot": "cd", "image": "disk.img" }),
            "USB disk",
        ),
    ] {
        let answer = runs(&account, &json!([key, step])).await?;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        ensure!(
            detail.contains("step 2") && detail.contains(says),
            "{detail}"
        );
    }

    account.insert("cd", iso, false).await?.done()?;
    relay.sim.host(&json!({ "lock": "cd", "on": true })).await?;
    let eject = json!({ "do": "eject", "slot": "cd" });
    runs(&account, &json!([eject, key])).await?;
    assert_eq!(run_is(&account, "drive-locked").await?, 1);
    account.eject("cd", true).await?.done()?;
    account.insert("usb", iso, true).await?.done()?;
    let insert = json!({ "do": "insert", "slot": "cd", "image": "rescue.iso" });
    runs(&account, &json!([insert, key])).await?;
    assert_eq!(run_is(&account, "drive-failed").await?, 1, "in use");

    account.eject("usb", false).await?.done()?;
    let pause = json!({ "do": "pause", "ms": 3_600_000 });
    runs(&account, &json!([insert, pause, eject, key])).await?;
    wait_until("the pause before the eject", async || {
        let run = account.request(Method::GET, "api/v1/macros/run").await?;
        Ok(run.body["step"] == 3)
    })
    .await?;
    let stop = account.request(Method::DELETE, "api/v1/macros/run");
    stop.await?.done()?;
    run_is(&account, "stopped").await?;
    ensure!(relay.sim.state().await?.drives[0].inserted, "ejected");
    assert_eq!(relay.sim.state().await?.typed, before);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_inserted_is_refused_with_its_reason() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let iso = account.upload("rescue.iso", &sample("joliet")?).await?;
    let disk = account.upload("disk.img", &noise(1 << 16, 3)).await?;
    let tiny = account.upload("tiny.img", &[1; 100]).await?;
    account
        .insert("tape", iso, false)
        .await?
        .refused(404, "unknown-drive")?;
    account
        .insert("cd", 4711, false)
        .await?
        .refused(404, "not-there")?;
    account
        .insert("cd", disk, false)
        .await?
        .refused(422, "not-a-cd")?;
    account
        .insert("cd", iso, true)
        .await?
        .refused(422, "cd-not-writable")?;
    account
        .insert("usb", tiny, false)
        .await?
        .refused(422, "too-small")?;
    account.insert("usb", iso, true).await?.done()?;
    account
        .insert("cd", iso, false)
        .await?
        .refused(409, "image-in-use")?;
    let unknown = json!({ "farce": true });
    let answer = account.post("api/v1/drives/usb/eject", &unknown).await?;
    assert_eq!(answer.status.as_u16(), 422);
    account
        .eject("tape", false)
        .await?
        .refused(404, "unknown-drive")
}

/// Letters and signs of a US keyboard, without a line break.
fn text(characters: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ 0123456789-=[];',./";
    let mut number = 11u32;
    let letter = |_| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(LETTERS[(number >> 16) as usize % LETTERS.len()])
    };
    (0..characters).map(letter).collect()
}

#[tokio::test]
async fn nothing_of_5000_characters_is_disturbed_by_media_that_come_and_go() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut operator = Client::operate(&account).await?;
    let isos = [
        account.upload("first.iso", &sample("joliet")?).await?,
        account.upload("second.iso", &sample("rock")?).await?,
    ];
    let disk = account.upload("disk.img", &sample("fat16")?).await?;
    let (text, viewer) = (text(5000), operator.state().await?.you);
    let body = json!({ "text": text, "layout": "en-us", "viewer": viewer });
    let begun = account.post("api/v1/type", &body).await?;
    begun.done()?;
    let id = begun.body["id"].as_u64().context("a number")?;
    let mut changes = 0;
    let typing = async {
        operator
            .typing_where("the end", |typing| {
                u64::from(typing.id) == id && typing.phase.is_over()
            })
            .await
    };
    let changing = async {
        loop {
            account.insert("cd", isos[0], false).await?.done()?;
            account.insert("usb", disk, true).await?.done()?;
            account.insert("cd", isos[1], false).await?.done()?;
            relay.sim.read("usb").await?;
            account.eject("usb", false).await?.done()?;
            relay.sim.host(&json!({ "eject": "cd" })).await?;
            changes += 6;
        }
    };
    let typing = tokio::select! {
        typing = typing => typing?,
        failed = changing => {
            let failed: Result<()> = failed;
            return failed;
        }
    };
    assert_eq!(typing.phase, TypingPhase::Done);
    assert_eq!(relay.sim.state().await?.typed, text);
    println!("{changes} changes of media meanwhile");
    ensure!(changes >= 6, "nothing was changed meanwhile");
    Ok(())
}
