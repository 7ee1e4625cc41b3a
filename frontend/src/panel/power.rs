//! The machine's power: what its lights say, and what can be done to it.

mod ask;
mod words;

use leptos::prelude::*;
use shared::power::{PowerAction, Supply};
use wasm_bindgen_futures::spawn_local;

use self::ask::Ask;
pub(crate) use self::words::{name, supply_word};
use crate::{
    api,
    store::Store,
    ui::{button::Button, field::Refused, focus, panel::Sheet, text, time_of_day},
};

/// What takes away what the machine has not saved, so that it asks first.
fn asks_first(action: PowerAction) -> bool {
    matches!(
        action,
        PowerAction::Hold | PowerAction::Reset | PowerAction::Cycle
    )
}

/// The panel.
#[component]
pub(crate) fn PowerPanel() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let refused = RwSignal::new(String::new());
    let asked = RwSignal::new(None::<PowerAction>);
    let act = Callback::new(move |action: PowerAction| {
        asked.set(None);
        refused.set(String::new());
        let port = untrack(|| store.port_place());
        spawn_local(async move {
            if let Err(refusal) = api::power(action, port).await {
                refused.try_set(refusal.words());
            }
        });
    });
    let wish = Callback::new(move |action: PowerAction| match asks_first(action) {
        true => asked.set(Some(action)),
        false => act.run(action),
    });
    let idle = idle(store);
    let port = Memo::new(move |_| store.port_place());
    Effect::new(move || {
        let _machine = (port.get(), idle.get());
        asked.set(None);
    });
    let cancel = Callback::new(move |()| {
        asked.set(None);
        focus(".panel-body");
    });
    view! {
        <Sheet label=text.power>
            <Lights/>
            <Show
                when=move || store.may_operate.get()
                fallback=move || view! { <p class="hint">{text.power_watching}</p> }
            >
                {move || match asked.get() {
                    Some(action) => view! { <Ask action act cancel/> }.into_any(),
                    None => view! { <Buttons wish/> }.into_any(),
                }}
            </Show>
            <Refused reason=refused/>
        </Sheet>
    }
}

/// Has something done to the machine's power from elsewhere on the page, and says it where it is refused.
pub(crate) fn at_once(store: Store, action: PowerAction) {
    let port = untrack(|| store.port_place());
    spawn_local(async move {
        if let Err(refusal) = api::power(action, port).await {
            store.say(refusal.words());
        }
    });
}

fn stop(store: Store) {
    spawn_local(async move {
        if let Err(refusal) = api::stop_power().await {
            store.say(refusal.words());
        }
    });
}

fn idle(store: Store) -> Memo<bool> {
    Memo::new(move |_| store.power.with(|power| power.running.is_none()))
}

/// What the machine's lights say, what is being done to it, and what was done last.
#[component]
fn Lights() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let supply = Memo::new(move |_| store.power.with(|power| power.supply));
    let disk = Memo::new(move |_| store.power.with(|power| power.disk));
    let machine = Memo::new(move |_| store.machine());
    view! {
        <section class="card power">
            <div class="card-head">
                <h3>{move || machine.get()}</h3>
                <span class="supply" data-supply=move || shade(supply.get())>
                    <span class="lamp" aria-hidden="true"></span>
                    <span role="status" aria-label=text.power>{move || supply_word(supply.get())}</span>
                </span>
            </div>
            {move || disk.get().map(|lit| view! {
                <p class="disk" data-busy=lit.to_string()>
                    <span class="lamp" aria-hidden="true"></span>
                    {if lit { text.power_disk_busy } else { text.power_disk_idle }}
                </p>
            })}
            <Doing/>
        </section>
    }
}

/// The supply for a style sheet.
pub(crate) fn shade(supply: Supply) -> &'static str {
    match supply {
        Supply::Unknown => "unknown",
        Supply::Off => "off",
        Supply::On => "on",
        Supply::Asleep => "asleep",
    }
}

#[component]
fn Doing() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let running = Memo::new(move |_| store.power.with(|power| power.running.clone()));
    let ended = Memo::new(move |_| store.power.with(|power| power.ended.clone()));
    let shown = move || {
        if let Some(running) = running.get() {
            let since = time_of_day(running.since_us);
            let words = text.power_running(name(running.action), running.by, since);
            let stop = store.may_operate.get().then(|| {
                view! {
                    <button class="button" on:click=move |_| stop(store)>{text.power_stop}</button>
                }
            });
            return Some(view! { <p class="doing"><span>{words}</span>{stop}</p> }.into_any());
        }
        let ended = ended.get()?;
        let words = words::outcome(ended.action, ended.outcome);
        let by = text.power_by(ended.by, time_of_day(ended.at_us));
        let failed = words::is_failure(ended.outcome);
        Some(view! { <p data-failed=failed.to_string()>{words} " " <span class="hint">{by}</span></p> }.into_any())
    };
    view! { <div class="outcome" aria-live="polite">{shown}</div> }
}

/// What can be done: what the machine is to do first, then its buttons.
#[component]
fn Buttons(
    /// Takes what somebody wants.
    wish: Callback<PowerAction>,
) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let actions = Memo::new(move |_| store.power.with(|power| power.actions));
    let row = move |of: &'static [PowerAction]| {
        let possible = move || {
            let actions = actions.get();
            let possible = of
                .iter()
                .copied()
                .filter(move |action| actions.has(*action));
            possible.collect::<Vec<_>>()
        };
        view! {
            <div class="row power-row">
                <For each=possible key=|action| *action as u8 let:action>
                    <Action action wish/>
                </For>
            </div>
        }
    };
    let lacking = move || words::lacking(actions.get());
    view! {
        {row(&[PowerAction::On, PowerAction::ShutDown, PowerAction::Wake])}
        <Show when=move || !actions.get().is_empty()>
            <h3 class="power-buttons">{text.power_buttons}</h3>
        </Show>
        {row(&[PowerAction::Press, PowerAction::Hold, PowerAction::Reset, PowerAction::Cycle])}
        {move || lacking().into_iter().map(|why| view! { <p class="hint">{why}</p> }).collect_view()}
    }
}

#[component]
fn Action(action: PowerAction, wish: Callback<PowerAction>) -> impl IntoView {
    let store = expect_context::<Store>();
    let idle = idle(store);
    let supply = Memo::new(move |_| store.power.with(|power| power.supply));
    let ready = Memo::new(move |_| {
        let has_use = match action {
            PowerAction::On => supply.get() != Supply::On,
            PowerAction::ShutDown => supply.get() != Supply::Off,
            _ => true,
        };
        idle.get() && has_use
    });
    view! {
        <Button
            label=name(action)
            danger=asks_first(action)
            ready
            act=move || wish.run(action)
        />
    }
}
