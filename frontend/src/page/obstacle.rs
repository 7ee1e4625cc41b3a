//! Why there is no picture, and what to do about it.

use std::borrow::Cow;

use leptos::prelude::*;
use shared::{
    message::{Closing, Signal as Capture},
    power::{PowerAction, Supply},
};

use super::console::Reach;
use crate::{
    browser::{has_global, window},
    link::connection::Link,
    offline,
    panel::power,
    store::{Control, LinkPhase, Store},
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

/// What stands in the way.
#[derive(Clone, PartialEq, Eq)]
struct Reason {
    icon: Icon,
    title: Cow<'static, str>,
    hint: Cow<'static, str>,
    remedy: Option<Remedy>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Something is being done about it: a wheel turns.
    Busy,
    /// Somebody must do something about it.
    Still,
    /// The last picture stays in sight.
    LastPicture,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Retry,
    Reload,
    Power(PowerAction),
}

/// In front of the picture while there is none, or none that is current.
#[component]
pub(crate) fn Obstacle() -> impl IntoView {
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let reason = Memo::new(move |_| find(store));
    let remedy = move |remedy| {
        let text = text();
        let words = match remedy {
            Remedy::Retry => text.retry_now,
            Remedy::Reload => text.reload,
            Remedy::Power(action) => power::name(action),
        };
        let act = move |_| match remedy {
            Remedy::Retry => reach.link.with_value(Link::retry_now),
            Remedy::Reload => offline::take_update(),
            Remedy::Power(action) => power::at_once(store, action),
        };
        view! { <button class="button" on:click=act>{words}</button> }
    };
    let shown = move |reason: Reason| {
        view! {
            <div class="obstacle" class:over-picture={reason.kind == Kind::LastPicture}>
                {if reason.kind == Kind::Still {
                    view! { <Drawn icon=reason.icon/> }.into_any()
                } else {
                    view! { <div class="spinner"></div> }.into_any()
                }}
                <h2>{reason.title}</h2>
                <p>{reason.hint}</p>
                {reason.remedy.map(remedy)}
            </div>
        }
    };
    view! { <div class="obstacle-place" aria-live="polite">{move || reason.get().map(shown)}</div> }
}

/// Why there is no picture that is current, in a few words.
pub(crate) fn title(store: Store) -> Option<Cow<'static, str>> {
    find(store).map(|reason| reason.title)
}

fn find(store: Store) -> Option<Reason> {
    browser(store)
        .or_else(|| link(store))
        .or_else(|| switching(store))
        .or_else(|| capture(store))
}

fn browser(store: Store) -> Option<Reason> {
    let text = text();
    if !window().is_secure_context() {
        return Some(still(Icon::Padlock, text.not_secure, text.not_secure_hint));
    }
    let lacking = !has_global("VideoDecoder") || !has_global("OffscreenCanvas");
    (lacking || store.cannot_decode.get())
        .then(|| still(Icon::Warning, text.cannot_decode, text.cannot_decode_hint))
}

fn link(store: Store) -> Option<Reason> {
    let text = text();
    match store.link.get() {
        LinkPhase::Connected => None,
        LinkPhase::Connecting => Some(busy(text.connecting, "")),
        LinkPhase::Stalled => Some(Reason {
            kind: over_last_picture(store),
            ..busy(text.unreachable, lost_hint())
        }),
        LinkPhase::Lost(closing) => Some(Reason {
            kind: over_last_picture(store),
            remedy: Some(Remedy::Retry),
            ..busy(lost_title(closing), lost_hint())
        }),
        LinkPhase::Closed(closing) => {
            let (title, hint, remedy) = match closing {
                Closing::Full => (text.full_closed, text.full_hint, Remedy::Retry),
                Closing::BadMessage => (
                    text.bad_message_closed,
                    text.bad_message_hint,
                    Remedy::Reload,
                ),
                _ => (text.reload_closed, text.reload_hint, Remedy::Reload),
            };
            Some(Reason {
                remedy: Some(remedy),
                ..still(Icon::NoLink, title, hint)
            })
        }
    }
}

/// The switch moves: the picture is still that of the machine before.
fn switching(store: Store) -> Option<Reason> {
    store.switch.with(|switch| {
        let switch = switch.as_ref()?;
        let moving = switch.moving.as_ref()?;
        let to = switch.ports.get(usize::from(moving.to))?;
        let text = text();
        Some(Reason {
            kind: over_last_picture(store),
            ..busy(text.switching_to(&to.name), text.switching_hint(&moving.by))
        })
    })
}

fn over_last_picture(store: Store) -> Kind {
    if store.picture.get().is_some() {
        Kind::LastPicture
    } else {
        Kind::Busy
    }
}

fn lost_title(closing: Option<Closing>) -> &'static str {
    match closing {
        Some(Closing::Restarting) => text().restarting,
        _ => text().link_lost,
    }
}

fn lost_hint() -> &'static str {
    if window().navigator().on_line() {
        text().back_soon
    } else {
        text().offline
    }
}

fn capture(store: Store) -> Option<Reason> {
    let text = text();
    let (icon, title, hint) = match seen(store)? {
        Capture::Picture { .. } => {
            let waiting = store.picture.get().is_none();
            return waiting.then(|| busy(text.waiting_for_picture, ""));
        }
        Capture::Starting => return Some(busy(text.signal_starting, text.signal_starting_hint)),
        Capture::NoCable => (Icon::Plug, text.signal_no_cable, text.signal_no_cable_hint),
        Capture::NoSignal => {
            let asleep = store.power.with(|power| power.supply == Supply::Asleep);
            return Some(Reason {
                remedy: asleep.then(|| offered(store, PowerAction::Wake)).flatten(),
                ..still(
                    Icon::NoPicture,
                    text.signal_no_signal,
                    text.signal_no_signal_hint,
                )
            });
        }
        Capture::NoLock => (
            Icon::NoPicture,
            text.signal_no_lock,
            text.signal_no_lock_hint,
        ),
        Capture::OutOfRange => (
            Icon::NoPicture,
            text.signal_out_of_range,
            text.signal_out_of_range_hint,
        ),
        Capture::Busy => (Icon::Warning, text.signal_busy, text.signal_busy_hint),
        Capture::DeviceGone => (
            Icon::Warning,
            text.signal_device_gone,
            text.signal_device_gone_hint,
        ),
        Capture::TargetOff => {
            return Some(Reason {
                remedy: offered(store, PowerAction::On),
                ..still(
                    Icon::Power,
                    text.signal_target_off,
                    text.signal_target_off_hint,
                )
            });
        }
    };
    Some(still(icon, title, hint))
}

/// What the capture side sees; where it sees no signal, the power light knows whether the machine is off.
fn seen(store: Store) -> Option<Capture> {
    let off = store.power.with(|power| power.supply == Supply::Off);
    match store.signal()? {
        Capture::NoSignal if off => Some(Capture::TargetOff),
        signal => Some(signal),
    }
}

/// What somebody who has the controls can do about it.
fn offered(store: Store, action: PowerAction) -> Option<Remedy> {
    let (possible, idle) = store
        .power
        .with(|power| (power.actions.has(action), power.running.is_none()));
    let allowed = store.may_operate.get() && store.control() == Control::Mine;
    (possible && idle && allowed).then_some(Remedy::Power(action))
}

fn still(
    icon: Icon,
    title: impl Into<Cow<'static, str>>,
    hint: impl Into<Cow<'static, str>>,
) -> Reason {
    Reason {
        icon,
        title: title.into(),
        hint: hint.into(),
        remedy: None,
        kind: Kind::Still,
    }
}

fn busy(title: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Reason {
    Reason {
        kind: Kind::Busy,
        ..still(Icon::NoLink, title, hint)
    }
}
