//! Makes every table anew: `./justw layouts`.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use layout_tables::{layouts::LAYOUTS, table};

fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../layouts");
    for source in LAYOUTS {
        let bytes = table(&source)
            .and_then(|table| Ok(table.encode()?))
            .with_context(|| source.name)?;
        let file = folder.join(format!("{}.bin", source.name));
        fs::write(&file, &bytes).with_context(|| file.display().to_string())?;
        println!(
            "{:<12} {:>5} bytes  {}",
            source.name,
            bytes.len(),
            source.label
        );
    }
    Ok(())
}
