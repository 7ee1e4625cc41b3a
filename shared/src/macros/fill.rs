//! Values in the place of `{{name}}`.

/// The text with every `{{name}}` for which there is a value replaced by it. All else stands as it is, values too: they
/// are not looked through again.
pub fn fill<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let named = after
            .split_once("}}")
            .and_then(|(name, after)| Some((value(name)?, after)));
        match named {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = &rest[before.len() + 1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    fn filled(text: &str) -> String {
        fill(text, |name| match name {
            "user" => Some("ada"),
            "braces" => Some("{{user}}"),
            _ => None,
        })
    }

    #[test]
    fn a_name_becomes_its_value() {
        assert_eq!(filled("{{user}}\n{{user}}!"), "ada\nada!");
        assert_eq!(filled("{{{user}}}"), "{ada}");
    }

    #[test]
    fn a_value_is_taken_as_it_is() {
        assert_eq!(filled("<{{braces}}>"), "<{{user}}>");
    }

    #[test]
    fn what_is_no_variable_stands_as_it_is() {
        for text in [
            "{{ user }}",
            "{{other}}",
            "{{user",
            "{{",
            "{",
            "}}",
            "{{}}",
            "ä{{ü}}",
        ] {
            assert_eq!(filled(text), text);
        }
        assert_eq!(filled("{{other {{user}}"), "{{other ada");
    }
}
