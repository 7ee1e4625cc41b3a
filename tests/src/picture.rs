//! Pixels, their comparison and the time code drawn into them.

use anyhow::{Context, Result, ensure};

/// An RGB picture, 8 bits a channel, line by line.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// `width * height` times red, green, blue.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Reads a binary PPM (`P6`, maximum 255, no comments).
    ///
    /// # Errors
    /// Where it is not one.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self> {
        let mut fields = Vec::new();
        let mut rest = bytes;
        while fields.len() < 4 {
            let start = rest
                .iter()
                .position(|byte| !byte.is_ascii_whitespace())
                .context("a PPM that is cut off")?;
            let length = rest[start..]
                .iter()
                .position(u8::is_ascii_whitespace)
                .context("a PPM that is cut off")?;
            fields.push(std::str::from_utf8(&rest[start..start + length])?);
            rest = &rest[start + length..];
        }
        ensure!(fields[0] == "P6" && fields[3] == "255", "not a binary PPM");
        let (width, height) = (fields[1].parse()?, fields[2].parse()?);
        let rgb = rest[1..].to_vec();
        ensure!(rgb.len() == width * height * 3, "a PPM of another length");
        Ok(Self { width, height, rgb })
    }

    /// Reads a PNG of 8 bits a channel, with or without alpha.
    ///
    /// # Errors
    /// Where it is not one.
    pub fn from_png(bytes: &[u8]) -> Result<Self> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info()?;
        let mut data = vec![0; reader.output_buffer_size().context("a huge PNG")?];
        let info = reader.next_frame(&mut data)?;
        let (width, height) = (info.width as usize, info.height as usize);
        let rgb = match info.color_type {
            png::ColorType::Rgb => data,
            png::ColorType::Rgba => without_alpha(&data),
            other => anyhow::bail!("a PNG of {other:?}"),
        };
        Ok(Self { width, height, rgb })
    }

    /// From red, green, blue, alpha.
    ///
    /// # Errors
    /// Where the length is not that of the size.
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8]) -> Result<Self> {
        ensure!(
            rgba.len() == width * height * 4,
            "{} bytes for {width}x{height}",
            rgba.len()
        );
        let rgb = without_alpha(rgba);
        Ok(Self { width, height, rgb })
    }

    /// Red, green, blue of a pixel.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// The mean absolute difference to a picture of the same size, for red, green and blue, of 255.
    ///
    /// # Errors
    /// Where the sizes differ.
    pub fn mean_error(&self, other: &Self) -> Result<[f64; 3]> {
        ensure!(
            (self.width, self.height) == (other.width, other.height),
            "{}x{} against {}x{}",
            self.width,
            self.height,
            other.width,
            other.height
        );
        let mut sums = [0_u64; 3];
        for (ours, theirs) in self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3)) {
            for channel in 0..3 {
                sums[channel] += u64::from(ours[channel].abs_diff(theirs[channel]));
            }
        }
        let pixels = (self.width * self.height) as f64;
        Ok(sums.map(|sum| sum as f64 / pixels))
    }

    /// The time code that the simulated PC draws, where there is a plausible one.
    #[must_use]
    pub fn time_code(&self) -> Option<TimeCode> {
        TimeCode::read(self.width, self.height, |x, y| self.pixel(x, y)[1] >= 128)
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({}x{})", self.width, self.height)
    }
}

fn without_alpha(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

/// A decoded picture, 4:2:0 in BT.709 limited range.
#[derive(Clone)]
pub struct Yuv {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Luma, `y_stride` bytes a line.
    pub y: Vec<u8>,
    /// Bytes from one line of luma to the next.
    pub y_stride: usize,
    /// Blue difference, `uv_stride` bytes a line.
    pub u: Vec<u8>,
    /// Red difference, `uv_stride` bytes a line.
    pub v: Vec<u8>,
    /// Bytes from one line of chroma to the next.
    pub uv_stride: usize,
}

impl Yuv {
    /// As red, green and blue (ITU-R BT.709-6, 8 bits, limited range).
    #[must_use]
    pub fn to_picture(&self) -> Picture {
        let mut rgb = Vec::with_capacity(self.width * self.height * 3);
        for row in 0..self.height {
            for column in 0..self.width {
                let chroma = row / 2 * self.uv_stride + column / 2;
                rgb.extend(rgb_of(
                    self.y[row * self.y_stride + column],
                    self.u[chroma],
                    self.v[chroma],
                ));
            }
        }
        Picture {
            width: self.width,
            height: self.height,
            rgb,
        }
    }

    /// The time code that the simulated PC draws, where there is a plausible one.
    #[must_use]
    pub fn time_code(&self) -> Option<TimeCode> {
        TimeCode::read(self.width, self.height, |x, y| {
            self.y[y * self.y_stride + x] >= 126
        })
    }
}

fn rgb_of(y: u8, u: u8, v: u8) -> [u8; 3] {
    let luma = (f32::from(y) - 16.0) * (255.0 / 219.0);
    let blue = (f32::from(u) - 128.0) * (255.0 / 224.0);
    let red = (f32::from(v) - 128.0) * (255.0 / 224.0);
    [
        luma + 1.5748 * red,
        luma - 0.187_324 * blue - 0.468_124 * red,
        luma + 1.8556 * blue,
    ]
    .map(|channel| channel.round() as u8)
}

/// When a frame was drawn, as the frame itself says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeCode {
    /// In microseconds of Unix time.
    pub drawn_us: u64,
    /// Counts the frames that were drawn.
    pub number: u32,
}

const CELL: usize = 8;
const CELLS_A_ROW: usize = 16;
const CELLS: usize = 96;

impl TimeCode {
    /// Reads the cells; `white` tells whether a pixel is. `None` where the time is not one of this century.
    pub fn read(width: usize, height: usize, white: impl Fn(usize, usize) -> bool) -> Option<Self> {
        if width < CELL * CELLS_A_ROW || height < CELL * CELLS / CELLS_A_ROW {
            return None;
        }
        let bits = (0..CELLS).fold(0_u128, |bits, cell| {
            let x = cell % CELLS_A_ROW * CELL + CELL / 2;
            let y = cell / CELLS_A_ROW * CELL + CELL / 2;
            bits << 1 | u128::from(white(x, y))
        });
        let code = Self {
            drawn_us: (bits >> 32) as u64,
            number: bits as u32,
        };
        (1_000_000_000_000_000..4_000_000_000_000_000)
            .contains(&code.drawn_us)
            .then_some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ppm_and_its_pixels() {
        let picture = Picture::from_ppm(b"P6\n2 1\n255\n\x01\x02\x03\x0A\x20\xFF").unwrap();
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.pixel(1, 0), [0x0A, 0x20, 0xFF]);
        assert!(Picture::from_ppm(b"P6\n2 1\n255\n\x01").is_err());
    }

    #[test]
    fn the_mean_error_is_told_by_channel() {
        let picture = |rgb: [u8; 6]| Picture {
            width: 2,
            height: 1,
            rgb: rgb.to_vec(),
        };
        let error = picture([0, 10, 20, 0, 10, 20]).mean_error(&picture([4, 10, 0, 0, 10, 10]));
        assert_eq!(error.unwrap(), [2.0, 0.0, 15.0]);
    }

    #[test]
    fn limited_range_reaches_black_white_and_the_primaries_of_bt_709() {
        assert_eq!(rgb_of(16, 128, 128), [0, 0, 0]);
        assert_eq!(rgb_of(235, 128, 128), [255, 255, 255]);
        assert_eq!(rgb_of(63, 102, 240), [255, 1, 0]);
        assert_eq!(rgb_of(32, 240, 118), [1, 0, 255]);
    }

    #[test]
    fn a_time_code_is_read_from_its_cells() {
        let code = TimeCode {
            drawn_us: 1_790_000_000_123_456,
            number: 77,
        };
        let bits = u128::from(code.drawn_us) << 32 | u128::from(code.number);
        let white = |x: usize, y: usize| bits >> (95 - (y / 8 * 16 + x / 8)) & 1 == 1;
        assert_eq!(TimeCode::read(640, 480, white), Some(code));
        assert_eq!(TimeCode::read(640, 480, |_, _| true), None);
        assert_eq!(TimeCode::read(100, 100, white), None);
    }
}
