//! H.264 in software, by openh264.

use std::{num::NonZero, time::Instant};

use openh264_sys2::{
    CAMERA_VIDEO_REAL_TIME, CM_BT709, CONSTANT_ID, CP_BT709, MEDIUM_COMPLEXITY, PRO_BASELINE,
    RC_OFF_MODE, SEncParamExt, SM_FIXEDSLCNUM_SLICE, SM_SINGLE_SLICE, TRC_BT709, VF_COMPONENT,
};
use shared::message::VideoSettings;

use super::{
    EncodeError, Encoder, Encoding, I420, Kind, Options,
    h264::Level,
    rate::{QP_FINEST, QP_MAX, RateControl},
};
use library::{Library, Output, Refused};

mod library;
#[cfg(test)]
mod tests;

/// Its name in the table.
pub const NAME: &str = "openh264";

/// Pictures of so many pixels and more are encoded by two threads.
const LARGE: usize = 1024 * 768;

/// Opens the encoder.
///
/// # Errors
/// Where it takes no pictures of this size.
pub fn open(options: Options) -> Result<Box<dyn Encoder>, EncodeError> {
    let Options {
        width,
        height,
        settings,
    } = options;
    Ok(Box::new(OpenH264 {
        library: Library::open(|parameters| configure(parameters, options))?,
        rate: RateControl::new(width * height, settings),
        unit: Vec::new(),
    }))
}

/// Everything that decides on a frame is ours: when it is a key frame, which quantizer it has, and that none is left out.
fn configure(parameters: &mut SEncParamExt, options: Options) {
    let Options {
        width,
        height,
        settings,
    } = options;
    let slices = slices(width * height);
    let side = |side: usize| i32::try_from(side).unwrap_or(i32::MAX);
    parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters.iComplexityMode = MEDIUM_COMPLEXITY;
    parameters.iPicWidth = side(width);
    parameters.iPicHeight = side(height);
    parameters.fMaxFrameRate = f32::from(settings.frame_rate);
    parameters.iTargetBitrate = side(settings.bitrate_kbps as usize * 1000);
    parameters.iRCMode = RC_OFF_MODE;
    parameters.iMinQp = i32::from(QP_FINEST);
    parameters.iMaxQp = i32::from(QP_MAX);
    parameters.bEnableFrameSkip = false;
    parameters.uiIntraPeriod = 0;
    parameters.bEnableSceneChangeDetect = false;
    parameters.bEnableBackgroundDetection = false;
    parameters.bEnableAdaptiveQuant = false;
    parameters.bEnableLongTermReference = false;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.iMultipleThreadIdc = slices;

    let layer = &mut parameters.sSpatialLayers[0];
    layer.iVideoWidth = side(width);
    layer.iVideoHeight = side(height);
    layer.fFrameRate = f32::from(settings.frame_rate);
    layer.iSpatialBitrate = parameters.iTargetBitrate;
    layer.uiProfileIdc = PRO_BASELINE;
    layer.uiLevelIdc = u32::from(Level::fitting(width, height, settings).0) as _;
    layer.sSliceArgument.uiSliceMode = if slices > 1 {
        SM_FIXEDSLCNUM_SLICE
    } else {
        SM_SINGLE_SLICE
    };
    layer.sSliceArgument.uiSliceNum = u32::from(slices);
    layer.bVideoSignalTypePresent = true;
    layer.uiVideoFormat = VF_COMPONENT as _;
    layer.bFullRange = false;
    layer.bColorDescriptionPresent = true;
    layer.uiColorPrimaries = CP_BT709 as _;
    layer.uiTransferCharacteristics = TRC_BT709 as _;
    layer.uiColorMatrix = CM_BT709 as _;
}

/// Large pictures are encoded as two slices on two threads: the same work in little more than half of the time. More slices
/// cost more bits than they save time.
fn slices(pixels: usize) -> u16 {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    if threads > 1 && pixels >= LARGE { 2 } else { 1 }
}

struct OpenH264 {
    library: Library,
    rate: RateControl,
    unit: Vec<u8>,
}

impl Encoder for OpenH264 {
    fn encode(
        &mut self,
        now: Instant,
        picture: &I420,
        kind: Kind,
    ) -> Result<Encoding<'_>, EncodeError> {
        let Some(quantizer) = self.rate.plan(now, kind, picture.change()) else {
            return Ok(Encoding::Skipped);
        };
        self.library.set_quantizer(quantizer)?;
        if kind == Kind::Key {
            self.library.force_key()?;
        }
        self.unit.clear();
        let output = self.library.encode(picture, &mut self.unit)?;
        if output == Output::Nothing {
            return Ok(Encoding::Skipped);
        }
        self.rate.spent(kind, 8 * self.unit.len() as u64);
        Ok(Encoding::Unit {
            data: &self.unit,
            key: output == Output::Key,
        })
    }

    fn set(&mut self, settings: VideoSettings) {
        self.rate.set(settings);
    }

    fn settled(&self) -> bool {
        self.rate.settled()
    }
}

impl From<Refused> for EncodeError {
    fn from(Refused(call, code): Refused) -> Self {
        Self::Failed {
            encoder: NAME,
            reason: format!("{call} answers {code}"),
        }
    }
}
