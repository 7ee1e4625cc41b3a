//! Turns `locales/*.json` into constants. A language that lacks a text, has one too many, or fills in other values
//! than English does not compile.
//!
//! A file is named for its language (a BCP 47 tag). A text without placeholders becomes a field of `Text`; one with
//! `{placeholders}` becomes a field, too, and a method of the same name that fills them in.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
};

/// The language that the others are compared with, and that stands in where none fits.
const FIRST: &str = "en";

type Texts = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    let first = read(FIRST)?;
    let mut code = declare(&first)?;
    let locales = locales()?;
    for locale in &locales {
        let texts = read(locale)?;
        let faults = compare(&first, &texts);
        if !faults.is_empty() {
            return Err(format!("locales/{locale}.json: {}", faults.join("; ")).into());
        }
        define(&mut code, locale, &texts)?;
    }
    list(&mut code, &locales)?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("text.rs"), code)?;
    Ok(())
}

fn locales() -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir("locales")? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
            && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
        {
            names.push(stem.to_owned());
        }
    }
    names.sort_by_key(|name| (name != FIRST, name.clone()));
    Ok(names)
}

fn read(locale: &str) -> Result<Texts, Box<dyn Error>> {
    let json = fs::read_to_string(format!("locales/{locale}.json"))?;
    serde_json::from_str(&json).map_err(|error| format!("locales/{locale}.json: {error}").into())
}

/// What a language lacks, has too much, or fills in otherwise than the first one.
fn compare(first: &Texts, texts: &Texts) -> Vec<String> {
    let keys: BTreeSet<&String> = first.keys().chain(texts.keys()).collect();
    keys.into_iter()
        .filter_map(|key| match (first.get(key), texts.get(key)) {
            (Some(_), None) => Some(format!("{key:?} is missing")),
            (None, _) => Some(format!("{key:?} is not in {FIRST}.json")),
            (Some(first), Some(text)) => {
                let [wanted, found] = [first, text].map(|text| {
                    let names: BTreeSet<_> = placeholders(text).into_iter().collect();
                    names
                });
                (wanted != found)
                    .then(|| format!("{key:?} fills in {found:?} instead of {wanted:?}"))
            }
        })
        .collect()
}

fn declare(texts: &Texts) -> Result<String, Box<dyn Error>> {
    let mut code = String::from(
        "/// Every text of the page in one language.\n#[expect(missing_docs, reason = \"a text says what it is\")]\n#[derive(Debug)]\npub struct Text {\n",
    );
    for key in texts.keys() {
        writeln!(code, "    pub {key}: &'static str,")?;
    }
    code.push_str(
        "}\n\n#[expect(missing_docs, reason = \"a text says what it is\")]\nimpl Text {\n",
    );
    for (key, text) in texts {
        let names = placeholders(text);
        if names.is_empty() {
            continue;
        }
        let arguments = names.iter().fold(String::new(), |list, name| {
            format!("{list}, {name}: impl std::fmt::Display")
        });
        let filled = names.iter().fold(String::new(), |chain, name| {
            format!("{chain}.replace(\"{{{name}}}\", &{name}.to_string())")
        });
        writeln!(
            code,
            "    #[must_use]\n    pub fn {key}(&self{arguments}) -> String {{ self.{key}{filled} }}"
        )?;
    }
    code.push_str("}\n\n");
    Ok(code)
}

fn constant(locale: &str) -> String {
    locale.replace('-', "_").to_uppercase()
}

fn define(code: &mut String, locale: &str, texts: &Texts) -> Result<(), Box<dyn Error>> {
    writeln!(
        code,
        "/// The texts of `locales/{locale}.json`.\npub const {}: Text = Text {{",
        constant(locale)
    )?;
    for (key, text) in texts {
        writeln!(code, "    {key}: {text:?},")?;
    }
    code.push_str("};\n\n");
    Ok(())
}

fn list(code: &mut String, locales: &[String]) -> Result<(), Box<dyn Error>> {
    code.push_str(
        "/// Every language that the page speaks, the one that stands in for all others first.\n",
    );
    writeln!(
        code,
        "pub const LANGUAGES: [Language; {}] = [",
        locales.len()
    )?;
    for locale in locales {
        writeln!(
            code,
            "    Language {{ tag: {locale:?}, text: &{} }},",
            constant(locale)
        )?;
    }
    code.push_str("];\n");
    Ok(())
}

/// The names of what is filled in, each once, in the order of the text.
fn placeholders(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for rest in text.split('{').skip(1) {
        if let Some((name, _)) = rest.split_once('}')
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}
