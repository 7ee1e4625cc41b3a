//! Which keys a keyboard has.

/// Which physical keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// The United States.
    #[default]
    Ansi,
    /// Most of Europe: a key more beside the left Shift, and a high Enter.
    Iso,
    /// Japan: Yen, Ro and the keys beside Space.
    Jis,
    /// Brazil: ISO with a key more beside the right Shift.
    Abnt,
    /// Korea: ANSI with Hangul and Hanja.
    Korean,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] = [Self::Ansi, Self::Iso, Self::Jis, Self::Abnt, Self::Korean];

    /// What the form is known as.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ansi => "ANSI",
            Self::Iso => "ISO",
            Self::Jis => "JIS",
            Self::Abnt => "ABNT2",
            Self::Korean => "KS",
        }
    }

    /// The form by its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// The form that keyboards with a layout usually have. Layouts are named as the relay lists them.
    #[must_use]
    pub fn of_layout(layout: &str) -> Self {
        match layout {
            "ja" | "jp" => Self::Jis,
            "pt-br" | "br" => Self::Abnt,
            "ko" | "kr" => Self::Korean,
            "us" | "en-us" | "en-us-intl" | "us-intl" | "dvorak" | "colemak" | "th" | "zh"
            | "cn" => Self::Ansi,
            _ => Self::Iso,
        }
    }
}
