//! What somebody puts into the machine's drives, over HTTP.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::account::{Account, Answer};

impl Account {
    /// Uploads an image, and gives its number.
    ///
    /// # Errors
    /// Where the relay refuses it.
    pub async fn upload(&self, name: &str, bytes: &[u8]) -> Result<u32> {
        let announced = self.announce(name, bytes.len()).await?;
        announced.done()?;
        let upload = announced.location.context("no place for it")?;
        self.send_chunk(&upload, 0, bytes).await?.done()?;
        let image = self.image(name).await?;
        let id = image["id"].as_u64().context("a number")?;
        Ok(u32::try_from(id)?)
    }

    /// Uploads the first bytes of an image on which zeros follow, up to `size`, and gives its number.
    ///
    /// # Errors
    /// Where the relay refuses it.
    pub async fn upload_start(&self, name: &str, bytes: &[u8], size: u64) -> Result<u32> {
        let announced = self.announce_start(name, bytes.len(), size).await?;
        announced.done()?;
        let upload = announced.location.context("no place for it")?;
        self.send_chunk(&upload, 0, bytes).await?.done()?;
        let id = self.image(name).await?["id"].as_u64();
        Ok(u32::try_from(id.context("a number")?)?)
    }

    /// Gets the bytes of something.
    ///
    /// # Errors
    /// Where it is not there.
    pub async fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let response = self.asks(Method::GET, path)?.send().await?;
        Ok(response.error_for_status()?.bytes().await?.to_vec())
    }

    /// What the library says of the image of this name.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn image(&self, name: &str) -> Result<Value> {
        let library = self.request(Method::GET, "api/v1/images").await?.body;
        let mut images = library["images"].as_array().into_iter().flatten();
        let image = images.find(|image| image["name"] == name).cloned();
        image.with_context(|| format!("no {name} in {library}"))
    }

    /// The bytes of an image.
    ///
    /// # Errors
    /// Where it is not there.
    pub async fn download(&self, image: u32) -> Result<Vec<u8>> {
        self.bytes(&format!("api/v1/images/{image}/content")).await
    }

    /// Inserts an image.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn insert(&self, slot: &str, image: u32, writable: bool) -> Result<Answer> {
        let body = json!({ "image": image, "writable": writable });
        self.post(&format!("api/v1/drives/{slot}/insert"), &body)
            .await
    }

    /// Inserts an image that stays on its server.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn insert_in_place(&self, slot: &str, url: &str) -> Result<Answer> {
        self.post(
            &format!("api/v1/drives/{slot}/insert"),
            &json!({ "url": url }),
        )
        .await
    }

    /// Inserts a file that a browser holds.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn insert_held(&self, slot: &str, held: u32) -> Result<Answer> {
        let body = json!({ "held": held });
        self.post(&format!("api/v1/drives/{slot}/insert"), &body)
            .await
    }

    /// Empties a drive.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn eject(&self, slot: &str, force: bool) -> Result<Answer> {
        let body = json!({ "force": force });
        self.post(&format!("api/v1/drives/{slot}/eject"), &body)
            .await
    }
}

impl Answer {
    /// Makes sure that it was done.
    ///
    /// # Errors
    /// Where it was not.
    pub fn done(&self) -> Result<()> {
        ensure!(self.status.is_success(), "{} {}", self.status, self.body);
        Ok(())
    }

    /// Makes sure that it was refused so.
    ///
    /// # Errors
    /// Where it was not.
    pub fn refused(&self, status: u16, kind: &str) -> Result<()> {
        let expected = format!("urn:armchair:{kind}");
        ensure!(
            self.status.as_u16() == status && self.body["type"] == expected.as_str(),
            "{} {} instead of {status} {expected}",
            self.status,
            self.body
        );
        let detail = self.body["detail"].as_str().unwrap_or_default();
        ensure!(detail.ends_with('.'), "no sentence: {}", self.body);
        Ok(())
    }
}

/// In hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes without a pattern, the same for the same seed.
#[must_use]
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A medium of `relay/src/media/volume/samples`, which other tools have made: its size (64 bits), then each block of
/// 512 bytes that is not empty, behind its number (32 bits).
///
/// # Errors
/// Where there is no such sample.
pub fn sample(name: &str) -> Result<Vec<u8>> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../relay/src/media/volume/samples"
    );
    let sparse = std::fs::read(format!("{folder}/{name}.sparse"))?;
    let (size, blocks) = sparse.split_first_chunk().context("a size")?;
    let mut medium = vec![0; usize::try_from(u64::from_le_bytes(*size))?];
    for block in blocks.chunks_exact(4 + 512) {
        let (number, bytes) = block.split_first_chunk().context("a number")?;
        let at = u32::from_le_bytes(*number) as usize * 512;
        let part = &mut medium[at..];
        let length = part.len().min(512);
        part[..length].copy_from_slice(&bytes[..length]);
    }
    Ok(medium)
}
