//! Decoding on a thread of its own, so that a slow decoder never slows the reading down.

use std::sync::Arc;

use openh264::{decoder::Decoder, formats::YUVSource};
use shared::{
    ToRelay,
    video::{Ack, Format, Frame},
    wire::encode_to_relay,
};
use tokio::sync::{mpsc, watch};

use super::{Command, Decoded, Options, Received, now_us};
use crate::picture::Yuv;

/// Where frames go. The thread behind it ends when this is dropped.
pub(super) struct Sink(std::sync::mpsc::Sender<(Received, Vec<u8>)>);

impl Sink {
    pub(super) fn start(
        options: Options,
        commands: mpsc::WeakUnboundedSender<Command>,
        show: watch::Sender<Option<Arc<Yuv>>>,
        report: mpsc::UnboundedSender<Received>,
    ) -> Self {
        let (frames, queue) = std::sync::mpsc::channel::<(Received, Vec<u8>)>();
        std::thread::spawn(move || {
            let mut stream = Stream::default();
            for (mut received, access_unit) in queue {
                if options.decodes {
                    received.decoded = stream.decode(&received.frame, &access_unit, &show);
                }
                if options.acknowledges
                    && let Some(commands) = commands.upgrade()
                {
                    let _ = commands.send(Command::Send(acknowledgement(&received)));
                }
                let _ = report.send(received);
            }
        });
        Self(frames)
    }

    pub(super) fn take(&self, frame: Frame, arrived_us: u64, bytes: usize, access_unit: &[u8]) {
        let received = Received {
            frame,
            arrived_us,
            bytes,
            decoded: Decoded::Not,
        };
        let _ = self.0.send((received, access_unit.to_vec()));
    }
}

fn acknowledgement(received: &Received) -> Vec<u8> {
    let shown_us = now_us().saturating_sub(received.arrived_us).max(1);
    encode_to_relay(&ToRelay::Ack(Ack {
        stream: received.frame.stream,
        sequence: received.frame.sequence,
        shown_us: shown_us.try_into().unwrap_or(u32::MAX),
    }))
}

/// The decoder of the stream that is being received. A new one starts at the first frame of a stream, whatever that
/// is, and fails where it is not a key frame.
#[derive(Default)]
struct Stream {
    id: Option<u32>,
    format: Option<Format>,
    decoder: Option<Decoder>,
}

impl Stream {
    fn decode(
        &mut self,
        frame: &Frame,
        access_unit: &[u8],
        show: &watch::Sender<Option<Arc<Yuv>>>,
    ) -> Decoded {
        match self.try_decode(frame, access_unit) {
            Ok(yuv) => {
                let decoded = Decoded::Picture {
                    width: yuv.width,
                    height: yuv.height,
                    time_code: yuv.time_code(),
                };
                show.send_replace(Some(Arc::new(yuv)));
                decoded
            }
            Err(why) => Decoded::Failed(why),
        }
    }

    fn try_decode(&mut self, frame: &Frame, access_unit: &[u8]) -> Result<Yuv, String> {
        if self.id != Some(frame.stream) || self.decoder.is_none() {
            self.decoder = Some(Decoder::new().map_err(|error| error.to_string())?);
            self.id = Some(frame.stream);
            self.format = None;
        }
        self.format = frame.format.or(self.format);
        let format = self.format.ok_or("a stream that starts without a format")?;
        let decoder = self.decoder.as_mut().ok_or("no decoder")?;
        let picture = decoder
            .decode(access_unit)
            .map_err(|error| error.to_string())?
            .ok_or("the decoder holds the picture back")?;
        let (width, height) = (usize::from(format.width), usize::from(format.height));
        let (coded_width, coded_height) = picture.dimensions();
        if !(width..=width + 1).contains(&coded_width)
            || !(height..=height + 1).contains(&coded_height)
        {
            return Err(format!(
                "{coded_width}x{coded_height} coded, {width}x{height} announced"
            ));
        }
        let (y_stride, uv_stride, _) = picture.strides();
        Ok(Yuv {
            width,
            height,
            y: picture.y().to_vec(),
            y_stride,
            u: picture.u().to_vec(),
            v: picture.v().to_vec(),
            uv_stride,
        })
    }
}
