//! Turns the compiled page into the files that the relay serves, in `target/page/`.
//!
//! `index.html` at the root of the workspace says what there is to bundle. It names files by what
//! they are, each as a whole attribute value that starts with a slash:
//!
//! | name           | becomes                                                                        |
//! |----------------|--------------------------------------------------------------------------------|
//! | `/NAME.js`     | the module that loads and starts the program `NAME` of the crate `frontend`     |
//! | `/NAME.wasm`   | that program, for a preload                                                     |
//! | `/style.css`   | all of `frontend/style/`: tokens, base, console, then the others by name        |
//! | any other      | a file of `frontend/public/`, which is copied as it is                          |
//!
//! The first three get a hash of their content into their names, so that a browser may keep them
//! for ever; the page finds a worker's name where `index.html` put it (`<meta name="worker"
//! content="/worker.js">`). A program's module starts it by itself: neither an inline script nor a
//! loader is needed. Messages that arrive at a worker before its program has started are not kept,
//! so a worker has to speak first.
//!
//! Run it in the root of the workspace, after
//! `cargo build --profile wasm -p frontend --target wasm32-unknown-unknown`.

mod compress;
mod index;
mod output;
mod program;
mod service_worker;
mod style;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result, anyhow};

use index::Index;
use output::Output;
use program::Program;

const INDEX: &str = "index.html";
const STYLE: &str = "frontend/style";
const PUBLIC: &str = "frontend/public";
const SERVICE_WORKER: &str = "frontend/service-worker.js";
const PAGE: &str = "target/page";

fn main() -> ExitCode {
    match bundle() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundler: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bundle() -> Result<()> {
    let index = Index::read(Path::new(INDEX))?;
    let stamp = output::stamp(
        &[INDEX, STYLE, PUBLIC, SERVICE_WORKER, "package-lock.json"],
        &index,
    )?;
    if output::is_current(Path::new(PAGE), &stamp) {
        println!("{PAGE} is up to date");
        return Ok(());
    }

    let mut output = Output::default();
    let style = output.add_hashed("style.css", style::bundle(Path::new(STYLE))?.into_bytes());
    let mut names = vec![("style.css".to_owned(), style)];
    for program in build(index.programs())? {
        let wasm = output.add_hashed(&format!("{}.wasm", program.name), program.wasm);
        let mut module = program::starting(&program.module, &wasm);
        for (path, content) in program.snippets {
            let snippet = output.add_hashed("snippet.js", content.into_bytes());
            module = module.replace(&path, &format!("./{snippet}"));
        }
        let module = output.add_hashed(&format!("{}.js", program.name), module.into_bytes());
        names.push((format!("{}.wasm", program.name), wasm));
        names.push((format!("{}.js", program.name), module));
    }
    output.add_folder(Path::new(PUBLIC))?;
    let html = index.with_names(&names, |name| output.contains(name))?;
    let worker = service_worker::keeping(
        &read(Path::new(SERVICE_WORKER))?,
        &output.names(),
        &output.contents(html.as_bytes()),
    )?;
    output.add("service-worker.js", worker.into_bytes());
    output.add("index.html", html.into_bytes());
    print!("{}", output.write(Path::new(PAGE), &stamp)?);
    Ok(())
}

/// Builds all programs at once, since the optimizer uses one core for each.
fn build(names: &[String]) -> Result<Vec<Program>> {
    thread::scope(|scope| {
        let running: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(|| Program::build(name)))
            .collect();
        running
            .into_iter()
            .map(|one| {
                one.join()
                    .map_err(|_| anyhow!("a bundling thread panicked"))?
            })
            .collect()
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
