//! A text that the relay types, through the kernel's own drivers, as libxkbcommon reads it.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use layout_tables::{layouts::LAYOUTS, reader::Reader};
use reqwest::StatusCode;
use serde_json::json;
use shared::{
    input::Usage,
    message::{Typing, TypingPhase},
};
use tests::{
    account::Account,
    lab::{Events, evdev::Role},
    native::Client,
};

use crate::stand::Stand;

const LAYOUT: &str = "de";
const CHARACTERS: usize = 20_000;
const CHARACTERS_WITH_CAPS_LOCK: usize = 2_000;

const CAPS_LOCK: Usage = Usage::Keyboard(0x39);

/// A key that the texts do not need, and the code of its events.
const F12: Usage = Usage::Keyboard(0x45);
const KEY_F12: u16 = 88;

/// What German keyboards type by themselves, with Shift and AltGr, and with dead keys.
const WORDS: [&str; 12] = [
    "Grüße",
    "Weiß",
    "ÜBERMÄSSIG",
    "name@example.org",
    "100 €",
    "{[(<\\>)]}",
    "a ~ b | c",
    "`ls -l` ^ $HOME",
    "façade",
    "Ångström à Ôtô",
    "dix-huitième",
    "\"ÇA VA?\"",
];

#[tokio::test]
async fn a_text_is_read_as_it_was_written() -> Result<()> {
    let mut stand = Stand::start().await?;
    stand.leave_lights_to_the_reader().await?;
    let mut client = stand.operator().await?;
    let source = LAYOUTS.iter().find(|source| source.name == LAYOUT);
    let mut reader = Reader::new(source.context(LAYOUT)?)?;
    arrives(&mut stand, &mut client, &mut reader, &text(CHARACTERS)).await?;

    client.tap(CAPS_LOCK)?;
    client
        .state_where("Caps Lock's light", |state| {
            state.leds.is_some_and(|leds| leds.caps_lock)
        })
        .await?;
    let text = text(CHARACTERS_WITH_CAPS_LOCK);
    arrives(&mut stand, &mut client, &mut reader, &text).await?;
    assert!(reader.caps_lock());
    drop(client);
    stand.stop().await
}

fn text(characters: usize) -> String {
    let words = WORDS.into_iter().cycle();
    let lines = words
        .zip(1..)
        .map(|(word, number)| format!("{number}: {word}\n"));
    let characters = lines
        .take(characters)
        .flat_map(|line| line.chars().collect::<Vec<_>>())
        .take(characters);
    characters.collect()
}

/// Types a text at the best rate, and compares it with what the guest has read.
async fn arrives(
    stand: &mut Stand,
    client: &mut Client,
    reader: &mut Reader,
    text: &str,
) -> Result<()> {
    let account = stand.account().clone();
    let started = Instant::now();
    let (read, typing) = tokio::try_join!(
        read(&mut stand.events, reader),
        type_out(&account, client, text)
    )?;
    let characters = text.chars().count();
    let rate = characters as f64 / started.elapsed().as_secs_f64();
    println!("{characters} characters, {rate:.0} a second");
    assert_eq!(typing.phase, TypingPhase::Done);
    assert_eq!(typing.typed as usize, characters);
    let differs = read
        .chars()
        .zip(text.chars())
        .position(|(read, wanted)| read != wanted);
    let around = differs.map(|at| {
        let from = at.saturating_sub(20);
        read.chars().skip(from).take(40).collect::<String>()
    });
    assert_eq!((around, read.chars().count()), (None, characters));
    Ok(())
}

async fn type_out(account: &Account, client: &mut Client, text: &str) -> Result<Typing> {
    let viewer = client.state().await?.you;
    let body = json!({ "text": text, "layout": LAYOUT, "viewer": viewer });
    let answer = account.post("api/v1/type", &body).await?;
    ensure!(answer.status == StatusCode::ACCEPTED, "{}", answer.body);
    let id = answer.body["id"].as_u64().context("a number")?;
    let mut so_far = 0;
    loop {
        let typing = client
            .typing_where("some progress", |typing| {
                let is_further = typing.typed > so_far || typing.phase.is_over();
                u64::from(typing.id) == id && is_further
            })
            .await?;
        if typing.phase.is_over() {
            client.tap(F12)?;
            return Ok(typing);
        }
        so_far = typing.typed;
    }
}

/// The text of all keys up to [`F12`].
async fn read(events: &mut Events, reader: &mut Reader) -> Result<String> {
    let keys = events
        .keys_until_release_of(Role::Keyboard, KEY_F12)
        .await?;
    Ok(keys
        .into_iter()
        .map(|(code, value)| reader.key(code, value == 1))
        .collect())
}
