//! What a decoder must be told of an H.264 stream, read from the stream itself.

/// The NAL unit type of a sequence parameter set (ITU-T H.264, table 7-1).
const SEQUENCE_PARAMETER_SET: u8 = 7;

/// The codec string of a key frame by its sequence parameter set, such as `avc1.42C01F` (RFC 6381): the profile, the
/// constraint flags and the level as they stand in the stream. `None` where the access unit has none.
#[must_use]
pub fn codec_string(access_unit: &[u8]) -> Option<String> {
    let parameters = units(access_unit).find(|unit| {
        unit.first()
            .is_some_and(|head| head & 0x1F == SEQUENCE_PARAMETER_SET)
    })?;
    let [_, profile, constraints, level, ..] = parameters else {
        return None;
    };
    Some(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
}

/// The NAL units of an Annex B byte stream, each from its head to the end of the access unit (enough to read a
/// head, and no byte is looked at twice).
fn units(access_unit: &[u8]) -> impl Iterator<Item = &[u8]> {
    access_unit
        .windows(3)
        .enumerate()
        .filter(|(_, bytes)| bytes == &[0, 0, 1])
        .map(|(start, _)| &access_unit[start + 3..])
}

#[cfg(test)]
mod tests {
    use super::codec_string;

    #[test]
    fn profile_constraints_and_level_are_read() {
        let baseline = [0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1F, 0x8C, 0x8D, 0x40];
        assert_eq!(codec_string(&baseline).as_deref(), Some("avc1.42C01F"));
    }

    #[test]
    fn the_set_is_found_behind_other_units() {
        let delimiter_first = [
            0, 0, 0, 1, 0x09, 0xF0, 0, 0, 1, 0x27, 0x64, 0x00, 0x28, 0xAC,
        ];
        assert_eq!(
            codec_string(&delimiter_first).as_deref(),
            Some("avc1.640028")
        );
    }

    #[test]
    fn a_stream_without_one_has_no_codec_string() {
        assert_eq!(codec_string(&[0, 0, 1, 0x65, 0x88, 0x84]), None);
        assert_eq!(codec_string(&[0, 0, 1, 0x67, 0x42]), None);
        assert_eq!(codec_string(&[0, 0, 1]), None);
        assert_eq!(codec_string(&[]), None);
    }
}
