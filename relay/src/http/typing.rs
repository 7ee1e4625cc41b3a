//! `POST`, `GET` and `DELETE type`: text that the relay types at the machine.

use std::time::Duration;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use shared::{
    layout::{LineEnd, Options, TabStop, Untypable},
    message::{Typing, TypingPhase},
};

use super::{
    App,
    api::{self, Operator, Viewer},
    layouts::unknown,
    problem::Problem,
};
use crate::{
    audit::Event,
    input::{
        Order, TypingRefused,
        type_out::{Pace, Text},
    },
    layouts,
};

/// The longest text, in characters as they are sent.
pub const TEXT_MAX: usize = 250_000;

/// The largest body of `POST type` that is read, in bytes. More than such a text can have: who sends more than that is
/// told so, which cannot be done while the body is still being sent.
pub const BODY_MAX: usize = 16 * 1024 * 1024;

/// How many of the characters that cannot be typed an error names.
const NAMED_MAX: usize = 20;

/// The body of `POST type`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRequest {
    text: String,
    layout: String,
    #[serde(default)]
    line_end: LineEnd,
    #[serde(default)]
    tab: TabStop,
    #[serde(default)]
    untypable: Untypable,
    /// A fixed pace; as fast as the machine takes it without one.
    characters_per_second: Option<u16>,
    /// The viewer that this is for, where it is for a page.
    viewer: Option<u32>,
    #[serde(default)]
    if_link_lost: IfLinkLost,
}

/// What becomes of the rest when that page is gone.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IfLinkLost {
    /// It is not typed.
    #[default]
    Stop,
    /// It is typed.
    Finish,
}

/// The answer of `POST type`. Its characters, as those of all progress, are the ones of the composed text (Unicode's form
/// NFC), which is what is typed: a letter and the mark behind it count as one.
#[derive(Serialize)]
pub struct Begun {
    id: u32,
    total: usize,
    cannot: Vec<Cannot>,
}

/// A character that is not typed as it is, and how often the text has it.
#[derive(Serialize)]
pub struct Cannot {
    character: char,
    count: usize,
}

/// The answer of `GET type`.
#[derive(Serialize)]
pub struct Progress {
    id: u32,
    typed: u32,
    total: u32,
    phase: &'static str,
}

impl From<Typing> for Progress {
    fn from(typing: Typing) -> Self {
        Self {
            id: typing.id,
            typed: typing.typed,
            total: typing.total,
            phase: match typing.phase {
                TypingPhase::Typing => "typing",
                TypingPhase::Paused => "paused",
                TypingPhase::Waiting => "waiting",
                TypingPhase::Done => "done",
                TypingPhase::Cancelled => "cancelled",
                TypingPhase::TakenOver => "taken-over",
                TypingPhase::LinkLost => "link-lost",
                TypingPhase::MachineGone => "machine-gone",
                TypingPhase::Switched => "switched",
            },
        }
    }
}

/// `POST type`: begins, and answers at once.
pub async fn begin(
    State(app): State<App>,
    Operator(session): Operator,
    body: Result<Json<TypeRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let Json(request) = body.map_err(unreadable)?;
    let pace = pace(request.characters_per_second)?;
    let viewer = api::hands(&app, &session, request.viewer)?;
    let finish = request.if_link_lost == IfLinkLost::Finish || request.viewer.is_none();
    let leds = app.room.controls().host().borrow().leds;
    let caps_lock = leds.is_some_and(|leds| leds.caps_lock);
    let (text, cannot) = compile(request, caps_lock).await?;
    let total = text.plain.characters();
    let order = Order {
        text,
        pace,
        viewer,
        finish,
    };
    let id = app.room.controls().type_text(order)?;
    app.record(&session, &Event::TextTyped { characters: total });
    Ok((StatusCode::ACCEPTED, Json(Begun { id, total, cannot })))
}

/// `GET type`: how far it is.
pub async fn progress(
    State(app): State<App>,
    _: Viewer,
) -> Result<Json<Option<Progress>>, Problem> {
    let typing = *app.room.controls().typing().borrow();
    Ok(Json(typing.map(Progress::from)))
}

/// `DELETE type`: ends it and releases its keys.
pub async fn cancel(State(app): State<App>, _: Operator) -> Result<StatusCode, Problem> {
    app.room.controls().cancel_typing();
    Ok(StatusCode::NO_CONTENT)
}

fn pace(characters_per_second: Option<u16>) -> Result<Pace, Problem> {
    match characters_per_second {
        None => Ok(Pace::Adaptive),
        Some(rate @ 1..=1000) => Ok(Pace::Fixed(Duration::from_secs(1) / u32::from(rate))),
        Some(_) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "characters_per_second is 1 to 1000.",
        )),
    }
}

async fn compile(request: TypeRequest, caps_lock: bool) -> Result<(Text, Vec<Cannot>), Problem> {
    let compiled = tokio::task::spawn_blocking(move || compiled(&request, caps_lock));
    compiled.await.unwrap_or_else(|_| {
        Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The text could not be read.",
        ))
    })
}

fn compiled(request: &TypeRequest, caps_lock: bool) -> Result<(Text, Vec<Cannot>), Problem> {
    if request.text.chars().nth(TEXT_MAX).is_some() {
        return Err(too_long());
    }
    let layout = layouts::named(&request.layout)
        .ok_or_else(|| unknown(&request.layout, StatusCode::UNPROCESSABLE_ENTITY))?;
    let options = Options {
        caps_lock,
        line_end: request.line_end,
        tab: request.tab,
        untypable: request.untypable,
    };
    let text = Text::compile(&request.text, &layout, &options);
    let cannot = match caps_lock {
        true => &text.caps_lock.cannot,
        false => &text.plain.cannot,
    };
    if request.untypable == Untypable::Refuse && !cannot.is_empty() {
        return Err(untypable(layout.label(), cannot));
    }
    let cannot = cannot
        .iter()
        .map(|&(character, count)| Cannot { character, count })
        .collect();
    Ok((text, cannot))
}

fn untypable(layout: &str, cannot: &[(char, usize)]) -> Problem {
    let named: Vec<_> = cannot
        .iter()
        .take(NAMED_MAX)
        .map(|(character, count)| {
            format!("{character:?} (U+{:04X}, {count})", u32::from(*character))
        })
        .collect();
    let more = match cannot.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        format!(
            "Nothing was typed: the layout {layout} cannot make {}{more}. Choose to skip, replace or enter them by number.",
            named.join(", ")
        ),
    )
}

fn too_long() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "Nothing was typed: a text has at most {TEXT_MAX} characters. Put a file on a drive instead."
        ),
    )
}

fn unreadable(rejection: JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_long(),
        _ => rejection.into(),
    }
}

impl From<TypingRefused> for Problem {
    fn from(refused: TypingRefused) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            match refused {
                TypingRefused::Busy => "Another text is being typed. Wait for it, or cancel it.",
                TypingRefused::MacroRuns => "A macro runs. Wait for it, or stop it.",
                TypingRefused::NotInControl => {
                    "Somebody else has the controls of the machine. Take them first."
                }
                TypingRefused::Switching => {
                    "The relay moves to another machine. Try again once it is there."
                }
                TypingRefused::NotListening => {
                    "The machine does not listen to its keyboard: it is off, restarting, or the USB cable is out."
                }
            },
        )
    }
}
