//! Recording a macro with one's own hands.

use leptos::{html, prelude::*};
use shared::macros::{Macro, Step};
use wasm_bindgen_futures::spawn_local;
use web_sys::SubmitEvent;

use super::{Shared, words};
use crate::{
    api,
    store::{Control, Store},
    ui::{
        field::{TextField, value},
        focus_screen, text,
    },
};

#[component]
pub(super) fn Record() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let recorded = store.recording.recorded;
    let begin = move |_| {
        store.recording.begin();
        focus_screen();
    };
    let end = move |_| store.recording.end();
    let records = Memo::new(move |_| store.recording.progress().is_some());
    let words = move || {
        store.recording.progress().map(|(count, room)| match room {
            true => text.macro_recording(count),
            false => text.macro_recording_full.to_owned(),
        })
    };
    view! {
        {move || match (recorded.get(), records.get()) {
            (Some(steps), _) => view! { <Name steps recorded/> }.into_any(),
            (None, true) => view! {
                <div class="card active">
                    <p role="status">{words}</p>
                    <p class="hint">{text.macro_recording_hint}</p>
                    <div class="row">
                        <button class="button main" on:click=end>{text.macro_stop}</button>
                    </div>
                </div>
            }.into_any(),
            (None, false) => view! {
                <div class="row">
                    <button
                        class="button"
                        disabled=move || matches!(store.control(), Control::Theirs(_))
                        on:click=begin
                    >{text.macro_record}</button>
                </div>
            }.into_any(),
        }}
    }
}

/// What was recorded gets its name.
#[component]
fn Name(steps: Vec<Step>, recorded: RwSignal<Option<Vec<Step>>>) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let name = NodeRef::<html::Input>::new();
    let count = text.macro_steps(steps.len());
    let empty = steps.is_empty();
    let steps = StoredValue::new(steps);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let document = Macro {
            name: value(name),
            steps: steps.get_value(),
            ..Macro::default()
        };
        if let Err(fault) = document.check() {
            return shared.refused.set(words::fault(&fault));
        }
        spawn_local(async move {
            match api::add_macro(&document).await {
                Ok(()) => {
                    shared.refused.set(String::new());
                    recorded.set(None);
                }
                Err(refusal) => shared.refuse(&refusal),
            }
        });
    };
    view! {
        <form class="card" on:submit=save>
            {if empty {
                view! { <p>{text.macro_recorded_nothing}</p> }.into_any()
            } else {
                view! {
                    <p class="hint">{count}</p>
                    <TextField label=text.macro_name autocomplete="off" node=name first=true/>
                }.into_any()
            }}
            <div class="row">
                {(!empty).then(|| view! { <button class="button main">{text.macro_save}</button> })}
                <button type="button" class="button" on:click=move |_| recorded.set(None)>{text.macro_discard}</button>
            </div>
        </form>
    }
}
