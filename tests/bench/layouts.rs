//! Keyboard layouts: how large they are, and how long they take to be read and to make strokes of a text.

use std::{fs, hint::black_box, path::Path, time::Instant};

use anyhow::{Context, Result};
use shared::layout::{Layout, Options, compile};

use crate::figures::Figures;

const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/layouts");
const CHARACTERS: usize = 100_000;
const ROUNDS: usize = 20;

pub(crate) fn measure(figures: &mut Figures) -> Result<()> {
    let tables = tables()?;
    let sizes: Vec<usize> = tables.iter().map(|(_, bytes)| bytes.len()).collect();
    let all: usize = sizes.iter().sum();
    let largest = sizes.iter().max().copied().unwrap_or(0);
    figures.number("layouts", tables.len() as f64, "");
    figures.number("all tables", all as f64 / 1e3, "kB");
    figures.number("the largest table", largest as f64 / 1e3, "kB");

    let mut reading = Vec::new();
    let mut compiling = Vec::new();
    for (name, bytes) in &tables {
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let layout = Layout::parse(black_box(bytes)).with_context(|| name.clone())?;
            reading.push(micros(start));
            black_box(layout);
        }
        let layout = Layout::parse(bytes)?;
        let text = text(&layout);
        let start = Instant::now();
        let compiled = compile(black_box(&text), &layout, &Options::default());
        compiling.push(micros(start));
        black_box(compiled);
    }
    figures.times("a layout is read", &reading);
    figures.times(
        "100,000 characters become strokes, a layout each",
        &compiling,
    );
    Ok(())
}

fn tables() -> Result<Vec<(String, Vec<u8>)>> {
    let mut tables = Vec::new();
    for entry in fs::read_dir(Path::new(TABLES))? {
        let path = entry?.path();
        let name = path.file_stem().context("a name")?;
        tables.push((name.to_string_lossy().into_owned(), fs::read(&path)?));
    }
    tables.sort();
    Ok(tables)
}

/// All characters of a layout over and over, in lines.
fn text(layout: &Layout) -> String {
    let characters: Vec<char> = layout.characters().collect();
    let line = |at: usize| if at % 80 == 79 { '\n' } else { ' ' };
    (0..CHARACTERS)
        .map(|at| match at % 8 {
            7 => line(at),
            _ => characters[at % characters.len()],
        })
        .collect()
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
