//! The machines behind the switch: which of them is on the screen, and moving to another one.

pub(crate) mod thumbnail;
mod words;

use leptos::prelude::*;
use shared::switch::{Port, Switch};
use wasm_bindgen_futures::spawn_local;

use self::thumbnail::Thumbnail;
use crate::{
    api,
    panel::power::{shade, supply_word},
    store::{Panel, Store},
    ui::{field::Refused, panel::Sheet, text},
};

/// The panel.
#[component]
pub(crate) fn Machines() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let refused = RwSignal::new(String::new());
    let choose = Callback::new(move |port: u8| {
        refused.set(String::new());
        spawn_local(async move {
            if let Err(refusal) = api::select_port(port).await {
                refused.try_set(refusal.words());
            }
        });
    });
    let places = Memo::new(move |_| part(store, |switch| switch.ports.len()));
    let unknown = Memo::new(move |_| {
        part(store, |switch| {
            switch.selected.is_none() && switch.moving.is_none()
        })
    });
    view! {
        <Sheet label=text.machines>
            <Show when=move || !store.may_operate.get()>
                <p class="hint">{text.machines_watching}</p>
            </Show>
            <Show when=move || unknown.get()>
                <p class="hint">{text.machines_unknown}</p>
            </Show>
            <ul class="machines" role="list" aria-label=text.machines>
                <For each=move || 0..places.get() key=|place| *place let:place>
                    <Machine place choose/>
                </For>
            </ul>
            <Refused reason=refused/>
            <Last/>
        </Sheet>
    }
}

/// A machine, which is chosen by a click.
#[component]
fn Machine(
    /// Its place among the ports.
    place: usize,
    /// Takes the port that somebody wants.
    choose: Callback<u8>,
) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let number = u8::try_from(place).unwrap_or(u8::MAX);
    let port = Memo::new(move |_| {
        part(store, |switch| {
            switch.ports.get(place).cloned().unwrap_or_default()
        })
    });
    let shown = Memo::new(move |_| part(store, |switch| switch.selected == Some(number)));
    let awaited = Memo::new(move |_| {
        part(store, |switch| {
            let moving = switch.moving.as_ref();
            moving.is_some_and(|moving| moving.to == number)
        })
    });
    let ready = Memo::new(move |_| store.may_operate.get() && !store.switching());
    let name = move || port.with(|port| port.name.clone());
    let supply = Memo::new(move |_| port.with(|port: &Port| port.supply));
    let said = move || {
        if awaited.get() {
            text.switching_to(name())
        } else if shown.get() {
            text.machine_shown.to_owned()
        } else {
            text.machine_number(number + 1)
        }
    };
    let notes = move || {
        let notes = port.with(|port| port.notes.clone());
        (!notes.is_empty()).then(|| view! { <p class="notes">{notes}</p> })
    };
    view! {
        <li>
            <button
                class="card choose"
                aria-label=name
                aria-current=move || shown.get().then_some("true")
                aria-busy=move || awaited.get().to_string()
                aria-disabled=move || (!ready.get()).to_string()
                aria-describedby=format!("machine-{place}")
                on:click=move |_| {
                    if ready.get_untracked() {
                        choose.run(number);
                    }
                }
            >
                <Thumbnail port=number/>
                <span class="about" id=format!("machine-{place}")>
                    <b>{name}</b>
                    <small>{said}</small>
                    <span class="supply" data-supply=move || shade(supply.get())>
                        <span class="lamp" aria-hidden="true"></span>
                        {move || supply_word(supply.get())}
                    </span>
                </span>
            </button>
            {notes}
        </li>
    }
}

/// How the last move has ended.
#[component]
fn Last() -> impl IntoView {
    let store = expect_context::<Store>();
    let last = Memo::new(move |_| part(store, words::last));
    let shown = move || {
        let (words, failed) = last.get()?;
        Some(view! { <p data-failed=failed.to_string()>{words}</p> })
    };
    view! { <div class="outcome" aria-live="polite">{shown}</div> }
}

/// Says on the page when a move has ended, whoever wanted it, where the panel does not.
pub(crate) fn tell_moves(store: Store) {
    let ended = Memo::new(move |_| part(store, |switch| switch.moved.clone()));
    Effect::new(move |known: Option<Option<u32>>| {
        let ended = ended.get();
        let is_new = known.is_some_and(|known| known != ended.as_ref().map(|moved| moved.id));
        let has_begun = store.switch.with_untracked(Option::is_some);
        let is_read = store.panel.get_untracked() == Some(Panel::Machines);
        if is_new
            && !is_read
            && let Some((words, _)) = untrack(|| part(store, words::last))
        {
            store.say(words);
        }
        match has_begun {
            true => ended.map(|moved| moved.id),
            false => None,
        }
    });
}

fn part<T: Default>(store: Store, of: impl Fn(&Switch) -> T) -> T {
    let switch = store.switch;
    switch.with(|switch| switch.as_ref().map(of).unwrap_or_default())
}
