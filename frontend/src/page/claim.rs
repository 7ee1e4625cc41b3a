//! The first start: whoever has the setup code becomes the owner.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::SubmitEvent;

use super::entrance::Entrance;
use crate::{
    api::{self, Problem, Refusal},
    app::find_out,
    store::Store,
    ui::{
        field::{PasswordField, Refused, TextField, value},
        text,
    },
};

/// The claim page.
#[component]
pub(crate) fn Claim() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let (code, name, password) = (NodeRef::new(), NodeRef::new(), NodeRef::new());
    let busy = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (code, name, password) = (value(code), value(name), value(password));
        busy.set(true);
        reason.set(String::new());
        spawn_local(async move {
            let claim = api::Claim {
                code: code.trim(),
                name: name.trim(),
                password: &password,
            };
            match api::claim(&claim).await {
                Ok(()) => find_out(store),
                Err(refusal) => reason.set(words(&refusal)),
            }
            busy.set(false);
        });
    };
    view! {
        <Entrance title=text.claim_title subtitle=text.claim_subtitle>
            <form on:submit=submit>
                <TextField label=text.claim_code hint=text.claim_code_hint autocomplete="off" node=code first=true/>
                <TextField label=text.name hint=text.claim_name_hint autocomplete="username" node=name/>
                <PasswordField hint=text.claim_password_hint autocomplete="new-password" node=password/>
                <Refused reason/>
                <button class="button main wide" disabled=busy aria-busy=move || busy.get().to_string()>
                    {text.claim_button}
                </button>
            </form>
        </Entrance>
    }
}

/// A refusal, for people.
pub(super) fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreachable => text().no_answer.to_owned(),
        Refusal::Problem(problem) => of_problem(problem),
    }
}

fn of_problem(problem: &Problem) -> String {
    let text = text();
    match (problem.status, problem.retry_after) {
        (401, _) => text.refused.to_owned(),
        (409, _) => text.already_claimed.to_owned(),
        (429, Some(seconds)) => text.too_many_attempts(seconds),
        (503, _) => text.too_many_sign_in.to_owned(),
        _ => problem.text().to_owned(),
    }
}
