//! Fingers on a touch screen.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Result;
use serde_json::json;

use super::Tab;

/// The fingers on a tab's screen. They have a clock of their own, so that a tap is quick on a busy machine, too.
pub struct Fingers<'a> {
    tab: &'a Tab,
    points: BTreeMap<u32, (f64, f64)>,
    now_s: f64,
}

impl<'a> Fingers<'a> {
    /// None is down.
    #[must_use]
    pub fn on(tab: &'a Tab) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            tab,
            points: BTreeMap::new(),
            now_s: now.map_or(0.0, |now| now.as_secs_f64()),
        }
    }

    /// Lets time pass on the fingers' clock.
    pub fn wait_ms(&mut self, ms: f64) -> &mut Self {
        self.now_s += ms / 1000.0;
        self
    }

    /// A finger comes down.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn down(&mut self, finger: u32, x: f64, y: f64) -> Result<()> {
        self.points.insert(finger, (x, y));
        self.tell("touchStart", &[finger]).await
    }

    /// Fingers move to these points in so many steps of 10 ms.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn glide(&mut self, ways: &[(u32, f64, f64)], steps: u32) -> Result<()> {
        let from = self.points.clone();
        for step in 1..=steps {
            let part = f64::from(step) / f64::from(steps);
            let moving: Vec<_> = ways.iter().map(|(finger, ..)| *finger).collect();
            for (finger, x, y) in ways {
                let (start_x, start_y) = from[finger];
                let at = (
                    start_x + (x - start_x) * part,
                    start_y + (y - start_y) * part,
                );
                self.points.insert(*finger, at);
            }
            self.wait_ms(10.0).tell("touchMove", &moving).await?;
        }
        Ok(())
    }

    /// A finger is lifted.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn up(&mut self, finger: u32) -> Result<()> {
        self.tell("touchEnd", &[finger]).await?;
        self.points.remove(&finger);
        Ok(())
    }

    /// The system takes all fingers for itself.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn cancel(&mut self) -> Result<()> {
        self.points.clear();
        self.tell("touchCancel", &[]).await
    }

    /// A tap of as many fingers as there are points.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn tap(&mut self, points: &[(f64, f64)]) -> Result<()> {
        for (finger, (x, y)) in (0..).zip(points) {
            self.down(finger, *x, *y).await?;
            self.wait_ms(10.0);
        }
        self.wait_ms(40.0);
        for (finger, _) in (0..).zip(points) {
            self.up(finger).await?;
            self.wait_ms(10.0);
        }
        Ok(())
    }

    async fn tell(&self, kind: &str, fingers: &[u32]) -> Result<()> {
        let points: Vec<_> = fingers
            .iter()
            .map(|id| json!({ "id": id, "x": self.points[id].0, "y": self.points[id].1 }))
            .collect();
        self.tab
            .call(
                "Input.dispatchTouchEvent",
                json!({ "type": kind, "touchPoints": points, "timestamp": self.now_s }),
            )
            .await?;
        Ok(())
    }
}
