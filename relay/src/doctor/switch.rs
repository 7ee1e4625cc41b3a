//! The switch: whether what leads to it is there, and whether it answers.

use super::{Check, Verdict, power, serial, wait};
use crate::switch::{
    Switch, SwitchError,
    driver::Driver,
    settings::{Port, Settings},
    text::line::TextSwitch,
};

const SUBJECT: &str = "switch";

/// Looks at what drives the switch, and asks it which port is selected, where it can tell.
pub(super) fn driver(settings: &Settings) -> Vec<Check> {
    let ports = &settings.ports;
    match &settings.driver {
        None => Vec::new(),
        Some(Driver::Hotkeys(_)) => vec![Check::ok(
            SUBJECT,
            "it listens to keys, which are not tried here: they would reach a machine",
        )],
        Some(Driver::Lines(lines)) => {
            let lines = lines.lines();
            let checks = lines.iter().map(|(setting, line)| {
                power::named(SUBJECT, &format!("switch.driver.lines.{setting}"), line)
            });
            checks.collect()
        }
        Some(Driver::Serial(settings)) => {
            let (device, speed) = settings.port();
            let key = "switch.driver.serial";
            let check = serial::port(SUBJECT, &device, speed, key);
            vec![match (check.verdict, settings.open(ports.len())) {
                (Verdict::Ok, Ok(switch)) => answers(switch, ports, key),
                (Verdict::Ok, Err((setting, problem))) => wrong(key, &setting, problem),
                _ => check,
            }]
        }
        Some(Driver::Tcp(settings)) => {
            let key = "switch.driver.tcp";
            vec![match settings.open(ports.len()) {
                Ok(switch) => answers(switch, ports, key),
                Err((setting, problem)) => wrong(key, &setting, problem),
            }]
        }
    }
}

fn wrong(key: &str, setting: &str, problem: String) -> Check {
    Check::fail(SUBJECT, problem, format!("put {key}.{setting} right"))
}

fn answers(switch: TextSwitch, ports: &[Port], key: &str) -> Check {
    let (name, tells) = (switch.name(), switch.tells());
    match ask(switch) {
        Ok(Some(port)) => {
            let machine = ports.get(port).map_or("", |port| &port.name);
            let port = port + 1;
            Check::ok(
                SUBJECT,
                format!("{name} says that port {port} is selected, \"{machine}\""),
            )
        }
        Ok(None) if tells => Check::warn(
            SUBJECT,
            format!("{name} answers, and names a port that no [[switch.port]] stands for"),
            "name all of its ports, or select one that is named",
        ),
        Ok(None) => Check::ok(
            SUBJECT,
            format!("{name} can be opened; this switch cannot say which port is selected"),
        ),
        Err(error) => Check::fail(
            SUBJECT,
            error.to_string(),
            format!(
                "look at its cable and its power, and at the model, the protocol and the place under [{key}]"
            ),
        ),
    }
}

fn ask(switch: TextSwitch) -> Result<Option<usize>, SwitchError> {
    let asked = wait(async move {
        switch.reach().await?;
        switch.selected().await
    });
    asked.unwrap_or_else(|problem| Err(SwitchError::Lost(problem)))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    fn check(driver_settings: &str) -> Vec<String> {
        let text =
            format!("{driver_settings}\n[[port]]\nname = \"Web\"\n[[port]]\nname = \"Mail\"\n");
        let checks = driver(&toml::from_str(&text).unwrap());
        checks.iter().map(Check::to_string).collect()
    }

    fn asked(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let switch = thread::spawn(move || {
            let mut line = listener.accept().unwrap().0;
            let mut question = [0; 6];
            line.read_exact(&mut question).unwrap();
            line.write_all(answer).unwrap();
            let mut rest = Vec::new();
            let _closed = line.read_to_end(&mut rest);
        });
        let [check] = &check(&format!(
            "[driver.tcp]\naddress = \"{address}\"\nmodel = \"tesmart\"\nprotocol.limit_ms = 800"
        ))[..] else {
            panic!("one check")
        };
        switch.join().unwrap();
        check.replace(&address.to_string(), "HERE")
    }

    #[test]
    fn a_switch_is_asked_where_it_stands() {
        assert_eq!(
            asked(b"\xAA\xBB\x03\x11\x01\x17"),
            "ok    switch: HERE says that port 2 is selected, \"Mail\""
        );
        let unknown = asked(b"\xAA\xBB\x03\x11\x07\x1D");
        assert!(
            unknown.starts_with("warn  switch: HERE answers, and names a port"),
            "{unknown}"
        );
        let rubbish = asked(b"SSH-2.0");
        assert!(
            rubbish.starts_with("fail  switch: the switch does not answer"),
            "{rubbish}"
        );
        assert!(
            rubbish.contains("\"SSH-2.0\"") && rubbish.contains("[switch.driver.tcp]"),
            "{rubbish}"
        );
    }

    #[test]
    fn a_wrong_place_is_named() {
        let nowhere = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let tcp = check(&format!(
            "[driver.tcp]\naddress = \"{nowhere}\"\nmodel = \"tesmart\""
        ));
        assert!(tcp[0].contains("nobody listens there"), "{tcp:?}");
        let serial = check("[driver.serial]\ndevice = \"/dev/ttyNowhere\"\nmodel = \"ezcoo\"");
        assert!(
            serial[0].starts_with("fail  switch: /dev/ttyNowhere is not there; plug"),
            "{serial:?}"
        );
        assert!(
            serial[0].contains("switch.driver.serial.device"),
            "{serial:?}"
        );
        let lines = check(
            "[driver.lines]\nlevel = [{ chip = \"gpiochip-nowhere\", line = 1 }, { chip = \"gpiochip-nowhere\", line = 2 }]",
        );
        assert_eq!(lines.len(), 2);
        assert!(
            lines[1].starts_with(
                "fail  switch: switch.driver.lines.level.1: there is no GPIO chip gpiochip-nowhere"
            ),
            "{lines:?}"
        );
    }

    #[test]
    fn keys_are_not_tried() {
        let keys = check("[driver.hotkeys]");
        assert!(
            keys[0].starts_with("ok    switch: it listens to keys"),
            "{keys:?}"
        );
    }
}
