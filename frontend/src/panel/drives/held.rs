//! Files of an operator's computer in drives: how they get there, and where they are.

use leptos::prelude::*;

use super::images::ENDINGS;
use crate::{
    holding::{Holding, Wish},
    speed,
    store::Store,
    ui::{file_chooser::FileChooser, text},
};

/// A way in for a file, which then is what is wished.
#[component]
pub(super) fn HeldChooser(
    /// Its name.
    label: &'static str,
    /// What is to become of the file.
    wish: Wish,
    /// Whether it is what the operator came for.
    #[prop(optional)]
    main: bool,
) -> impl IntoView {
    let holding = expect_context::<Holding>();
    let choose = move |file| holding.begin(file, wish.clone());
    view! { <FileChooser label accept=ENDINGS main choose/> }
}

/// What is to be known of a medium that a browser holds.
#[component]
pub(super) fn HeldMedium(
    place: usize,
    number: u32,
    /// Its size.
    bytes: u64,
    /// Whether it can be read.
    reachable: bool,
) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let holding = expect_context::<Holding>();
    let total = bytes.max(1);
    let read = Memo::new(move |_| {
        let activity = store.drive_activity.get(place);
        let read = activity.and_then(|activity| activity.with(|activity| activity.bytes_read));
        read.unwrap_or(0).min(total)
    });
    let percent = move || {
        (read.get() as f64 / total as f64 * 100.0)
            .floor()
            .to_string()
    };
    let holder = Memo::new(move |_| {
        store.holders.with(|holders| {
            let mut holders = holders.iter();
            let found = holders.find(|holder| holder.held == number);
            found.map_or_else(String::new, |holder| holder.name.clone())
        })
    });
    let words = move || match (holding.stands(number), reachable) {
        (Some(_), true) => text.held_mine.to_owned(),
        (Some(_), false) => text.held_lost.to_owned(),
        (None, true) => text.held_theirs(holder.get()),
        (None, false) => text.held_away(holder.get()),
    };
    let is_waited_for = move || !reachable && holding.stands(number).is_none();
    view! {
        <progress aria-label=text.held_read max="100" value=percent></progress>
        <p class="hint">
            {move || format!("{}: {}", text.held_read, text.transfer_of(speed::bytes(read.get()), speed::bytes(total)))}
        </p>
        <p class="hint" role="status">{words}</p>
        <Show when=is_waited_for>
            <div class="row">
                <HeldChooser label=text.held_again wish=Wish::Again(number) main=true/>
            </div>
        </Show>
    }
}
