//! Running a macro: how often, with which values, and how far it is.

use std::collections::BTreeMap;

use leptos::{html, prelude::*};
use shared::{
    ToRelay,
    macros::Variable,
    message::{MacroPhase, MacroRun},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::SubmitEvent;

use super::Shared;
use crate::{
    api::{self, RunMacro},
    page::console::Reach,
    store::{Control, Store},
    ui::{check::Check, field::value, number::Number, text},
};

/// How often a macro is run from here.
#[derive(Clone, Copy)]
pub(super) struct Repeat {
    times: RwSignal<u16>,
    endless: RwSignal<bool>,
}

impl Default for Repeat {
    fn default() -> Self {
        Self {
            times: RwSignal::new(1),
            endless: RwSignal::new(false),
        }
    }
}

impl Repeat {
    /// The fields for it.
    pub(super) fn view(self) -> impl IntoView {
        let text = text();
        view! {
            <fieldset>
                <legend class="field-name">{text.macro_repeat}</legend>
                <Show when=move || !self.endless.get()>
                    <Number
                        label=text.macro_times
                        range=1..=9999
                        value=Signal::derive(move || self.times.get().into())
                        commit=move |times| self.times.set(u16::try_from(times).unwrap_or(1))
                    />
                </Show>
                <Check
                    label=text.macro_until_stopped
                    on=self.endless
                    commit=move |endless| self.endless.set(endless)
                />
            </fieldset>
        }
    }

    fn get(self) -> u32 {
        match self.endless.get_untracked() {
            true => 0,
            false => self.times.get_untracked().max(1).into(),
        }
    }
}

/// Has a macro run.
pub(super) fn start(store: Store, shared: Shared, id: u32, variables: BTreeMap<String, String>) {
    let viewer = store.state.with_untracked(|state| {
        let state = state.as_ref()?;
        (Control::of(state) == Control::Mine).then_some(state.you)
    });
    let Some(viewer) = viewer else {
        shared.refused.set(text().macro_needs_control.to_owned());
        return;
    };
    shared.refused.set(String::new());
    let run = RunMacro {
        variables,
        repeat: shared.repeat.get(),
        viewer,
    };
    spawn_local(async move {
        match api::run_macro(id, &run).await {
            Ok(()) => shared.asks.set(None),
            Err(refusal) => shared.refuse(&refusal),
        }
    });
}

/// Asks for the values of a macro's variables.
#[component]
pub(super) fn Values(id: u32, variables: Vec<Variable>) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let shared = expect_context::<Shared>();
    let fields: Vec<_> = variables
        .into_iter()
        .map(|variable| (variable, NodeRef::<html::Input>::new()))
        .collect();
    let views = fields
        .iter()
        .enumerate()
        .map(|(index, (variable, node))| field(variable, *node, index == 0))
        .collect_view();
    let fields = StoredValue::new(fields);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let values = fields.with_value(|fields| {
            fields
                .iter()
                .map(|(variable, node)| (variable.name.clone(), value(*node)))
                .collect()
        });
        start(store, shared, id, values);
    };
    view! {
        <form class="values" autocomplete="off" on:submit=submit>
            {views}
            <div class="row">
                <button class="button main">{text.macro_run}</button>
                <button type="button" class="button" on:click=move |_| shared.asks.set(None)>{text.macro_cancel}</button>
            </div>
        </form>
    }
}

fn field(variable: &Variable, node: NodeRef<html::Input>, first: bool) -> impl IntoView + use<> {
    let label = variable.label().to_owned();
    let default = variable.default.clone().unwrap_or_default();
    let secret = variable.secret;
    if first {
        node.on_load(|input| {
            request_animation_frame(move || {
                let _not_focusable = input.focus();
            });
        });
    }
    view! {
        <label class="field">
            <span class="field-name">{label.clone()}</span>
            <input
                node_ref=node
                type=if secret { "password" } else { "text" }
                autocomplete=if secret { "one-time-code" } else { "off" }
                autocapitalize="none"
                spellcheck="false"
                aria-label=label
                value=default
            />
            {secret.then(|| view! { <span class="hint">{text().macro_secret_hint}</span> })}
        </label>
    }
}

/// The macro that runs, or what became of the last one.
#[component]
pub(super) fn Running() -> impl IntoView {
    let text = text();
    let run = expect_context::<Store>().run;
    let shared = expect_context::<Shared>();
    let reach = expect_context::<Reach>();
    let name = move |id| {
        shared.macros.with(|macros| {
            let listed = macros.iter().flatten().find(|listed| listed.id == id);
            listed.map_or_else(String::new, |listed| listed.name.clone())
        })
    };
    let runs = Memo::new(move |_| {
        run.get()
            .is_some_and(|run| run.phase == MacroPhase::Running)
    });
    let any = Memo::new(move |_| run.get().is_some());
    let stop = move |_| {
        reach.link.with_value(|link| link.send(&ToRelay::StopMacro));
    };
    let words = move || run.get().map(|run| words(&run));
    view! {
        <Show when=move || any.get()>
            <div class="card" class:active=runs>
                <h3>{move || run.get().map(|run| name(run.of))}</h3>
                <p role="status">{words}</p>
                <Show when=move || runs.get()>
                    <progress
                        aria-label=text.macro_progress
                        max=move || run.get().map(|run| run.steps.to_string())
                        prop:value=move || run.get().map_or(0.0, |run| f64::from(run.step))
                    ></progress>
                    <p class="hint">{text.macro_own_hands}</p>
                    <div class="row">
                        <button class="button danger" on:click=stop>{text.macro_stop}</button>
                    </div>
                </Show>
            </div>
        </Show>
    }
}

fn words(run: &MacroRun) -> String {
    let text = text();
    let MacroRun {
        step,
        steps,
        round,
        rounds,
        ..
    } = *run;
    let what = match run.phase {
        MacroPhase::Running => text.macro_running,
        MacroPhase::Done => text.macro_done,
        MacroPhase::Stopped => text.macro_stopped,
        MacroPhase::TakenOver => text.macro_taken_over,
        MacroPhase::LinkLost => text.macro_link_lost,
        MacroPhase::MachineGone => text.macro_machine_gone,
        MacroPhase::TimedOut => text.macro_timed_out,
        MacroPhase::DriveLocked => text.macro_drive_locked,
        MacroPhase::DriveFailed => text.macro_drive_failed,
        MacroPhase::PowerFailed => text.macro_power_failed,
        MacroPhase::Switched => text.macro_switched,
    };
    let step = text.macro_step_of(step, steps);
    let round = match rounds {
        0 => text.macro_round(round),
        1 => String::new(),
        _ => text.macro_round_of(round, rounds),
    };
    format!("{what} {step} {round}")
}
