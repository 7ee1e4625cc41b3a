//! Which key is the leader key.

use leptos::prelude::*;
use shared::keys;

use crate::{
    board::name::key_name,
    input::leader::LeaderKey,
    store::Store,
    ui::{select::Select, text},
};

/// The choice, and what it is for.
#[component]
pub(super) fn Leader() -> impl IntoView {
    let text = text();
    let leader = expect_context::<Store>().preferences.leader;
    let mut options = vec![(LeaderKey::Off.code(), text.leader_off.to_owned())];
    options.extend(LeaderKey::CHOICES.into_iter().filter_map(|code| {
        let usage = keys::usage(code)?;
        Some((code, key_name(usage).name.to_owned()))
    }));
    view! {
        <Select
            label=text.leader_key
            options
            value=Signal::derive(move || leader.get().code())
            commit=move |code| leader.set(LeaderKey::from_code(&code).unwrap_or_default())
        />
        <p class="hint">{text.leader_hint}</p>
    }
}
