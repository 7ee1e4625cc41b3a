//! What is on the page, as assistive technology finds it.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Tab;
use crate::wait::wait_for;

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
}
