//! Turns `locales/*.json` into constants, so that a text that is missing in a language does not compile.
//!
//! A text without placeholders becomes a field of `Text`; one with `{placeholders}` becomes a field, too, and a
//! method of the same name that fills them in.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, path::Path};

type Texts = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    let english = read("en")?;
    let mut code = declare(&english)?;
    for locale in locales()? {
        define(&mut code, &locale, &read(&locale)?)?;
    }
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
    names.sort();
    Ok(names)
}

fn read(locale: &str) -> Result<Texts, Box<dyn Error>> {
    let json = fs::read_to_string(format!("locales/{locale}.json"))?;
    serde_json::from_str(&json).map_err(|error| format!("locales/{locale}.json: {error}").into())
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

fn define(code: &mut String, locale: &str, texts: &Texts) -> Result<(), Box<dyn Error>> {
    let constant = locale.replace('-', "_").to_uppercase();
    writeln!(
        code,
        "/// The texts of `locales/{locale}.json`.\npub const {constant}: Text = Text {{"
    )?;
    for (key, text) in texts {
        writeln!(code, "    {key}: {text:?},")?;
    }
    code.push_str("};\n\n");
    Ok(())
}

fn placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}
