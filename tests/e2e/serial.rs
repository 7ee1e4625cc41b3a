//! The serial console: shared by all who watch, typed into by whoever has the controls, and nothing of it lost.

use anyhow::{Context, Result};
use reqwest::Method;
use shared::{
    ToRelay,
    serial::{End, FROM_TERMINAL_MAX, FromTerminal, Place, Refused},
};
use tests::{
    account::Account,
    native::{self, Client, Upgrade, terminal::Terminal},
    relay::{PASSWORD, Relay},
};

mod line;
mod page;

use line::Machine;

const PROMPT: &str = "\x1b[33m$\x1b[0m ";

/// A relay whose serial console is a pseudo-terminal, with its other end.
async fn with_line(settings: &str) -> Result<(Relay, Account, Machine)> {
    let (machine, device) = Machine::new()?;
    let settings = format!("[serial]\ndevice = \"{device}\"\n{settings}\n");
    let mut relay = Relay::serve_with(&settings).await?;
    let account = relay.claimed().await?;
    Ok((relay, account, machine))
}

async fn you(client: &mut Client) -> Result<u32> {
    Ok(client.state().await?.you)
}

#[tokio::test]
async fn what_the_machine_prints_is_kept_and_goes_on_where_a_viewer_was() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let mut first = Terminal::open(&account, None).await?;
    first.prints("Firmware 1.0").await?;
    first.prints(PROMPT).await?;
    let mut operator = Client::operate(&account).await?;
    let viewer = you(&mut operator).await?;
    first.types(viewer, "help\r")?;
    let before = first.prints("switches the machine off").await?;
    let mut second = Terminal::open(&account, None).await?;
    drop(first);
    second.prints("switches the machine off").await?;
    second.types(viewer, "cat readme.txt\r")?;
    let all = second.prints("simulated PC").await?;

    let mut again = Terminal::open(&account, before.place()).await?;
    let end = all.end;
    let rest = again.told_where("the rest", |told| told.end >= end).await?;
    let all = second
        .told_where("as much", |told| told.end >= rest.end)
        .await?;
    let joined = [&before.output[..], &rest.output].concat();
    assert_eq!(
        String::from_utf8_lossy(&joined),
        String::from_utf8_lossy(&all.output[..joined.len()])
    );
    assert_eq!(rest.skipped, 0);
    let state = relay.sim.state().await?;
    assert_eq!(state.serial.received, "help\rcat readme.txt\r");
    assert_eq!(state.typed, "", "nothing of it is typed by the keyboard");

    let other_log = before.place().map(|place| Place {
        log: place.log ^ 1,
        ..place
    });
    let mut anew = Terminal::open(&account, other_log).await?;
    let told = anew.prints("Firmware 1.0").await?;
    assert_eq!(told.opened.map(|(_, from, _)| from), Some(0));
    Ok(())
}

#[tokio::test]
async fn only_who_has_the_controls_types() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let ada = relay.claimed().await?;
    relay.add_user("vic", "viewer").await?;
    let vic = Account::sign_in(&relay.url, "vic", PASSWORD).await?;
    let mut watcher = Client::watch(&ada).await?;
    let watching = you(&mut watcher).await?;
    watcher.send(&ToRelay::GiveUpControl)?;
    watcher
        .state_where("nobody in control", |state| state.controller.is_none())
        .await?;
    let mut guest = Terminal::open(&vic, None).await?;
    guest.prints(PROMPT).await?;
    let mut own = Terminal::open(&ada, None).await?;
    own.types(watching, "nobody has them\r")?;
    let refused =
        |terminal: Refused| move |told: &native::terminal::Told| told.refused.contains(&terminal);
    own.told_where("a refusal", refused(Refused::NoControl))
        .await?;

    let mut operator = Client::operate(&ada).await?;
    let operating = you(&mut operator).await?;
    for message in [
        FromTerminal::Type { viewer: operating },
        FromTerminal::Break { viewer: operating },
        FromTerminal::SetSpeed {
            viewer: operating,
            speed: 9600,
        },
    ] {
        let tail = match message {
            FromTerminal::Type { .. } => &b"poweroff\r"[..],
            _ => b"",
        };
        guest.send(&message, tail)?;
    }
    guest
        .told_where("three refusals", |told| {
            told.refused == [Refused::NoControl; 3]
        })
        .await?;
    own.types(operating, "clock\r")?;
    own.prints("UTC").await?;
    guest.prints("UTC").await?;
    let serial = relay.sim.state().await?.serial;
    assert_eq!(serial.received, "clock\r");
    assert_eq!((serial.breaks, serial.relay_speed), (0, Some(115_200)));
    Ok(())
}

#[tokio::test]
async fn break_and_speed_reach_the_machine() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let mut terminal = Terminal::open(&account, None).await?;
    terminal.prints(PROMPT).await?;
    let mut operator = Client::operate(&account).await?;
    let viewer = you(&mut operator).await?;
    terminal.types(viewer, "unfinished")?;
    terminal.send(&FromTerminal::Break { viewer }, &[])?;
    terminal.prints("unfinished\r\n[break]").await?;
    assert_eq!(relay.sim.state().await?.serial.breaks, 1);

    let speed = |speed| FromTerminal::SetSpeed { viewer, speed };
    terminal.send(&speed(9600), &[])?;
    relay
        .sim
        .state_where("the speed", |state| state.serial.relay_speed == Some(9600))
        .await?;
    terminal.send(&speed(1), &[])?;
    terminal
        .told_where("a refusal", |told| told.refused == [Refused::Speed])
        .await?;
    terminal.send(&speed(115_200), &[])?;
    terminal.types(viewer, "\x03clock\r")?;
    terminal.prints("UTC").await?;
    Ok(())
}

#[tokio::test]
async fn rubbish_ends_the_link_and_nothing_else() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let mut steady = Terminal::open(&account, None).await?;
    steady.prints("Firmware 1.0").await?;
    for rubbish in [
        Vec::new(),
        vec![99],
        vec![1, 3],
        vec![0, 0, 7],
        vec![1; FROM_TERMINAL_MAX + 1],
    ] {
        let mut before = Terminal::connect(&Upgrade::serial(&account)).await?;
        before.send_bytes(rubbish.clone())?;
        assert_eq!(before.end().await?, End::BadMessage, "{rubbish:?}");
        let mut after = Terminal::open(&account, None).await?;
        after.prints("Firmware 1.0").await?;
        after.send_bytes(rubbish.clone())?;
        assert_eq!(after.end().await?, End::BadMessage, "{rubbish:?}");
    }
    let mut twice = Terminal::open(&account, None).await?;
    twice.send(&FromTerminal::Open { resumes: None }, &[])?;
    assert_eq!(twice.end().await?, End::BadMessage);
    let mut silent = Terminal::connect(&Upgrade::serial(&account)).await?;
    assert_eq!(silent.end().await?, End::Silent);
    steady.prints(PROMPT).await?;
    Ok(())
}

#[tokio::test]
async fn a_link_needs_a_session_its_own_page_and_its_protocol() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let upgrade = Upgrade::serial(&account);
    for (upgrade, status) in [
        (
            Upgrade {
                cookie: None,
                ..upgrade.clone()
            },
            401,
        ),
        (
            Upgrade {
                origin: Some("https://example.org".to_owned()),
                ..upgrade.clone()
            },
            403,
        ),
        (
            Upgrade {
                subprotocol: Some("armchair.v1".to_owned()),
                ..upgrade.clone()
            },
            400,
        ),
    ] {
        let refused = Terminal::connect(&upgrade).await.err().context("refused")?;
        assert_eq!(refused.downcast::<native::Refused>()?.0, status);
    }
    let log = tests::account::http_client()?
        .get(account.base.join("api/v1/serial/log")?)
        .send()
        .await?;
    assert_eq!(log.status(), 401);
    Ok(())
}

#[tokio::test]
async fn a_link_ends_with_its_session() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let mut terminal = Terminal::open(&account, None).await?;
    terminal.prints("Firmware 1.0").await?;
    account.sign_out().await?;
    assert_eq!(terminal.end().await?, End::SignedOut);
    Ok(())
}

#[tokio::test]
async fn a_viewer_that_does_not_read_skips_ahead_and_keeps_nobody_waiting() -> Result<()> {
    const LINE: &[u8] = b"The quick brown fox jumps over the lazy dog 0123456789.........\n";
    const TOTAL: u64 = 24 << 20;
    let (_relay, account, mut machine) = with_line("scrollback_kib = 16").await?;
    let mut slow = Terminal::open(&account, None).await?;
    slow.told_where("the beginning", |told| told.opened.is_some())
        .await?;
    slow.reads(false)?;
    let mut operator = Client::operate(&account).await?;
    let viewer = you(&mut operator).await?;
    let mut quick = Terminal::open(&account, None).await?;
    let block = LINE.repeat(1024);
    let mut sent = 0;
    while sent < TOTAL {
        machine.prints(&block).await?;
        sent += block.len() as u64;
    }
    quick.told_where("the end", |told| told.end == sent).await?;
    quick.types(viewer, "still there?\r")?;
    assert_eq!(machine.gets(13).await?, b"still there?\r");
    slow.reads(true)?;
    let told = slow.told_where("the end", |told| told.end == sent).await?;
    assert!(told.skipped > 0);
    assert_eq!(told.output.len() as u64 + told.skipped, sent);
    assert!(told.output.ends_with(&LINE.repeat(64)));

    let log = account.request(Method::GET, "api/v1/serial/log").await?;
    assert_eq!(log.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_lost_port_is_told_and_comes_back_with_the_speed_that_was_set() -> Result<()> {
    let (mut relay, account, machine) = with_line("speed = 9600").await?;
    let mut terminal = Terminal::open(&account, None).await?;
    let mut operator = Client::operate(&account).await?;
    let viewer = you(&mut operator).await?;
    assert_eq!(machine.speed()?, 9600);
    let faster = FromTerminal::SetSpeed {
        viewer,
        speed: 57_600,
    };
    terminal.send(&faster, &[])?;
    tests::wait::wait_until("the speed", async || Ok(machine.speed()? == 57_600)).await?;
    assert!(relay.terminate().await?.success());
    assert_eq!(terminal.end().await?, End::Restarting);
    relay.start_again().await?;
    tests::wait::wait_until("the port is open again", async || {
        Ok(machine.speed()? == 57_600 && relay.logged().contains("the serial port is open"))
    })
    .await?;

    let mut operator = Client::operate(&account).await?;
    let viewer = you(&mut operator).await?;
    let mut terminal = Terminal::open(&account, None).await?;
    drop(machine);
    tests::wait::wait_until("the port is lost", async || {
        Ok(relay.logged().contains("the serial port is lost"))
    })
    .await?;
    terminal.types(viewer, "lost\r")?;
    terminal
        .told_where("a refusal", |told| told.refused == [Refused::Closed])
        .await?;
    Ok(())
}
