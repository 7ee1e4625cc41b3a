//! `index.html`: which programs it starts, and its names replaced by the real ones.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::read;

/// The page's entry, as it stands in the repository.
pub(crate) struct Index {
    html: String,
    programs: Vec<String>,
}

impl Index {
    /// Reads the file and finds the programs that it names.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let html = String::from_utf8(read(path)?)
            .with_context(|| format!("{} is not UTF-8", path.display()))?;
        Ok(Self::parse(&html))
    }

    fn parse(html: &str) -> Self {
        let html = without_comments(html);
        let mut programs: Vec<String> = names(&html)
            .filter_map(|name| name.strip_suffix(".js"))
            .map(str::to_owned)
            .collect();
        programs.sort();
        programs.dedup();
        Self { html, programs }
    }

    /// The programs of the crate `frontend`, without their file extension.
    pub(crate) fn programs(&self) -> &[String] {
        &self.programs
    }

    /// The HTML with each of `names` (as written, as served) replaced. Fails when it names another
    /// file for which `exists` is false.
    pub(crate) fn with_names(
        &self,
        served: &[(String, String)],
        exists: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let mut html = self.html.clone();
        for name in names(&self.html) {
            match served.iter().find(|(written, _)| written == name) {
                Some((written, served)) => {
                    html = html.replace(&format!("\"/{written}\""), &format!("\"/{served}\""));
                }
                None if exists(name) => {}
                None => bail!("index.html names /{name}, which is not in frontend/public"),
            }
        }
        Ok(html)
    }
}

/// The files that attribute values name: those that are one absolute path.
fn names(html: &str) -> impl Iterator<Item = &str> {
    html.split('"')
        .skip(1)
        .step_by(2)
        .filter_map(|value| value.strip_prefix('/'))
        .filter(|name| !name.is_empty())
}

fn without_comments(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after
            .split_once("-->")
            .map_or("", |(_, after)| after.trim_start());
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = "<!-- \"/comment.js\" -->\n<link href=\"/style.css\">\
        <script type=\"module\" src=\"/frontend.js\"></script><meta content=\"/worker.js\">\
        <link rel=\"modulepreload\" href=\"/frontend.js\"><link href=\"/icon.svg\">";

    #[test]
    fn each_program_is_found_once() {
        assert_eq!(Index::parse(HTML).programs(), ["frontend", "worker"]);
    }

    #[test]
    fn every_occurrence_is_replaced_and_public_files_keep_their_names() {
        let served = ["style.css", "frontend.js", "worker.js"]
            .map(|name| (name.to_owned(), name.replace('.', "-1.")));
        let html = Index::parse(HTML)
            .with_names(&served, |name| name == "icon.svg")
            .unwrap();
        assert_eq!(
            html,
            "<link href=\"/style-1.css\"><script type=\"module\" src=\"/frontend-1.js\"></script>\
             <meta content=\"/worker-1.js\"><link rel=\"modulepreload\" href=\"/frontend-1.js\">\
             <link href=\"/icon.svg\">"
        );
    }

    #[test]
    fn a_file_that_nobody_makes_is_named() {
        let error = Index::parse("<img src=\"/logo.svg\">")
            .with_names(&[], |_| false)
            .unwrap_err();
        assert!(error.to_string().contains("/logo.svg"), "{error}");
    }
}
