//! What the page's address asks for: a panel, by a shortcut of the installed app.

/// The panel that an address' query asks for (`?open=settings`), by its name.
#[must_use]
pub fn opened(query: &str) -> Option<&str> {
    query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(name, value)| (name == "open").then_some(value))
}

#[cfg(test)]
mod tests {
    use super::opened;

    #[test]
    fn the_panel_is_found_among_other_things() {
        assert_eq!(opened("?open=settings"), Some("settings"));
        assert_eq!(opened("?fresh&open=statistics&x=1"), Some("statistics"));
        for query in ["", "?", "?fresh", "?reopen=1", "?open"] {
            assert_eq!(opened(query), None, "{query}");
        }
    }
}
