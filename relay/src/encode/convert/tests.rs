use super::{ConvertError, Converter, I420, Picture, PixelFormat};
use proptest::prelude::*;

/// A picture in red, green and blue.
#[derive(Clone, Debug)]
struct Source {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Source {
    fn at(&self, x: usize, y: usize) -> [f64; 3] {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        self.pixels[y * self.width + x].map(f64::from)
    }

    /// In a packed layout of this many bytes a pixel, with lines longer than needed.
    fn packed(&self, format: PixelFormat, spare: usize) -> (usize, Vec<u8>) {
        let size = if format == PixelFormat::Xrgb { 4 } else { 3 };
        let stride = size * self.width + spare;
        let mut data = vec![0xEE; stride * self.height];
        for (at, [r, g, b]) in self.pixels.iter().copied().enumerate() {
            let (x, y) = (at % self.width, at / self.width);
            let bytes = match format {
                PixelFormat::Rgb3 => [r, g, b],
                _ => [b, g, r],
            };
            let start = y * stride + size * x;
            data[start..start + 3].copy_from_slice(&bytes);
        }
        (stride, data)
    }
}

/// BT.709 limited range as in the recommendation, of the mean colour of some pixels.
fn bt709(pixels: &[[f64; 3]]) -> [f64; 3] {
    let mean = |channel: usize| {
        pixels.iter().map(|pixel| pixel[channel]).sum::<f64>() / (255.0 * pixels.len() as f64)
    };
    let (r, g, b) = (mean(0), mean(1), mean(2));
    let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    [
        16.0 + 219.0 * luma,
        128.0 + 112.0 * (b - luma) / (1.0 - 0.0722),
        128.0 + 112.0 * (r - luma) / (1.0 - 0.2126),
    ]
}

fn picture(
    format: PixelFormat,
    width: usize,
    height: usize,
    stride: usize,
    data: &[u8],
) -> Picture<'_> {
    Picture {
        format,
        width,
        height,
        stride,
        data,
        captured_us: 0,
    }
}

fn convert(picture: &Picture<'_>) -> I420 {
    Converter::default().convert(picture).unwrap().clone()
}

fn near(seen: u8, wanted: f64) -> bool {
    (f64::from(seen) - wanted).abs() <= 2.0
}

fn sources() -> impl Strategy<Value = Source> {
    (1usize..70, 1usize..20).prop_flat_map(|(width, height)| {
        prop::collection::vec(any::<[u8; 3]>(), width * height).prop_map(move |pixels| Source {
            width,
            height,
            pixels,
        })
    })
}

proptest! {
    #[test]
    fn red_green_and_blue_become_what_the_recommendation_says(
        source in sources(),
        spare in 0usize..9,
        format in prop::sample::select(&[PixelFormat::Rgb3, PixelFormat::Bgr3, PixelFormat::Xrgb][..]),
    ) {
        let (stride, data) = source.packed(format, spare);
        let planes = convert(&picture(format, source.width, source.height, stride, &data));
        for y in 0..planes.height() {
            for x in 0..planes.width() {
                let [luma, ..] = bt709(&[source.at(x, y)]);
                prop_assert!(near(planes.y()[y * planes.width() + x], luma), "luma at {x},{y}");
            }
        }
        for y in (0..planes.height()).step_by(2) {
            for x in (0..planes.width()).step_by(2) {
                let at = |x: usize, y: usize| source.at(x.min(source.width - 1), y.min(source.height - 1));
                let (x, y) = (x.min((source.width - 1) / 2 * 2), y.min((source.height - 1) / 2 * 2));
                let [_, u, v] = bt709(&[at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)]);
                let seen = y / 2 * (planes.width() / 2) + x / 2;
                prop_assert!(near(planes.u()[seen], u), "u at {x},{y}: {} for {u}", planes.u()[seen]);
                prop_assert!(near(planes.v()[seen], v), "v at {x},{y}: {} for {v}", planes.v()[seen]);
            }
        }
    }

    #[test]
    fn luma_that_is_captured_is_luma_that_is_encoded(
        (width, height) in (1usize..70, 1usize..20),
        spare in 0usize..5,
        seed in any::<u8>(),
        format in prop::sample::select(&[PixelFormat::Yuyv, PixelFormat::Uyvy, PixelFormat::Nv12][..]),
    ) {
        let luma = |x: usize, y: usize| (16 + (7 * x + 13 * y + usize::from(seed)) % 220) as u8;
        let (u, v) = (seed, seed.wrapping_mul(3));
        let pair = width.next_multiple_of(2);
        let mut data = Vec::new();
        let stride = match format {
            PixelFormat::Nv12 => pair + spare,
            _ => 2 * (pair + spare),
        };
        for y in 0..height {
            for x in 0..pair {
                let chroma = if x % 2 == 0 { u } else { v };
                match format {
                    PixelFormat::Nv12 => data.push(luma(x, y)),
                    PixelFormat::Yuyv => data.extend([luma(x, y), chroma]),
                    _ => data.extend([chroma, luma(x, y)]),
                }
            }
            data.resize(stride * (y + 1), 0);
        }
        if format == PixelFormat::Nv12 {
            for line in 0..height.div_ceil(2) {
                for _ in 0..pair / 2 {
                    data.extend([u, v]);
                }
                data.resize(stride * (height + line + 1), 0);
            }
        }
        let planes = convert(&picture(format, width, height, stride, &data));
        for y in 0..planes.height() {
            for x in 0..planes.width() {
                let wanted = luma(x.min(width - 1), y.min(height - 1));
                prop_assert_eq!(planes.y()[y * planes.width() + x], wanted, "at {},{}", x, y);
            }
        }
        prop_assert!(planes.u().iter().all(|seen| *seen == u));
        prop_assert!(planes.v().iter().all(|seen| *seen == v));
    }

    #[test]
    fn bytes_of_any_length_never_panic(
        (width, height) in (0usize..40, 0usize..12),
        stride in 0usize..200,
        size in 0usize..3000,
        format in prop::sample::select(&[
            PixelFormat::Yuyv, PixelFormat::Uyvy, PixelFormat::Nv12,
            PixelFormat::Rgb3, PixelFormat::Bgr3, PixelFormat::Xrgb,
        ][..]),
    ) {
        let data = vec![0; size];
        let result = Converter::default().convert(&picture(format, width, height, stride, &data)).cloned();
        if size < width * height {
            prop_assert!(result.is_err());
        }
    }
}

#[test]
fn a_picture_that_is_cut_off_is_named() {
    let error = Converter::default()
        .convert(&picture(PixelFormat::Xrgb, 4, 4, 16, &[0; 63]))
        .unwrap_err();
    assert!(
        matches!(error, ConvertError::Short { size: 63, .. }),
        "{error}"
    );
}

#[test]
fn a_change_is_measured_against_the_picture_before() {
    let mut converter = Converter::default();
    let (black, white) = (vec![0; 64 * 64 * 4], vec![255; 64 * 64 * 4]);
    let mut change = |data: &[u8]| {
        let picture = picture(PixelFormat::Xrgb, 64, 64, 256, data);
        converter.convert(&picture).unwrap().change()
    };
    assert!(change(&black) > 0, "the first picture is all new");
    assert_eq!(change(&black), 0);
    assert_eq!(change(&white), 64 * 64 * 219);
    assert_eq!(change(&white), 0);
}
