//! What this browser remembers of how its operator likes to work.

use leptos::prelude::*;

use crate::{
    board::{floating::Floating, geometry::Form, guess::guess},
    browser::{languages, remember, remembered},
    input::leader::LeaderKey,
    input::{paste::PasteKeys, place::Desktop, speed::Speed, touch::TouchMode},
    text::Language,
    typing::{Wishes, name_of, value_of},
    view::Turn,
};

/// How the pointer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PointerMode {
    /// It goes where one points.
    #[default]
    Absolute,
    /// It moves by counts of a mouse.
    Relative,
}

/// What this device's own pointer looks like over the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// As everywhere.
    #[default]
    Arrow,
    /// A dot, that hides little of the machine's own pointer.
    Dot,
    /// There is none.
    Hidden,
}

/// Kept in this browser, not on the relay: they belong to a device and a hand.
#[derive(Clone, Copy)]
pub(crate) struct Preferences {
    /// The language that was chosen; `None` for the browser's.
    pub(crate) language: Kept<Option<Language>>,
    /// How texts are typed.
    pub(crate) typing: Kept<Wishes>,
    /// The keys that on the picture have what is on the clipboard typed.
    pub(crate) paste_keys: Kept<PasteKeys>,
    /// How the pointer is sent.
    pub(crate) pointer_mode: Kept<PointerMode>,
    /// Whether the wheel turns the other way.
    pub(crate) scroll_reversed: Kept<bool>,
    /// How fast the wheel turns, in percent.
    pub(crate) scroll_percent: Kept<u16>,
    /// How fast the relative pointer is, in percent.
    pub(crate) pointer_percent: Kept<u16>,
    /// How much faster it is when the hand is quick, in percent of the most.
    pub(crate) acceleration_percent: Kept<u16>,
    /// Whether the left and the right button change places.
    pub(crate) swap_buttons: Kept<bool>,
    /// Whether motion is sent at the rate of the display.
    pub(crate) merge_motion: Kept<bool>,
    /// What this device's own pointer looks like over the picture.
    pub(crate) cursor: Kept<Cursor>,
    /// The machine's desktop: its width, its height, and where the screen is in it from the left and from the top.
    pub(crate) desktop: [Kept<u16>; 4],
    /// What touching the picture does.
    pub(crate) touch_mode: Kept<TouchMode>,
    /// Whether there are buttons at the edges of a picture that is touched.
    pub(crate) edge_buttons: Kept<bool>,
    /// Which side of the picture is up on this device.
    pub(crate) turn: Kept<Turn>,
    /// The leader key.
    pub(crate) leader: Kept<LeaderKey>,
    /// The machine's keyboard layout, as the relay names it.
    pub(crate) layout: Kept<String>,
    /// The form of the on-screen keyboard; `None` is the layout's usual one.
    pub(crate) keyboard_form: Kept<Option<Form>>,
    /// Whether the on-screen keyboard floats, where there is room for that.
    pub(crate) keyboard_floats: Kept<bool>,
    /// Where it floats; `None` until it has been moved.
    pub(crate) keyboard_place: Kept<Option<Floating>>,
}

impl Preferences {
    /// As they were last left.
    pub(crate) fn load() -> Self {
        Self {
            language: Kept::load("language", None),
            typing: Kept::load("typing", Wishes::default()),
            paste_keys: Kept::load("paste-keys", PasteKeys::CtrlShiftV),
            pointer_mode: Kept::load("pointer-mode", PointerMode::Absolute),
            scroll_reversed: Kept::load("scroll-reversed", false),
            scroll_percent: Kept::load("scroll-percent", 100),
            pointer_percent: Kept::load("pointer-percent", 100),
            acceleration_percent: Kept::load("acceleration-percent", 0),
            swap_buttons: Kept::load("swap-buttons", false),
            merge_motion: Kept::load("merge-motion", true),
            cursor: Kept::load("cursor", Cursor::Arrow),
            desktop: [
                "desktop-width",
                "desktop-height",
                "desktop-left",
                "desktop-top",
            ]
            .map(|key| Kept::load(key, 0)),
            touch_mode: Kept::load("touch-mode", TouchMode::Trackpad),
            edge_buttons: Kept::load("edge-buttons", true),
            turn: Kept::load("turn", Turn::Upright),
            leader: Kept::load("leader", LeaderKey::Off),
            layout: Kept::load(
                "layout",
                guess(languages().iter().map(String::as_str)).to_owned(),
            ),
            keyboard_form: Kept::load("keyboard-form", None),
            keyboard_floats: Kept::load("keyboard-floats", false),
            keyboard_place: Kept::load("keyboard-place", None),
        }
    }

    /// How far the relative pointer goes.
    pub(crate) fn speed(&self) -> Speed {
        Speed {
            sensitivity: f64::from(self.pointer_percent.get_untracked()) / 100.0,
            acceleration: f64::from(self.acceleration_percent.get_untracked()) / 100.0,
        }
    }

    /// The machine's desktop.
    pub(crate) fn desktop(&self) -> Desktop {
        let [width, height, left, top] = self.desktop.map(|kept| kept.get_untracked());
        Desktop {
            width,
            height,
            left,
            top,
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

impl AsText for Language {
    fn to_text(&self) -> String {
        self.tag.to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        Self::of(text)
    }
}

impl AsText for String {
    fn to_text(&self) -> String {
        self.clone()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// Nothing is the empty text.
impl<T: AsText> AsText for Option<T> {
    fn to_text(&self) -> String {
        self.as_ref().map(T::to_text).unwrap_or_default()
    }
    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            T::from_text(text).map(Some)
        }
    }
}

impl AsText for Form {
    fn to_text(&self) -> String {
        self.name().to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        Self::from_name(text)
    }
}

impl AsText for LeaderKey {
    fn to_text(&self) -> String {
        self.code().to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        Self::from_code(text)
    }
}

impl AsText for Floating {
    fn to_text(&self) -> String {
        Self::to_text(*self)
    }
    fn from_text(text: &str) -> Option<Self> {
        Self::from_text(text)
    }
}

impl AsText for Wishes {
    fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
    fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl AsText for PasteKeys {
    fn to_text(&self) -> String {
        name_of(&Self::CHOICES, self).to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        value_of(&Self::CHOICES, text)
    }
}

/// Makes the variants of a type texts.
macro_rules! as_text {
    ($type:ty { $($variant:ident = $text:literal),+ }) => {
        impl AsText for $type {
            fn to_text(&self) -> String {
                match self { $(Self::$variant => $text),+ }.to_owned()
            }
            fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

as_text!(PointerMode { Absolute = "absolute", Relative = "relative" });
as_text!(TouchMode { Trackpad = "trackpad", Direct = "direct" });
as_text!(Turn { Upright = "upright", Right = "right", Half = "half", Left = "left" });
as_text!(Cursor { Arrow = "arrow", Dot = "dot", Hidden = "hidden" });

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

impl<T: AsText + Clone + Send + Sync + 'static> Kept<T> {
    fn load(key: &'static str, usual: T) -> Self {
        let kept = remembered(key).and_then(|text| T::from_text(&text));
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

    /// The value as it is now, where the page still has it.
    pub(crate) fn try_get_untracked(&self) -> Option<T> {
        self.value.try_get_untracked()
    }

    /// Changes it and remembers it, as far as the browser lets the page.
    pub(crate) fn set(&self, value: T) {
        let text = value.to_text();
        self.value.set(value);
        remember(self.key, &text);
    }
}
