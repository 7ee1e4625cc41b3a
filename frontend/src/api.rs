//! The relay's HTTP interface, as far as the page uses it. Everything live goes over the link.

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::{Deserialize, Serialize};
use shared::{
    macros::{Macro, Variable},
    power::PowerAction,
    shortcut::{Shortcut, Shortcuts},
};

pub mod media;

const SHORTCUTS: &str = "/api/v1/shortcuts";

use crate::typing::Wishes;

/// What anybody may know of a relay before signing in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Access {
    /// Whether somebody owns it.
    pub claimed: bool,
    /// Whose session this browser has.
    pub signed_in: Option<Person>,
    /// Whether the machine has a serial console.
    #[serde(default)]
    pub serial: bool,
    /// Whether there is a switch to several machines.
    #[serde(default)]
    pub switch: bool,
}

/// Somebody with a session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// The name that they signed in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// What somebody may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Watch.
    Viewer,
    /// Have the controls.
    Operator,
    /// Manage the relay.
    Admin,
}

impl Access {
    /// Whether whoever is signed in may do more than watch.
    #[must_use]
    pub fn may_operate(&self) -> bool {
        let person = self.signed_in.as_ref();
        person.is_some_and(|person| person.role >= Role::Operator)
    }
}

/// The first owner of a relay.
#[derive(Serialize)]
pub struct Claim<'a> {
    /// The one-time code that the relay printed.
    pub code: &'a str,
    /// The owner's name.
    pub name: &'a str,
    /// The owner's password.
    pub password: &'a str,
}

/// Somebody who signs in.
#[derive(Serialize)]
pub struct Credentials<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: &'a str,
    /// The second factor, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'a str>,
}

/// A keyboard layout that the relay has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LayoutName {
    /// What it is asked for by.
    pub name: String,
    /// Its name for people.
    pub label: String,
}

/// A text that the relay is to type.
#[derive(Serialize)]
pub struct TypeRequest<'a> {
    /// The text.
    pub text: &'a str,
    /// The machine's keyboard layout, by its name.
    pub layout: &'a str,
    /// This page.
    pub viewer: u32,
    /// How it is typed.
    #[serde(flatten)]
    pub wishes: Wishes,
}

/// Shortcuts to be kept.
#[derive(Serialize)]
struct Wanted<'a> {
    shortcuts: &'a [Shortcut],
}

/// A macro in the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedMacro {
    /// Its number.
    pub id: u32,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is asked for when it is run.
    pub variables: Vec<Variable>,
    /// How many steps it has.
    pub steps: usize,
}

/// A new macro.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AddedMacro {
    /// What of a file could not be taken over.
    pub left_out: Vec<String>,
}

/// How a macro is to be run.
#[derive(Serialize)]
pub struct RunMacro {
    /// The values of its variables.
    pub variables: std::collections::BTreeMap<String, String>,
    /// How often; 0: until it is stopped.
    pub repeat: u32,
    /// This page.
    pub viewer: u32,
}

/// Why a request did not do what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The relay did not answer.
    Unreachable,
    /// It answered with this problem.
    Problem(Problem),
}

/// An RFC 9457 problem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// What kind, as a URI reference.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind, for people.
    pub title: String,
    /// What it is about this time, for people, in English.
    pub detail: String,
    /// The status of the answer.
    pub status: u16,
    /// After how many seconds to try again, where the relay says so.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

impl Refusal {
    /// What to show.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Unreachable => crate::ui::text().unreachable.to_owned(),
            Self::Problem(problem) => problem.text().to_owned(),
        }
    }
}

impl Problem {
    /// What to show.
    #[must_use]
    pub fn text(&self) -> &str {
        if self.detail.is_empty() {
            &self.title
        } else {
            &self.detail
        }
    }

    /// Whether the relay wants the second factor, too.
    #[must_use]
    pub fn asks_for_code(&self) -> bool {
        self.kind.ends_with("code-required")
    }
}

/// Whether the relay is claimed, and whether this browser is signed in.
///
/// # Errors
/// [`Refusal`].
pub async fn access() -> Result<Access, Refusal> {
    let response = send(Request::get("/api/v1/state").build()).await?;
    response.json().await.map_err(|_| Refusal::Unreachable)
}

/// Claims the relay.
///
/// # Errors
/// [`Refusal`]; the problem does not say which part was wrong.
pub async fn claim(claim: &Claim<'_>) -> Result<(), Refusal> {
    send(Request::post("/api/v1/claim").json(claim)).await?;
    Ok(())
}

/// Signs in.
///
/// # Errors
/// [`Refusal`]; the problem does not say which part was wrong.
pub async fn sign_in(credentials: &Credentials<'_>) -> Result<(), Refusal> {
    send(Request::post("/api/v1/session").json(credentials)).await?;
    Ok(())
}

/// Ends this browser's session.
///
/// # Errors
/// [`Refusal`].
pub async fn sign_out() -> Result<(), Refusal> {
    send(session().build()).await?;
    Ok(())
}

/// The keyboard layouts that the relay has.
///
/// # Errors
/// [`Refusal`].
pub async fn layouts() -> Result<Vec<LayoutName>, Refusal> {
    let response = send(Request::get("/api/v1/layouts").build()).await?;
    response.json().await.map_err(|_| Refusal::Unreachable)
}

/// The table of a keyboard layout, for [`shared::layout::Layout::parse`].
///
/// # Errors
/// [`Refusal`].
pub async fn layout(name: &str) -> Result<Vec<u8>, Refusal> {
    let response = send(Request::get(&format!("/api/v1/layouts/{name}")).build()).await?;
    response.binary().await.map_err(|_| Refusal::Unreachable)
}

/// Has a text typed. Says how far it is over the link.
///
/// # Errors
/// [`Refusal`]; then nothing is typed.
pub async fn type_text(request: &TypeRequest<'_>) -> Result<(), Refusal> {
    send(Request::post("/api/v1/type").json(request)).await?;
    Ok(())
}

/// The operators' own shortcuts.
///
/// # Errors
/// [`Refusal`].
pub async fn shortcuts() -> Result<Shortcuts, Refusal> {
    let response = send(Request::get(SHORTCUTS).build()).await?;
    response.json().await.map_err(|_| Refusal::Unreachable)
}

/// Keeps these in the place of those of `revision`, and gives the new revision.
///
/// # Errors
/// [`Refusal`]; 412 where somebody else has changed them since.
pub async fn keep_shortcuts(revision: u32, shortcuts: &[Shortcut]) -> Result<u32, Refusal> {
    let request = Request::put(SHORTCUTS)
        .header("If-Match", &format!("\"{revision}\""))
        .json(&Wanted { shortcuts });
    let response = send(request).await?;
    let tag = response.headers().get("ETag");
    tag.and_then(|tag| tag.trim_matches('"').parse().ok())
        .ok_or(Refusal::Unreachable)
}

/// The macros that the relay keeps.
///
/// # Errors
/// [`Refusal`].
pub async fn macros() -> Result<Vec<ListedMacro>, Refusal> {
    #[derive(Deserialize)]
    struct List {
        macros: Vec<ListedMacro>,
    }
    let response = send(Request::get(MACROS).build()).await?;
    let list: List = response.json().await.map_err(|_| Refusal::Unreachable)?;
    Ok(list.macros)
}

/// One of them, with the tag of its present state.
///
/// # Errors
/// [`Refusal`].
pub async fn macro_document(id: u32) -> Result<(Macro, String), Refusal> {
    let response = send(Request::get(&macro_path(id)).build()).await?;
    let tag = response.headers().get("etag").unwrap_or_default();
    let document = response.json().await.map_err(|_| Refusal::Unreachable)?;
    Ok((document, tag))
}

/// Has a file kept as a macro, ours or PiKVM's.
///
/// # Errors
/// [`Refusal`]; then nothing is kept.
pub async fn import_macro(file: &web_sys::File, name: &str) -> Result<AddedMacro, Refusal> {
    let name = String::from(js_sys::encode_uri_component(name));
    let request = Request::post(&format!("{MACROS}?name={name}")).body(file.clone());
    let response = send(request).await?;
    response.json().await.map_err(|_| Refusal::Unreachable)
}

/// Has a macro kept.
///
/// # Errors
/// [`Refusal`]; then it is not kept.
pub async fn add_macro(document: &Macro) -> Result<(), Refusal> {
    send(Request::post(MACROS).json(document)).await?;
    Ok(())
}

/// Changes a macro, if it is still in the state that the tag names.
///
/// # Errors
/// [`Refusal`]; then it is as it was.
pub async fn replace_macro(id: u32, tag: &str, document: &Macro) -> Result<(), Refusal> {
    let request = Request::put(&macro_path(id)).header("If-Match", tag);
    send(request.json(document)).await?;
    Ok(())
}

/// Deletes a macro.
///
/// # Errors
/// [`Refusal`].
pub async fn delete_macro(id: u32) -> Result<(), Refusal> {
    send(Request::delete(&macro_path(id)).build()).await?;
    Ok(())
}

/// Has a macro run. Says how far it is over the link.
///
/// # Errors
/// [`Refusal`]; then nothing is done.
pub async fn run_macro(id: u32, run: &RunMacro) -> Result<(), Refusal> {
    send(Request::post(&format!("{}/run", macro_path(id))).json(run)).await?;
    Ok(())
}

/// Has something done to the power of the machine, or of that at a port of the switch. What becomes of it is said over the link.
///
/// # Errors
/// [`Refusal`]; then nothing is done.
pub async fn power(action: PowerAction, port: Option<u8>) -> Result<(), Refusal> {
    #[derive(Serialize)]
    struct Wish {
        action: PowerAction,
        port: Option<u8>,
    }
    send(Request::post(POWER).json(&Wish { action, port })).await?;
    Ok(())
}

/// Breaks off what is being done to the machine's power; its buttons are released.
///
/// # Errors
/// [`Refusal`].
pub async fn stop_power() -> Result<(), Refusal> {
    send(Request::delete(POWER).build()).await?;
    Ok(())
}

const POWER: &str = "/api/v1/power";

/// Has the switch move to a port. What becomes of it is said over the link.
///
/// # Errors
/// [`Refusal`]; then the switch is left alone.
pub async fn select_port(port: u8) -> Result<(), Refusal> {
    #[derive(Serialize)]
    struct Wish {
        port: u8,
    }
    send(Request::post("/api/v1/ports").json(&Wish { port })).await?;
    Ok(())
}

/// Where a macro is.
#[must_use]
pub fn macro_path(id: u32) -> String {
    format!("{MACROS}/{id}")
}

const MACROS: &str = "/api/v1/macros";

/// A text that was shared with the installed app; its service worker has kept it, and gives it once.
pub async fn shared_text() -> Option<String> {
    let response = Request::get("/shared-text").send().await.ok()?;
    if !response.ok() || response.headers().get("x-shared").is_none() {
        return None;
    }
    response.text().await.ok()
}

fn session() -> RequestBuilder {
    Request::delete("/api/v1/session")
}

async fn send(request: Result<Request, gloo_net::Error>) -> Result<Response, Refusal> {
    let request = request.map_err(|_| Refusal::Unreachable)?;
    let response = request.send().await.map_err(|_| Refusal::Unreachable)?;
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let retry_after = response.headers().get("retry-after");
    let mut problem: Problem = response.json().await.unwrap_or_default();
    problem.status = status;
    problem.retry_after = retry_after.and_then(|seconds| seconds.parse().ok());
    if problem.text().is_empty() {
        problem.title = format!("{status} {}", response.status_text());
    }
    Err(Refusal::Problem(problem))
}
