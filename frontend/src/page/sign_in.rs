//! Who is there?

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::SubmitEvent;

use super::{claim::words, entrance::Entrance};
use crate::{
    api::{self, Refusal},
    app::find_out,
    store::Store,
    ui::{
        field::{PasswordField, Refused, TextField, value},
        text,
    },
};

/// The sign-in page. It asks for a code only once the relay does.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let (name, password, code) = (NodeRef::new(), NodeRef::new(), NodeRef::new());
    let busy = RwSignal::new(false);
    let asks_for_code = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (name, password, code) = (value(name), value(password), value(code));
        busy.set(true);
        reason.set(String::new());
        spawn_local(async move {
            let credentials = api::Credentials {
                name: name.trim(),
                password: &password,
                code: Some(code.trim()).filter(|code| !code.is_empty()),
            };
            match api::sign_in(&credentials).await {
                Ok(()) => find_out(store),
                Err(Refusal::Problem(problem))
                    if problem.asks_for_code() && !asks_for_code.get_untracked() =>
                {
                    asks_for_code.set(true);
                }
                Err(refusal) => reason.set(words(&refusal)),
            }
            busy.set(false);
        });
    };
    view! {
        <Entrance title=text.sign_in_title>
            <form on:submit=submit>
                <TextField label=text.name autocomplete="username" node=name first=true/>
                <PasswordField autocomplete="current-password" node=password/>
                <Show when=move || asks_for_code.get()>
                    <TextField label=text.code hint=text.code_hint autocomplete="one-time-code" node=code digits=true first=true/>
                </Show>
                <Refused reason/>
                <button class="button main wide" disabled=busy aria-busy=move || busy.get().to_string()>
                    {text.sign_in}
                </button>
            </form>
        </Entrance>
    }
}
