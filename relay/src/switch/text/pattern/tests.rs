use proptest::prelude::*;

use super::{Found, Pattern, Template};

fn template(text: &str) -> Template {
    text.parse().unwrap()
}

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

fn port(text: &str, heard: &[u8]) -> Option<usize> {
    pattern(text).find(heard, true).and_then(|found| found.port)
}

#[test]
fn a_port_is_written_as_it_is_asked_for() {
    for (text, expected) in [
        ("sw {port}\\r\\n", &b"sw 12\r\n"[..]),
        ("{port0}", b"11"),
        ("{port:02}{port:03}", b"12012"),
        ("{port0:02}", b"11"),
        ("\\xAA\\xbb{port:byte}\\xEE", b"\xAA\xBB\x0C\xEE"),
        ("{port0:byte}{port:hex}{port0:hex}", b"\x0B0C0B"),
        ("{port:letter}!", b"L!"),
        ("\\{\\}\\\\\\t\u{e9}", b"{}\\\t\xC3\xA9"),
        ("", b""),
    ] {
        assert_eq!(template(text).bytes(11), expected, "{text}");
    }
}

#[test]
fn what_is_no_text_of_a_protocol_is_refused_and_says_why() {
    for (text, says) in [
        ("{port", "no end"),
        ("a}", "\\}"),
        ("{ports}", "{ports}"),
        ("{port:}", "{port:}"),
        ("{port:04}", "{port:04}"),
        ("{port0:letter}", "{port0:letter}"),
        ("\\q", "\\q"),
        ("\\", "nothing follows"),
        ("\\x1", "two hexadecimal"),
        ("\\x\u{e9}", "two hexadecimal"),
        ("{any}", "answers only"),
        (&"a".repeat(129), "at most 128"),
    ] {
        let problem = text.parse::<Template>().unwrap_err();
        assert!(problem.contains(says), "{text}: {problem}");
    }
    assert!("".parse::<Pattern>().is_err());
    assert!("{any}{any}".parse::<Pattern>().is_err());
}

#[test]
fn an_answer_is_found_among_noise() {
    assert_eq!(port("OUT1 VS {port}\\r", b"..\r\nOUT1 VS 4\r\n"), Some(3));
    assert_eq!(port("\\x11{port0:byte}{any}", b"\x00\x11\x06\x1c"), Some(6));
    assert_eq!(port("G{port:02}gA", b"G0G1G07gA"), Some(6));
    assert_eq!(port("={port:hex};", b"=0x;=0b;"), Some(10));
    assert_eq!(port("in {port:letter}", b"in ?in c"), Some(2));
    assert_eq!(port("{port}:{port}", b"1:2 3:3"), Some(2));
    let found = pattern("*\\r").find(b"?*\r>", false);
    assert_eq!(found, Some(Found { port: None, end: 3 }));
}

#[test]
fn a_number_is_read_as_a_whole() {
    let pattern = pattern("in {port}");
    assert_eq!(pattern.find(b"in 1", false), None, "12 may follow");
    assert_eq!(pattern.find(b"in 1", true).unwrap().port, Some(0));
    assert_eq!(pattern.find(b"in 12 ", false).unwrap().port, Some(11));
    assert_eq!(pattern.find(b"in 1234 ", true), None);
    assert_eq!(pattern.find(b"in 0 ", true), None, "ports count from 1");
    assert_eq!(port("{port} on", b"1234 on"), None);
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{port}"),
        Just("{port0:02}"),
        Just("{port:byte}"),
        Just("{port:hex}"),
        Just("{port:letter}"),
        Just("\\r\\n"),
        Just("\\xFF"),
        Just("a"),
        Just("7"),
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_understood_or_refused(text in ".{0,40}") {
        let _either: Result<Template, _> = text.parse();
        let _either: Result<Pattern, _> = text.parse();
    }

    #[test]
    fn no_noise_is_too_much(text in texts(), heard in proptest::collection::vec(any::<u8>(), 0..300)) {
        for is_over in [false, true] {
            if let Some(found) = pattern(&text).find(&heard, is_over) {
                prop_assert!(found.end <= heard.len());
            }
        }
    }

    #[test]
    fn what_is_written_is_found(port in 0_usize..26, before in "[ -,;-@]{0,20}", form in 0..6_usize) {
        let form = ["{port}", "{port0}", "{port:02}", "{port0:byte}", "{port:hex}", "{port:letter}"][form];
        let text = format!("<{form}>");
        let mut heard = before.replace('<', "").into_bytes();
        heard.extend(template(&text).bytes(port));
        let found = pattern(&text).find(&heard, false).unwrap();
        prop_assert_eq!(found, Found { port: Some(port), end: heard.len() });
    }
}
