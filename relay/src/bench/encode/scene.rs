//! What a machine's screen may show, drawn the same in every run.

use std::{convert::Infallible, fmt};

use embedded_graphics::{
    Drawable, Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    mono_font::{MonoTextStyle, ascii::FONT_8X13},
    pixelcolor::{Rgb888, RgbColor},
    text::{Baseline, Text},
};

/// In pixels.
pub const WIDTH: usize = 1920;

/// In pixels.
pub const HEIGHT: usize = 1080;

/// Pixels from one line of text to the next.
const LINE: usize = 15;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// A page of text that never changes.
    Still,
    /// A page of text on which a few characters are typed for each picture.
    Typing,
    /// A page of text that scrolls by one line for each picture.
    Scrolling,
    /// Colours that move over the whole screen.
    Motion,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Still, Self::Typing, Self::Scrolling, Self::Motion];

    /// Draws a picture, in 32 bits a pixel. Pictures are drawn in the order of their numbers, from 0, over the one before.
    pub fn draw(self, number: usize, pixels: &mut [u8]) {
        match (self, number) {
            (Self::Still | Self::Typing | Self::Scrolling, 0) => page(0, pixels),
            (Self::Still, _) => {}
            (Self::Typing, _) => {
                let (row, column) = (5 + number / 30, 8 * (number % 30));
                line(7_000 + number, column, 8, row * LINE, pixels);
            }
            (Self::Scrolling, _) => {
                pixels.copy_within(4 * WIDTH * LINE.., 0);
                let blank = pixels.len() - 4 * WIDTH * LINE;
                pixels[blank..].fill(24);
                line(number + HEIGHT / LINE, 0, 200, HEIGHT - LINE, pixels);
            }
            (Self::Motion, _) => motion(number, pixels),
        }
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Still => "still",
            Self::Typing => "typing",
            Self::Scrolling => "scrolling",
            Self::Motion => "motion",
        })
    }
}

fn page(first: usize, pixels: &mut [u8]) {
    pixels.fill(24);
    for row in 0..HEIGHT / LINE {
        line(first + row, 0, 200, row * LINE, pixels);
    }
}

/// Words of a made-up listing, from a column on, in as many characters.
fn line(seed: usize, column: usize, characters: usize, y: usize, pixels: &mut [u8]) {
    let mut state = seed as u64 * 2_654_435_761 + 12_345;
    let text: String = (0..characters)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            match (state >> 33) % 40 {
                0..=25 => char::from(b'a' + ((state >> 40) % 26) as u8),
                26..=31 => char::from(b'0' + ((state >> 40) % 10) as u8),
                32 => '/',
                33 => '-',
                _ => ' ',
            }
        })
        .collect();
    let style = MonoTextStyle::new(&FONT_8X13, Rgb888::new(208, 208, 208));
    let at = Point::new(8 + 8 * column as i32, y as i32);
    let Ok(_) = Text::with_baseline(&text, at, style, Baseline::Top).draw(&mut Canvas(pixels));
}

fn motion(number: usize, pixels: &mut [u8]) {
    for (y, row) in pixels.chunks_exact_mut(4 * WIDTH).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let (u, v) = (x + 5 * number, y + 3 * number);
            let texture = (u * u / 97 + v * v / 89 + (u ^ v)) >> 2;
            pixel[0] = (texture + 2 * number) as u8;
            pixel[1] = (u / 3 + texture / 4) as u8;
            pixel[2] = (v / 2 + number) as u8;
        }
    }
}

struct Canvas<'a>(&'a mut [u8]);

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        Size::new(WIDTH as u32, HEIGHT as u32)
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(at.x), usize::try_from(at.y)) else {
                continue;
            };
            if x < WIDTH && y < HEIGHT {
                let start = 4 * (y * WIDTH + x);
                self.0[start..start + 3].copy_from_slice(&[colour.b(), colour.g(), colour.r()]);
            }
        }
        Ok(())
    }
}
