//! The EDID of the simulated monitor (VESA E-EDID 1.4 with a CTA-861 block).

use super::geometry::Size;

const BLOCK: usize = 128;
const HEADER: [u8; 8] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0];

/// A monitor of 1920x1080 at 60 Hz that takes the usual smaller sizes, too: 256 bytes.
#[must_use]
pub fn default() -> Vec<u8> {
    let mut edid = base_block();
    edid.extend(cta_block());
    edid
}

/// Why an EDID is not one; `None` where it is.
#[must_use]
pub fn fault(edid: &[u8]) -> Option<&'static str> {
    if edid.is_empty() || !edid.len().is_multiple_of(BLOCK) || edid.len() > 256 * BLOCK {
        return Some("an EDID is one or more blocks of 128 bytes");
    }
    if !edid.starts_with(&HEADER) {
        return Some("the EDID has no header");
    }
    if edid.chunks(BLOCK).any(|block| sum(block) != 0) {
        return Some("a block of the EDID has a wrong checksum");
    }
    (usize::from(edid[126]) + 1 != edid.len() / BLOCK)
        .then_some("the EDID counts its blocks wrongly")
}

/// The size of the first detailed timing, where the PC can show it.
#[must_use]
pub fn preferred_size(edid: &[u8]) -> Option<Size> {
    let timing = edid
        .get(54..72)
        .filter(|timing| timing[0] != 0 || timing[1] != 0)?;
    let active = |low: u8, high: u8| u16::from(low) | u16::from(high >> 4) << 8;
    Size::new(active(timing[2], timing[4]), active(timing[5], timing[7])).ok()
}

fn sum(block: &[u8]) -> u8 {
    block.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn closed(mut block: Vec<u8>) -> Vec<u8> {
    block.resize(BLOCK - 1, 0);
    block.push(0_u8.wrapping_sub(sum(&block)));
    block
}

#[rustfmt::skip]
fn base_block() -> Vec<u8> {
    let mut block = HEADER.to_vec();
    block.extend([
        0x04, 0x68, 0x01, 0x00, 1, 0, 0, 0,     // maker "ACH", product 1, serial 1
        1, 36, 1, 4,                            // week 1 of 2026, EDID 1.4
        0xA2, 53, 30, 120, 0x06,                // digital, 8 bits, HDMI; 53 by 30 cm; gamma 2.2; sRGB, preferred timing
        0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54, // sRGB's primaries
        0xA1, 0x08, 0x00,                       // 720x400, 640x480, 800x600 and 1024x768 at 60 or 70 Hz
        0x81, 0xC0, 0x81, 0x80, 0xD1, 0xC0, 0xA9, 0xC0, 0xB3, 0x00, 0x95, 0x00, 0x01, 0x01, 0x01, 0x01,
    ]);
    block.extend(TIMING_1080P60);
    block.extend(text_descriptor(0xFC, "Armchair"));
    block.extend(text_descriptor(0xFF, "1"));
    block.extend([0, 0, 0, 0xFD, 0, 24, 75, 15, 140, 60, 0, 10, 32, 32, 32, 32, 32, 32]);
    block.push(1);
    closed(block)
}

#[rustfmt::skip]
fn cta_block() -> Vec<u8> {
    let video = [0x44, 16, 4, 3, 1];            // 1080p, 720p, 480p, VGA at 60 Hz
    let hdmi = [0x65, 0x03, 0x0C, 0x00, 0x10, 0x00];
    let timings = 4 + video.len() + hdmi.len();
    let mut block = vec![2, 3, u8::try_from(timings).unwrap_or(4), 0];
    block.extend(video);
    block.extend(hdmi);
    block.extend(TIMING_1080P60);
    closed(block)
}

/// 148.5 MHz, 1920 + 280 by 1080 + 45, both syncs positive (CTA-861, VIC 16).
const TIMING_1080P60: [u8; 18] = [
    0x02, 0x3A, 0x80, 0x18, 0x71, 0x38, 0x2D, 0x40, 0x58, 0x2C, 0x45, 0x00, 0x13, 0x2B, 0x21, 0x00,
    0x00, 0x1E,
];

fn text_descriptor(tag: u8, text: &str) -> [u8; 18] {
    let mut descriptor = [b' '; 18];
    descriptor[..5].copy_from_slice(&[0, 0, 0, tag, 0]);
    let end = 5 + text.len().min(12);
    descriptor[5..end].copy_from_slice(&text.as_bytes()[..end - 5]);
    descriptor[end] = b'\n';
    descriptor
}

#[cfg(test)]
mod tests {
    use super::{default, fault, preferred_size};

    #[test]
    fn the_default_is_valid_and_prefers_full_hd() {
        let edid = default();
        assert_eq!(edid.len(), 256);
        assert_eq!(fault(&edid), None);
        assert_eq!(preferred_size(&edid).unwrap().to_string(), "1920x1080");
        for block in edid.chunks(128) {
            assert_eq!(
                block.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 256,
                0
            );
        }
    }

    #[test]
    fn what_is_no_edid_is_refused() {
        let mut edid = default();
        assert!(fault(&[]).is_some());
        assert!(fault(&edid[..128]).is_some_and(|fault| fault.contains("counts")));
        assert!(fault(&edid[..100]).is_some_and(|fault| fault.contains("128 bytes")));
        edid[60] ^= 1;
        assert!(fault(&edid).is_some_and(|fault| fault.contains("checksum")));
    }
}
