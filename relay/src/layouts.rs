//! The keyboard layouts that come with the relay.

use std::borrow::Cow;

use rust_embed::RustEmbed;
use shared::layout::Layout;

const EXTENSION: &str = ".bin";

#[derive(RustEmbed)]
#[folder = "../shared/layouts"]
struct Tables;

/// The names of all layouts, in order.
pub fn names() -> Vec<String> {
    let mut names: Vec<_> = Tables::iter()
        .filter_map(|file| file.strip_suffix(EXTENSION).map(str::to_owned))
        .collect();
    names.sort_unstable();
    names
}

/// The table of a layout, for [`Layout::parse`]; `None` where there is no such layout.
#[must_use]
pub fn table(name: &str) -> Option<Cow<'static, [u8]>> {
    Tables::get(&format!("{name}{EXTENSION}")).map(|file| file.data)
}

/// A layout by its name.
#[must_use]
pub fn named(name: &str) -> Option<Layout> {
    Layout::parse(&table(name)?).ok()
}

#[cfg(test)]
mod tests {
    use super::{named, names};

    #[test]
    fn every_layout_can_be_read_and_names_itself() {
        let names = names();
        assert!(names.len() >= 40, "{names:?}");
        for name in names {
            assert!(!named(&name).unwrap().label().is_empty(), "{name}");
        }
        assert!(named("xx").is_none());
        assert!(named("../layouts/de").is_none());
    }
}
