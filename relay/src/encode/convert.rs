//! Captured pixels to the planes that encoders take: 4:2:0, BT.709, limited range.

use std::ops::Range;

use thiserror::Error;
use yuv::{
    BufferStoreMut, YuvConversionMode, YuvError, YuvPackedImage, YuvPlanarImageMut, YuvRange,
    YuvStandardMatrix,
};

use crate::capture::{Picture, PixelFormat};

/// The smallest side that encoders take, in pixels.
const SIDE_MIN: usize = 16;

/// One line in this many is compared for [`I420::change`].
const SAMPLED_LINES: usize = 4;

/// Three planes of one picture. Sides are even and at least 16 pixels: where the picture's are not, its last column and row
/// are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct I420 {
    width: usize,
    height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
    change: u64,
}

/// A picture whose bytes do not hold what its head says.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConvertError {
    /// No pixels.
    #[error("a picture of {width}x{height}")]
    Empty {
        /// In pixels.
        width: usize,
        /// In pixels.
        height: usize,
    },
    /// Fewer bytes than its lines need.
    #[error(
        "a picture of {width}x{height} in {format:?} with lines of {stride} bytes does not fit in {size} bytes"
    )]
    Short {
        /// In pixels.
        width: usize,
        /// In pixels.
        height: usize,
        /// Its layout.
        format: PixelFormat,
        /// Bytes a line.
        stride: usize,
        /// Bytes in all.
        size: usize,
    },
    /// The conversion refused it.
    #[error("{0}")]
    Refused(String),
}

impl From<YuvError> for ConvertError {
    fn from(error: YuvError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl I420 {
    /// A uniform grey picture.
    #[must_use]
    pub fn grey(width: usize, height: usize) -> Self {
        let (width, height) = (coded(width), coded(height));
        Self {
            width,
            height,
            y: vec![128; width * height],
            u: vec![128; width * height / 4],
            v: vec![128; width * height / 4],
            change: 0,
        }
    }

    /// In pixels, of the luma plane; a line has as many bytes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// In pixels, of the luma plane.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Luma, 16 to 235.
    #[must_use]
    pub fn y(&self) -> &[u8] {
        &self.y
    }

    /// Blue difference, half as wide and as high.
    #[must_use]
    pub fn u(&self) -> &[u8] {
        &self.u
    }

    /// Red difference, half as wide and as high.
    #[must_use]
    pub fn v(&self) -> &[u8] {
        &self.v
    }

    /// How much the luma differs from the picture that was converted before: the sum of absolute differences,
    /// estimated from some of the lines.
    #[must_use]
    pub fn change(&self) -> u64 {
        self.change
    }

    fn fill(&mut self, picture: &Picture<'_>) -> Result<(), ConvertError> {
        match picture.format {
            PixelFormat::Yuyv => {
                self.fill_packed(picture, yuv::yuyv422_to_yuv420, yuv::yuyv422_to_yuv422)
            }
            PixelFormat::Uyvy => {
                self.fill_packed(picture, yuv::uyvy422_to_yuv420, yuv::uyvy422_to_yuv422)
            }
            PixelFormat::Nv12 => {
                self.fill_nv12(picture);
                Ok(())
            }
            PixelFormat::Rgb3 => self.fill_rgb(picture, yuv::rgb_to_yuv420),
            PixelFormat::Bgr3 => self.fill_rgb(picture, yuv::bgr_to_yuv420),
            PixelFormat::Xrgb => self.fill_rgb(picture, yuv::bgra_to_yuv420),
        }?;
        self.pad(picture.width, picture.height);
        Ok(())
    }

    /// Some lines of the planes, from an even one on.
    fn planes(&mut self, width: usize, lines: Range<usize>) -> YuvPlanarImageMut<'_, u8> {
        let half = self.width / 2;
        let luma = self.width * lines.start..self.width * lines.end;
        let chroma = half * (lines.start / 2)..half * lines.end.div_ceil(2);
        YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(&mut self.y[luma]),
            y_stride: self.width as u32,
            u_plane: BufferStoreMut::Borrowed(&mut self.u[chroma.clone()]),
            u_stride: half as u32,
            v_plane: BufferStoreMut::Borrowed(&mut self.v[chroma]),
            v_stride: half as u32,
            width: width as u32,
            height: lines.len() as u32,
        }
    }

    fn fill_rgb(
        &mut self,
        picture: &Picture<'_>,
        convert: RgbConversion,
    ) -> Result<(), ConvertError> {
        let mut planes = self.planes(picture.width, 0..picture.height);
        convert(
            &mut planes,
            picture.data,
            picture.stride as u32,
            YuvRange::Limited,
            YuvStandardMatrix::Bt709,
            YuvConversionMode::Balanced,
        )?;
        Ok(())
    }

    /// The 4:2:0 conversion takes pairs of lines and leaves an odd one out; that one goes through the 4:2:2 conversion.
    fn fill_packed(
        &mut self,
        picture: &Picture<'_>,
        pairs_of_lines: PackedConversion,
        line: PackedConversion,
    ) -> Result<(), ConvertError> {
        let last = picture.height - picture.height % 2;
        let (even, odd) =
            picture.data[..picture.stride * picture.height].split_at(picture.stride * last);
        let packed = |yuy, height| YuvPackedImage {
            yuy,
            yuy_stride: picture.stride as u32,
            width: picture.width as u32,
            height,
        };
        if last > 0 {
            pairs_of_lines(
                &mut self.planes(picture.width, 0..last),
                &packed(even, last as u32),
            )?;
        }
        if last < picture.height {
            line(
                &mut self.planes(picture.width, last..picture.height),
                &packed(odd, 1),
            )?;
        }
        Ok(())
    }

    fn fill_nv12(&mut self, picture: &Picture<'_>) {
        let (luma, chroma) = picture.data.split_at(picture.stride * picture.height);
        for (to, from) in self
            .y
            .chunks_exact_mut(self.width)
            .zip(luma.chunks_exact(picture.stride))
        {
            to[..picture.width].copy_from_slice(&from[..picture.width]);
        }
        let pairs = picture.width.div_ceil(2);
        let half = self.width / 2;
        let lines = chroma
            .chunks(picture.stride)
            .take(picture.height.div_ceil(2));
        for ((u, v), line) in self
            .u
            .chunks_exact_mut(half)
            .zip(self.v.chunks_exact_mut(half))
            .zip(lines)
        {
            for ((u, v), pair) in u.iter_mut().zip(v).zip(line[..2 * pairs].chunks_exact(2)) {
                *u = pair[0];
                *v = pair[1];
            }
        }
    }

    /// Repeats the last column and row of a picture that is smaller than the planes.
    fn pad(&mut self, width: usize, height: usize) {
        pad_plane(&mut self.y, self.width, width, height);
        pad_plane(
            &mut self.u,
            self.width / 2,
            width.div_ceil(2),
            height.div_ceil(2),
        );
        pad_plane(
            &mut self.v,
            self.width / 2,
            width.div_ceil(2),
            height.div_ceil(2),
        );
    }
}

type RgbConversion = fn(
    &mut YuvPlanarImageMut<'_, u8>,
    &[u8],
    u32,
    YuvRange,
    YuvStandardMatrix,
    YuvConversionMode,
) -> Result<(), YuvError>;

type PackedConversion =
    fn(&mut YuvPlanarImageMut<'_, u8>, &YuvPackedImage<'_, u8>) -> Result<(), YuvError>;

/// Converts pictures one after the other, into buffers of its own.
#[derive(Default)]
pub struct Converter {
    current: Option<I420>,
    previous: Option<I420>,
}

impl Converter {
    /// The planes of a picture.
    ///
    /// # Errors
    /// [`ConvertError`] where the picture's bytes do not hold what its head says.
    pub fn convert(&mut self, picture: &Picture<'_>) -> Result<&I420, ConvertError> {
        let picture = &checked(picture)?;
        std::mem::swap(&mut self.current, &mut self.previous);
        let (width, height) = (coded(picture.width), coded(picture.height));
        let fits = |planes: &I420| planes.width == width && planes.height == height;
        let mut planes = self
            .current
            .take()
            .filter(fits)
            .unwrap_or_else(|| I420::grey(width, height));
        planes.fill(picture)?;
        planes.change = match self.previous.as_ref().filter(|planes| fits(planes)) {
            Some(previous) => difference(&planes.y, &previous.y, width),
            None => (width * height) as u64 * u64::from(u8::MAX),
        };
        Ok(self.current.insert(planes))
    }

    /// The picture that was converted last.
    #[must_use]
    pub fn current(&self) -> Option<&I420> {
        self.current.as_ref()
    }

    /// Forgets the pictures: the next one counts as wholly changed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The side that is encoded for a side of this many pixels.
#[must_use]
pub fn coded(side: usize) -> usize {
    side.next_multiple_of(2).max(SIDE_MIN)
}

fn difference(a: &[u8], b: &[u8], width: usize) -> u64 {
    let lines = a.chunks_exact(width).zip(b.chunks_exact(width));
    let sampled: u64 = lines
        .step_by(SAMPLED_LINES)
        .map(|(a, b)| {
            let line: u32 = a
                .iter()
                .zip(b)
                .map(|(a, b)| u32::from(a.abs_diff(*b)))
                .sum();
            u64::from(line)
        })
        .sum();
    sampled * SAMPLED_LINES as u64
}

fn pad_plane(plane: &mut [u8], stride: usize, width: usize, height: usize) {
    if width < stride {
        for line in plane.chunks_exact_mut(stride).take(height) {
            let last = line[width - 1];
            line[width..].fill(last);
        }
    }
    let rows = plane.len() / stride;
    for row in height..rows {
        plane.copy_within((height - 1) * stride..height * stride, row * stride);
    }
}

/// The picture with no more bytes than it needs.
fn checked<'a>(picture: &Picture<'a>) -> Result<Picture<'a>, ConvertError> {
    let Picture {
        format,
        width,
        height,
        stride,
        data,
        ..
    } = *picture;
    if width == 0 || height == 0 {
        return Err(ConvertError::Empty { width, height });
    }
    let whole = stride * format.lines(height);
    if stride < format.line_bytes(width) || data.len() < whole {
        return Err(ConvertError::Short {
            width,
            height,
            format,
            stride,
            size: data.len(),
        });
    }
    Ok(Picture {
        data: &data[..whole],
        ..*picture
    })
}

#[cfg(test)]
mod tests;
