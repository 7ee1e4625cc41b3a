use proptest::prelude::*;

use super::*;
use crate::switch::text::{Model, Settings};

const PORTS: usize = 4;

/// An exchange at made-up times, in milliseconds.
struct Talk<'a> {
    dialogue: Dialogue<'a>,
    begin: Instant,
}

impl<'a> Talk<'a> {
    fn new(protocol: &'a Protocol, aim: Aim) -> Self {
        let begin = Instant::now();
        Self {
            dialogue: Dialogue::new(protocol, PORTS, aim, begin),
            begin,
        }
    }

    fn at(&self, ms: u64) -> Instant {
        self.begin + Duration::from_millis(ms)
    }

    fn sends(&mut self, ms: u64, expected: &[u8]) {
        assert_eq!(
            self.dialogue.step(self.at(ms)),
            Step::Send(expected.to_vec())
        );
    }

    fn listens(&mut self, ms: u64, until: u64) {
        assert_eq!(
            self.dialogue.step(self.at(ms)),
            Step::Listen(self.at(until))
        );
    }

    fn hears(&mut self, ms: u64, bytes: &[u8]) {
        self.dialogue.hear(bytes, self.at(ms));
    }

    fn ends(&mut self, ms: u64) -> Result<Option<usize>, SwitchError> {
        match self.dialogue.step(self.at(ms)) {
            Step::End(end) => end,
            step => panic!("{step:?}"),
        }
    }
}

fn settings(select: &str, select_answer: &str, status: &str, status_answer: &str) -> Settings {
    let text = |text: &str| Some(text.to_owned());
    Settings {
        select: text(select),
        select_answer: text(select_answer),
        status: text(status),
        status_answer: text(status_answer),
        ending: text(r"\r"),
        refusal: text("E{any}{any}"),
        ..Settings::default()
    }
}

fn protocol(settings: &Settings) -> Protocol {
    settings.protocol(None, PORTS).unwrap()
}

#[test]
fn a_port_is_selected_and_confirmed() {
    let protocol = protocol(&settings("{port}!", "In {port} All", "?!", "CPU {port}\\r"));
    let mut talk = Talk::new(&protocol, Aim::Select(1));
    talk.sends(0, b"2!\r");
    talk.listens(0, 1_000);
    talk.hears(5, b"..In 2 A");
    talk.listens(5, 105);
    talk.hears(6, b"ll\r");
    assert_eq!(talk.ends(6), Ok(Some(1)));
}

#[test]
fn a_switch_that_does_not_confirm_is_asked_and_asked_again() {
    let protocol = protocol(&settings("{port}!", "", "?!", "CPU {port}\\r"));
    let mut talk = Talk::new(&protocol, Aim::Select(2));
    talk.sends(0, b"3!\r");
    talk.listens(0, 100);
    talk.sends(100, b"?!\r");
    talk.listens(100, 1_100);
    talk.hears(110, b"CPU 1\r");
    talk.listens(110, 210);
    talk.listens(210, 1_100);
    talk.sends(1_100, b"?!\r");
    talk.hears(1_110, b"CPU 3\r");
    assert_eq!(talk.ends(1_110), Ok(Some(2)));
}

#[test]
fn one_that_stays_on_another_port_has_refused() {
    let protocol = protocol(&settings("{port}!", "", "", "CPU {port}\\r"));
    let mut talk = Talk::new(&protocol, Aim::Select(2));
    talk.sends(0, b"3!\r");
    talk.hears(10, b"CPU 1\r");
    talk.listens(200, 3_000);
    let refused = SwitchError::Refused("it stands on port 1".to_owned());
    assert_eq!(talk.ends(3_000), Err(refused));
}

#[test]
fn a_refusal_ends_it_at_once_and_is_shown() {
    let protocol = protocol(&settings("{port}!", "In {port} All", "", ""));
    let mut talk = Talk::new(&protocol, Aim::Select(2));
    talk.sends(0, b"3!\r");
    talk.hears(10, b"\x1bE01");
    let refused = SwitchError::Refused(r#"it answered "\x1bE01""#.to_owned());
    assert_eq!(talk.ends(10), Err(refused));
}

#[test]
fn silence_and_rubbish_end_at_the_limit_and_are_told_apart() {
    let settings = Settings {
        limit_ms: Some(500),
        ..settings("{port}!", "", "?!", "CPU {port}\\r")
    };
    let protocol = protocol(&settings);
    let mut talk = Talk::new(&protocol, Aim::Ask);
    talk.sends(0, b"?!\r");
    talk.listens(0, 500);
    let silent = SwitchError::NoAnswer("It said nothing for 0.5 s".to_owned());
    assert_eq!(talk.ends(500), Err(silent));

    let mut talk = Talk::new(&protocol, Aim::Ask);
    talk.sends(0, b"?!\r");
    talk.hears(1, b"login: \xFF");
    talk.listens(400, 500);
    match talk.ends(500) {
        Err(SwitchError::NoAnswer(problem)) => {
            assert!(problem.contains(r#""login: \xff""#), "{problem}");
        }
        end => panic!("{end:?}"),
    }
}

#[test]
fn a_number_at_the_end_counts_once_the_switch_is_quiet() {
    let protocol = protocol(&settings("{port}!", "", "?!", "CPU {port}"));
    let mut talk = Talk::new(&protocol, Aim::Ask);
    talk.sends(0, b"?!\r");
    talk.hears(10, b"CPU 3");
    talk.listens(10, 110);
    assert_eq!(talk.ends(110), Ok(Some(2)));
}

#[test]
fn a_port_that_there_is_not_is_not_known() {
    let protocol = protocol(&settings("{port}!", "", "?!", "CPU {port}\\r"));
    let mut talk = Talk::new(&protocol, Aim::Ask);
    talk.sends(0, b"?!\r");
    talk.hears(10, b"CPU 99\r");
    assert_eq!(talk.ends(10), Ok(None));
}

#[test]
fn what_is_echoed_is_no_answer() {
    let settings = Settings {
        echo: Some(true),
        ..settings("in {port}", "", "", "in {port}\\r")
    };
    let protocol = protocol(&settings);
    let mut talk = Talk::new(&protocol, Aim::Select(1));
    talk.sends(0, b"in 2\r");
    talk.hears(1, b"in 2");
    talk.hears(2, b"\r");
    talk.listens(200, 3_000);
    talk.hears(210, b"in 2\r");
    assert_eq!(talk.ends(210), Ok(Some(1)));
}

#[test]
fn one_that_confirms_nothing_is_told_and_one_that_cannot_tell_is_not_asked() {
    let settings = Settings {
        select: Some("{port}!".to_owned()),
        ..Settings::default()
    };
    let only_told = protocol(&settings);
    let mut talk = Talk::new(&only_told, Aim::Select(1));
    talk.sends(0, b"2!");
    assert_eq!(talk.ends(0), Ok(None));
    assert_eq!(Talk::new(&only_told, Aim::Ask).ends(0), Ok(None));

    let settings = Settings {
        confirms: Some(false),
        ..Model::Tesmart.protocol()
    };
    let unconfirmed = protocol(&settings);
    let mut talk = Talk::new(&unconfirmed, Aim::Select(1));
    talk.sends(0, b"\xAA\xBB\x03\x01\x02\xEE");
    assert_eq!(talk.ends(0), Ok(None));
}

#[test]
fn a_switch_is_left_alone_after_a_command() {
    let protocol = protocol(&settings("{port}!", "", "?!", "CPU {port}\\r"));
    let now = Instant::now();
    let from = now + Duration::from_secs(1);
    let mut dialogue = Dialogue::new(&protocol, PORTS, Aim::Ask, from);
    assert_eq!(dialogue.step(now), Step::Listen(from));
    assert_eq!(dialogue.step(from), Step::Send(b"?!\r".to_vec()));
    assert_eq!(dialogue.sent_at(), Some(from));
}

#[test]
fn a_flood_ends_it() {
    let protocol = protocol(&settings("{port}!", "", "?!", "CPU {port}\\r"));
    let mut talk = Talk::new(&protocol, Aim::Ask);
    talk.sends(0, b"?!\r");
    for ms in 0..65 {
        talk.hears(ms, &[b'x'; 1024]);
    }
    assert!(talk.dialogue.heard.len() <= KEPT);
    assert!(
        matches!(talk.ends(65), Err(SwitchError::Refused(problem)) if problem.contains("more than an answer"))
    );
}

proptest! {
    #[test]
    fn whatever_is_heard_it_ends_at_the_limit(
        heard in proptest::collection::vec((0_u64..4_000, proptest::collection::vec(any::<u8>(), 0..400)), 0..20),
        model in 0..5_usize,
        selects in any::<bool>(),
    ) {
        let model = [Model::Ezcoo, Model::EzcooSet, Model::Tesmart, Model::XhHk4401, Model::Bliswitch][model];
        let protocol = model.protocol().protocol(None, PORTS).unwrap();
        let aim = if selects { Aim::Select(1) } else { Aim::Ask };
        let mut talk = Talk::new(&protocol, aim);
        let mut heard = heard;
        heard.sort();
        heard.push((30_000, Vec::new()));
        let mut ended = None;
        'all: for (ms, bytes) in heard {
            loop {
                match talk.dialogue.step(talk.at(ms)) {
                    Step::End(end) => {
                        ended = Some(end);
                        break 'all;
                    }
                    Step::Send(bytes) => prop_assert!(!bytes.is_empty()),
                    Step::Listen(until) => {
                        prop_assert!(until > talk.at(ms) && until <= talk.at(5_000));
                        break;
                    }
                }
            }
            talk.hears(ms, &bytes);
        }
        prop_assert!(ended.is_some());
        if let Some(Ok(Some(port))) = ended {
            prop_assert!(port < PORTS);
        }
    }
}
