//! Texts that the relay types: exactly, and never more than was wanted.

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    ToRelay,
    message::{Typing, TypingPhase},
};
use tests::{
    account::{Account, Answer},
    chromium::Chromium,
    native::Client,
    page::Page,
    relay::{PASSWORD, Relay},
    sim::Sim,
    wait::wait_until,
};

/// A booted machine and an operator who has its controls.
async fn at_the_prompt() -> Result<(Relay, Account, Client)> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let operator = Client::operate(&account).await?;
    Ok((relay, account, operator))
}

/// Lines of letters of a German keyboard, dead keys and AltGr among them.
fn german(characters: usize) -> String {
    const LETTERS: &[char] = &[
        'a', 'b', 'c', 'x', 'y', 'z', 'A', 'Y', 'Z', '0', '7', ' ', '-', '+', '#', '<', 'ä', 'ö',
        'ü', 'Ä', 'Ö', 'Ü', 'ß', '@', '€', '{', ']', '\\', '~', '|', 'é', 'ô', 'è', 'Ê', '^', '°',
    ];
    let mut number = 7u32;
    let letter = |at: usize| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match at % 50 {
            49 => '\n',
            _ => LETTERS[(number >> 16) as usize % LETTERS.len()],
        }
    };
    (0..characters).map(letter).collect()
}

async fn begin(account: &Account, body: &Value) -> Result<Answer> {
    account.post("api/v1/type", body).await
}

/// Begins, and gives the text's number.
async fn begun(account: &Account, operator: &mut Client, text: &str) -> Result<u64> {
    let viewer = operator.state().await?.you;
    let body = json!({ "text": text, "layout": "en-us", "viewer": viewer });
    let answer = begin(account, &body).await?;
    ensure!(answer.status == StatusCode::ACCEPTED, "{}", answer.body);
    answer.body["id"].as_u64().context("a number")
}

async fn ends(operator: &mut Client, id: u64) -> Result<Typing> {
    operator
        .typing_where("the end", |typing| {
            u64::from(typing.id) == id && typing.phase.is_over()
        })
        .await
}

async fn typed(sim: &Sim, after: usize) -> Result<String> {
    Ok(sim.state().await?.typed.split_off(after))
}

async fn nothing_is_down(sim: &Sim) -> Result<()> {
    sim.state_where("nothing is down", |state| state.keys_down.is_empty())
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_hundred_thousand_characters_arrive_while_a_viewer_comes_and_goes() -> Result<()> {
    let (relay, account, mut operator) = at_the_prompt().await?;
    relay.sim.host(&json!({ "led_echo": true })).await?;
    let id = begun(&account, &mut operator, "layout de\n").await?;
    ends(&mut operator, id).await?;
    relay.sim.reads("German").await?;
    let before = relay.sim.state().await?.typed.len();
    let text = german(100_000);
    let viewer = operator.state().await?.you;
    let body = json!({ "text": text, "layout": "de", "viewer": viewer });
    let answer = begin(&account, &body).await?;
    ensure!(answer.status == StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(answer.body["total"], 100_000);
    for part in 1..=5 {
        let mut other = Client::watch(&account).await?;
        other
            .typing_where("more of it", |typing| typing.typed >= part * 15_000)
            .await?;
        assert_eq!(operator.state().await?.controller, Some(viewer));
    }
    let end = ends(&mut operator, id + 1).await?;
    assert_eq!((end.phase, end.typed), (TypingPhase::Done, 100_000));
    let arrived = typed(&relay.sim, before).await?;
    let differs = text.chars().zip(arrived.chars()).position(|(a, b)| a != b);
    assert_eq!((differs, arrived.chars().count()), (None, 100_000));
    nothing_is_down(&relay.sim).await
}

#[tokio::test]
async fn a_slow_machine_gets_every_character_with_lights_and_without() -> Result<()> {
    let (relay, account, mut operator) = at_the_prompt().await?;
    let text = "The quick brown fox jumps over 13 lazy dogs; (so it goes!)";
    for (report_ms, led_echo) in [(1, true), (8, false), (30, true)] {
        relay.sim.fault_ms("slow_host", report_ms).await?;
        relay.sim.host(&json!({ "led_echo": led_echo })).await?;
        let before = relay.sim.state().await?.typed.len();
        let id = begun(&account, &mut operator, text).await?;
        assert_eq!(ends(&mut operator, id).await?.phase, TypingPhase::Done);
        assert_eq!(typed(&relay.sim, before).await?, text);
    }
    nothing_is_down(&relay.sim).await
}

#[tokio::test]
async fn a_text_is_paused_goes_on_and_is_cancelled() -> Result<()> {
    let (relay, account, mut operator) = at_the_prompt().await?;
    relay.sim.fault_ms("slow_host", 5).await?;
    let text = german(2_000).replace(|letter: char| !letter.is_ascii_alphanumeric(), "k");
    let before = relay.sim.state().await?.typed.len();
    begun(&account, &mut operator, &text).await?;
    operator
        .typing_where("some of it", |typing| typing.typed > 20)
        .await?;
    operator.send(&ToRelay::PauseTyping)?;
    let paused = operator
        .typing_where("a pause", |typing| typing.phase == TypingPhase::Paused)
        .await?;
    nothing_is_down(&relay.sim).await?;
    operator.send(&ToRelay::ResumeTyping)?;
    operator
        .typing_where("more of it", |typing| typing.typed > paused.typed + 20)
        .await?;
    operator.send(&ToRelay::CancelTyping)?;
    let end = operator
        .typing_where("the end", |typing| typing.phase.is_over())
        .await?;
    assert_eq!(end.phase, TypingPhase::Cancelled);
    wait_until("what is said to be typed", async || {
        Ok(typed(&relay.sim, before).await? == text[..end.typed as usize])
    })
    .await?;
    nothing_is_down(&relay.sim).await
}

#[tokio::test]
async fn a_lost_link_ends_the_text_unless_it_is_to_be_finished() -> Result<()> {
    for finish in [false, true] {
        let (relay, account, mut operator) = at_the_prompt().await?;
        relay.sim.fault_ms("slow_host", 3).await?;
        let text = "k".repeat(600);
        let before = relay.sim.state().await?.typed.len();
        let viewer = operator.state().await?.you;
        let body = json!({
            "text": text, "layout": "en-us", "viewer": viewer,
            "if_link_lost": if finish { "finish" } else { "stop" },
        });
        assert_eq!(begin(&account, &body).await?.status, StatusCode::ACCEPTED);
        operator
            .typing_where("some of it", |typing| typing.typed > 20)
            .await?;
        drop(operator);
        let mut other = Client::watch(&account).await?;
        let end = other
            .typing_where("the end", |typing| typing.phase.is_over())
            .await?;
        let expected = match finish {
            true => (TypingPhase::Done, 600),
            false => (TypingPhase::LinkLost, end.typed),
        };
        assert_eq!((end.phase, end.typed), expected);
        wait_until("what is said to be typed", async || {
            Ok(typed(&relay.sim, before).await?.len() == end.typed as usize)
        })
        .await?;
        nothing_is_down(&relay.sim).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_script_types_while_its_user_watches_and_asks_how_far_it_is() -> Result<()> {
    let (relay, account, _operator) = at_the_prompt().await?;
    let body = json!({ "text": "help\n", "layout": "en-us" });
    assert_eq!(begin(&account, &body).await?.status, StatusCode::ACCEPTED);
    relay.sim.reads("poweroff").await?;
    wait_until("the end", async || {
        let answer = account.request(Method::GET, "api/v1/type").await?;
        Ok(answer.body["phase"] == "done" && answer.body["typed"] == 5)
    })
    .await
}

#[tokio::test]
async fn what_cannot_be_typed_is_named_and_nothing_is_typed() -> Result<()> {
    let (relay, account, mut operator) = at_the_prompt().await?;
    let viewer = operator.state().await?.you;
    let before = relay.sim.state().await?;
    let refused = async |body: Value, status: StatusCode, says: &str| -> Result<()> {
        let answer = begin(&account, &body).await?;
        let detail = answer.body["detail"].as_str().context("a detail")?;
        ensure!(
            answer.status == status && detail.contains(says),
            "{status}, {says}: {} {detail}",
            answer.status
        );
        Ok(())
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let of = |text: &str, layout: &str| json!({ "text": text, "layout": layout, "viewer": viewer });
    refused(of("a\u{0}b", "en-us"), unprocessable, "U+0000").await?;
    refused(
        of("Grüße, Grüße", "en-us"),
        unprocessable,
        "'ü' (U+00FC, 2)",
    )
    .await?;
    refused(of("a", "xx"), unprocessable, "There are: ar, be").await?;
    let long = StatusCode::PAYLOAD_TOO_LARGE;
    refused(of(&"x".repeat(300_000), "en-us"), long, "250000").await?;
    refused(of(&"x".repeat(10_000_000), "en-us"), long, "250000").await?;
    let nobody = json!({ "text": "a", "layout": "de", "viewer": viewer + 40 });
    refused(nobody, StatusCode::CONFLICT, "controls").await?;
    let rate = json!({ "text": "a", "layout": "de", "characters_per_second": 0 });
    refused(rate, unprocessable, "characters_per_second").await?;
    for bytes in [
        &br#"{"text": "\ud800", "layout": "de"}"#[..],
        br#"{"text": "a", "layout": "de", "hurry": true}"#,
        b"\xff\xfe",
    ] {
        let answer = account.post_bytes("api/v1/type", bytes.to_vec()).await?;
        ensure!(answer.status.is_client_error(), "{}", answer.status);
        ensure!(answer.body["detail"].is_string(), "{}", answer.body);
    }
    assert_eq!(relay.sim.state().await?.typed, before.typed);
    for report in relay.sim.reports(before.reports).await? {
        let presses =
            report.interface == "keyboard" && report.bytes()?.iter().any(|byte| *byte != 0);
        ensure!(!presses, "{report:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_the_layout_cannot_make_is_left_out_or_replaced_where_that_is_wanted() -> Result<()> {
    let (relay, account, mut operator) = at_the_prompt().await?;
    let viewer = operator.state().await?.you;
    for (untypable, expected) in [(json!("skip"), "Gre"), (json!({ "replace": "?" }), "Gr??e")] {
        let before = relay.sim.state().await?.typed.len();
        let body =
            json!({ "text": "Grüße", "layout": "en-us", "viewer": viewer, "untypable": untypable });
        let answer = begin(&account, &body).await?;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        assert_eq!(
            answer.body["cannot"][0],
            json!({ "character": "ü", "count": 1 })
        );
        let id = answer.body["id"].as_u64().context("a number")?;
        ends(&mut operator, id).await?;
        assert_eq!(typed(&relay.sim, before).await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn letters_and_their_marks_are_typed_as_one() -> Result<()> {
    let (relay, account, mut operator) = at_the_prompt().await?;
    let id = begun(&account, &mut operator, "layout fr\n").await?;
    ends(&mut operator, id).await?;
    relay.sim.reads("French").await?;
    let before = relay.sim.state().await?.typed.len();
    let viewer = operator.state().await?.you;
    let body = json!({
        "text": "De\u{301}ja\u{300} vu, Noe\u{308}l", "layout": "fr", "viewer": viewer,
    });
    let answer = begin(&account, &body).await?;
    ensure!(answer.status == StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(answer.body["total"], "Déjà vu, Noël".chars().count());
    let end = ends(&mut operator, id + 1).await?;
    assert_eq!(
        (end.phase, end.typed, end.total),
        (TypingPhase::Done, 13, 13)
    );
    assert_eq!(typed(&relay.sim, before).await?, "Déjà vu, Noël");
    Ok(())
}

#[tokio::test]
async fn nobody_types_past_the_one_who_has_the_controls() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let owner = relay.claimed().await?;
    relay.sim.boots().await?;
    let mut operator = Client::operate(&owner).await?;
    relay.add_user("grace", "operator").await?;
    relay.add_user("watch", "viewer").await?;
    let body = json!({ "text": "help\n", "layout": "en-us" });
    let grace = Account::sign_in(&relay.url, "grace", PASSWORD).await?;
    let answer = begin(&grace, &body).await?;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let detail = answer.body["detail"].as_str().context("a detail")?;
    ensure!(detail.contains("ada has the controls"), "{detail}");
    let watch = Account::sign_in(&relay.url, "watch", PASSWORD).await?;
    assert_eq!(begin(&watch, &body).await?.status, StatusCode::FORBIDDEN);
    operator.send(&ToRelay::GiveUpControl)?;
    operator
        .state_where("nobody in control", |state| state.controller.is_none())
        .await?;
    assert_eq!(begin(&grace, &body).await?.status, StatusCode::ACCEPTED);
    relay.sim.reads("poweroff").await
}

/// The page of a booted machine's operator, with the keyboard on the machine.
async fn page_at_the_prompt() -> Result<(Relay, Chromium, Page)> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    relay
        .sim
        .state_where("a prompt", |state| state.typed.is_empty())
        .await?;
    Ok((relay, chromium, page))
}

async fn enabled(page: &Page, button: &str) -> Result<bool> {
    let button = page.tab.element("button", button).await?;
    Ok(page.tab.of(&button, "this.ariaDisabled").await? == "false")
}

async fn choose(page: &Page, list: &str, value: &str) -> Result<()> {
    let list = page.tab.element("combobox", list).await?;
    let change = format!(
        "(this.value = {value:?}, this.dispatchEvent(new Event('change', {{ bubbles: true }})))"
    );
    page.tab.of(&list, &change).await?;
    Ok(())
}

#[tokio::test]
async fn the_dialog_types_and_says_how_far_it_is() -> Result<()> {
    let (relay, chromium, page) = page_at_the_prompt().await?;
    page.open_tool("Type text").await?;
    choose(&page, "Target layout", "en-us").await?;
    page.tab.fill("Text to type", "help\n").await?;
    wait_until("a text that can be typed", async || {
        enabled(&page, "Type").await
    })
    .await?;
    page.tab.click("button", "Type").await?;
    relay.sim.reads("poweroff").await?;
    page.reads("Done. 5 of 5 characters").await?;
    choose(&page, "Target layout", "de").await?;
    page.tab.fill("Text to type", "u\u{308}").await?;
    wait_until("a letter of German", async || enabled(&page, "Type").await).await?;
    choose(&page, "Target layout", "en-us").await?;
    let bar = page.tab.element("progressbar", "Typing").await?;
    assert_eq!(page.tab.of(&bar, "this.ariaValueNow").await?, "100");
    relay.sim.fault_ms("slow_host", 10).await?;
    page.tab.fill("Text to type", &"k".repeat(500)).await?;
    wait_until("a text that can be typed", async || {
        enabled(&page, "Type").await
    })
    .await?;
    page.tab.click("button", "Type").await?;
    page.tab.click("button", "Pause").await?;
    page.reads("Paused.").await?;
    page.tab.click("button", "Resume").await?;
    page.reads_no_more("Paused.").await?;
    page.tab.key_down("Escape").await?;
    page.tab.key_up("Escape").await?;
    page.reads("The relay types").await?;
    page.tab.click("button", "Cancel").await?;
    page.reads_no_more("The relay types").await?;
    nothing_is_down(&relay.sim).await?;
    let state = relay.sim.state().await?;
    let typed = state.typed.strip_prefix("help\n").context("help")?;
    ensure!(typed.len() < 500 && typed.bytes().all(|letter| letter == b'k'));
    chromium.end().await
}

#[tokio::test]
async fn the_dialog_lists_what_cannot_be_typed_before_anything_is() -> Result<()> {
    let (relay, chromium, page) = page_at_the_prompt().await?;
    page.open_tool("Type text").await?;
    choose(&page, "Target layout", "en-us").await?;
    page.tab.fill("Text to type", "snow☃man☃").await?;
    page.tab.element("list", "Cannot be typed").await?;
    page.reads("U+2603 × 2").await?;
    assert!(!enabled(&page, "Type").await?);
    choose(&page, "Characters that the layout cannot make", "skip").await?;
    wait_until("the wish counts", async || enabled(&page, "Type").await).await?;
    page.tab.click("button", "Type").await?;
    page.reads("Done. 9 of 9 characters").await?;
    assert_eq!(relay.sim.state().await?.typed, "snowman");
    chromium.end().await
}

#[tokio::test]
async fn ctrl_shift_v_types_what_is_on_the_clipboard() -> Result<()> {
    let (relay, chromium, page) = page_at_the_prompt().await?;
    page.tab.allow_the_clipboard().await?;
    page.tab
        .evaluate("localStorage.setItem('layout', 'en-us'); navigator.clipboard.writeText('echo Of 7 Words')")
        .await?;
    for code in ["ControlLeft", "ShiftLeft", "KeyV"] {
        page.tab.key_down(code).await?;
    }
    for code in ["KeyV", "ShiftLeft", "ControlLeft"] {
        page.tab.key_up(code).await?;
    }
    relay
        .sim
        .state_where("the text", |state| state.typed == "echo Of 7 Words")
        .await?;
    nothing_is_down(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn other_keys_can_be_chosen_for_the_clipboard() -> Result<()> {
    let (relay, chromium, page) = page_at_the_prompt().await?;
    page.tab.allow_the_clipboard().await?;
    page.open_tool("Settings").await?;
    page.tab.click("tab", "Keyboard and pointer").await?;
    choose(&page, "Keys that type the clipboard", "shift-insert").await?;
    page.tab.click("button", "Close").await?;
    page.tab
        .evaluate(
            "localStorage.setItem('layout', 'en-us'); navigator.clipboard.writeText('uptime')",
        )
        .await?;
    page.click_the_screen().await?;
    let before = relay.sim.state().await?.reports;
    let chord = async |codes: &[&str]| -> Result<()> {
        for code in codes {
            page.tab.key_down(code).await?;
        }
        for code in codes.iter().rev() {
            page.tab.key_up(code).await?;
        }
        Ok(())
    };
    chord(&["ControlLeft", "ShiftLeft", "KeyV"]).await?;
    let (control_and_shift, v): (u8, &[u8]) = (0x03, &[0x19]);
    let goes_to_the_machine: [(u8, &[u8]); 6] = [
        (0x01, &[]),
        (control_and_shift, &[]),
        (control_and_shift, v),
        (control_and_shift, &[]),
        (0x01, &[]),
        (0, &[]),
    ];
    relay.sim.gets_keys(before, &goes_to_the_machine).await?;
    chord(&["ShiftLeft", "Insert"]).await?;
    relay
        .sim
        .state_where("the text", |state| state.typed == "uptime")
        .await?;
    nothing_is_down(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn a_text_file_that_is_dropped_on_the_picture_is_shown_before_it_is_typed() -> Result<()> {
    let (relay, chromium, page) = page_at_the_prompt().await?;
    let drop = |bytes: &str| {
        format!(
            "(() => {{
                const dropped = new DataTransfer();
                dropped.items.add(new File([new Uint8Array([{bytes}])], 'notes.txt'));
                this.dispatchEvent(new DragEvent('drop', {{ bubbles: true, cancelable: true, dataTransfer: dropped }}));
            }})()"
        )
    };
    let screen = page.screen().await?;
    page.tab.of(&screen, &drop("0xFF, 0xFE, 0x41")).await?;
    page.reads("notes.txt is not a text file").await?;
    page.tab.of(&screen, &drop("0x68, 0x69, 0x0A")).await?;
    let field = page.tab.element("textbox", "Text to type").await?;
    wait_until("the text is shown", async || {
        Ok(page.tab.of(&field, "this.value").await? == "hi\n")
    })
    .await?;
    assert_eq!(relay.sim.state().await?.typed, "");
    chromium.end().await
}
