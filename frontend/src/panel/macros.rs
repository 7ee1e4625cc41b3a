//! Macros: recorded here, kept and run by the relay, shared by all its operators.

mod editor;
mod fields;
mod record;
mod run;
mod words;

use leptos::prelude::*;
use shared::macros::Macro;
use wasm_bindgen_futures::spawn_local;

use self::{
    editor::{Draft, Editor},
    record::Record,
    run::{Repeat, Running, Values, start},
};
use crate::{
    api::{self, ListedMacro, Refusal},
    save::save_from,
    store::Store,
    ui::{field::Refused, file_chooser::FileChooser, panel::Sheet, text},
};

/// The largest file that is sent to the relay, in bytes: what it takes.
const FILE_MAX: f64 = (4 * shared::macros::DOCUMENT_MAX) as f64;

/// What the panel's parts have in common, kept while the panel is closed. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    macros: RwSignal<Option<Vec<ListedMacro>>>,
    /// Why the last thing was not done.
    refused: RwSignal<String>,
    /// What of the last file could not be taken over.
    left_out: RwSignal<Vec<String>>,
    edited: RwSignal<Option<Draft>>,
    /// The macro whose variables are asked for.
    asks: RwSignal<Option<u32>>,
    repeat: Repeat,
    /// What the draft lives in.
    owner: StoredValue<Owner>,
}

impl Shared {
    /// Nothing is known and nothing is edited. Lives as long as the owner that it is made in.
    pub(crate) fn new() -> Self {
        Self {
            macros: RwSignal::new(None),
            refused: RwSignal::new(String::new()),
            left_out: RwSignal::new(Vec::new()),
            edited: RwSignal::new(None),
            asks: RwSignal::new(None),
            repeat: Repeat::default(),
            owner: StoredValue::new(Owner::new()),
        }
    }

    /// The panel opens: what was said of things that are past is gone.
    fn begin(&self) {
        self.left_out.set(Vec::new());
        if self.edited.with_untracked(Option::is_none) {
            self.refused.set(String::new());
        }
    }

    fn edit(&self, id: u32, tag: String, document: Macro) {
        let owner = Owner::new();
        let draft = owner.with(|| Draft::new(id, tag, document));
        self.owner.set_value(owner);
        self.edited.set(Some(draft));
    }

    fn refuse(&self, refusal: &Refusal) {
        self.refused.set(refusal.words());
    }
}

/// The panel.
#[component]
pub(crate) fn Macros() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let shared = expect_context::<Shared>();
    shared.begin();
    Effect::new(move || {
        store.macros.track();
        spawn_local(async move {
            match api::macros().await {
                Ok(macros) => shared.macros.set(Some(macros)),
                Err(refusal) => shared.refuse(&refusal),
            }
        });
    });
    view! {
        <Sheet label=text.macros>
            {move || match shared.edited.get() {
                Some(draft) => view! { <Editor draft/> }.into_any(),
                None => view! { <Overview/> }.into_any(),
            }}
        </Sheet>
    }
}

#[component]
fn Overview() -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let list = move || shared.macros.get().unwrap_or_default();
    let none = move || {
        shared
            .macros
            .with(|macros| macros.as_ref().is_some_and(Vec::is_empty))
    };
    view! {
        <Record/>
        <Running/>
        <Refused reason=shared.refused/>
        <LeftOut/>
        <ul class="macros" role="list" aria-label=text.macros>
            <For each=list key=|listed| format!("{listed:?}") let:listed>
                <Item listed/>
            </For>
        </ul>
        <Show when=none>
            <p class="hint">{text.macros_none}</p>
        </Show>
        <Show when=move || shared.macros.with(|macros| macros.as_ref().is_some_and(|all| !all.is_empty()))>
            {shared.repeat.view()}
        </Show>
        <Import/>
    }
}

#[component]
fn Item(listed: ListedMacro) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let shared = expect_context::<Shared>();
    let ListedMacro {
        id,
        name,
        description,
        variables,
        steps,
    } = listed;
    let asks_for = StoredValue::new(variables);
    let sure = RwSignal::new(false);
    let run = move |_| {
        shared.refused.set(String::new());
        if asks_for.with_value(Vec::is_empty) {
            start(store, shared, id, Default::default());
        } else {
            shared.asks.set(Some(id));
        }
    };
    let edit = move |_| {
        spawn_local(async move {
            match api::macro_document(id).await {
                Ok((document, tag)) => shared.edit(id, tag, document),
                Err(refusal) => shared.refuse(&refusal),
            }
        });
    };
    let delete = move |_| {
        spawn_local(async move {
            if let Err(refusal) = api::delete_macro(id).await {
                shared.refuse(&refusal);
            }
        });
    };
    let question = text.macro_delete_sure(&name);
    let about = format!("macro-{id}");
    let asked = move || sure.get();
    view! {
        <li class="card">
            <h3 id=about.clone()>{name}</h3>
            {(!description.is_empty()).then(|| view! { <p>{description}</p> })}
            <p class="hint">{text.macro_steps(steps)}</p>
            <Show when=move || !sure.get() && shared.asks.get() != Some(id)>
                <div class="row">
                    <button class="button main" aria-describedby=about.clone() on:click=run>{text.macro_run}</button>
                    <button class="button" aria-describedby=about.clone() on:click=edit>{text.macro_edit}</button>
                    <button class="button" aria-describedby=about.clone() on:click=move |_| save_from(&api::macro_path(id))>{text.macro_export}</button>
                    <button class="button" aria-describedby=about.clone() on:click=move |_| sure.set(true)>{text.macro_delete}</button>
                </div>
            </Show>
            <Show when=asked>
                <p>{question.clone()}</p>
                <div class="row">
                    <button class="button danger" on:click=delete>{text.macro_delete}</button>
                    <button class="button" on:click=move |_| sure.set(false)>{text.macro_cancel}</button>
                </div>
            </Show>
            <Show when=move || shared.asks.get() == Some(id)>
                <Values id variables=asks_for.get_value()/>
            </Show>
        </li>
    }
}

#[component]
fn LeftOut() -> impl IntoView {
    let left_out = expect_context::<Shared>().left_out;
    view! {
        <Show when=move || !left_out.with(Vec::is_empty)>
            <div class="card" role="status">
                <h3>{text().macro_left_out}</h3>
                <ul class="left-out">
                    {move || left_out.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                </ul>
            </div>
        </Show>
    }
}

#[component]
fn Import() -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    view! {
        <div class="row">
            <FileChooser
                label=text.macro_import
                accept=".json,application/json"
                choose=move |file| import(shared, file)
            />
        </div>
        <p class="hint">{text.macro_import_hint}</p>
    }
}

fn import(shared: Shared, file: web_sys::File) {
    shared.left_out.set(Vec::new());
    shared.refused.set(String::new());
    if file.size() > FILE_MAX {
        shared.refused.set(text().macro_file_too_large(file.name()));
        return;
    }
    let name = file.name();
    let name = name.strip_suffix(".json").unwrap_or(&name).to_owned();
    spawn_local(async move {
        match api::import_macro(&file, &name).await {
            Ok(added) => shared.left_out.set(added.left_out),
            Err(refusal) => shared.refuse(&refusal),
        }
    });
}
