//! Whether two captured pictures are the same.

use super::Picture;

/// Whether every pixel of two pictures is the same, whatever lies between their lines. The comparison ends at the first
/// difference, and is one of plain memory where lines have no gaps.
#[must_use]
pub fn unchanged(a: &Picture<'_>, b: &Picture<'_>) -> bool {
    if (a.format, a.width, a.height) != (b.format, b.width, b.height) {
        return false;
    }
    let line = a.format.line_bytes(a.width);
    let lines = a.format.lines(a.height);
    if a.stride == line && b.stride == line {
        return same(a.data.get(..line * lines), b.data.get(..line * lines));
    }
    let bytes = |at: usize, stride: usize| at * stride..at * stride + line;
    (0..lines).all(|at| {
        same(
            a.data.get(bytes(at, a.stride)),
            b.data.get(bytes(at, b.stride)),
        )
    })
}

fn same(a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
    a.is_some() && a == b
}

#[cfg(test)]
mod tests {
    use super::unchanged;
    use crate::capture::{Picture, PixelFormat};
    use proptest::prelude::*;

    const FORMATS: [PixelFormat; 6] = [
        PixelFormat::Yuyv,
        PixelFormat::Uyvy,
        PixelFormat::Nv12,
        PixelFormat::Rgb3,
        PixelFormat::Bgr3,
        PixelFormat::Xrgb,
    ];

    fn picture(
        format: PixelFormat,
        (width, height): (usize, usize),
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

    proptest! {
        #[test]
        fn a_difference_counts_where_a_pixel_is_and_nowhere_else(
            format in prop::sample::select(&FORMATS[..]),
            size in (1usize..20, 1usize..10),
            spare in 0usize..7,
            place in any::<prop::sample::Index>(),
        ) {
            let line = match format {
                PixelFormat::Yuyv | PixelFormat::Uyvy => 2 * size.0.next_multiple_of(2),
                PixelFormat::Nv12 => size.0.next_multiple_of(2),
                PixelFormat::Rgb3 | PixelFormat::Bgr3 => 3 * size.0,
                PixelFormat::Xrgb => 4 * size.0,
            };
            let lines = match format {
                PixelFormat::Nv12 => size.1 + size.1.div_ceil(2),
                _ => size.1,
            };
            let stride = line + spare;
            let data = vec![7; stride * lines];
            let mut other = data.clone();
            let at = place.index(other.len());
            other[at] ^= 0x10;
            let (a, b) = (picture(format, size, stride, &data), picture(format, size, stride, &other));
            prop_assert!(unchanged(&a, &a));
            prop_assert_eq!(unchanged(&a, &b), at % stride >= line);
        }
    }

    #[test]
    fn pictures_of_other_shapes_or_cut_off_are_not_the_same() {
        let data = [0; 64];
        let whole = picture(PixelFormat::Xrgb, (4, 4), 16, &data);
        assert!(!unchanged(
            &whole,
            &picture(PixelFormat::Xrgb, (4, 3), 16, &data)
        ));
        assert!(!unchanged(
            &whole,
            &picture(PixelFormat::Rgb3, (4, 4), 16, &data)
        ));
        let cut = picture(PixelFormat::Xrgb, (4, 4), 16, &data[..63]);
        assert!(!unchanged(&cut, &cut));
    }
}
