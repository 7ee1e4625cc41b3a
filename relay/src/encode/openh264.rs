//! H.264 in software, by openh264.

use std::time::Instant;

use openh264::{
    OpenH264API,
    encoder::{
        self, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile, QpRange,
        RateControlMode, SpsPpsStrategy, UsageType, VuiConfig,
    },
    formats::YUVSlices,
};
use shared::message::VideoSettings;

use super::{
    EncodeError, Encoder, Encoding, I420, Kind, Options,
    h264::Level,
    rate::{QP_FINEST, QP_MAX, RateControl},
};

mod live;

/// Its name in the table.
pub const NAME: &str = "openh264";

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
    let level = Level::fitting(width, height, settings);
    let config = config(settings, level);
    let encoder = encoder::Encoder::with_api_config(OpenH264API::from_source(), config)
        .map_err(|error| failed(&error))?;
    Ok(Box::new(OpenH264 {
        encoder,
        rate: RateControl::new(width * height, settings),
        unit: Vec::new(),
        started: false,
    }))
}

/// Everything that decides on a frame is ours: when it is a key frame, which quantizer it has, and that none is left out.
fn config(settings: VideoSettings, level: Level) -> EncoderConfig {
    EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .profile(Profile::Baseline)
        .level(level_of(level))
        .rate_control_mode(RateControlMode::Off)
        .skip_frames(false)
        .max_frame_rate(FrameRate::from_hz(f32::from(settings.frame_rate)))
        .intra_frame_period(IntraFramePeriod::from_num_frames(0))
        .scene_change_detect(false)
        .background_detection(false)
        .adaptive_quantization(false)
        .long_term_reference(false)
        .sps_pps_strategy(SpsPpsStrategy::ConstantId)
        .qp(QpRange::new(QP_FINEST, QP_MAX))
        .num_threads(1)
        .vui(VuiConfig::bt709())
}

struct OpenH264 {
    encoder: encoder::Encoder,
    rate: RateControl,
    unit: Vec<u8>,
    started: bool,
}

impl Encoder for OpenH264 {
    fn encode(&mut self, picture: &I420, kind: Kind) -> Result<Encoding<'_>, EncodeError> {
        let now = Instant::now();
        let Some(quantizer) = self.rate.plan(now, kind, picture.change()) else {
            return Ok(Encoding::Skipped);
        };
        if self.started {
            live::set_quantizer(&mut self.encoder, quantizer).map_err(|reason| {
                EncodeError::Failed {
                    encoder: NAME,
                    reason,
                }
            })?;
            if kind == Kind::Key {
                self.encoder.force_intra_frame();
            }
        }
        let (width, height) = (picture.width(), picture.height());
        let planes = YUVSlices::new(
            (picture.y(), picture.u(), picture.v()),
            (width, height),
            (width, width / 2, width / 2),
        );
        let stream = self
            .encoder
            .encode(&planes)
            .map_err(|error| failed(&error))?;
        let key = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P | FrameType::IPMixed => false,
            FrameType::Skip | FrameType::Invalid => return Ok(Encoding::Skipped),
        };
        self.unit.clear();
        stream.write_vec(&mut self.unit);
        self.rate.spent(kind, 8 * self.unit.len() as u64);
        self.started = true;
        Ok(Encoding::Unit {
            data: &self.unit,
            key,
        })
    }

    fn set(&mut self, settings: VideoSettings) {
        self.rate.set(settings);
    }

    fn settled(&self) -> bool {
        self.rate.settled()
    }
}

fn failed(error: &openh264::Error) -> EncodeError {
    EncodeError::Failed {
        encoder: NAME,
        reason: error.to_string(),
    }
}

fn level_of(level: Level) -> encoder::Level {
    use encoder::Level as L;
    match level.0 {
        10 => L::Level_1_0,
        11 => L::Level_1_1,
        12 => L::Level_1_2,
        13 => L::Level_1_3,
        20 => L::Level_2_0,
        21 => L::Level_2_1,
        22 => L::Level_2_2,
        30 => L::Level_3_0,
        31 => L::Level_3_1,
        32 => L::Level_3_2,
        40 => L::Level_4_0,
        41 => L::Level_4_1,
        42 => L::Level_4_2,
        50 => L::Level_5_0,
        51 => L::Level_5_1,
        _ => L::Level_5_2,
    }
}
