//! How fast the machine reads a file that a browser holds, against an image in the library.

use std::{sync::Arc, time::Instant};

use anyhow::{Context, Result, ensure};
use tests::{
    chromium::Chromium, drives::noise, native::holder::Holder, page::Page, relay::Relay, sim::Sim,
    wait::wait_until,
};

use crate::figures::Figures;

/// The size of the file, in bytes.
const SIZE: usize = 192 << 20;

/// How often a file is inserted whose first blocks are not here.
const FIRSTS: usize = 20;

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let bytes = Arc::new(noise(SIZE, 31));
    let image = account.upload("library.img", &bytes).await?;
    account.insert("usb", image, false).await?.done()?;
    let library = read(&relay.sim).await?;
    account.eject("usb", true).await?.done()?;

    let mut holder = Holder::offer(&account, "native.img", &bytes, None).await?;
    account
        .insert_held("usb", holder.number().await?)
        .await?
        .done()?;
    let native = read(&relay.sim).await?;
    account.eject("usb", true).await?.done()?;

    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Drives").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("browser.img");
    std::fs::write(&file, &*bytes)?;
    page.tab.element("region", "USB disk").await?;
    page.tab
        .choose_files(".held input[type=file]", &[&file])
        .await?;
    wait_until("the file is in the drive", async || {
        Ok(relay.sim.state().await?.drives[1].inserted)
    })
    .await?;
    let browser = read(&relay.sim).await?;
    account.eject("usb", true).await?.done()?;
    chromium.end().await?;

    figures.number("image of the library, read whole", library, "MB/s");
    figures.number("file held by a native client", native, "MB/s");
    figures.number("file held by Chromium", browser, "MB/s");
    figures.number(
        "file held by Chromium against the library",
        browser / library,
        "",
    );

    let mut times = Vec::new();
    for _ in 0..FIRSTS {
        let mut holder = Holder::offer(&account, "first.img", &bytes, None).await?;
        let held = holder.number().await?;
        let start = Instant::now();
        account.insert_held("usb", held).await?.done()?;
        times.push(u64::try_from(start.elapsed().as_micros())?);
        account.eject("usb", true).await?.done()?;
    }
    figures.times("insert of a held file, its first blocks read", &times);
    Ok(())
}

async fn read(sim: &Sim) -> Result<f64> {
    let start = Instant::now();
    let read = sim.read("usb").await?;
    let bytes = read["bytes"].as_u64().context("bytes")?;
    ensure!(bytes == SIZE as u64, "{read}");
    Ok(SIZE as f64 / 1e6 / start.elapsed().as_secs_f64())
}
