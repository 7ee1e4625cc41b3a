//! Where a line of the settings is, and why it cannot be had.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use gpiocdev::chip::{Chip, chips};
use thiserror::Error;

use crate::power::settings::{Line, Which};

/// A line that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The chip's device.
    pub chip: PathBuf,
    /// Which of its lines.
    pub offset: u32,
    /// The line's own name; empty where it has none.
    pub name: String,
    /// Who holds it, by the name that they gave; `None` where it is free.
    pub held_by: Option<String>,
}

/// Why a line cannot be had, for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// There is no such chip.
    #[error("there is no GPIO chip {wanted}; there are: {known}")]
    NoChip {
        /// As the settings name it.
        wanted: String,
        /// Those that there are.
        known: String,
    },
    /// The chip may not be opened.
    #[error("no permission for {}: let the relay's user open it (on many systems, the group \"gpio\")", .0.display())]
    NoPermission(PathBuf),
    /// The chip has no such line.
    #[error("{chip} has no line {wanted}; it has {known}")]
    NoLine {
        /// The chip.
        chip: String,
        /// As the settings name it.
        wanted: String,
        /// What it has.
        known: String,
    },
    /// Another program has it.
    #[error("{} line {offset} is held by \"{by}\": end that program, or name another line", .chip.display())]
    Held {
        /// The chip.
        chip: PathBuf,
        /// Which of its lines.
        offset: u32,
        /// The name that it gave.
        by: String,
    },
    /// The chip refuses.
    #[error("{}: {problem}", .chip.display())]
    Other {
        /// The chip.
        chip: PathBuf,
        /// What it says.
        problem: String,
    },
}

impl Place {
    /// Finds a line.
    ///
    /// # Errors
    /// Any [`Fault`] but [`Fault::Held`].
    pub fn of(line: &Line) -> Result<Self, Fault> {
        let chips = open(line.chip.as_deref())?;
        for chip in &chips {
            let info = match &line.line {
                Which::Number(number) => chip.line_info(*number).ok(),
                Which::Name(name) => chip.find_line_info(name),
            };
            if let Some(info) = info {
                return Ok(Self {
                    chip: chip.path().to_owned(),
                    offset: info.offset,
                    name: info.name,
                    held_by: info.used.then_some(info.consumer),
                });
            }
        }
        Err(Fault::NoLine {
            chip: match &chips[..] {
                [chip] => chip.path().display().to_string(),
                _ => "no GPIO chip that can be opened".to_owned(),
            },
            wanted: match &line.line {
                Which::Number(number) => number.to_string(),
                Which::Name(name) => format!("\"{name}\""),
            },
            known: known_lines(&chips),
        })
    }

    /// Why a line that was found cannot be had.
    #[must_use]
    pub fn why_not(&self, error: &gpiocdev::Error) -> Fault {
        let info = Chip::from_path(&self.chip).and_then(|chip| chip.line_info(self.offset));
        match info {
            Ok(info) if info.used => Fault::Held {
                chip: self.chip.clone(),
                offset: self.offset,
                by: info.consumer,
            },
            _ => Fault::Other {
                chip: self.chip.clone(),
                problem: error.to_string(),
            },
        }
    }
}

/// The chip that is named by its device, its name or its label; all that can be opened, where none is named.
fn open(wanted: Option<&str>) -> Result<Vec<Chip>, Fault> {
    let Some(wanted) = wanted else {
        let found = chips().unwrap_or_default();
        return Ok(found
            .iter()
            .filter_map(|path| Chip::from_path(path).ok())
            .collect());
    };
    let path = match wanted.contains('/') {
        true => PathBuf::from(wanted),
        false => Path::new("/dev").join(wanted),
    };
    if path.exists() {
        return open_chip(&path).map(|chip| vec![chip]);
    }
    let mut known = Vec::new();
    let mut closed = None;
    for path in chips().unwrap_or_default() {
        match open_chip(&path) {
            Ok(chip) => {
                let label = chip.info().map(|info| info.label).unwrap_or_default();
                if label == wanted {
                    return Ok(vec![chip]);
                }
                known.push(format!("{} ({label})", chip.name()));
            }
            Err(fault) => closed = Some(fault),
        }
    }
    match closed {
        Some(fault) if known.is_empty() => Err(fault),
        _ => Err(Fault::NoChip {
            wanted: wanted.to_owned(),
            known: match known.is_empty() {
                true => "none".to_owned(),
                false => known.join(", "),
            },
        }),
    }
}

fn open_chip(path: &Path) -> Result<Chip, Fault> {
    if let Err(error) = fs::OpenOptions::new().read(true).write(true).open(path)
        && error.kind() == io::ErrorKind::PermissionDenied
    {
        return Err(Fault::NoPermission(path.to_owned()));
    }
    Chip::from_path(path).map_err(|error| Fault::Other {
        chip: path.to_owned(),
        problem: error.to_string(),
    })
}

fn known_lines(chips: &[Chip]) -> String {
    const NAMED_MAX: usize = 40;
    let infos = chips.iter().flat_map(|chip| {
        let lines = chip.info().map_or(0, |info| info.num_lines);
        (0..lines).filter_map(|offset| chip.line_info(offset).ok())
    });
    let names: Vec<_> = infos
        .filter(|info| !info.name.is_empty())
        .map(|info| info.name)
        .collect();
    let numbers = match chips {
        [chip] => {
            let lines = chip.info().map_or(0, |info| info.num_lines);
            format!("0 to {}", lines.saturating_sub(1))
        }
        _ => String::new(),
    };
    let named = match names.len() {
        0 => "no names".to_owned(),
        many if many > NAMED_MAX => format!("{} and more", names[..NAMED_MAX].join(", ")),
        _ => names.join(", "),
    };
    match numbers.is_empty() {
        true => named,
        false => format!("{numbers}, and {named}"),
    }
}
