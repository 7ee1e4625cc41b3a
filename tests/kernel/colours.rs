//! A synthetic picture, in the layouts that capture devices deliver (V4L2's names).

use tests::picture::Picture;

/// Colour bars above, text-like blocks in the middle, and a grey ramp below.
pub(crate) fn test_card(width: usize, height: usize) -> Picture {
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            rgb.extend(match y * 3 / height {
                0 => bar(x * 8 / width),
                1 => text(x / 2, y / 2),
                _ => [(x * 255 / (width - 1)) as u8; 3],
            });
        }
    }
    Picture { width, height, rgb }
}

fn bar(number: usize) -> [u8; 3] {
    let level = |bit: usize| if number & bit == 0 { 191 } else { 16 };
    [level(2), level(4), level(1)]
}

/// Letters of 5x7 dots in cells of 8x12, each of a pattern of its own.
fn text(x: usize, y: usize) -> [u8; 3] {
    let (column, row) = (x % 8, y % 12);
    let letter = (x / 8) * 31 + (y / 12) * 17;
    let pattern = (letter * 2_654_435_761) >> (column + row);
    let inked = column < 5 && row < 7 && pattern & 1 == 1;
    if inked { [230, 230, 230] } else { [20, 24, 40] }
}

/// `RGB3`: red, green, blue.
pub(crate) fn rgb3(picture: &Picture) -> Vec<u8> {
    picture.rgb.clone()
}

/// `BGR3`: blue, green, red.
pub(crate) fn bgr3(picture: &Picture) -> Vec<u8> {
    let pixels = picture.rgb.chunks_exact(3);
    pixels
        .flat_map(|pixel| [pixel[2], pixel[1], pixel[0]])
        .collect()
}

/// `XR24`: blue, green, red, unused.
pub(crate) fn xr24(picture: &Picture) -> Vec<u8> {
    let pixels = picture.rgb.chunks_exact(3);
    pixels
        .flat_map(|pixel| [pixel[2], pixel[1], pixel[0], 0])
        .collect()
}

/// `YUYV`: two pixels share their chroma.
pub(crate) fn yuyv(picture: &Picture) -> Vec<u8> {
    pairs(picture)
        .flat_map(|(y, [u, v])| [y[0], u, y[1], v])
        .collect()
}

/// `UYVY`: as `YUYV`, in another order.
pub(crate) fn uyvy(picture: &Picture) -> Vec<u8> {
    pairs(picture)
        .flat_map(|(y, [u, v])| [u, y[0], v, y[1]])
        .collect()
}

/// `NV12`: luma, then chroma of two by two pixels.
pub(crate) fn nv12(picture: &Picture) -> Vec<u8> {
    let Picture { width, height, rgb } = picture;
    let mut bytes: Vec<u8> = rgb.chunks_exact(3).map(|pixel| bt709(pixel)[0]).collect();
    for y in (0..*height).step_by(2) {
        for x in (0..*width).step_by(2) {
            let four = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
            let four = four.map(|(x, y)| bt709(&picture.pixel(x, y)));
            bytes.extend([1, 2].map(|plane| mean(four.map(|pixel| pixel[plane]))));
        }
    }
    bytes
}

fn pairs(picture: &Picture) -> impl Iterator<Item = ([u8; 2], [u8; 2])> {
    picture.rgb.chunks_exact(6).map(|pair| {
        let (left, right) = (bt709(&pair[..3]), bt709(&pair[3..]));
        let chroma = [1, 2].map(|plane| mean([left[plane], right[plane]]));
        ([left[0], right[0]], chroma)
    })
}

fn mean<const N: usize>(values: [u8; N]) -> u8 {
    let sum: usize = values.iter().map(|value| usize::from(*value)).sum();
    ((sum + N / 2) / N) as u8
}

/// Luma and both chroma (ITU-R BT.709-6, 8 bits, limited range).
fn bt709(pixel: &[u8]) -> [u8; 3] {
    let [red, green, blue] = [0, 1, 2].map(|channel| f64::from(pixel[channel]) / 255.0);
    let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    [
        16.0 + 219.0 * luma,
        128.0 + 224.0 * (blue - luma) / 1.8556,
        128.0 + 224.0 * (red - luma) / 1.5748,
    ]
    .map(|value| value.round() as u8)
}
