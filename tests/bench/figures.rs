//! Figures of one group, as text and as JSON.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use tests::relay::target_folder;

/// A group of figures. Printed as they come; written when dropped.
pub(crate) struct Figures {
    name: &'static str,
    values: Map<String, Value>,
}

impl Figures {
    /// An empty group.
    pub(crate) fn new(name: &'static str) -> Self {
        println!("\n{name}");
        Self {
            name,
            values: Map::new(),
        }
    }

    /// One number.
    pub(crate) fn number(&mut self, what: &str, value: f64, unit: &str) {
        println!("  {what:<58} {value:>9.2} {unit}");
        self.values
            .insert(what.to_owned(), json!({ "value": value, "unit": unit }));
    }

    /// The middle and the slow end of times in microseconds.
    pub(crate) fn times(&mut self, what: &str, times_us: &[u64]) {
        let mut sorted = times_us.to_vec();
        sorted.sort_unstable();
        let at = |share: f64| {
            let index = (sorted.len().saturating_sub(1)) as f64 * share;
            sorted.get(index.round() as usize).copied().unwrap_or(0) as f64 / 1000.0
        };
        let (median, p95, count) = (at(0.5), at(0.95), sorted.len());
        println!("  {what:<58} {median:>9.2} ms median {p95:>9.2} ms p95  ({count})");
        self.values.insert(
            what.to_owned(),
            json!({ "median_ms": median, "p95_ms": p95, "count": count }),
        );
    }

    fn write(&self) -> Result<()> {
        let folder = target_folder()?.join("bench");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}.json", self.name));
        std::fs::write(&file, serde_json::to_vec_pretty(&self.values)?)
            .with_context(|| file.display().to_string())
    }
}

impl Drop for Figures {
    fn drop(&mut self) {
        if let Err(error) = self.write() {
            eprintln!("{} is not written: {error:#}", self.name);
        }
    }
}
