//! Brotli, as strong as it gets: a page is compressed once and served many times.

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;

/// Extensions of files that are compressed already.
const COMPRESSED: [&str; 5] = ["png", "webp", "avif", "jpg", "woff2"];

/// `bytes` compressed, or nothing where a browser would gain nothing from it.
pub(crate) fn brotli(name: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let extension = name.rsplit('.').next().unwrap_or_default();
    if COMPRESSED.contains(&extension) {
        return Ok(None);
    }
    let params = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params)?;
    Ok((compressed.len() < bytes.len()).then_some(compressed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let text = "a line that repeats itself\n".repeat(100);
        let compressed = brotli("a.js", text.as_bytes()).unwrap().unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &*compressed, &mut back).unwrap();
        assert_eq!(back, text.as_bytes());
    }

    #[test]
    fn nothing_is_gained_from_pictures_and_tiny_files() {
        assert!(brotli("a.png", &[0; 1000]).unwrap().is_none());
        assert!(brotli("a.txt", b"x").unwrap().is_none());
    }
}
