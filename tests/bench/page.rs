//! How large the page is, and how soon it shows a picture.

use std::path::Path;

use anyhow::{Context, Result};
use tests::{
    chromium::Chromium,
    page::Page,
    relay::{Relay, target_folder},
    wait::wait_for,
};

use crate::figures::Figures;

const LOADS: usize = 5;

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    sizes(figures, &target_folder()?.join("page"))?;
    let mut times = Vec::new();
    for _ in 0..LOADS {
        times.push(first_picture().await?);
    }
    figures.times("time to first picture, empty cache", &times);
    Ok(())
}

fn sizes(figures: &mut Figures, folder: &Path) -> Result<()> {
    let mut files: Vec<(String, u64)> = Vec::new();
    list(folder, folder, &mut files)?;
    files.sort();
    let raw = files.iter().filter(|(name, _)| !name.ends_with(".br"));
    let mut sums = (0, 0);
    for (name, size) in raw {
        let brotli = files
            .iter()
            .find(|(other, _)| *other == format!("{name}.br"));
        let sent = brotli.map_or(*size, |(_, size)| *size);
        sums = (sums.0 + size, sums.1 + sent);
        figures.number(&format!("{name}, as sent"), sent as f64 / 1e3, "kB");
    }
    figures.number("page in all, uncompressed", sums.0 as f64 / 1e3, "kB");
    figures.number("page in all, as sent", sums.1 as f64 / 1e3, "kB");
    Ok(())
}

fn list(root: &Path, folder: &Path, files: &mut Vec<(String, u64)>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(root, &entry.path(), files)?;
        } else {
            let name = entry.path().strip_prefix(root)?.display().to_string();
            files.push((name, entry.metadata()?.len()));
        }
    }
    Ok(())
}

/// Notes when the canvas first has something else than one flat colour on it.
const WATCH_FOR_A_PICTURE: &str = "
(() => {
    const copy = new OffscreenCanvas(64, 64);
    const context = copy.getContext('2d', { willReadFrequently: true });
    const look = () => {
        const canvas = document.querySelector('canvas');
        if (canvas?.width > 1 && canvas.height > 1) {
            context.clearRect(0, 0, 64, 64);
            context.drawImage(canvas, 0, 0, 64, 64);
            const pixels = new Uint32Array(context.getImageData(0, 0, 64, 64).data.buffer);
            if (pixels.some(pixel => pixel !== pixels[0])) {
                window.firstPicture = performance.now();
                return;
            }
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()";

async fn first_picture() -> Result<u64> {
    let (_relay, account) = Relay::demo_of_size("1920x1080").await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.inject(WATCH_FOR_A_PICTURE).await?;
    page.tab.go(&account.base).await?;
    let milliseconds = wait_for("the first picture", async || {
        Ok(page.tab.evaluate("window.firstPicture").await?.as_f64())
    })
    .await?;
    chromium.end().await?;
    Ok((milliseconds * 1000.0) as u64)
}
