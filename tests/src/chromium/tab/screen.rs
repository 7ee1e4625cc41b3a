//! The device that the page is on: its screen, and what its operator likes.

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Element, Tab};
use crate::{picture::Picture, wait::wait_until};

impl Tab {
    /// Gives the page a viewport of this size in CSS pixels, at this device pixel ratio.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn viewport(&self, width: u32, height: u32, ratio: f64) -> Result<()> {
        let device = json!({
            "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": false,
        });
        self.become_device(device).await
    }

    /// Gives the page the screen of a device that is held in the hand, of this size in CSS pixels.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn hand_held(&self, width: u32, height: u32) -> Result<()> {
        let device = json!({
            "width": width, "height": height, "deviceScaleFactor": 2.0, "mobile": true,
        });
        self.become_device(device).await
    }

    async fn become_device(&self, device: Value) -> Result<()> {
        let wanted = json!([device["width"], device["height"]]);
        self.call("Emulation.setDeviceMetricsOverride", device)
            .await?;
        wait_until("the screen", async || {
            Ok(self.evaluate("[innerWidth, innerHeight]").await? == wanted)
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
        self.prefer(json!([{ "name": "prefers-reduced-motion", "value": "reduce" }]))
            .await
    }

    /// Tells the page that its operator likes it `dark` or `light`, and without motion.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn scheme(&self, scheme: &str) -> Result<()> {
        self.prefer(json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]))
        .await
    }

    async fn prefer(&self, features: Value) -> Result<()> {
        let media = json!({ "features": features });
        self.call("Emulation.setEmulatedMedia", media).await?;
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
}
