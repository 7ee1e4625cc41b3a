//! `[power.hooks]` in the settings.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue, Method, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// What is run or asked to switch a machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hooks {
    /// Switches it on.
    pub on: Option<Hook>,
    /// Switches it off by force.
    pub off: Option<Hook>,
    /// Resets it.
    pub reset: Option<Hook>,
    /// Switches it off by force and on again; without it, `off` and `on` do.
    pub cycle: Option<Hook>,
    /// Says whether it is on.
    pub status: Option<Status>,
    /// How long it stays off between `off` and `on`, in seconds: 0..=600.
    pub pause_s: u32,
}

/// One thing to be run or asked: exactly one of `run` and `url`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hook {
    /// A program with its arguments. No shell looks at them.
    pub run: Vec<String>,
    /// What is asked by HTTP or HTTPS. A user name and a password in it are sent as RFC 7617 says (Basic).
    pub url: Option<String>,
    /// How; `GET` where it is left out, or `POST` where there is a body.
    pub method: Option<String>,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Option<String>,
    /// How long it may take, in seconds: 1..=300.
    #[serde(default = "limit")]
    pub limit_s: u32,
}

/// A hook that says whether the machine is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Status {
    /// See [`Hook::run`]. Without `on` and `off`, exit status 0 means on, 1 off, and others nothing.
    pub run: Vec<String>,
    /// See [`Hook::url`].
    pub url: Option<String>,
    /// See [`Hook::method`].
    pub method: Option<String>,
    /// See [`Hook::headers`].
    pub headers: BTreeMap<String, String>,
    /// See [`Hook::body`].
    pub body: Option<String>,
    /// See [`Hook::limit_s`].
    #[serde(default = "limit")]
    pub limit_s: u32,
    /// What its output contains where the machine is on.
    pub on: Option<String>,
    /// What its output contains where the machine is off.
    pub off: Option<String>,
    /// How often it is asked, in seconds: 2..=3,600.
    #[serde(default = "every")]
    pub every_s: u32,
}

/// What a hook does.
#[derive(Clone, Debug)]
pub(super) enum What<'a> {
    /// Runs a program, which is there, with its arguments.
    Program(&'a [String]),
    /// Asks a server.
    Request(Request),
}

/// A request to a server.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Where, without a user name and a password.
    pub(super) url: Url,
    /// How.
    pub(super) method: Method,
    /// With what.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// With what, too.
    pub(super) body: String,
}

fn limit() -> u32 {
    10
}

fn every() -> u32 {
    10
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            on: None,
            off: None,
            reset: None,
            cycle: None,
            status: None,
            pause_s: 5,
        }
    }
}

impl Hooks {
    /// The hooks that do something, each with the name of its setting.
    pub fn actions(&self) -> impl Iterator<Item = (&'static str, &Hook)> {
        [
            ("on", &self.on),
            ("off", &self.off),
            ("reset", &self.reset),
            ("cycle", &self.cycle),
        ]
        .into_iter()
        .filter_map(|(name, hook)| Some((name, hook.as_ref()?)))
    }

    /// Whether all of them are complete and in their ranges.
    ///
    /// # Errors
    /// The dotted name of the first setting that is not, and why.
    pub fn check(&self) -> Result<(), (String, String)> {
        if self.pause_s > 600 {
            return Err(("pause_s".to_owned(), "0 to 600".to_owned()));
        }
        let status = self.status.as_ref().map(Status::hook);
        let status = status.as_ref().map(|status| ("status", status));
        for (name, hook) in self.actions().chain(status) {
            hook.what().map_err(|problem| (name.to_owned(), problem))?;
            if !(1..=300).contains(&hook.limit_s) {
                return Err((format!("{name}.limit_s"), "1 to 300".to_owned()));
            }
        }
        match &self.status {
            Some(status) => status.check(),
            None => Ok(()),
        }
    }
}

impl Hook {
    /// What it does.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn what(&self) -> Result<What<'_>, String> {
        match (&self.run[..], &self.url) {
            ([], None) | ([_, ..], Some(_)) => {
                Err("name a program (run) or an address (url), one of them".to_owned())
            }
            ([program, ..], None) if program.is_empty() => {
                Err("the program has no name".to_owned())
            }
            (arguments, None) => {
                let asks = self.method.is_some() || self.body.is_some() || !self.headers.is_empty();
                match asks {
                    true => Err("method, headers and body go with url".to_owned()),
                    false => Ok(What::Program(arguments)),
                }
            }
            (_, Some(url)) => self.request(url).map(What::Request),
        }
    }

    fn request(&self, url: &str) -> Result<Request, String> {
        let mut url = Url::parse(url).map_err(|error| format!("\"{url}\": {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(format!("\"{url}\" is no address of HTTP or HTTPS"));
        }
        let method = match (&self.method, &self.body) {
            (Some(method), _) => method
                .parse()
                .map_err(|_| format!("\"{method}\" is no method"))?,
            (None, Some(_)) => Method::POST,
            (None, None) => Method::GET,
        };
        let header = |(name, value): (&String, &String)| {
            let parsed = (name.parse().ok(), value.parse().ok());
            match parsed {
                (Some(name), Some(value)) => Ok((name, value)),
                _ => Err(format!("the header \"{name}\" cannot be sent")),
            }
        };
        let mut headers = self
            .headers
            .iter()
            .map(header)
            .collect::<Result<Vec<_>, _>>()?;
        headers.extend(take_credentials(&mut url));
        Ok(Request {
            url,
            method,
            headers,
            body: self.body.clone().unwrap_or_default(),
        })
    }
}

/// Takes the user name and the password out of an address, as the header that stands for them.
fn take_credentials(url: &mut Url) -> Option<(HeaderName, HeaderValue)> {
    let user: Vec<u8> = percent_decode_str(url.username()).collect();
    let password = url.password();
    if user.is_empty() && password.is_none() {
        return None;
    }
    let password: Vec<u8> = percent_decode_str(password.unwrap_or_default()).collect();
    let credentials = STANDARD.encode([user, password].join(&b':'));
    let mut value = HeaderValue::try_from(format!("Basic {credentials}")).ok()?;
    value.set_sensitive(true);
    // Both are refused only where an address has no host, and this one has.
    let _has_host = url.set_username("").and_then(|()| url.set_password(None));
    Some((header::AUTHORIZATION, value))
}

impl Status {
    /// What is run or asked.
    #[must_use]
    pub(super) fn hook(&self) -> Hook {
        Hook {
            run: self.run.clone(),
            url: self.url.clone(),
            method: self.method.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            limit_s: self.limit_s,
        }
    }

    fn check(&self) -> Result<(), (String, String)> {
        let problem =
            |setting: &str, words: &str| Err((format!("status.{setting}"), words.to_owned()));
        let words = [&self.on, &self.off].into_iter().flatten();
        if words.clone().any(String::is_empty) {
            return problem("on", "the words of on and off are not empty");
        }
        if self.url.is_some() && words.count() == 0 {
            return problem(
                "url",
                "say by which words of the answer the machine is on, or off",
            );
        }
        match (2..=3_600).contains(&self.every_s) {
            true => Ok(()),
            false => problem("every_s", "2 to 3600"),
        }
    }
}
