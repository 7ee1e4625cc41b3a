//! Shortcuts: ready ones, and the operators' own.

mod editor;
mod own;

use leptos::prelude::*;
use shared::{input::Usage, shortcut::Shortcut};

use self::{editor::Editor, own::Own};
use crate::{
    board::name::chord_name,
    chords::{Chord, GROUPS, Group, matches},
    page::console::Reach,
    shortcuts::Book,
    store::{Control, LinkPhase, Store},
    ui::{
        icon::{Drawn, Icon},
        panel::Sheet,
        text,
    },
};

/// What the parts of the panel share.
#[derive(Clone, Copy)]
struct Desk {
    store: Store,
    reach: Reach,
    book: Book,
    search: RwSignal<String>,
    said: RwSignal<String>,
}

impl Desk {
    /// Presses keys on the machine, or says why not.
    fn send(&self, usages: &[Usage]) {
        let said = match refusal(self.store) {
            Some(reason) => reason,
            None => {
                self.reach.hands.with_value(|hands| hands.chord(usages));
                text().shortcut_sent(chord_name(usages))
            }
        };
        self.said.set(said);
    }

    fn shows(&self, words: &[&str]) -> bool {
        self.search.with(|search| matches(search, words))
    }
}

/// Why keys would not reach the machine now.
pub(super) fn refusal(store: Store) -> Option<String> {
    let text = text();
    if store.link.get_untracked() != LinkPhase::Connected {
        return Some(text.shortcut_no_link.to_owned());
    }
    match untrack(|| store.control()) {
        Control::Theirs(name) => Some(text.shortcut_not_sent(name)),
        Control::Mine | Control::Nobody => None,
    }
}

/// The panel.
#[component]
pub(crate) fn ShortcutsPanel() -> impl IntoView {
    let text = text();
    let desk = Desk {
        store: expect_context::<Store>(),
        reach: expect_context::<Reach>(),
        book: expect_context::<Book>(),
        search: RwSignal::new(String::new()),
        said: RwSignal::new(String::new()),
    };
    view! {
        <Sheet label=text.shortcuts>
            <input
                type="search"
                aria-label=text.shortcuts_search
                placeholder=text.shortcuts_search
                on:input=move |event| desk.search.set(event_target_value(&event))
            />
            <p class="hint" role="status">{move || desk.said.get()}</p>
            {move || desk.book.refused.get().map(|reason| view! { <p role="alert" class="refused filled">{reason}</p> })}
            <section class="card">
                <h3>{text.shortcuts_own}</h3>
                <Own desk/>
                <Editor desk/>
            </section>
            {GROUPS.iter().map(|group| view! { <Ready group desk/> }).collect_view()}
        </Sheet>
    }
}

/// The ready shortcuts of one kind.
#[component]
fn Ready(group: &'static Group, desk: Desk) -> impl IntoView {
    let title = (group.title)(text());
    let shown = move || {
        let found: Vec<&'static Chord> = group
            .chords
            .iter()
            .filter(|chord| {
                let name = chord_name(&chord.usages());
                desk.shows(&[&name, (chord.about)(text()), title])
            })
            .collect();
        (!found.is_empty()).then(|| {
            view! {
                <section class="card">
                    <h3>{title}</h3>
                    <ul class="chords" aria-label=title>
                        {found.into_iter().map(|chord| view! { <ReadyOne chord desk/> }).collect_view()}
                    </ul>
                </section>
            }
        })
    };
    view! { {shown} }
}

#[component]
fn ReadyOne(chord: &'static Chord, desk: Desk) -> impl IntoView {
    let text = text();
    let usages = chord.usages();
    let name = chord_name(&usages);
    let about = (chord.about)(text);
    let asking = RwSignal::new(false);
    let (sent, pinned) = (usages.clone(), usages);
    let (pin_name, confirm) = (name.clone(), name.clone());
    let pin = move |_| {
        let shortcut = Shortcut {
            pinned: true,
            ..Shortcut::new(chord_name(&pinned), &pinned)
        };
        desk.book.change(|shortcuts| {
            let known = shortcuts
                .iter_mut()
                .find(|known| known.keys == shortcut.keys);
            match known {
                Some(known) => known.pinned = true,
                None => shortcuts.push(shortcut),
            }
        });
    };
    let sure = sent.clone();
    view! {
        <li>
            <button
                class="send"
                aria-label=pin_name.clone()
                on:click=move |_| {
                    if chord.final_ {
                        asking.set(true);
                    } else {
                        desk.send(&sent);
                    }
                }
            >
                <b>{name}</b>
                <small>{about}</small>
            </button>
            <button class="tool" aria-label=text.shortcut_pin(&pin_name) title=text.shortcut_pin(&pin_name) on:click=pin>
                <Drawn icon=Icon::Pin/>
            </button>
            {move || {
                let (sure, confirm) = (sure.clone(), confirm.clone());
                asking.get().then(|| view! {
                    <div class="ask" role="group" aria-label=text.shortcut_ask>
                        <p>{text.shortcut_ask}</p>
                        <button class="button main" on:click=move |_| {
                            asking.set(false);
                            desk.send(&sure);
                        }>{confirm}</button>
                        <button class="button" on:click=move |_| asking.set(false)>{text.cancel}</button>
                    </div>
                })
            }}
        </li>
    }
}
