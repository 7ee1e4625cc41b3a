//! Has texts typed by the relay.

use leptos::prelude::*;
use shared::{
    ToRelay,
    layout::{Compiled, compile},
    macros::{Step, TEXT_MAX},
    message::{Typing, TypingPhase},
};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{
    api::{self, Refusal},
    browser::window,
    input::hands::Hands,
    layouts::Layouts,
    page::console::Reach,
    store::{Control, Panel, Store},
    typing::Wishes,
    ui::text,
};

/// The largest file that is taken for a text, in bytes.
const FILE_MAX: f64 = 1_000_000.0;

/// Has texts typed. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Typist {
    store: Store,
    reach: Reach,
    layouts: Layouts,
    /// Why the last wish was not fulfilled; empty where it was.
    pub(crate) refused: RwSignal<String>,
}

impl Typist {
    /// For the machine that these reach.
    pub(crate) fn new(store: Store, reach: Reach, layouts: Layouts) -> Self {
        Self {
            store,
            reach,
            layouts,
            refused: RwSignal::new(String::new()),
        }
    }

    /// How texts are typed.
    pub(crate) fn wishes(&self) -> Wishes {
        self.store.preferences.typing.get()
    }

    /// Changes how texts are typed.
    pub(crate) fn wish(&self, change: impl FnOnce(&mut Wishes)) {
        let mut wishes = self.store.preferences.typing.get_untracked();
        change(&mut wishes);
        self.store.preferences.typing.set(wishes);
    }

    /// The strokes of a text; `None` until the layout is here. What reads it follows all that it depends on.
    pub(crate) fn compiled(&self, text: &str) -> Option<Compiled> {
        let leds = self.store.state.with(|state| state.as_ref()?.leds);
        let options = self
            .wishes()
            .options(leds.is_some_and(|leds| leds.caps_lock));
        let text = composed(text);
        self.layouts
            .table
            .with(|table| Some(compile(&text, table.as_ref()?, &options)))
    }

    /// The text that is being typed, or was typed last.
    pub(crate) fn typing(&self) -> Option<Typing> {
        self.store.typing.get()
    }

    /// Whether one is being typed, or paused.
    pub(crate) fn is_busy(&self) -> bool {
        self.typing().is_some_and(|typing| !typing.phase.is_over())
    }

    /// Has a text typed.
    pub(crate) fn type_text(self, text: String) {
        self.refused.set(String::new());
        self.reach.hands.with_value(Hands::release_all);
        let Some(viewer) = self.store.state.with_untracked(|state| {
            let state = state.as_ref()?;
            (Control::of(state) == Control::Mine).then_some(state.you)
        }) else {
            return self.refuse(crate::ui::text().type_needs_control.to_owned());
        };
        let layout = self.layouts.chosen.get_untracked();
        let wishes = self.store.preferences.typing.get_untracked();
        spawn_local(async move {
            let request = api::TypeRequest {
                text: &composed(&text),
                layout: &layout,
                viewer,
                wishes,
            };
            match api::type_text(&request).await {
                Ok(()) => self.record(&text, &layout, &wishes),
                Err(Refusal::Unreachable) => self.refuse(crate::ui::text().unreachable.to_owned()),
                Err(Refusal::Problem(problem)) => {
                    self.store.draft.set(text);
                    self.refuse(problem.text().to_owned());
                }
            }
        });
    }

    /// Writes down what is typed, where a macro is being recorded.
    fn record(&self, text: &str, layout: &str, wishes: &Wishes) {
        let text: Vec<char> = composed(text).chars().collect();
        for part in text.chunks(TEXT_MAX) {
            self.store.recording.step(Step::Text {
                text: part.iter().collect(),
                layout: layout.to_owned(),
                line_end: wishes.line_end,
                tab: wishes.tab,
                untypable: wishes.untypable,
            });
        }
    }

    /// Has what is on the clipboard typed, or shows it where that cannot be done as it is.
    pub(crate) fn paste_and_type(self) {
        self.reach.hands.with_value(Hands::release_all);
        spawn_local(async move {
            match clipboard().await {
                Some(pasted) if self.is_typable(&pasted) => self.type_text(pasted),
                Some(pasted) => self.show(pasted),
                None => self.refuse(text().clipboard_refused.to_owned()),
            }
        });
    }

    /// Puts what is on the clipboard into the draft.
    pub(crate) fn paste(self) {
        spawn_local(async move {
            match clipboard().await {
                Some(pasted) => self.show(pasted),
                None => self.refuse(text().clipboard_refused.to_owned()),
            }
        });
    }

    /// Puts a text file into the draft.
    pub(crate) fn open_file(self, file: web_sys::File) {
        if file.size() > FILE_MAX {
            return self.refuse(text().file_too_long(file.name()));
        }
        spawn_local(async move {
            let bytes = JsFuture::from(file.array_buffer()).await;
            let bytes = bytes.map(|bytes| js_sys::Uint8Array::new(&bytes).to_vec());
            match bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                Some(read) => self.show(read.trim_start_matches('\u{FEFF}').to_owned()),
                None => self.refuse(text().file_is_no_text(file.name())),
            }
        });
    }

    /// Tells the relay to pause, to go on or to end.
    pub(crate) fn tell(&self, message: &ToRelay) {
        self.reach.link.with_value(|link| link.send(message));
    }

    /// Shows a text in the dialog.
    pub(crate) fn show(self, draft: String) {
        self.refused.set(String::new());
        self.store.draft.set(draft);
        self.store.panel.set(Some(Panel::TypeText));
    }

    fn is_typable(&self, text: &str) -> bool {
        let compiled = untrack(|| self.compiled(text));
        compiled.is_some_and(|compiled| compiled.cannot.is_empty()) && !text.is_empty()
    }

    fn refuse(self, reason: String) {
        self.refused.set(reason);
        self.store.panel.set(Some(Panel::TypeText));
    }
}

/// What became of a text, or how far it is.
pub(crate) fn words(typing: &Typing) -> String {
    let text = text();
    let count = text.typed_of(typing.typed, typing.total);
    let what = match typing.phase {
        TypingPhase::Typing => return count,
        TypingPhase::Paused => text.typing_paused,
        TypingPhase::Waiting => text.typing_waiting,
        TypingPhase::Done => text.typing_done,
        TypingPhase::Cancelled => text.typing_cancelled,
        TypingPhase::TakenOver => text.typing_taken_over,
        TypingPhase::LinkLost => text.typing_link_lost,
        TypingPhase::MachineGone => text.typing_machine_gone,
        TypingPhase::Switched => text.typing_switched,
    };
    format!("{what} {count}")
}

/// The part of a text that is typed, in percent.
pub(crate) fn percent(typing: &Typing) -> u32 {
    let (typed, total) = (u64::from(typing.typed), u64::from(typing.total.max(1)));
    u32::try_from(typed * 100 / total).unwrap_or(100)
}

/// The same text with letters and their marks as one character each where there is one: macOS takes them apart, and no
/// key types a mark alone.
fn composed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFC").into()
}

/// What is on the clipboard; `None` where the browser does not tell.
async fn clipboard() -> Option<String> {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return None;
    }
    JsFuture::from(clipboard.read_text())
        .await
        .ok()?
        .as_string()
}
