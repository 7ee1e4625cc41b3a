//! The style sheets as one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::read;

/// What the others build on comes first.
const FIRST: [&str; 3] = ["tokens.css", "base.css", "console.css"];

/// Joins the style sheets of `folder`, without comments and indentation. Empty when there is no
/// such folder.
pub(crate) fn bundle(folder: &Path) -> Result<String> {
    let mut bundled = String::new();
    for sheet in sheets(folder)? {
        let css = String::from_utf8(read(&sheet)?)
            .with_context(|| format!("{} is not UTF-8", sheet.display()))?;
        bundled.push_str(&shortened(&css));
    }
    Ok(bundled)
}

fn sheets(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut sheets: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    sheets.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    sheets.sort_by_key(|path| {
        let name = path.file_name().unwrap_or_default().to_os_string();
        let rank = FIRST.iter().position(|first| name == *first);
        (rank.unwrap_or(FIRST.len()), name)
    });
    Ok(sheets)
}

fn shortened(css: &str) -> String {
    without_comments(css)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Leaves out comments, but not what looks like one inside a string.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let escaped = usize::from(c == '\\');
        let taken = rest.chars().take(1 + escaped).map(char::len_utf8).sum();
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        let (head, tail) = rest.split_at(taken);
        kept.push_str(head);
        rest = tail;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go_and_strings_stay() {
        let css =
            "/* head */\n:root {\n    --a: 1px; /* one */\n\n    --b: \"/* \\\" kept */\";\n}\n";
        assert_eq!(
            shortened(css),
            ":root {\n--a: 1px;\n--b: \"/* \\\" kept */\";\n}\n"
        );
    }

    #[test]
    fn sheets_that_others_build_on_come_first() {
        let folder = std::env::temp_dir().join(format!("bundler-style-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in [
            "a.css",
            "console.css",
            "tokens.css",
            "z.css",
            "base.css",
            "notes.md",
        ] {
            fs::write(
                folder.join(name),
                format!("/* */ .{} {{}}", name.replace('.', "-")),
            )
            .unwrap();
        }
        let css = bundle(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            css.lines().collect::<Vec<_>>(),
            [
                ".tokens-css {}",
                ".base-css {}",
                ".console-css {}",
                ".a-css {}",
                ".z-css {}"
            ]
        );
    }
}
