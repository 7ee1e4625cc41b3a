use super::*;

fn with(steps: Vec<Step>) -> Macro {
    Macro {
        name: "a".to_owned(),
        steps,
        ..Macro::default()
    }
}

fn variable(name: &str) -> Variable {
    Variable {
        name: name.to_owned(),
        ..Variable::default()
    }
}

#[test]
fn a_macro_needs_a_name_that_fits_on_a_line() {
    for name in ["", "  ", "two\nlines", &"x".repeat(81)] {
        let wrong = Macro {
            name: name.to_owned(),
            ..Macro::default()
        };
        assert_eq!(wrong.check(), Err(MacroFault::Name), "{name:?}");
    }
    assert_eq!(with(Vec::new()).check(), Ok(()));
}

#[test]
fn a_step_that_is_out_of_bounds_is_named() {
    let tap = Step::Pause { ms: 1 };
    for wrong in [
        Step::Pause { ms: 3_600_001 },
        Step::PointerTo { x: 0x8000, y: 0 },
        Step::Chord {
            keys: Vec::new(),
            hold_ms: 0,
        },
        Step::Text {
            text: "ä".repeat(10_001),
            layout: "de".to_owned(),
            line_end: LineEnd::Enter,
            tab: TabStop::Tab,
            untypable: Untypable::Refuse,
        },
    ] {
        let fault = with(vec![tap.clone(), wrong]).check().unwrap_err();
        assert!(
            matches!(fault, MacroFault::Step { number: 2, .. }),
            "{fault}"
        );
    }
    let many = vec![tap; STEPS_MAX + 1];
    assert_eq!(with(many).check(), Err(MacroFault::Steps(STEPS_MAX + 1)));
}

#[test]
fn variables_have_sound_names_and_secrets_no_default() {
    let mut wrong = with(Vec::new());
    for name in ["", "Name", "a b", "a}}", &"a".repeat(31)] {
        wrong.variables = vec![variable(name)];
        let fault = wrong.check().unwrap_err();
        assert!(matches!(fault, MacroFault::VariableName(_)), "{fault}");
    }
    wrong.variables = vec![variable("user"), variable("user")];
    assert_eq!(
        wrong.check(),
        Err(MacroFault::VariableTwice("user".to_owned()))
    );
    wrong.variables = vec![Variable {
        secret: true,
        default: Some("x".to_owned()),
        ..variable("password")
    }];
    assert_eq!(
        wrong.check(),
        Err(MacroFault::SecretDefault("password".to_owned()))
    );
}

#[test]
fn every_key_has_its_name_and_back() {
    for (code, usage) in keys::CODES {
        let key = Key::new(*usage).unwrap();
        assert_eq!(Key::named(key.code()), Some(key), "{code}");
    }
    assert_eq!(Key::named("KeyÄ"), None);
    assert_eq!(Key::new(Usage::Keyboard(0)), None);
}

#[test]
fn buttons_go_to_a_set_and_back() {
    let set = Buttons::LEFT.with(Buttons::FORWARD);
    assert_eq!(Button::of(set), [Button::Left, Button::Forward]);
    assert_eq!(Button::Middle.bit(), Buttons(4));
}
