//! The folder that the relay serves: written whole, then put in the place of the old one.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::index::Index;
use crate::{compress, program, read};

/// The files of the page, by the name under which they are served.
#[derive(Default)]
pub(crate) struct Output {
    files: Vec<(String, Vec<u8>)>,
}

impl Output {
    /// Adds a file under the name that is given.
    pub(crate) fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push((name.to_owned(), bytes));
    }

    /// Adds a file under its name with a hash of its content in it, which is returned.
    pub(crate) fn add_hashed(&mut self, name: &str, bytes: Vec<u8>) -> String {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let name = format!("{stem}-{}.{extension}", hash(&[&bytes]));
        self.add(&name, bytes);
        name
    }

    /// Adds all files below `folder`, if there is one.
    pub(crate) fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for path in files_below(folder)? {
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            self.add(&name, read(&path)?);
        }
        Ok(())
    }

    /// Whether a file of that name was added.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.files.iter().any(|(added, _)| added == name)
    }

    /// The names of all files so far.
    pub(crate) fn names(&self) -> Vec<String> {
        self.files.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The contents of all files so far, and one more.
    pub(crate) fn contents<'a>(&'a self, more: &'a [u8]) -> Vec<&'a [u8]> {
        let contents = self.files.iter().map(|(_, bytes)| bytes.as_slice());
        contents.chain([more]).collect()
    }

    /// Puts the files into `folder` in the place of what it held, with a `.br` beside each file
    /// that gains from it, and returns a table of the sizes.
    pub(crate) fn write(self, folder: &Path, stamp: &str) -> Result<String> {
        let new = folder.with_extension("new");
        remove(&new)?;
        let mut report = format!("{:<40}{:>10}{:>10}\n", "", "bytes", "brotli");
        let mut total = (0, 0);
        for (name, bytes) in &self.files {
            let brotli = compress::brotli(name, bytes)?;
            let transferred = brotli.as_ref().map_or(bytes.len(), Vec::len);
            write(&new.join(name), bytes)?;
            if let Some(brotli) = brotli {
                write(&new.join(format!("{name}.br")), &brotli)?;
            }
            total = (total.0 + bytes.len(), total.1 + transferred);
            writeln!(report, "{name:<40}{:>10}{transferred:>10}", bytes.len())?;
        }
        writeln!(report, "{:<40}{:>10}{:>10}", "in all", total.0, total.1)?;
        remove(folder)?;
        fs::rename(&new, folder)?;
        write(&stamp_of(folder), stamp.as_bytes())?;
        Ok(report)
    }
}

/// What the page is made of, as one hash: the bundler itself, the programs and `sources`.
pub(crate) fn stamp(sources: &[&str], index: &Index) -> Result<String> {
    let mut paths = vec![std::env::current_exe()?];
    paths.extend(index.programs().iter().map(|name| program::compiled(name)));
    for source in sources {
        paths.extend(files_below(Path::new(source))?);
    }
    let mut parts = Vec::new();
    for path in paths {
        parts.push(path.to_string_lossy().into_owned().into_bytes());
        parts.push(read(&path)?);
    }
    Ok(hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// Whether `folder` was made from what `stamp` says.
pub(crate) fn is_current(folder: &Path, stamp: &str) -> bool {
    folder.is_dir() && fs::read(stamp_of(folder)).is_ok_and(|last| last == stamp.as_bytes())
}

/// Sixteen hexadecimal digits that tell these parts from all others.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize()[..8]
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn stamp_of(folder: &Path) -> PathBuf {
    folder.with_extension("stamp")
}

/// The file `path`, or all files below it in a fixed order, or none if it does not exist.
fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = fs::read_dir(path)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        files.extend(files_below(&entry)?);
    }
    Ok(files)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
