//! Where a setting stands in the file, and what is wrong with it there.

use std::{fmt::Display, path::PathBuf};

use thiserror::Error;
use toml::de::{DeTable, DeValue};

/// A setting or an argument that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// The file with the line, or the argument.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
}

impl ConfigError {
    /// An argument of the command line that cannot be used.
    pub fn argument(name: &str, problem: impl Display) -> Self {
        Self {
            place: name.to_owned(),
            problem: one_line(problem),
        }
    }
}

/// The text that settings came from, for naming lines in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// The file.
    pub(super) path: PathBuf,
    /// What stands in it.
    pub(super) text: String,
}

impl Source {
    /// The error of what stands at this place, with its line.
    pub(super) fn error(&self, at: Option<usize>, problem: impl Display) -> ConfigError {
        let path = if self.path.as_os_str().is_empty() {
            "settings".to_owned()
        } else {
            self.path.display().to_string()
        };
        let line = at
            .and_then(|at| self.text.get(..at))
            .map(|before| before.matches('\n').count() + 1);
        ConfigError {
            place: line.map_or_else(|| path.clone(), |line| format!("{path}:{line}")),
            problem: one_line(problem),
        }
    }

    /// The dotted name of the setting whose value stands at this place.
    pub(super) fn key_of(&self, at: usize) -> Option<String> {
        let table = DeTable::parse(&self.text).ok()?;
        key_in(table.get_ref(), at)
    }

    /// Where a setting stands, by its dotted name.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut parts = key.split('.');
        let first = parts.next()?;
        let (name, mut value) = table
            .get_ref()
            .iter()
            .find(|(name, _)| name.get_ref() == first)?;
        let mut at = name.span().start;
        for part in parts {
            (at, value) = match value.get_ref() {
                DeValue::Table(inner) => {
                    let (name, value) = inner.iter().find(|(name, _)| name.get_ref() == part)?;
                    (name.span().start, value)
                }
                DeValue::Array(values) => {
                    let value = values.get(part.parse::<usize>().ok()?)?;
                    (value.span().start, value)
                }
                _ => break,
            };
        }
        Some(at)
    }
}

fn key_in(table: &DeTable<'_>, at: usize) -> Option<String> {
    table
        .iter()
        .find_map(|(name, value)| match value.get_ref() {
            DeValue::Table(inner) => Some(format!("{}.{}", name.get_ref(), key_in(inner, at)?)),
            DeValue::Array(values) if item_in(values, at).is_some() => {
                Some(format!("{}.{}", name.get_ref(), item_in(values, at)?))
            }
            _ => value
                .span()
                .contains(&at)
                .then(|| name.get_ref().to_string()),
        })
}

/// The number of the table in a list that has this place, and the name in it.
fn item_in(values: &[toml::Spanned<DeValue<'_>>], at: usize) -> Option<String> {
    values
        .iter()
        .enumerate()
        .find_map(|(number, value)| match value.get_ref() {
            DeValue::Table(inner) => Some(format!("{number}.{}", key_in(inner, at)?)),
            _ => None,
        })
}

pub(super) fn one_line(problem: impl Display) -> String {
    problem
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
