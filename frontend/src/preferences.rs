//! What this browser remembers of how its operator likes to work.

use leptos::prelude::*;

use crate::{browser::window, text::Language};

/// How the pointer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PointerMode {
    /// It goes where one points.
    #[default]
    Absolute,
    /// It moves by counts of a mouse.
    Relative,
}

/// Kept in this browser, not on the relay: they belong to a device and a hand.
#[derive(Clone, Copy)]
pub(crate) struct Preferences {
    /// The language that was chosen; `None` for the browser's.
    pub(crate) language: Kept<Option<Language>>,
    /// How the pointer is sent.
    pub(crate) pointer_mode: Kept<PointerMode>,
    /// Whether the wheel turns the other way.
    pub(crate) scroll_reversed: Kept<bool>,
    /// How fast the wheel turns, in percent.
    pub(crate) scroll_percent: Kept<u16>,
    /// How fast the relative pointer is, in percent.
    pub(crate) pointer_percent: Kept<u16>,
}

impl Preferences {
    /// As they were last left.
    pub(crate) fn load() -> Self {
        Self {
            language: Kept::load("language", None),
            pointer_mode: Kept::load("pointer-mode", PointerMode::Absolute),
            scroll_reversed: Kept::load("scroll-reversed", false),
            scroll_percent: Kept::load("scroll-percent", 100),
            pointer_percent: Kept::load("pointer-percent", 100),
        }
    }

    /// The factor for the wheel: its speed, negative where it is reversed.
    pub(crate) fn scroll_factor(&self) -> f64 {
        let sign = if self.scroll_reversed.get_untracked() {
            -1.0
        } else {
            1.0
        };
        sign * f64::from(self.scroll_percent.get_untracked()) / 100.0
    }
}

/// What can be kept as a text.
pub(crate) trait AsText: Sized {
    /// The text.
    fn to_text(&self) -> String;
    /// The value of a text that an earlier visit left.
    fn from_text(text: &str) -> Option<Self>;
}

impl AsText for bool {
    fn to_text(&self) -> String {
        self.to_string()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl AsText for u16 {
    fn to_text(&self) -> String {
        self.to_string()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl AsText for Option<Language> {
    fn to_text(&self) -> String {
        self.map_or_else(String::new, |language| language.tag.to_owned())
    }
    fn from_text(text: &str) -> Option<Self> {
        Language::of(text).map(Some)
    }
}

impl AsText for PointerMode {
    fn to_text(&self) -> String {
        match self {
            Self::Absolute => "absolute",
            Self::Relative => "relative",
        }
        .to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "absolute" => Some(Self::Absolute),
            "relative" => Some(Self::Relative),
            _ => None,
        }
    }
}

/// A signal that the browser's storage remembers.
pub(crate) struct Kept<T: Send + Sync + 'static> {
    key: &'static str,
    value: RwSignal<T>,
}

impl<T: Send + Sync + 'static> Clone for Kept<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Kept<T> {}

impl<T: AsText + Copy + Send + Sync + 'static> Kept<T> {
    fn load(key: &'static str, usual: T) -> Self {
        let kept = window()
            .local_storage()
            .ok()
            .flatten()
            .and_then(|storage| storage.get_item(key).ok().flatten())
            .and_then(|text| T::from_text(&text));
        Self {
            key,
            value: RwSignal::new(kept.unwrap_or(usual)),
        }
    }

    /// The value; what reads it here follows it.
    pub(crate) fn get(&self) -> T {
        self.value.get()
    }

    /// The value as it is now.
    pub(crate) fn get_untracked(&self) -> T {
        self.value.get_untracked()
    }

    /// Changes it and remembers it, as far as the browser lets the page.
    pub(crate) fn set(&self, value: T) {
        self.value.set(value);
        if let Ok(Some(storage)) = window().local_storage() {
            let _full_or_forbidden = storage.set_item(self.key, &value.to_text());
        }
    }
}
