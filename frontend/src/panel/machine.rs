//! The machine's name, and behind it who watches and the way out.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::status::words;
use crate::{
    api,
    app::find_out,
    input::hands::Hands,
    page::console::Reach,
    store::{Page, Store},
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

/// The name, which opens the menu.
#[component]
pub(crate) fn MachineMenu() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let name = Memo::new(move |_| store.machine());
    let shown = move || name.get().unwrap_or_else(|| "Armchair".to_owned());
    let leave = move |_| {
        reach.hands.with_value(Hands::release_all);
        spawn_local(async move {
            match api::sign_out().await {
                Ok(()) => store.page.set(Page::SignIn),
                Err(_) => find_out(store),
            }
        });
    };
    view! {
        <button class="machine" popovertarget="machine-menu" aria-haspopup="dialog" title=text.machine_menu>
            <span class="lamp" data-tone=move || words(store).1></span>
            <span class="name">{shown}</span>
            <Drawn icon=Icon::Open/>
        </button>
        <div id="machine-menu" class="menu" popover="auto">
            <h2>{text.people_watching}</h2>
            <People/>
            <button class="button" on:click=leave>
                <Drawn icon=Icon::SignOut/>
                {text.sign_out}
            </button>
        </div>
    }
}

#[component]
fn People() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let people = store.part(|state| {
        state
            .viewers
            .iter()
            .map(|viewer| {
                (
                    viewer.name.clone(),
                    viewer.id == state.you,
                    state.controller == Some(viewer.id),
                )
            })
            .collect::<Vec<_>>()
    });
    let row = move |(name, you, controls): (String, bool, bool)| {
        let remarks = [you.then_some(text.you), controls.then_some(text.in_control)];
        let remarks: Vec<_> = remarks.into_iter().flatten().collect();
        view! {
            <li>
                <Drawn icon=if controls { Icon::Control } else { Icon::Person }/>
                <span class="name">{name}</span>
                <span class="remark">{remarks.join(", ")}</span>
            </li>
        }
    };
    view! { <ul class="people">{move || people.get().unwrap_or_default().into_iter().map(row).collect_view()}</ul> }
}
