//! Text in the bitmap fonts of embedded-graphics, unpacked once into rows of bits.

use std::sync::LazyLock;

use embedded_graphics::{
    geometry::{OriginDimensions, Point},
    image::GetPixel,
    mono_font::{MonoFont, iso_8859_15},
    pixelcolor::BinaryColor,
};

use super::{Canvas, Rectangle};
use crate::target::sim::geometry::FontSize;

/// Characters whose glyph is found without a search.
const DIRECT: usize = 0x180;

/// A font's glyphs.
pub struct Font {
    width: usize,
    height: usize,
    rows: Vec<u16>,
    direct: Vec<u16>,
    source: &'static MonoFont<'static>,
}

/// The font of a size.
#[must_use]
pub fn of(size: FontSize) -> &'static Font {
    static SMALL: LazyLock<Font> = LazyLock::new(|| Font::unpack(&iso_8859_15::FONT_6X10));
    static MEDIUM: LazyLock<Font> = LazyLock::new(|| Font::unpack(&iso_8859_15::FONT_8X13));
    static LARGE: LazyLock<Font> = LazyLock::new(|| Font::unpack(&iso_8859_15::FONT_10X20));
    match size {
        FontSize::Small => &SMALL,
        FontSize::Medium => &MEDIUM,
        FontSize::Large => &LARGE,
    }
}

impl Font {
    fn unpack(source: &'static MonoFont<'static>) -> Self {
        let image = source.image.size();
        let cell = source.character_size;
        let (columns, lines) = (image.width / cell.width, image.height / cell.height);
        let mut rows = Vec::new();
        for glyph in 0..columns * lines {
            let (left, top) = (glyph % columns * cell.width, glyph / columns * cell.height);
            for y in 0..cell.height {
                let is_set = |x: u32| {
                    let point = Point::new((left + x).cast_signed(), (top + y).cast_signed());
                    source.image.pixel(point) == Some(BinaryColor::On)
                };
                rows.push((0..cell.width).fold(0, |row, x| row << 1 | u16::from(is_set(x))));
            }
        }
        let glyph = |code: u32| {
            char::from_u32(code).map_or(0, |character| source.glyph_mapping.index(character))
        };
        let direct = (0..DIRECT as u32)
            .map(|code| u16::try_from(glyph(code)).unwrap_or(0))
            .collect();
        Self {
            width: cell.width as usize,
            height: cell.height as usize,
            rows,
            direct,
            source,
        }
    }

    /// A character's width and height in pixels.
    #[must_use]
    pub fn cell(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// A glyph's rows; bit `width - 1` is the leftmost pixel. What the font lacks is shown as its question mark.
    fn glyph(&self, character: char) -> &[u16] {
        let direct = self
            .direct
            .get(character as usize)
            .map(|glyph| usize::from(*glyph));
        let glyph = direct.unwrap_or_else(|| self.source.glyph_mapping.index(character));
        &self.rows[glyph * self.height..(glyph + 1) * self.height]
    }

    /// Draws a character's cell, its ground included; the cell lies within the canvas.
    pub fn cell_at(
        &self,
        canvas: &mut Canvas,
        at: (usize, usize),
        scale: usize,
        character: char,
        inks: (u32, u32),
    ) {
        let (ink, ground) = inks;
        for (line, bits) in self.glyph(character).iter().enumerate() {
            for row in 0..scale {
                let pixels =
                    &mut canvas.row_mut(at.1 + line * scale + row)[at.0..at.0 + self.width * scale];
                if scale == 1 {
                    for (x, pixel) in pixels.iter_mut().enumerate() {
                        *pixel = if bits >> (self.width - 1 - x) & 1 == 1 {
                            ink
                        } else {
                            ground
                        };
                    }
                } else {
                    for (x, pixels) in pixels.chunks_exact_mut(scale).enumerate() {
                        pixels.fill(if bits >> (self.width - 1 - x) & 1 == 1 {
                            ink
                        } else {
                            ground
                        });
                    }
                }
            }
        }
    }

    /// Writes text over what is there; what lies outside of the canvas is left out.
    pub fn write(
        &self,
        canvas: &mut Canvas,
        at: (usize, usize),
        scale: usize,
        text: &str,
        ink: u32,
    ) {
        for (place, character) in text.chars().enumerate() {
            let left = at.0 + place * self.width * scale;
            for (line, bits) in self.glyph(character).iter().enumerate() {
                for x in (0..self.width).filter(|x| bits >> (self.width - 1 - x) & 1 == 1) {
                    let dot = Rectangle::new(left + x * scale, at.1 + line * scale, scale, scale);
                    canvas.fill(dot, ink);
                }
            }
        }
    }

    /// The width of a text in pixels.
    #[must_use]
    pub fn width_of(&self, text: &str, scale: usize) -> usize {
        text.chars().count() * self.width * scale
    }
}
