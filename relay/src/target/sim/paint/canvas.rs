//! Pixels, and which of their rows have changed.

use super::colour::mix;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// From the left edge.
    pub x: usize,
    /// From the upper edge.
    pub y: usize,
    /// To the right.
    pub width: usize,
    /// Downwards.
    pub height: usize,
}

impl Rectangle {
    /// At a place, of a size.
    #[must_use]
    pub fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// This rectangle, smaller by `by` at each edge.
    #[must_use]
    pub fn inset(self, by: usize) -> Self {
        Self {
            x: self.x + by,
            y: self.y + by,
            width: self.width.saturating_sub(2 * by),
            height: self.height.saturating_sub(2 * by),
        }
    }

    /// What of it lies within a size.
    #[must_use]
    pub fn within(self, (width, height): (usize, usize)) -> Self {
        let (x, y) = (self.x.min(width), self.y.min(height));
        Self {
            x,
            y,
            width: self.width.min(width - x),
            height: self.height.min(height - y),
        }
    }
}

/// A picture of 32-bit pixels: red, green and blue from bit 16, 8 and 0.
#[derive(Clone, Default)]
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
    changed: Vec<bool>,
}

impl Canvas {
    /// A black canvas.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![0; width * height],
            changed: vec![true; height],
        }
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// All of it.
    #[must_use]
    pub fn bounds(&self) -> Rectangle {
        Rectangle::new(0, 0, self.width, self.height)
    }

    /// All pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// A row's pixels, not marked as changed.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u32] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// A row's pixels, to be drawn on.
    pub fn row_mut(&mut self, y: usize) -> &mut [u32] {
        self.changed[y] = true;
        &mut self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// Counts every row as changed.
    pub fn mark_all(&mut self) {
        self.changed.fill(true);
    }

    /// Copies the rows that have changed since the last copy into `bytes` (blue, green, red, unused); all of them where
    /// `bytes` has another length than the picture.
    pub fn copy_changes(&mut self, bytes: &mut Vec<u8>) {
        let stride = self.width * 4;
        if bytes.len() != stride * self.height {
            bytes.resize(stride * self.height, 0);
            self.mark_all();
        }
        let rows = bytes
            .chunks_exact_mut(stride)
            .zip(self.pixels.chunks_exact(self.width));
        for ((target, source), changed) in rows.zip(&mut self.changed) {
            if std::mem::take(changed) {
                for (bytes, pixel) in target.chunks_exact_mut(4).zip(source) {
                    bytes.copy_from_slice(&pixel.to_le_bytes());
                }
            }
        }
    }

    /// The whole picture as a binary PPM.
    #[must_use]
    pub fn to_ppm(&self) -> Vec<u8> {
        let mut ppm = format!("P6\n{} {}\n255\n", self.width, self.height).into_bytes();
        ppm.reserve(self.pixels.len() * 3);
        for pixel in &self.pixels {
            let [blue, green, red, _] = pixel.to_le_bytes();
            ppm.extend([red, green, blue]);
        }
        ppm
    }

    /// Fills a rectangle; what lies outside is left out.
    pub fn fill(&mut self, area: Rectangle, colour: u32) {
        let area = area.within(self.size());
        for y in area.y..area.y + area.height {
            self.row_mut(y)[area.x..area.x + area.width].fill(colour);
        }
    }

    /// Lays a colour over a pixel with a weight of 0..=256.
    pub fn blend(&mut self, x: usize, y: usize, colour: u32, weight: u32) {
        if x < self.width && y < self.height {
            let pixel = &mut self.row_mut(y)[x];
            *pixel = mix(*pixel, colour, weight);
        }
    }

    /// Fills a rectangle with round corners, with smooth edges.
    pub fn fill_round(&mut self, area: Rectangle, radius: usize, colour: u32) {
        self.fill(area.inset(radius), colour);
        self.fill_distance(area, colour, radius, radius, f64::INFINITY);
    }

    /// Draws the line of a rectangle with round corners, `thickness` pixels within it.
    pub fn stroke_round(&mut self, area: Rectangle, radius: usize, thickness: f64, colour: u32) {
        let depth = radius + thickness.ceil() as usize + 1;
        self.fill_distance(area, colour, depth, radius, thickness);
    }

    /// Draws a shadow of a rectangle with round corners, `reach` pixels wide.
    pub fn shadow(
        &mut self,
        area: Rectangle,
        radius: usize,
        reach: usize,
        colour: u32,
        weight: u32,
    ) {
        let reach_f = reach as f64;
        for_distance(
            self.size(),
            area,
            (reach, radius + 2),
            radius,
            |x, y, distance| {
                if distance > -1.0 && distance < reach_f {
                    let fade = 1.0 - distance.max(0.0) / reach_f;
                    self.blend(x, y, colour, (f64::from(weight) * fade * fade) as u32);
                }
            },
        );
    }

    /// Draws along the edge, down to `depth` pixels from it.
    fn fill_distance(
        &mut self,
        area: Rectangle,
        colour: u32,
        depth: usize,
        radius: usize,
        thickness: f64,
    ) {
        for_distance(self.size(), area, (1, depth), radius, |x, y, distance| {
            let outer = (0.5 - distance).clamp(0.0, 1.0);
            let inner = (0.5 + distance + thickness).clamp(0.0, 1.0);
            let weight = (256.0 * outer.min(inner)) as u32;
            if weight > 0 {
                self.blend(x, y, colour, weight);
            }
        });
    }
}

/// Calls `draw` with each pixel from `reach` outside of a round rectangle's edge to `depth` within it, and its distance
/// from the edge, negative within.
fn for_distance(
    size: (usize, usize),
    area: Rectangle,
    (reach, depth): (usize, usize),
    radius: usize,
    mut draw: impl FnMut(usize, usize, f64),
) {
    let (half_width, half_height) = (area.width as f64 / 2.0, area.height as f64 / 2.0);
    let (centre_x, centre_y) = (area.x as f64 + half_width, area.y as f64 + half_height);
    let radius = (radius as f64).min(half_width).min(half_height);
    let hollow = area.inset(depth);
    let (top, left) = (area.y.saturating_sub(reach), area.x.saturating_sub(reach));
    let right = (area.x + area.width + reach).min(size.0);
    for y in top..(area.y + area.height + reach).min(size.1) {
        let across_hollow = (hollow.y..hollow.y + hollow.height).contains(&y);
        let (stop, resume) = if across_hollow {
            (hollow.x, hollow.x + hollow.width)
        } else {
            (right, right)
        };
        for x in (left..stop.min(right)).chain(resume..right) {
            let from_x = (x as f64 + 0.5 - centre_x).abs() - half_width + radius;
            let from_y = (y as f64 + 0.5 - centre_y).abs() - half_height + radius;
            let outside = from_x.max(0.0).hypot(from_y.max(0.0));
            draw(x, y, outside + from_x.max(from_y).min(0.0) - radius);
        }
    }
}
