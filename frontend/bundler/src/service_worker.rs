//! The service worker, with the names of the files that it keeps.

use anyhow::{Context, Result, ensure};

use crate::output::hash;

const SHELL: &str = "const SHELL = [];";
const VERSION: &str = "const VERSION = \"\";";

/// The script, which keeps the page's entry and `files`. Its version tells `contents` from all others.
pub(crate) fn keeping(script: &[u8], files: &[String], contents: &[&[u8]]) -> Result<String> {
    let script = std::str::from_utf8(script).context("the service worker is not UTF-8")?;
    for line in [SHELL, VERSION] {
        ensure!(
            script.contains(line),
            "the service worker has no line `{line}`"
        );
    }
    let mut names = vec!["\"/\"".to_owned()];
    names.extend(files.iter().map(|name| format!("\"/{name}\"")));
    let version = hash(contents);
    Ok(script
        .replace(SHELL, &format!("const SHELL = [{}];", names.join(", ")))
        .replace(VERSION, &format!("const VERSION = \"{version}\";")))
}

#[cfg(test)]
mod tests {
    use super::keeping;

    const SCRIPT: &[u8] = b"const SHELL = [];\nconst VERSION = \"\";\nrun();\n";

    #[test]
    fn names_and_version_are_filled_in() {
        let files = ["style-1.css".to_owned()];
        let script = keeping(SCRIPT, &files, &[b"a"]).unwrap();
        assert!(script.starts_with("const SHELL = [\"/\", \"/style-1.css\"];\n"));
        assert!(script.ends_with("\nrun();\n"));
        assert_ne!(script, keeping(SCRIPT, &files, &[b"b"]).unwrap());
    }

    #[test]
    fn a_script_that_would_keep_nothing_is_refused() {
        assert!(keeping(b"run();", &[], &[]).is_err());
    }
}
