//! The operator's hands: a mouse, a keyboard and the browser's own dialogs.

use std::{path::Path, sync::atomic::Ordering};

use anyhow::{Context, Result};
use serde_json::json;

use super::Tab;
use crate::chromium::keys;

impl Tab {
    /// Waits for an element and clicks its centre.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        let element = self.element(role, name).await?;
        self.of(&element, "this.scrollIntoViewIfNeeded()").await?;
        let (x, y) = self.rect(&element).await?.centre();
        self.click_at(x, y).await
    }

    /// Waits for a text box and types into it.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let element = self.element("textbox", name).await?;
        self.of(&element, "(this.focus(), this.select?.())").await?;
        self.call("Input.insertText", json!({ "text": text }))
            .await?;
        Ok(())
    }

    /// Chooses files of this computer in the file input that the selector finds, as its dialog would.
    ///
    /// # Errors
    /// Where there is no such input.
    pub async fn choose_files(&self, selector: &str, files: &[&Path]) -> Result<()> {
        let expression = format!("document.querySelector({})", json!(selector));
        let found = self
            .call("Runtime.evaluate", json!({ "expression": expression }))
            .await?;
        let object = found["result"]["objectId"].as_str();
        let object = object.with_context(|| format!("no {selector}"))?;
        let parameters = json!({ "files": files, "objectId": object });
        self.call("DOM.setFileInputFiles", parameters).await?;
        Ok(())
    }

    /// Moves the mouse.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn move_to(&self, x: f64, y: f64) -> Result<()> {
        self.mouse("mouseMoved", x, y, "none", 0).await
    }

    /// Moves the mouse, then presses and releases its left button.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn click_at(&self, x: f64, y: f64) -> Result<()> {
        self.move_to(x, y).await?;
        self.press_at(x, y).await?;
        self.mouse("mouseReleased", x, y, "left", 0).await
    }

    /// Presses the left button.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn press_at(&self, x: f64, y: f64) -> Result<()> {
        self.mouse("mousePressed", x, y, "left", 1).await
    }

    /// Moves the mouse while its left button is down.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn drag_to(&self, x: f64, y: f64) -> Result<()> {
        self.mouse("mouseMoved", x, y, "left", 1).await
    }

    /// Releases the left button.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn release_at(&self, x: f64, y: f64) -> Result<()> {
        self.mouse("mouseReleased", x, y, "left", 0).await
    }

    async fn mouse(&self, kind: &str, x: f64, y: f64, button: &str, buttons: u8) -> Result<()> {
        self.call(
            "Input.dispatchMouseEvent",
            json!({
                "type": kind, "x": x, "y": y, "button": button, "buttons": buttons,
                "clickCount": u8::from(button != "none"),
            }),
        )
        .await?;
        Ok(())
    }

    /// Turns the wheel; positive scrolls down and to the right, 120 is a detent.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn wheel(&self, x: f64, y: f64, right: f64, down: f64) -> Result<()> {
        self.call(
            "Input.dispatchMouseEvent",
            json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": right, "deltaY": down }),
        )
        .await?;
        Ok(())
    }

    /// Presses a key, by its `KeyboardEvent.code`.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn key_down(&self, code: &str) -> Result<()> {
        self.key("rawKeyDown", code, false).await
    }

    /// Holds a pressed key, so that it repeats itself once.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn key_repeat(&self, code: &str) -> Result<()> {
        self.key("rawKeyDown", code, true).await
    }

    /// Releases a key.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn key_up(&self, code: &str) -> Result<()> {
        self.key("keyUp", code, false).await
    }

    /// Types a text of [`keys::code`]'s characters on the keyboard.
    ///
    /// # Errors
    /// Where there is no key for a character.
    pub async fn type_keys(&self, text: &str) -> Result<()> {
        for character in text.chars() {
            let code = keys::code(character).with_context(|| format!("no key {character:?}"))?;
            self.key_down(&code).await?;
            self.key_up(&code).await?;
        }
        Ok(())
    }

    async fn key(&self, kind: &str, code: &str, repeat: bool) -> Result<()> {
        let key = keys::key(code);
        let modifiers = match (keys::modifier(code), kind) {
            (0, _) => self.modifiers.load(Ordering::Relaxed),
            (bit, "keyUp") => self.modifiers.fetch_and(!bit, Ordering::Relaxed) & !bit,
            (bit, _) => self.modifiers.fetch_or(bit, Ordering::Relaxed) | bit,
        };
        self.call(
            "Input.dispatchKeyEvent",
            json!({
                "type": kind, "code": code, "key": key.key, "autoRepeat": repeat,
                "modifiers": modifiers,
                "windowsVirtualKeyCode": key.virtual_key, "nativeVirtualKeyCode": key.virtual_key,
            }),
        )
        .await?;
        Ok(())
    }
}
