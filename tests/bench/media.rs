//! How fast an image arrives, against a copy of a file on the same disk.

use std::{fs::File, path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use tests::relay::Relay;

use crate::figures::Figures;

/// The size of the image, in bytes.
const SIZE: usize = 256 << 20;

/// How often each is measured; the middle one counts.
pub(crate) const ROUNDS: usize = 3;

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let bytes: Vec<u8> = (0..SIZE / 8)
        .flat_map(|word| {
            (word as u64)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .to_le_bytes()
        })
        .collect();
    let source = relay.folder().join("source");
    std::fs::write(&source, &bytes)?;
    let (mut copies, mut uploads) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        copies.push(rate(copy(&source, &relay.folder().join("copy"))?));
        let start = Instant::now();
        let announced = account.announce(&format!("{round}.img"), SIZE).await?;
        let upload = announced.location.context("a place for the upload")?;
        let sent = account.send_chunk(&upload, 0, &bytes).await?;
        ensure!(sent.status.is_success(), "{}", sent.body);
        uploads.push(rate(start.elapsed().as_secs_f64()));
    }
    let (copied, uploaded) = (middle(copies), middle(uploads));
    figures.number(
        "upload over loopback, hashed and on the disk",
        uploaded,
        "MB/s",
    );
    figures.number("copy of the file, on the disk", copied, "MB/s");
    figures.number("upload against copy", uploaded / copied, "");
    Ok(())
}

/// In seconds.
fn copy(from: &Path, to: &Path) -> Result<f64> {
    let start = Instant::now();
    std::fs::copy(from, to)?;
    File::open(to)?.sync_all()?;
    let took = start.elapsed().as_secs_f64();
    std::fs::remove_file(to)?;
    Ok(took)
}

fn rate(seconds: f64) -> f64 {
    SIZE as f64 / 1e6 / seconds
}

pub(crate) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
