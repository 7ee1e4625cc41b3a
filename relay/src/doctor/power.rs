//! The lines of the front panels: whether each is there, and free.

use super::Check;
use crate::power::{
    gpio::{
        CONSUMER,
        find::{Fault, Place},
    },
    settings::{Line, Settings},
};

const SUBJECT: &str = "power";

/// A check a line that the settings name, of each machine by the dotted name of its settings.
pub(super) fn lines(powers: &[(String, &Settings)]) -> Vec<Check> {
    let lines: Vec<(String, &Line)> = powers
        .iter()
        .flat_map(|(key, power)| {
            let lines = power.lines().into_iter();
            lines.map(move |(setting, line)| (format!("{key}.{setting}"), line))
        })
        .collect();
    let has_hooks = |(_, power): &(_, &Settings)| power.hooks.actions().next().is_some();
    if lines.is_empty() && !powers.iter().any(has_hooks) {
        let advice = "name the lines under [power], or under [switch.port.power] behind a switch, where there are some, or what switches it under [power.hooks]: without them, nobody can press a button";
        return vec![Check::warn(
            SUBJECT,
            "no line to a machine is named",
            advice,
        )];
    }
    let checks = lines
        .iter()
        .map(|(setting, line)| named(SUBJECT, setting, line));
    checks.collect()
}

/// Checks the line of a setting, by its dotted name.
pub(super) fn named(subject: &'static str, setting: &str, line: &Line) -> Check {
    judge(subject, setting, line, Place::of(line))
}

fn judge(subject: &'static str, setting: &str, line: &Line, place: Result<Place, Fault>) -> Check {
    let shown = setting.strip_prefix("power.").unwrap_or(setting);
    let place = match place {
        Ok(place) => place,
        Err(fault) => {
            let advice = match &fault {
                Fault::NoPermission(_) => {
                    "run the relay as a user who may, and try again as that one".to_owned()
                }
                Fault::NoChip { .. } => {
                    format!("name one of these in {setting}, or load its driver")
                }
                _ => format!("put {setting} right"),
            };
            return Check::fail(subject, format!("{shown}: {fault}"), advice);
        }
    };
    let name = match place.name.is_empty() {
        true => String::new(),
        false => format!(" (\"{}\")", place.name),
    };
    let chip = place.chip.display();
    let found = format!("{shown}: {chip} line {}{name}", place.offset);
    match place.held_by {
        None => Check::ok(subject, found),
        Some(by) if by == CONSUMER => Check::ok(subject, format!("{found}, which a relay has")),
        Some(by) => Check::fail(
            subject,
            format!("{found} is held by \"{by}\""),
            format!("end that program, or name another line than {line} in {setting}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doctor::Verdict, power::settings::Which};

    fn line() -> Line {
        Line {
            chip: Some("gpiochip-nowhere".to_owned()),
            line: Which::Number(3),
            active_low: false,
            drive: crate::power::settings::Drive::PushPull,
            bias: None,
        }
    }

    fn found(held_by: Option<&str>) -> Check {
        let place = Place {
            chip: "/dev/gpiochip0".into(),
            offset: 3,
            name: "PWR".to_owned(),
            held_by: held_by.map(str::to_owned),
        };
        judge(SUBJECT, "power.power_button", &line(), Ok(place))
    }

    #[test]
    fn a_chip_that_is_not_there_fails_and_names_the_setting() {
        let settings = Settings {
            reset_button: Some(line()),
            ..Settings::default()
        };
        let checks = lines(&[("switch.port.1.power".to_owned(), &settings)]);
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].verdict, Verdict::Fail);
        assert!(
            checks[0].found.contains("no GPIO chip gpiochip-nowhere"),
            "{}",
            checks[0]
        );
        assert!(
            checks[0]
                .advice
                .contains("switch.port.1.power.reset_button"),
            "{}",
            checks[0]
        );
    }

    #[test]
    fn a_line_is_free_the_relays_own_or_somebody_elses() {
        assert_eq!(
            found(None).to_string(),
            "ok    power: power_button: /dev/gpiochip0 line 3 (\"PWR\")"
        );
        assert_eq!(found(Some("armchair")).verdict, Verdict::Ok);
        let held = found(Some("gpio-keys"));
        assert_eq!(held.verdict, Verdict::Fail);
        assert!(held.found.contains("held by \"gpio-keys\""), "{held}");
    }
}
