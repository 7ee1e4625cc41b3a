//! Pictures, as they are drawn and as capture devices deliver them.

use super::bench::Shown;
use crate::capture::PixelFormat;

/// Pixels in three bytes each: red, green, blue.
pub(super) struct Rgb {
    pub(super) width: usize,
    pub(super) height: usize,
    data: Vec<u8>,
}

impl Rgb {
    pub(super) fn draw(
        width: usize,
        height: usize,
        colour: impl Fn(usize, usize) -> [u8; 3],
    ) -> Self {
        let data = (0..width * height)
            .flat_map(|at| colour(at % width, at / width))
            .collect();
        Self {
            width,
            height,
            data,
        }
    }

    /// The eight bars of a test card: all of red, green and blue, and none.
    pub(super) fn bars(width: usize, height: usize) -> Self {
        Self::draw(width, height, |x, _| {
            let bar = 7 - (8 * x / width) as u8;
            [bar & 2, bar & 4, bar & 1].map(|on| if on == 0 { 0 } else { 255 })
        })
    }

    fn at(&self, x: usize, y: usize) -> [f64; 3] {
        let at = 3 * (y * self.width + x);
        [0, 1, 2].map(|channel| f64::from(self.data[at + channel]))
    }

    /// BT.709 limited range, by the formula of the recommendation.
    pub(super) fn ycc(&self, x: usize, y: usize) -> [f64; 3] {
        let [r, g, b] = self
            .at(x.min(self.width - 1), y.min(self.height - 1))
            .map(|channel| channel / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        [
            16.0 + 219.0 * luma,
            128.0 + 224.0 * (b - luma) / 1.8556,
            128.0 + 224.0 * (r - luma) / 1.5748,
        ]
    }

    /// As a capture device of this format would deliver it, with lines longer than needed.
    pub(super) fn captured(&self, format: PixelFormat) -> Shown {
        let (width, height) = (self.width, self.height);
        let pair = width.next_multiple_of(2);
        let ycc = |x, y| self.ycc(x, y).map(|value| value.round() as u8);
        let (stride, mut data) = match format {
            PixelFormat::Xrgb => (4 * width + 12, Vec::new()),
            PixelFormat::Rgb3 | PixelFormat::Bgr3 => (3 * width + 5, Vec::new()),
            PixelFormat::Yuyv | PixelFormat::Uyvy => (2 * pair + 8, Vec::new()),
            PixelFormat::Nv12 => (pair + 6, Vec::new()),
        };
        for y in 0..height {
            for x in 0..width {
                let [r, g, b] = self.at(x, y).map(|channel| channel as u8);
                let [_, u, v] = ycc(x / 2 * 2, y);
                let chroma = if x % 2 == 0 { u } else { v };
                match format {
                    PixelFormat::Xrgb => data.extend([b, g, r, 0xAA]),
                    PixelFormat::Rgb3 => data.extend([r, g, b]),
                    PixelFormat::Bgr3 => data.extend([b, g, r]),
                    PixelFormat::Yuyv => data.extend([ycc(x, y)[0], chroma]),
                    PixelFormat::Uyvy => data.extend([chroma, ycc(x, y)[0]]),
                    PixelFormat::Nv12 => data.push(ycc(x, y)[0]),
                }
            }
            match format {
                PixelFormat::Yuyv if width % 2 == 1 => data.extend([0, ycc(width - 1, y)[2]]),
                PixelFormat::Uyvy if width % 2 == 1 => data.extend([ycc(width - 1, y)[2], 0]),
                _ => {}
            }
            data.resize(stride * (y + 1), 0x55);
        }
        if format == PixelFormat::Nv12 {
            for y in (0..height).step_by(2) {
                for x in (0..width).step_by(2) {
                    let [_, u, v] = ycc(x, y);
                    data.extend([u, v]);
                }
                data.resize(stride * (height + y / 2 + 1), 0x55);
            }
        }
        Shown {
            format,
            width,
            height,
            stride,
            data,
        }
    }
}

/// A picture of text-like noise: hard edges everywhere.
pub(super) fn noise(width: usize, height: usize, seed: usize) -> Rgb {
    Rgb::draw(width, height, |x, y| {
        let ink = (x / 2 * 7 + y / 3 * 13 + seed * 31 + x * y / 5) % 5 < 2;
        if ink { [20, 20, 20] } else { [235, 235, 235] }
    })
}
