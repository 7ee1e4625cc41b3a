//! A file to a macro.

use serde_json::Value;
use shared::macros::{Macro, MacroFault, Step};
use thiserror::Error;

use super::pikvm;

/// A file that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The macro in it.
    pub document: Macro,
    /// What could not be taken over, a sentence each.
    pub left_out: Vec<String>,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// No JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// JSON of something else.
    #[error(
        "it is neither a macro of Armchair (\"format\": \"armchair-macro/1\") nor a list of PiKVM's events"
    )]
    Foreign,
    /// A step that is not known, or lacks something.
    #[error("step {number}: {problem}")]
    Step {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Something else in it.
    #[error("{0}")]
    Fields(String),
    /// It is out of bounds.
    #[error(transparent)]
    Fault(#[from] MacroFault),
    /// Nothing of it can be taken over.
    #[error("none of its events can be taken over")]
    Nothing,
}

/// Reads a macro of ours, or PiKVM's events, which are called `name`.
///
/// # Errors
/// [`Unreadable`].
pub fn read(file: &[u8], name: &str) -> Result<Read, Unreadable> {
    let value: Value =
        serde_json::from_slice(file).map_err(|error| Unreadable::NotJson(error.to_string()))?;
    let read = match value {
        Value::Array(events) => pikvm::read(events, name)?,
        Value::Object(_) if value.get("format").is_some() => Read {
            document: ours(value)?,
            left_out: Vec::new(),
        },
        _ => return Err(Unreadable::Foreign),
    };
    read.document.check()?;
    Ok(read)
}

fn ours(mut value: Value) -> Result<Macro, Unreadable> {
    let steps = value.get_mut("steps").map(Value::take);
    if let Some(empty) = value.get_mut("steps") {
        *empty = Value::Array(Vec::new());
    }
    let mut document: Macro =
        serde_json::from_value(value).map_err(|error| Unreadable::Fields(error.to_string()))?;
    let Some(Value::Array(steps)) = steps else {
        return Err(Unreadable::Fields("its steps are no list".to_owned()));
    };
    document.steps = steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| {
            serde_json::from_value::<Step>(step).map_err(|error| Unreadable::Step {
                number: index + 1,
                problem: error.to_string(),
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_ours_is_read_as_it_is() {
        let file =
            br#"{"format": "armchair-macro/1", "name": "a", "steps": [{"do": "pause", "ms": 5}]}"#;
        let Read { document, left_out } = read(file, "other").unwrap();
        assert_eq!(document.name, "a");
        assert_eq!(document.steps, [Step::Pause { ms: 5 }]);
        assert!(left_out.is_empty());
    }

    #[test]
    fn a_step_that_is_not_known_is_named() {
        let file = br#"{"format": "armchair-macro/1", "name": "a", "steps": [{"do": "pause", "ms": 5}, {"do": "dance"}]}"#;
        let error = read(file, "a").unwrap_err();
        assert!(
            matches!(&error, Unreadable::Step { number: 2, problem } if problem.contains("dance")),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_ours_is_not_taken() {
        for file in [
            "",
            "\u{feff}x",
            "{}",
            "7",
            "\"armchair-macro/1\"",
            "{\"steps\": []}",
        ] {
            let error = read(file.as_bytes(), "a").unwrap_err();
            assert!(
                matches!(error, Unreadable::NotJson(_) | Unreadable::Foreign),
                "{file}: {error}"
            );
        }
        let newer = br#"{"format": "armchair-macro/9", "name": "a", "steps": []}"#;
        assert!(matches!(read(newer, "a"), Err(Unreadable::Fields(_))));
        assert_eq!(read(b"[]", "a"), Err(Unreadable::Nothing));
        let deep = "[".repeat(100_000);
        assert!(matches!(
            read(deep.as_bytes(), "a"),
            Err(Unreadable::NotJson(_))
        ));
    }
}
