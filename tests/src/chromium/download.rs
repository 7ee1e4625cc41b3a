//! Files that a page has the browser save.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::Tab;
use crate::wait::wait_for;

impl Tab {
    /// Lets pages save files in a folder, without asking.
    ///
    /// # Errors
    /// Where Chromium has gone.
    pub async fn downloads_to(&self, folder: &Path) -> Result<()> {
        let to = json!({ "behavior": "allow", "downloadPath": folder, "eventsEnabled": true });
        self.call("Browser.setDownloadBehavior", to).await?;
        Ok(())
    }

    /// Waits for a file with that extension to be downloaded, whole; of several, for the first.
    ///
    /// # Errors
    /// Where none comes within the deadline.
    pub async fn downloaded(&self, extension: &str) -> Result<PathBuf> {
        wait_for("a download", async || {
            let mut saved = self.devtools.saved().into_iter();
            Ok(saved.find(|file| file.extension().is_some_and(|found| found == extension)))
        })
        .await
    }
}

/// The names in a folder, sorted.
///
/// # Errors
/// Where it cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?;
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        Ok(entry?.file_name().to_string_lossy().into_owned())
    };
    let mut names: Vec<String> = entries.map(name).collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}
