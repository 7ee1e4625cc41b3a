//! How fast the machine reads an image that stays on its server, against one in the library.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use tests::{
    drives::noise,
    range_server::{Manners, RangeServer},
    relay::Relay,
};

use crate::{
    figures::Figures,
    media::{ROUNDS, middle},
};

/// The size of the image, in bytes.
const SIZE: usize = 128 << 20;

const ALLOWED: &str = "[drives]\nallow_networks = [\"127.0.0.1\"]\n";

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let mut relay = Relay::serve_with(ALLOWED).await?;
    let account = relay.claimed().await?;
    relay.sim.boots().await?;
    let bytes = Arc::new(noise(SIZE, 1));
    let image = account.upload("image.img", &bytes).await?;
    let server = RangeServer::start(Manners {
        bytes,
        etag: Some("image".into()),
        ..Manners::default()
    })
    .await?;
    let (mut near, mut far, mut first) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        account.insert("usb", image, false).await?.done()?;
        near.push(read(&relay).await?);
        account.eject("usb", false).await?.done()?;
        let start = Instant::now();
        let url = server.url("image.img");
        account.insert_in_place("usb", &url).await?.done()?;
        relay
            .sim
            .state_where("a read of the machine", |state| {
                state
                    .drives
                    .iter()
                    .any(|drive| drive.slot == "usb" && drive.bytes_read > 0)
            })
            .await?;
        first.push(start.elapsed().as_secs_f64() * 1e3);
        far.push(read(&relay).await?);
        account.eject("usb", false).await?.done()?;
    }
    let (near, far) = (middle(near), middle(far));
    figures.number("image in the library, read by the machine", near, "MB/s");
    figures.number("image on a server, read by the machine", far, "MB/s");
    figures.number("on a server against in the library", far / near, "");
    figures.number(
        "first block of an image on a server, from the wish on",
        middle(first),
        "ms",
    );
    Ok(())
}

/// The whole medium; in MB/s.
async fn read(relay: &Relay) -> Result<f64> {
    let start = Instant::now();
    let read = relay.sim.read("usb").await?;
    ensure!(read["bytes"] == SIZE, "{read}");
    Ok(SIZE as f64 / 1e6 / start.elapsed().as_secs_f64())
}
