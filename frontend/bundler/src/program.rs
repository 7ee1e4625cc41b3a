//! One program of the page: its WebAssembly with bindings, made small.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output as BindgenOutput};

use crate::output::hash;
use crate::read;

const COMPILED: &str = "target/wasm32-unknown-unknown/wasm";
const OPTIMIZED: &str = "target/wasm-opt";
const WASM_OPT: &str = "node_modules/.bin/wasm-opt";

/// For size, with the features that rustc turns on by itself for this target and no others.
const WASM_OPT_ARGUMENTS: [&str; 8] = [
    "-Oz",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// A program, ready to be named and served.
pub(crate) struct Program {
    /// The name of the binary in the crate `frontend`.
    pub(crate) name: String,
    /// The JavaScript module of its bindings.
    pub(crate) module: String,
    /// JavaScript files of the program's crates, by the path under which `module` imports them.
    pub(crate) snippets: Vec<(String, String)>,
    /// The optimized WebAssembly.
    pub(crate) wasm: Vec<u8>,
}

impl Program {
    /// Makes the program out of what the compiler left.
    pub(crate) fn build(name: &str) -> Result<Self> {
        let mut bindings = Bindgen::new()
            .input_path(compiled(name))
            .web(true)?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate_output()
            .with_context(|| format!("cannot make bindings for {name}"))?;
        let wasm = optimized(&bindings.wasm_mut().emit_wasm())
            .with_context(|| format!("cannot optimize {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            module: bindings.js().to_owned(),
            snippets: snippets(&bindings),
            wasm,
        })
    }
}

/// Where the compiler leaves the program.
pub(crate) fn compiled(name: &str) -> PathBuf {
    Path::new(COMPILED).join(format!("{name}.wasm"))
}

/// The module with the line that loads the program from the file `wasm` beside it and starts it.
pub(crate) fn starting(module: &str, wasm: &str) -> String {
    format!(
        "{module}\nawait __wbg_init({{ module_or_path: new URL(\"{wasm}\", import.meta.url) }});\n"
    )
}

fn snippets(bindings: &BindgenOutput) -> Vec<(String, String)> {
    let inline = bindings.snippets().iter().flat_map(|(package, contents)| {
        let numbered = contents.iter().enumerate();
        numbered.map(move |(n, content)| (format!("{package}/inline{n}.js"), content))
    });
    let files = bindings.local_modules().iter();
    inline
        .chain(files.map(|(path, content)| (path.clone(), content)))
        .map(|(path, content)| (format!("./snippets/{path}"), content.clone()))
        .collect()
}

/// Optimizes, or takes the result of the last time that it was asked for the same.
fn optimized(wasm: &[u8]) -> Result<Vec<u8>> {
    let name = hash(&[wasm, WASM_OPT_ARGUMENTS.concat().as_bytes()]);
    let result = Path::new(OPTIMIZED).join(format!("{name}.wasm"));
    if !result.exists() {
        fs::create_dir_all(OPTIMIZED)?;
        let input = result.with_extension("in");
        let unfinished = result.with_extension("out");
        fs::write(&input, wasm)?;
        let status = Command::new(WASM_OPT)
            .args(WASM_OPT_ARGUMENTS)
            .arg(&input)
            .arg("-o")
            .arg(&unfinished)
            .status()
            .with_context(|| format!("cannot run {WASM_OPT}; `npm ci` installs it"))?;
        ensure!(status.success(), "wasm-opt failed ({status})");
        fs::rename(&unfinished, &result)?;
        fs::remove_file(&input)?;
    }
    read(&result)
}
