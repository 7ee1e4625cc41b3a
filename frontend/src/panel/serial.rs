//! The serial console: a terminal on the machine's serial port.

mod field;
mod paint;
mod terminal;

use leptos::prelude::*;
use shared::serial::{Port, PortState, Refused, USUAL_SPEEDS};

use self::{field::Keys, terminal::TerminalView};
use crate::{
    save::save_from,
    serial::SerialLine,
    store::{Control, Store},
    terminal::screen::Screen,
    ui::{button::Button, field::Refused as Reason, panel::Sheet, select::InlineSelect, text},
};

/// Where the relay has the log.
const LOG: &str = "/api/v1/serial/log";

/// What the panel's parts have in common. Copied freely.
#[derive(Clone, Copy)]
struct Console {
    line: StoredValue<SerialLine, LocalStorage>,
    stands: RwSignal<bool>,
    refused: RwSignal<Option<Refused>>,
    /// Whether this page may type.
    mine: Memo<bool>,
    /// Whether the next key of the on-screen row counts with Control.
    ctrl: RwSignal<bool>,
    /// How often the terminal was emptied.
    cleared: RwSignal<u32>,
}

impl Console {
    fn send(self, bytes: &[u8]) {
        if self.mine.get_untracked() {
            self.line.with_value(|line| line.send(bytes));
        }
    }
}

/// The panel.
#[component]
pub(crate) fn SerialConsole() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let line = SerialLine::open(store);
    let console = Console {
        stands: line.stands(),
        refused: line.refused(),
        line: StoredValue::new_local(line),
        mine: Memo::new(move |_| store.control() == Control::Mine),
        ctrl: RwSignal::new(false),
        cleared: RwSignal::new(0),
    };
    provide_context(console);
    on_cleanup(move || {
        console.line.try_with_value(SerialLine::close);
    });
    let reason = Signal::derive(move || console.refused.get().map_or("", why).to_owned());
    view! {
        <Sheet label=text.serial wide=true>
            <PortLine/>
            <Tools/>
            <TerminalView/>
            <Keys/>
            <Reason reason/>
            <p class="hint" role="status">{move || who_types(store, console)}</p>
        </Sheet>
    }
}

#[component]
fn PortLine() -> impl IntoView {
    let store = expect_context::<Store>();
    let is_open = move || {
        store
            .serial
            .with(|port| matches!(port, Some(port) if port.state == PortState::Open))
    };
    let words = move || store.serial.with(|port| port.as_ref().map(port_words));
    view! {
        <p class="port" role="status" data-open=move || is_open().to_string()>
            <span class="name">{move || store.serial.with(|port| port.as_ref().map(|port| port.name.clone()))}</span>
            <span>{words}</span>
        </p>
    }
}

#[component]
fn Tools() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let console = expect_context::<Console>();
    let speed = Signal::derive(move || {
        let speed = store
            .serial
            .with(|port| port.as_ref().map(|port| port.speed));
        speed.unwrap_or_default().to_string()
    });
    let options = Signal::derive(move || {
        let mut speeds = USUAL_SPEEDS.to_vec();
        speeds.extend(speed.get().parse::<u32>());
        speeds.sort_unstable();
        speeds.dedup();
        let option = |speed: u32| (speed.to_string(), text.serial_bits(speed));
        speeds.into_iter().map(option).collect()
    });
    let ready = Signal::derive(move || console.mine.get() && console.stands.get());
    let clear = move |_| {
        console.line.with_value(|line| line.screen(Screen::clear));
        console.cleared.update(|count| *count += 1);
    };
    view! {
        <div class="row port-tools">
            <InlineSelect
                label=text.serial_speed
                options
                value=speed
                commit=move |speed| {
                    if let Ok(speed) = speed.parse() {
                        console.line.with_value(|line| line.set_speed(speed));
                    }
                }
            />
            <Button
                label=text.serial_break
                ready
                act=move || console.line.with_value(SerialLine::send_break)
            />
            <button class="button" on:click=clear>{text.serial_clear}</button>
            <button class="button" on:click=move |_| save_from(LOG)>{text.serial_log}</button>
        </div>
    }
}

fn port_words(port: &Port) -> String {
    let text = text();
    match port.state {
        PortState::Opening => text.serial_opening,
        PortState::Open => text.serial_open,
        PortState::Missing => text.serial_missing,
        PortState::NotPermitted => text.serial_not_permitted,
        PortState::Held => text.serial_held,
        PortState::Failed => text.serial_failed,
    }
    .to_owned()
}

fn why(refused: Refused) -> &'static str {
    let text = text();
    match refused {
        Refused::NoControl => text.serial_no_control,
        Refused::Closed => text.serial_closed,
        Refused::Full => text.serial_full,
        Refused::Speed => text.serial_no_speed,
    }
}

fn who_types(store: Store, console: Console) -> String {
    let text = text();
    if !console.stands.get() {
        return text.serial_offline.to_owned();
    }
    match store.control() {
        Control::Mine => text.serial_you_type.to_owned(),
        Control::Theirs(name) => text.serial_they_type(name),
        Control::Nobody => text.serial_nobody_types.to_owned(),
    }
}
