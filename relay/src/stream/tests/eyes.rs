//! What of a picture arrives at a viewer.

use openh264::{
    decoder::{DecodedYUV, Decoder},
    formats::YUVSource,
};

use super::picture::Rgb;

/// What a viewer sees: the stream decoded.
pub(super) struct Eyes {
    decoder: Decoder,
}

impl Eyes {
    pub(super) fn open() -> Self {
        Self {
            decoder: Decoder::new().unwrap(),
        }
    }

    /// The mean absolute error of each of Y, U and V against a picture; of the chroma where its four pixels have one colour.
    pub(super) fn error(&mut self, unit: &[u8], expected: &Rgb) -> [f64; 3] {
        self.errors(unit, &[expected])[0]
    }

    /// The same against each of some pictures of one size.
    pub(super) fn errors(&mut self, unit: &[u8], expected: &[&Rgb]) -> Vec<[f64; 3]> {
        let decoded = self.decoder.decode(unit).unwrap().expect("a picture");
        expected
            .iter()
            .map(|expected| error(&decoded, expected))
            .collect()
    }
}

fn error(decoded: &DecodedYUV<'_>, expected: &Rgb) -> [f64; 3] {
    let (width, height) = (expected.width, expected.height);
    let coded = |side: usize| side.next_multiple_of(2).max(16);
    assert_eq!(decoded.dimensions(), (coded(width), coded(height)));
    let (y_stride, u_stride, v_stride) = decoded.strides();
    let (mut luma, mut chroma) = (Mean::default(), [Mean::default(), Mean::default()]);
    for y in 0..height {
        for x in 0..width {
            let [wanted, u, v] = expected.ycc(x, y);
            luma.add(decoded.y()[y * y_stride + x], wanted);
            let (left, top) = (x / 2 * 2, y / 2 * 2);
            let block = [
                (left, top),
                (left + 1, top),
                (left, top + 1),
                (left + 1, top + 1),
            ];
            if block
                .iter()
                .all(|(x, y)| expected.ycc(*x, *y) == [wanted, u, v])
            {
                chroma[0].add(decoded.u()[y / 2 * u_stride + x / 2], u);
                chroma[1].add(decoded.v()[y / 2 * v_stride + x / 2], v);
            }
        }
    }
    [luma.value(), chroma[0].value(), chroma[1].value()]
}

/// A mean absolute error.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, seen: u8, wanted: f64) {
        self.sum += (f64::from(seen) - wanted).abs();
        self.count += 1.0;
    }

    fn value(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }
}
