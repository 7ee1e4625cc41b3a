//! Editing a macro, as readable steps.

use leptos::prelude::*;
use shared::{
    input::Usage,
    layout::{LineEnd, TabStop, Untypable},
    macros::{Awaited, Button, Key, Macro, Step, Variable},
    power::PowerAction,
};
use wasm_bindgen_futures::spawn_local;

use super::{
    Shared,
    fields::fields,
    words::{self, sentence},
};
use crate::{
    api,
    layouts::Layouts,
    ui::{
        field::{Refused, labelled},
        line::Line,
        text,
    },
};

/// Something in a list that is edited: what tells it from the others, and what it is now. It lives as long as it is in
/// the list, wherever it was added.
#[derive(Clone)]
struct Row<T> {
    key: u32,
    value: ArcRwSignal<T>,
}

/// A list that is edited.
struct Rows<T: Send + Sync + 'static> {
    rows: RwSignal<Vec<Row<T>>>,
    last_key: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Rows<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Rows<T> {}

impl<T: Clone + Send + Sync + 'static> Rows<T> {
    fn new(values: Vec<T>) -> Self {
        let rows = Self {
            rows: RwSignal::new(Vec::with_capacity(values.len())),
            last_key: StoredValue::new(0),
        };
        let all: Vec<_> = values.into_iter().map(|value| rows.row(value)).collect();
        rows.rows.set(all);
        rows
    }

    fn row(&self, value: T) -> Row<T> {
        let key = self.last_key.get_value() + 1;
        self.last_key.set_value(key);
        Row {
            key,
            value: ArcRwSignal::new(value),
        }
    }

    fn insert(&self, at: usize, value: T) -> u32 {
        let row = self.row(value);
        let key = row.key;
        self.rows
            .update(|rows| rows.insert(at.min(rows.len()), row));
        key
    }

    fn place(&self, key: u32) -> Option<usize> {
        self.rows
            .with_untracked(|rows| rows.iter().position(|row| row.key == key))
    }

    fn remove(&self, key: u32) {
        self.rows.update(|rows| rows.retain(|row| row.key != key));
    }

    fn shift(&self, key: u32, down: bool) {
        let Some(at) = self.place(key) else {
            return;
        };
        self.rows.update(|rows| {
            let other = if down { at + 1 } else { at.wrapping_sub(1) };
            if other < rows.len() {
                rows.swap(at, other);
            }
        });
    }

    fn values(&self) -> Vec<T> {
        self.rows
            .with_untracked(|rows| rows.iter().map(|row| row.value.get_untracked()).collect())
    }
}

/// A macro that is being edited. It outlives the panel, so that closing that loses nothing.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    id: u32,
    /// The tag of the state that it was taken from.
    tag: StoredValue<String>,
    name: RwSignal<String>,
    description: RwSignal<String>,
    steps: Rows<Step>,
    variables: Rows<Variable>,
}

impl Draft {
    /// A macro as the relay has it. Lives as long as the owner that it is made in.
    pub(super) fn new(id: u32, tag: String, document: Macro) -> Self {
        Self {
            id,
            tag: StoredValue::new(tag),
            name: RwSignal::new(document.name),
            description: RwSignal::new(document.description),
            steps: Rows::new(document.steps),
            variables: Rows::new(document.variables),
        }
    }

    fn document(&self) -> Macro {
        Macro {
            name: self.name.get_untracked(),
            description: self.description.get_untracked(),
            variables: self.variables.values(),
            steps: self.steps.values(),
            ..Macro::default()
        }
    }
}

#[component]
pub(super) fn Editor(draft: Draft) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let Draft {
        id,
        tag,
        name,
        description,
        steps,
        variables,
    } = draft;
    let close = move || {
        shared.refused.set(String::new());
        shared.edited.set(None);
    };
    let save = move |_| {
        let document = draft.document();
        if let Err(fault) = document.check() {
            return shared.refused.set(words::fault(&fault));
        }
        spawn_local(async move {
            match api::replace_macro(id, &tag.get_value(), &document).await {
                Ok(()) => close(),
                Err(refusal) => shared.refuse(&refusal),
            }
        });
    };
    view! {
        <Line label=text.macro_name value=name.get_untracked() commit=move |typed| name.set(typed)/>
        <Line
            label=text.macro_description
            value=description.get_untracked()
            commit=move |typed| description.set(typed)
        />
        <Variables variables/>
        <Steps steps/>
        <Refused reason=shared.refused/>
        <div class="row sticky">
            <button class="button main" on:click=save>{text.macro_save}</button>
            <button class="button" on:click=move |_| close()>{text.macro_cancel}</button>
        </div>
    }
}

#[component]
fn Steps(steps: Rows<Step>) -> impl IntoView {
    let text = text();
    let open = RwSignal::new(None);
    view! {
        <h3>{text.macro_step_list}</h3>
        <ol class="steps" aria-label=text.macro_step_list>
            <For each=move || steps.rows.get() key=|row| row.key let:row>
                <StepRow row steps open/>
            </For>
        </ol>
        <AddStep steps open/>
    }
}

#[component]
fn StepRow(row: Row<Step>, steps: Rows<Step>, open: RwSignal<Option<u32>>) -> impl IntoView {
    let text = text();
    let Row { key, value } = row;
    let value = RwSignal::from(value);
    let is_open = move || open.get() == Some(key);
    let toggle = move |_| open.update(|open| *open = (*open != Some(key)).then_some(key));
    view! {
        <li>
            <button class="step" aria-expanded=move || is_open().to_string() on:click=toggle>
                {move || value.with(sentence)}
            </button>
            <Show when=is_open>
                <div class="step-fields">
                    {fields(value)}
                    <div class="row">
                        <button class="button" on:click=move |_| steps.shift(key, false)>{text.macro_move_up}</button>
                        <button class="button" on:click=move |_| steps.shift(key, true)>{text.macro_move_down}</button>
                        <button class="button" on:click=move |_| steps.remove(key)>{text.macro_delete_step}</button>
                    </div>
                </div>
            </Show>
        </li>
    }
}

/// Adds a step behind the one that is open, or at the end.
#[component]
fn AddStep(steps: Rows<Step>, open: RwSignal<Option<u32>>) -> impl IntoView {
    let text = text();
    let kind = RwSignal::new(0);
    let layout = untrack(|| expect_context::<Layouts>().chosen.get());
    let kinds = new_steps(layout);
    let names = [
        text.kind_tap,
        text.kind_chord,
        text.kind_press,
        text.kind_release,
        text.kind_text,
        text.kind_pause,
        text.kind_wait_for,
        text.kind_click,
        text.kind_pointer_to,
        text.kind_pointer_by,
        text.kind_buttons,
        text.kind_wheel,
        text.kind_power,
        text.kind_insert,
        text.kind_eject,
    ];
    let options = names
        .iter()
        .enumerate()
        .map(|(index, name)| view! { <option value=index.to_string()>{*name}</option> })
        .collect_view();
    let add = move |_| {
        let Some(step) = kinds.get(kind.get_untracked()) else {
            return;
        };
        let after = open.get_untracked().and_then(|key| steps.place(key));
        let at = after.map_or(usize::MAX, |after| after + 1);
        open.set(Some(steps.insert(at, step.clone())));
    };
    view! {
        <div class="add-step">
            {labelled(text.macro_step_kind, "", view! {
                <select
                    aria-label=text.macro_step_kind
                    on:change=move |event| kind.set(event_target_value(&event).parse().unwrap_or(0))
                >{options}</select>
            })}
            <button class="button" on:click=add>{text.macro_add_step}</button>
        </div>
    }
}

/// A new step of each kind; texts are for that layout.
fn new_steps(layout: String) -> Vec<Step> {
    let enter = Key::new(Usage::Keyboard(0x28));
    let [control, alt, delete] = [0xE0, 0xE2, 0x4C].map(|usage| Key::new(Usage::Keyboard(usage)));
    let of_key = |step: fn(Key) -> Step| enter.map(step);
    let steps = [
        of_key(|key| Step::Tap { key, hold_ms: 30 }),
        Some(Step::Chord {
            keys: [control, alt, delete].into_iter().flatten().collect(),
            hold_ms: 50,
        }),
        of_key(|key| Step::Press { key }),
        of_key(|key| Step::Release { key }),
        Some(Step::Text {
            text: String::new(),
            layout,
            line_end: LineEnd::default(),
            tab: TabStop::default(),
            untypable: Untypable::default(),
        }),
        Some(Step::Pause { ms: 500 }),
        Some(Step::WaitFor {
            what: Awaited::Listening,
            at_most_ms: 60_000,
        }),
        Some(Step::Click {
            button: Button::Left,
            hold_ms: 50,
        }),
        Some(Step::PointerTo { x: 16384, y: 16384 }),
        Some(Step::PointerBy { dx: 0, dy: 0 }),
        Some(Step::Buttons { down: Vec::new() }),
        Some(Step::Wheel {
            vertical: -120,
            horizontal: 0,
        }),
        Some(Step::Power {
            action: PowerAction::Press,
        }),
        Some(Step::Insert {
            slot: "cd".to_owned(),
            image: String::new(),
            writable: false,
        }),
        Some(Step::Eject {
            slot: "cd".to_owned(),
        }),
    ];
    steps.into_iter().flatten().collect()
}

#[component]
fn Variables(variables: Rows<Variable>) -> impl IntoView {
    let text = text();
    let add = move |_| {
        variables.insert(usize::MAX, Variable::default());
    };
    view! {
        <h3>{text.macro_variables}</h3>
        <p class="hint">{text.macro_variables_hint}</p>
        <ul class="variables" role="list" aria-label=text.macro_variables>
            <For each=move || variables.rows.get() key=|row| row.key let:row>
                <VariableRow row variables/>
            </For>
        </ul>
        <div class="row">
            <button class="button" on:click=add>{text.macro_add_variable}</button>
        </div>
    }
}

#[component]
fn VariableRow(row: Row<Variable>, variables: Rows<Variable>) -> impl IntoView {
    let text = text();
    let Row { key, value } = row;
    let value = RwSignal::from(value);
    let was = value.get_untracked();
    let secret = move || value.with(|variable| variable.secret);
    let set_secret = move |event| {
        let secret = event_target_checked(&event);
        value.update(|variable| {
            variable.secret = secret;
            if secret {
                variable.default = None;
            }
        });
    };
    let set_default = move |typed: String| {
        value.update(|variable| variable.default = (!typed.is_empty()).then_some(typed));
    };
    view! {
        <li class="card">
            <Line
                label=text.macro_variable_name
                value=was.name
                commit=move |typed| value.update(|variable| variable.name = typed)
            />
            <Line
                label=text.macro_variable_label
                value=was.label
                commit=move |typed| value.update(|variable| variable.label = typed)
            />
            <label class="choice">
                <input type="checkbox" aria-label=text.macro_variable_secret prop:checked=secret on:change=set_secret/>
                <span>{text.macro_variable_secret}</span>
            </label>
            <Show when=move || !secret()>
                <Line
                    label=text.macro_variable_default
                    value=value.with_untracked(|variable| variable.default.clone().unwrap_or_default())
                    commit=set_default
                />
            </Show>
            <div class="row">
                <button class="button" on:click=move |_| variables.remove(key)>{text.macro_delete_variable}</button>
            </div>
        </li>
    }
}
