//! A tab: look at it, and be its operator's hands.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{devtools::DevTools, keys};
use crate::{
    picture::Picture,
    wait::{wait_for, wait_until},
};

/// A tab of [`super::Chromium`].
#[derive(Clone)]
pub struct Tab {
    devtools: Arc<DevTools>,
    session: String,
    target: String,
    /// The modifiers that are down, as DevTools counts them.
    modifiers: Arc<AtomicU8>,
}

/// An element that was found by its role and name.
#[derive(Clone, Debug)]
pub struct Element {
    object: String,
    properties: Value,
    /// What it is described by or worth.
    pub value: Value,
}

/// A box on the page, in CSS pixels of the viewport.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// In CSS pixels.
    pub width: f64,
    /// In CSS pixels.
    pub height: f64,
}

impl Rect {
    /// Its centre.
    #[must_use]
    pub fn centre(self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// The largest box of this ratio in the middle of this one.
    #[must_use]
    pub fn fit(self, width: f64, height: f64) -> Self {
        let scale = (self.width / width).min(self.height / height);
        let (width, height) = (width * scale, height * scale);
        let (x, y) = self.centre();
        Self {
            x: x - width / 2.0,
            y: y - height / 2.0,
            width,
            height,
        }
    }
}

impl Element {
    /// An accessibility property, as `pressed`, `disabled` or `checked`.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Value> {
        let properties = self.properties.as_array()?;
        let property = properties.iter().find(|property| property["name"] == name);
        property.map(|property| &property["value"]["value"])
    }
}

impl Tab {
    pub(super) async fn attach(devtools: Arc<DevTools>, target: String) -> Result<Self> {
        let attached = devtools
            .call(
                None,
                "Target.attachToTarget",
                &json!({ "targetId": target, "flatten": true }),
            )
            .await?;
        let session = attached["sessionId"]
            .as_str()
            .context("a session")?
            .to_owned();
        let tab = Self {
            devtools,
            session,
            target,
            modifiers: Arc::default(),
        };
        for domain in ["Page", "Runtime", "Log", "DOM", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({})).await?;
        }
        Ok(tab)
    }

    /// Calls a method of the DevTools protocol on this tab.
    ///
    /// # Errors
    /// Where Chromium says so.
    pub async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.devtools
            .call(Some(&self.session), method, &parameters)
            .await
    }

    /// What pages of this browser wrote to their consoles.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        self.devtools.console()
    }

    /// Goes to an address and waits until its document is complete.
    ///
    /// # Errors
    /// Where it cannot be loaded.
    pub async fn go(&self, url: &Url) -> Result<()> {
        let answer = self
            .call("Page.navigate", json!({ "url": url.as_str() }))
            .await?;
        if let Some(error) = answer.get("errorText") {
            bail!("{url}: {error}");
        }
        wait_until("a complete document", async || {
            Ok(self.evaluate("document.readyState").await? == "complete")
        })
        .await
    }

    /// The value of an expression in the page; a promise is awaited.
    ///
    /// # Errors
    /// Where it throws.
    pub async fn evaluate(&self, expression: &str) -> Result<Value> {
        let mut answer = self
            .call(
                "Runtime.evaluate",
                json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
            )
            .await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("{expression}: {exception}");
        }
        Ok(answer["result"]["value"].take())
    }

    /// Runs a script in every document from now on, before its own.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn inject(&self, script: &str) -> Result<()> {
        self.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await?;
        Ok(())
    }

    /// The elements of a role and an accessible name, as assistive technology sees them.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn all(&self, role: &str, name: Option<&str>) -> Result<Vec<Element>> {
        let document = self
            .call("Runtime.evaluate", json!({ "expression": "document" }))
            .await?;
        let mut query = json!({ "objectId": document["result"]["objectId"], "role": role });
        if let Some(name) = name {
            query["accessibleName"] = name.into();
        }
        let found = self.call("Accessibility.queryAXTree", query).await?;
        let mut elements = Vec::new();
        for node in found["nodes"].as_array().context("nodes")? {
            if node["ignored"] == true {
                continue;
            }
            let node_id = json!({ "backendNodeId": node["backendDOMNodeId"] });
            let Ok(object) = self.call("DOM.resolveNode", node_id).await else {
                continue;
            };
            let object = object["object"]["objectId"].as_str().context("an object")?;
            elements.push(Element {
                object: object.to_owned(),
                properties: node["properties"].clone(),
                value: node["value"]["value"].clone(),
            });
        }
        Ok(elements)
    }

    /// The element of a role and a name, where there is one now.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn find(&self, role: &str, name: &str) -> Result<Option<Element>> {
        match self.all(role, Some(name)).await {
            Ok(elements) => Ok(elements.into_iter().next()),
            Err(error) if error.to_string().contains("Cannot find") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the element of a role and a name.
    ///
    /// # Errors
    /// Where it does not come within the deadline.
    pub async fn element(&self, role: &str, name: &str) -> Result<Element> {
        wait_for(&format!("{role} {name:?}"), async || {
            self.find(role, name).await
        })
        .await
        .with_context(|| format!("the console: {:#?}", self.console()))
    }

    /// The text of an element.
    ///
    /// # Errors
    /// Where it is no longer there.
    pub async fn text(&self, element: &Element) -> Result<String> {
        let text = self.of(element, "this.innerText").await?;
        Ok(text.as_str().unwrap_or_default().trim().to_owned())
    }

    /// Where an element is.
    ///
    /// # Errors
    /// Where it is no longer there.
    pub async fn rect(&self, element: &Element) -> Result<Rect> {
        let rect = self.of(element, "this.getBoundingClientRect().toJSON()");
        Ok(serde_json::from_value(rect.await?)?)
    }

    /// The value of an expression in which `this` is an element.
    ///
    /// # Errors
    /// Where it throws.
    pub async fn of(&self, element: &Element, expression: &str) -> Result<Value> {
        let mut answer = self
            .call(
                "Runtime.callFunctionOn",
                json!({
                    "objectId": element.object,
                    "functionDeclaration": format!("async function() {{ return ({expression}); }}"),
                    "awaitPromise": true,
                    "returnByValue": true,
                }),
            )
            .await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("{expression}: {exception}");
        }
        Ok(answer["result"]["value"].take())
    }

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

    /// From now on the page sends at most so many bytes a second.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn sends(&self, bytes_per_second: f64) -> Result<()> {
        let conditions = json!({
            "offline": false,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        });
        self.call("Network.emulateNetworkConditions", conditions)
            .await?;
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

    /// Gives the page a viewport of this size in CSS pixels, at this device pixel ratio.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn viewport(&self, width: u32, height: u32, ratio: f64) -> Result<()> {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": false }),
        )
        .await?;
        wait_until("the viewport", async || {
            let size = self.evaluate("[innerWidth, innerHeight]").await?;
            Ok(size == json!([width, height]))
        })
        .await
    }

    /// Gives the page the screen of a device that is held in the hand, of this size in CSS pixels.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn hand_held(&self, width: u32, height: u32) -> Result<()> {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 2.0, "mobile": true }),
        )
        .await?;
        wait_until("the screen", async || {
            let size = self.evaluate("[innerWidth, innerHeight]").await?;
            Ok(size == json!([width, height]))
        })
        .await
    }

    /// Makes the tab that of a device whose screen is touched with up to ten fingers.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn touch_screen(&self) -> Result<()> {
        self.call(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": true, "maxTouchPoints": 10 }),
        )
        .await?;
        Ok(())
    }

    /// Tells the page that its operator prefers no motion, so that nothing is caught halfway.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn without_motion(&self) -> Result<()> {
        let features = json!([{ "name": "prefers-reduced-motion", "value": "reduce" }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await?;
        Ok(())
    }

    /// Tells the page that its operator likes it `dark` or `light`, and without motion.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn scheme(&self, scheme: &str) -> Result<()> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await?;
        Ok(())
    }

    /// Lets pages read and write the clipboard without asking.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn allow_the_clipboard(&self) -> Result<()> {
        let permissions = json!(["clipboardReadWrite", "clipboardSanitizedWrite"]);
        self.call(
            "Browser.grantPermissions",
            json!({ "permissions": permissions }),
        )
        .await?;
        Ok(())
    }

    /// A PNG of the viewport.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let answer = self.call("Page.captureScreenshot", json!({})).await?;
        let data = answer["data"].as_str().context("a picture")?;
        Ok(BASE64_STANDARD.decode(data)?)
    }

    /// What is on a canvas now, in the canvas' own pixels.
    ///
    /// # Errors
    /// Where the element is not a canvas.
    pub async fn canvas(&self, canvas: &Element) -> Result<Picture> {
        let copy = self
            .of(
                canvas,
                "(async (canvas) => {
                    const { width, height } = canvas;
                    const copy = new OffscreenCanvas(width, height);
                    copy.getContext('2d').drawImage(canvas, 0, 0);
                    const blob = await copy.convertToBlob({ type: 'image/png' });
                    const bytes = new Uint8Array(await blob.arrayBuffer());
                    let text = '';
                    for (let at = 0; at < bytes.length; at += 32768)
                        text += String.fromCharCode(...bytes.subarray(at, at + 32768));
                    return btoa(text);
                })(this)",
            )
            .await?;
        let png = BASE64_STANDARD.decode(copy.as_str().context("a picture")?)?;
        Picture::from_png(&png)
    }

    /// Minimizes the window that this tab is in.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn minimize(&self) -> Result<()> {
        let window = self.call("Browser.getWindowForTarget", json!({})).await?;
        let bounds = json!({
            "windowId": window["windowId"], "bounds": { "windowState": "minimized" },
        });
        self.call("Browser.setWindowBounds", bounds).await?;
        Ok(())
    }

    /// Closes this tab.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn close(&self) -> Result<()> {
        self.devtools
            .call(
                None,
                "Target.closeTarget",
                &json!({ "targetId": self.target }),
            )
            .await?;
        Ok(())
    }
}
