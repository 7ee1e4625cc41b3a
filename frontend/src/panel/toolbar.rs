//! The tools: beside the state on a desk, under the thumb on a tablet. What there is no room for is behind "More".

mod item;
mod more;
mod tool;

use leptos::{html, prelude::*};
use shared::ToRelay;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use self::{
    item::{Item, ItemButton, items, pinned},
    more::More,
    tool::Tool,
};
use crate::{
    browser::{Resized, document, has_touch, window},
    fitting::fitting,
    input::{
        hands::Hands,
        lock::{enter_full_screen, has_full_screen, leave_full_screen, unlock_pointer},
        touch::TouchMode,
    },
    page::console::Reach,
    preferences::PointerMode,
    recording::recorder::Recorder,
    screenshot,
    shortcuts::Book,
    store::{Control, LinkPhase, Panel, Store},
    ui::{
        along, clock, focus, focus_screen,
        icon::{Drawn, Icon},
        text,
    },
};

/// All tools, those that are needed most often first: where there is little room, the last ones are behind "More".
fn tools(console: NodeRef<html::Div>) -> Vec<Tool> {
    let text = text();
    let mut tools = vec![
        keyboard(),
        Tool::panel(Panel::TypeText, text.type_text, Icon::Text),
        take_control(),
        Tool::panel(Panel::Machines, text.machines, Icon::Machines),
    ];
    tools.extend(has_touch().then(trackpad));
    tools.extend(has_touch().then(device_keyboard));
    tools.extend([
        view_bar(),
        Tool::panel(Panel::Shortcuts, text.shortcuts, Icon::Shortcut),
        relative_pointer(),
        Tool::panel(Panel::Macros, text.macros, Icon::Macros),
        Tool::panel(Panel::Drives, text.drives, Icon::Disc),
        Tool::panel(Panel::Power, text.power, Icon::Power),
        serial(),
        screenshot(),
        record(),
        Tool::panel(Panel::Statistics, text.statistics, Icon::Statistics),
    ]);
    tools.extend(has_full_screen().then(|| full_screen(console)));
    tools.push(Tool::panel(Panel::Settings, text.settings, Icon::Settings));
    tools
}

/// The toolbar. `console` is what fills the display. It is not seen until it is known what stands in it, so that no tool
/// moves from under a finger.
#[component]
pub(crate) fn Toolbar(
    /// What fills the display.
    console: NodeRef<html::Div>,
) -> impl IntoView {
    let text = text();
    let tools = StoredValue::new(tools(console));
    let book = expect_context::<Book>();
    let store = expect_context::<Store>();
    let items = Memo::new(move |_| {
        let pinned = book.kept.with(|kept| pinned(&kept.shortcuts));
        let (serial, switch) = (store.has_serial.get(), store.has_switch.get());
        let there = |tool: &&Tool| {
            (serial || tool.key != text.serial) && (switch || tool.key != text.machines)
        };
        let tools =
            tools.with_value(|tools| tools.iter().filter(there).cloned().collect::<Vec<_>>());
        items(&tools, pinned)
    });
    let room = RwSignal::new((f64::INFINITY, 1.0));
    let shown = Memo::new(move |_| {
        let (width, slot) = room.get();
        let slots = items.with(|items| {
            items
                .iter()
                .map(|item| item.slots(slot))
                .collect::<Vec<_>>()
        });
        fitting(&slots, (width / slot) as usize)
    });
    let first = move || items.with(|items| items[..shown.get().min(items.len())].to_vec());
    let rest =
        Signal::derive(move || items.with(|items| items[shown.get().min(items.len())..].to_vec()));
    let overflows = Memo::new(move |_| shown.get() < items.with(Vec::len));
    let settled = Memo::new(move |settled: Option<&bool>| {
        let is_measured = room.get().0.is_finite();
        let is_told = match store.link.get() {
            LinkPhase::Connecting => false,
            LinkPhase::Connected => !store.has_switch.get() || store.switch.with(Option::is_some),
            _ => true,
        };
        let is_asked = book.asked.get();
        settled == Some(&true) || (is_measured && is_told && is_asked)
    });
    let bar = NodeRef::<html::Div>::new();
    let resized = StoredValue::new_local(None);
    bar.on_load(move |bar| {
        let element = bar.clone();
        resized.set_value(Resized::new(&bar, move |width, _| {
            room.set((width, slot(&element)));
        }));
    });
    view! {
        <div
            node_ref=bar
            class="tools"
            class:unsettled=move || !settled.get()
            role="toolbar"
            aria-label=text.controls
            on:keydown=|event| move_along(&event)
        >
            <For each=first key=Item::key let:item>
                <ItemButton item/>
            </For>
            <Show when=move || overflows.get()>
                <button class="tool" aria-label=text.more title=text.more aria-haspopup="true" popovertarget="more-tools">
                    <Drawn icon=Icon::More/>
                    <span class="word">{text.more}</span>
                </button>
            </Show>
        </div>
        <Show when=move || overflows.get()>
            <More rest/>
        </Show>
    }
}

/// How wide a tool and the gap beside it are, in CSS pixels.
fn slot(bar: &Element) -> f64 {
    let style = window().get_computed_style(bar).ok().flatten();
    style
        .and_then(|style| style.get_property_value("--slot").ok())
        .and_then(|slot| slot.trim().strip_suffix("px")?.parse().ok())
        .unwrap_or(72.0)
}

fn serial() -> Tool {
    Tool {
        word: Signal::stored(text().serial_word.to_owned()),
        ..Tool::panel(Panel::Serial, text().serial, Icon::Terminal)
    }
}

fn keyboard() -> Tool {
    let open = expect_context::<Store>().keyboard;
    let act = move || {
        open.update(|open| *open = !*open);
        focus_screen();
    };
    Tool::new(text().keyboard, Icon::Keyboard, act).pressed(move || open.get())
}

fn take_control() -> Tool {
    let text = text();
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let mine = Memo::new(move |_| store.control() == Control::Mine);
    let act = move || {
        if mine.get_untracked() {
            reach.hands.with_value(Hands::release_all);
            reach
                .link
                .with_value(|link| link.send(&ToRelay::GiveUpControl));
        } else {
            reach
                .link
                .with_value(|link| link.send(&ToRelay::TakeControl));
            focus_screen();
        }
    };
    let either = move |yes: &'static str| {
        Signal::derive(move || if mine.get() { yes } else { text.take_control }.to_owned())
    };
    Tool {
        name: either(text.give_up_control),
        word: either(text.give_up_word),
        wanted: Signal::derive(move || !mine.get()),
        disabled: Signal::derive(move || store.link.get() != LinkPhase::Connected),
        ..Tool::new(text.take_control, Icon::Control, act)
    }
}

fn relative_pointer() -> Tool {
    let text = text();
    let mode = expect_context::<Store>().preferences.pointer_mode;
    let act = move || {
        if mode.get_untracked() == PointerMode::Relative {
            unlock_pointer();
            mode.set(PointerMode::Absolute);
        } else {
            mode.set(PointerMode::Relative);
        }
        focus_screen();
    };
    Tool {
        word: Signal::stored(text.pointer_by.to_owned()),
        ..Tool::new(text.pointer_mode_switch, Icon::Mouse, act)
    }
    .pressed(move || mode.get() == PointerMode::Relative)
}

/// Whether the picture is a trackpad, or a finger is the pointer.
fn trackpad() -> Tool {
    let mode = expect_context::<Store>().preferences.touch_mode;
    let reach = expect_context::<Reach>();
    let act = move || {
        reach.hands.with_value(Hands::release_all);
        mode.set(match mode.get_untracked() {
            TouchMode::Trackpad => TouchMode::Direct,
            TouchMode::Direct => TouchMode::Trackpad,
        });
    };
    Tool::new(text().trackpad, Icon::Trackpad, act)
        .pressed(move || mode.get() == TouchMode::Trackpad)
}

/// The keyboard that the device itself brings up for a field.
fn device_keyboard() -> Tool {
    Tool {
        word: Signal::stored(text().device_keyboard_word.to_owned()),
        ..Tool::new(text().device_keyboard, Icon::DeviceKeyboard, || {
            focus("#device-keyboard");
        })
    }
}

fn view_bar() -> Tool {
    let open = expect_context::<Store>().view_bar;
    Tool::new(text().view, Icon::View, move || {
        open.update(|open| *open = !*open);
    })
    .pressed(move || open.get())
}

fn screenshot() -> Tool {
    let store = expect_context::<Store>();
    Tool {
        disabled: Memo::new(move |_| !store.is_current()).into(),
        ..Tool::new(text().screenshot, Icon::Camera, move || {
            screenshot::take(store);
        })
    }
}

fn record() -> Tool {
    let text = text();
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let records = move || store.filmed.get().is_some();
    let word = move || match store.filmed.get() {
        Some(seconds) => clock(seconds),
        None => text.record.to_owned(),
    };
    let icon = move || if records() { Icon::Stop } else { Icon::Record };
    let act = move || reach.recorder.with_value(Recorder::toggle);
    Tool {
        word: Signal::derive(word),
        icon: Signal::derive(icon),
        disabled: Memo::new(move |_| !records() && !store.is_current()).into(),
        ..Tool::new(text.record, Icon::Record, act)
    }
    .pressed(records)
}

fn full_screen(console: NodeRef<html::Div>) -> Tool {
    let store = expect_context::<Store>();
    let (full, locked) = (store.full_screen, store.keyboard_locked);
    let act = move || {
        if full.get_untracked() {
            leave_full_screen();
        } else if let Some(console) = console.get_untracked() {
            enter_full_screen(&console, move || locked.set(true));
        }
        focus_screen();
    };
    let icon = move || {
        if full.get() {
            Icon::Window
        } else {
            Icon::FullScreen
        }
    };
    Tool {
        icon: Signal::derive(icon),
        ..Tool::new(text().full_screen, Icon::FullScreen, act)
    }
    .pressed(move || full.get())
}

/// Arrow keys go from tool to tool; Esc goes back to the machine, or closes what is open.
fn move_along(event: &KeyboardEvent) {
    let Some(here) = document().active_element() else {
        return;
    };
    let next = match (event.key().as_str(), along(&event.key())) {
        ("ArrowDown", _) | (_, Some(true)) => here.next_element_sibling(),
        ("ArrowUp", _) | (_, Some(false)) => here.previous_element_sibling(),
        ("Home", _) => ends(&here).0,
        ("End", _) => ends(&here).1,
        ("Escape", _) if is_open(".more") => return,
        ("Escape", _) => {
            focus_screen();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        let _not_focusable = next.focus();
    }
}

fn is_open(menu: &str) -> bool {
    let open = document().query_selector(&format!("{menu}:popover-open"));
    open.is_ok_and(|open| open.is_some())
}

fn ends(tool: &Element) -> (Option<Element>, Option<Element>) {
    tool.parent_element().map_or((None, None), |bar| {
        (bar.first_element_child(), bar.last_element_child())
    })
}
