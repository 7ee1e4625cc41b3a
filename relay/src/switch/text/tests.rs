use std::time::Duration;

use super::{Model, Protocol, Settings};

fn ready(model: Model) -> Protocol {
    Settings::default().protocol(Some(model), 2).unwrap()
}

/// The port that a switch of this kind says is selected.
fn told(model: Model, heard: &[u8]) -> Option<usize> {
    let answer = ready(model).status_answer?;
    answer.find(heard, true)?.port
}

#[test]
fn ezcoo_speaks_as_it_was_recorded() {
    let protocol = ready(Model::Ezcoo);
    assert_eq!(
        protocol.select.bytes(1),
        b"EZS OUT1 VS IN2\nEZS OUT1 VS IN2\n"
    );
    assert_eq!(protocol.status.bytes(0), b"EZG OUT1 VS\n");
    assert_eq!(told(Model::Ezcoo, b"OUT1 VS 4\r\n"), Some(3));
    assert_eq!(told(Model::Ezcoo, b"OUT 1 STREAM ON\r\n"), None);
    assert_eq!(Model::Ezcoo.speed(), 115_200);
}

#[test]
fn ezcoo_of_before_is_told_only() {
    let protocol = ready(Model::EzcooSet);
    assert_eq!(
        protocol.select.bytes(0),
        b"SET OUT1 VS IN1\nSET OUT1 VS IN1\n"
    );
    assert!(!protocol.tells());
}

#[test]
fn tesmart_counts_from_one_and_answers_from_zero() {
    let protocol = ready(Model::Tesmart);
    assert_eq!(
        protocol.select.bytes(15),
        [0xAA, 0xBB, 0x03, 0x01, 0x10, 0xEE]
    );
    assert_eq!(
        protocol.status.bytes(0),
        [0xAA, 0xBB, 0x03, 0x10, 0x00, 0xEE]
    );
    let documented = [0xAA, 0xBB, 0x03, 0x11, 0x04, 0xEE];
    let captured = [0xAA, 0xBB, 0x03, 0x11, 0x06, 0x1C];
    assert_eq!(told(Model::Tesmart, &documented), Some(4));
    assert_eq!(told(Model::Tesmart, &captured), Some(6));
    assert_eq!(
        (Model::Tesmart.speed(), Model::Tesmart.tcp_port()),
        (9_600, Some(5_000))
    );
    assert_eq!(protocol.pause, Duration::from_secs(1));
}

#[test]
fn xh_hk4401_and_bliswitch_say_by_themselves_where_they_stand() {
    let protocol = ready(Model::XhHk4401);
    assert_eq!(protocol.select.bytes(0), b"SW1\r\nAG01gA");
    assert!(protocol.status.is_empty());
    assert_eq!(told(Model::XhHk4401, b"gAAG03gAAG0"), Some(2));

    let protocol = ready(Model::Bliswitch);
    assert_eq!(protocol.select.bytes(7), b"SW8\r\nG08gA");
    assert_eq!(told(Model::Bliswitch, b"G08gA"), Some(7));
    assert_eq!(Model::XhHk4401.speed(), 19_200);
}

#[test]
fn each_part_of_a_model_can_be_another() {
    let settings = Settings {
        select: Some("SW{port}".to_owned()),
        status_answer: Some(String::new()),
        ending: Some(r"\r".to_owned()),
        limit_ms: Some(700),
        ..Settings::default()
    };
    let protocol = settings.protocol(Some(Model::XhHk4401), 4).unwrap();
    assert_eq!(protocol.select.bytes(2), b"SW3\r");
    assert!(!protocol.tells() && protocol.status.is_empty());
    assert_eq!(protocol.limit, Duration::from_millis(700));
}

#[test]
fn a_protocol_that_cannot_work_is_refused_by_its_setting() {
    let text = |text: &str| Some(text.to_owned());
    let usual = || Settings {
        select: text("{port}"),
        ..Settings::default()
    };
    for (settings, key, says) in [
        (Settings::default(), "select", "what selects a port"),
        (
            Settings {
                select: text("SW1"),
                ..usual()
            },
            "select",
            "where the port stands",
        ),
        (
            Settings {
                select: text("{x}"),
                ..usual()
            },
            "select",
            "{x}",
        ),
        (
            Settings {
                status: text("?"),
                ..usual()
            },
            "status_answer",
            "answered to status",
        ),
        (
            Settings {
                status_answer: text("ok"),
                ..usual()
            },
            "status_answer",
            "where the port stands",
        ),
        (
            Settings {
                refusal: text("{any}"),
                ..usual()
            },
            "refusal",
            "in anything",
        ),
        (
            Settings {
                ending: text(r"\q"),
                ..usual()
            },
            "ending",
            r"\q",
        ),
        (
            Settings {
                limit_ms: Some(99),
                ..usual()
            },
            "limit_ms",
            "100 to 30000",
        ),
        (
            Settings {
                pause_ms: Some(5_001),
                ..usual()
            },
            "pause_ms",
            "0 to 5000",
        ),
    ] {
        let (named, problem) = settings.protocol(None, 4).unwrap_err();
        assert!(named == key && problem.contains(says), "{named}: {problem}");
    }
    let (key, problem) = Settings::default()
        .protocol(Some(Model::Ezcoo), 5)
        .unwrap_err();
    assert_eq!(key, "select");
    assert!(problem.contains("at most 4 ports"), "{problem}");
}
