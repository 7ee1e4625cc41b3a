#![expect(
    unsafe_code,
    reason = "openh264's live options are reached by pointers only"
)]
//! What the safe interface of openh264 cannot change while it runs.

use std::ptr::from_mut;

use openh264::encoder::Encoder;
use openh264_sys2::{ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, SEncParamExt};

/// Sets the quantizer of the pictures from the next one on. The encoder must have encoded a picture.
pub(super) fn set_quantizer(encoder: &mut Encoder, quantizer: u8) -> Result<(), String> {
    let mut parameters = SEncParamExt::default();
    let option = from_mut(&mut parameters);
    // SAFETY: this option's value is one `SEncParamExt`, which the encoder copies into `parameters` and out of it before
    // each call returns. The quantizer of a layer is among what may change between two pictures.
    let (read, written) = unsafe {
        let api = encoder.raw_api();
        let read = api.get_option(ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, option.cast());
        (*option).sSpatialLayers[0].iDLayerQp = i32::from(quantizer);
        (
            read,
            api.set_option(ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, option.cast()),
        )
    };
    match (read, written) {
        (0, 0) => Ok(()),
        codes => Err(format!("quantizer {quantizer} is refused: {codes:?}")),
    }
}
