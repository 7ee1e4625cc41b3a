//! A Linux desktop's way from a keyboard's events to text: libxkbcommon and the compose rules.

use anyhow::{Result, bail};
use xkbcommon::xkb::{
    CONTEXT_NO_FLAGS, Context, KeyDirection, Keycode, Keymap, Keysym, LED_NAME_CAPS, MOD_NAME_ALT,
    MOD_NAME_CAPS, MOD_NAME_CTRL, MOD_NAME_LOGO, STATE_MODS_EFFECTIVE, State, compose,
};

use crate::layouts::Source;

/// Codes of events are eight less than those of keymaps.
const KEYCODE_OFFSET: u32 = 8;

/// Reads a keyboard. It shares nothing with the tables, so that they can be held against it.
pub struct Reader {
    keyboard: State,
    composing: compose::State,
}

impl Reader {
    /// Nothing is pressed, and Caps Lock is off.
    ///
    /// # Errors
    /// Where this machine lacks the layout or the compose rules.
    pub fn new(source: &Source) -> Result<Self> {
        let context = Context::new(CONTEXT_NO_FLAGS);
        let Source {
            layout, variant, ..
        } = *source;
        let keymap = Keymap::new_from_names(&context, "evdev", "pc105", layout, variant, None, 0);
        let rules = compose::Table::new_from_locale(
            &context,
            "en_US.UTF-8".as_ref(),
            compose::COMPILE_NO_FLAGS,
        );
        let (Some(keymap), Ok(rules)) = (keymap, rules) else {
            bail!(
                "this machine lacks {layout}({variant}) or compose rules: install xkb-data and libx11-data"
            );
        };
        Ok(Self {
            keyboard: State::new(&keymap),
            composing: compose::State::new(&rules, compose::STATE_NO_FLAGS),
        })
    }

    /// Another keyboard of the same layout.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            keyboard: State::new(&self.keyboard.get_keymap()),
            composing: self.nothing_begun(),
        }
    }

    /// Compose rules at their beginning.
    #[must_use]
    pub fn nothing_begun(&self) -> compose::State {
        compose::State::new(&self.composing.compose_table(), compose::STATE_NO_FLAGS)
    }

    /// A key goes down or up: the code of its event, and the text that it adds.
    pub fn key(&mut self, code: u16, down: bool) -> String {
        let keycode = keycode(code);
        if !down {
            self.keyboard.update_key(keycode, KeyDirection::Up);
            return String::new();
        }
        let keysym = self.keyboard.key_get_one_sym(keycode);
        let text = self.keyboard.key_get_utf8(keycode);
        self.keyboard.update_key(keycode, KeyDirection::Down);
        if self.composing.feed(keysym) == compose::FeedResult::Ignored {
            return String::new();
        }
        match self.composing.status() {
            compose::Status::Nothing => text.replace('\r', "\n"),
            compose::Status::Composed => self.composing.utf8().unwrap_or_default(),
            compose::Status::Composing | compose::Status::Cancelled => String::new(),
        }
    }

    /// Switches Caps Lock without a key, as another keyboard does it.
    pub fn lock_caps(&mut self) {
        let lock = 1 << self.keyboard.get_keymap().mod_get_index(MOD_NAME_CAPS);
        self.keyboard.update_mask(0, 0, lock, 0, 0, 0);
    }

    /// Whether the light of Caps Lock is on.
    #[must_use]
    pub fn caps_lock(&self) -> bool {
        self.keyboard.led_name_is_active(LED_NAME_CAPS)
    }

    /// Whether a dead key waits for the next one.
    #[must_use]
    pub fn is_composing(&self) -> bool {
        self.composing.status() == compose::Status::Composing
    }

    /// Whether keys are commands, and no text, by what is held.
    #[must_use]
    pub fn takes_commands(&self) -> bool {
        [MOD_NAME_CTRL, MOD_NAME_ALT, MOD_NAME_LOGO]
            .into_iter()
            .any(|name| self.keyboard.mod_name_is_active(name, STATE_MODS_EFFECTIVE))
    }

    /// What a key gives, by what is held.
    #[must_use]
    pub fn keysym(&self, code: u16) -> Keysym {
        self.keyboard.key_get_one_sym(keycode(code))
    }
}

fn keycode(code: u16) -> Keycode {
    Keycode::new(u32::from(code) + KEYCODE_OFFSET)
}
