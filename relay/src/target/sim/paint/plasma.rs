//! A moving picture of waves with fine grain: every pixel changes in every frame.

use std::f64::consts::TAU;

use super::{Canvas, Rectangle, colour::rgb};

const GRAIN: usize = 256;

/// Its tables.
pub struct Plasma {
    palette: Vec<u32>,
    grain: Vec<u8>,
    across: Vec<u8>,
    along: Vec<u8>,
}

impl Default for Plasma {
    fn default() -> Self {
        Self {
            palette: palette(),
            grain: grain(),
            across: Vec::new(),
            along: Vec::new(),
        }
    }
}

impl Plasma {
    /// Draws a frame of it into a rectangle.
    pub fn draw(&mut self, canvas: &mut Canvas, area: Rectangle, frame: u32) {
        let area = area.within(canvas.size());
        let time = f64::from(frame % 36_000) / 60.0;
        wave(
            &mut self.across,
            area.width,
            time,
            [(0.0065, 0.9), (0.017, -1.7), (0.041, 2.3)],
        );
        wave(
            &mut self.along,
            area.width + area.height,
            time,
            [(0.0049, -0.7), (0.023, 1.9), (0.061, -3.1)],
        );
        let shift = frame as usize;
        for line in 0..area.height {
            let down = (40.0 * (line as f64 * 0.011 + time * 1.3).sin()
                + 24.0 * (line as f64 * 0.029 - time * 2.1).sin()) as i32;
            let down = down.cast_unsigned() as u8;
            let grain_row = (line + shift * 2) % GRAIN * GRAIN * 2;
            let offset = (shift * 3 + line / 64 * 37) % GRAIN;
            let row = &mut canvas.row_mut(area.y + line)[area.x..area.x + area.width];
            let along = &self.along[line..line + row.len()];
            for (start, chunk) in row.chunks_mut(GRAIN).enumerate() {
                let from = start * GRAIN;
                let grain = &self.grain[grain_row + offset..grain_row + offset + chunk.len()];
                let across = &self.across[from..from + chunk.len()];
                let along = &along[from..from + chunk.len()];
                for (((pixel, across), along), grain) in
                    chunk.iter_mut().zip(across).zip(along).zip(grain)
                {
                    let index = across
                        .wrapping_add(*along)
                        .wrapping_add(down)
                        .wrapping_add(*grain);
                    *pixel = self.palette[usize::from(index)];
                }
            }
        }
    }
}

fn wave(table: &mut Vec<u8>, length: usize, time: f64, waves: [(f64, f64); 3]) {
    table.clear();
    table.extend((0..length).map(|at| {
        let sum: f64 = waves
            .iter()
            .zip([44.0, 22.0, 8.0])
            .map(|((pitch, speed), height)| height * (at as f64 * pitch + time * speed).sin())
            .sum();
        (sum as i32).cast_unsigned() as u8
    }));
}

/// From night blue over teal and lamp light to ember and back.
fn palette() -> Vec<u32> {
    let stops = [
        (12, 18, 38),
        (22, 74, 98),
        (64, 158, 150),
        (240, 196, 110),
        (232, 120, 70),
        (120, 40, 82),
    ];
    (0..256)
        .map(|index| {
            let place = f64::from(index) / 256.0 * stops.len() as f64;
            let (from, part) = (place as usize, place.fract());
            let part = (1.0 - (part * TAU / 2.0).cos()) / 2.0;
            let (first, second) = (stops[from % stops.len()], stops[(from + 1) % stops.len()]);
            let between = |first: i32, second: i32| {
                (f64::from(first) + f64::from(second - first) * part) as u8
            };
            rgb(
                between(first.0, second.0),
                between(first.1, second.1),
                between(first.2, second.2),
            )
        })
        .collect()
}

/// Fine noise, each row twice as long as its period so that it can be read from any offset.
fn grain() -> Vec<u8> {
    let mut state = 0x2545_F491_u32;
    let mut grain = Vec::with_capacity(GRAIN * GRAIN * 2);
    for _ in 0..GRAIN {
        let row: Vec<u8> = (0..GRAIN)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                (state >> 24) as u8 % 10
            })
            .collect();
        grain.extend(&row);
        grain.extend(&row);
    }
    grain
}
