use super::*;
use crate::switch::{driver::Driver, hotkeys};

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("armchair.toml"), text.to_owned()).map_err(|error| error.to_string())
}

#[test]
fn an_empty_file_is_all_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:8443");
    assert_eq!(config.target, TargetKind::Hardware);
    assert!(config.speaks_tls());
}

#[test]
fn the_example_holds_the_defaults() {
    let example = parse(include_str!("../../armchair.toml")).unwrap();
    let expected = Config {
        source: example.source.clone(),
        ..Config::default()
    };
    assert_eq!(example, expected);
}

#[test]
fn the_example_names_every_optional_setting_in_a_comment() {
    let example: String = include_str!("../../armchair.toml")
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n");
    let config = parse(&example).unwrap();
    assert!(config.serial.device.is_some());
    assert!(config.tls.certificate.is_some() && config.tls.key.is_some());
    assert!(config.video.format.is_some());
    assert!(config.video.edid.is_some() && config.usb.udc.is_some());
    assert!(config.drives.images.is_some());
    assert_eq!(config.power.lines().len(), 4);
    let wake = config.power.wake.unwrap();
    assert!(wake.interface.is_some() && wake.password.is_some());
    let hooks = config.power.hooks;
    assert!(hooks.on.is_some() && hooks.off.is_some() && hooks.reset.is_some());
    assert!(hooks.cycle.is_some() && hooks.status.is_some());
}

#[test]
fn the_example_names_every_setting_of_a_switch() {
    let lines = include_str!("../../armchair.toml").lines();
    let lines: Vec<&str> = lines.filter_map(|line| line.strip_prefix("#| ")).collect();
    let config = parse(&lines.join("\n")).unwrap();
    let [first, second] = &config.switch.as_ref().unwrap().ports[..] else {
        panic!("two ports")
    };
    assert!(!first.notes.is_empty() && first.edid.is_some());
    let ids = first.usb.over(&config.usb);
    assert_eq!((ids.vendor_id, ids.product_id), (0x046d, 0xc31c));
    assert!(first.usb.manufacturer.is_some() && first.usb.product.is_some());
    assert!(first.usb.serial.is_some());
    assert!(first.power.wake.is_some() && first.power.hooks.off.is_some());
    assert_eq!(first.power.lines().len(), 2);
    assert_eq!(second.usb.over(&config.usb), config.usb);
    let powers = config.powers();
    let names: Vec<&str> = powers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["switch.port.0.power", "switch.port.1.power"]);
}

#[test]
fn a_switch_that_cannot_be_is_named_with_its_line() {
    let port = |name: &str| format!("[[switch.port]]\nname = \"{name}\"\n");
    let two = port("a") + &port("b");
    let mac = "[switch.port.power.wake]\nmac = \"01:11:22:33:44:55\"\n";
    let line = "power.power_button = { chip = \"gpiochip0\", line = 5 }\n";
    for (text, expected) in [
        (port("a"), "1: switch.port: a switch has 2 to 64 ports"),
        (
            port("a").repeat(2),
            "4: switch.port.1.name: there are two ports \"a\"",
        ),
        (
            port("a") + &port(&"b".repeat(65)),
            "4: switch.port.1.name: 1 to 64 characters",
        ),
        (
            two.clone() + &format!("notes = \"{}\"\n", "n".repeat(501)),
            "5: switch.port.1.notes: at most 500 characters",
        ),
        (
            format!("[switch]\nsettle_limit_s = 0\n{two}"),
            "2: switch.settle_limit_s: 1 to 60",
        ),
        (
            two.clone() + "power.hold_ms = 1\n",
            "5: switch.port.1.power.hold_ms: 4100 to 20000",
        ),
        (
            two.clone() + "power.hooks.on = { run = [\"x\"], limit_s = 0 }\n",
            "5: switch.port.1.power.hooks.on.limit_s: 1 to 300",
        ),
        (
            port("a") + line + &port("b") + line,
            "6: switch.port.1.power.power_button: line 5 of gpiochip0 is one of the port \"a\", too",
        ),
        (
            format!("{two}[power]\npress_ms = 100\n"),
            "5: power: behind a switch, each machine has its own: [switch.port.power]",
        ),
    ] {
        let error = parse(&text).unwrap_err();
        assert_eq!(error, format!("armchair.toml:{expected}"), "{text}");
    }
    for (text, expected) in [
        (two.clone() + mac, "6: switch.port.1.power.wake.mac: "),
        (two.clone() + "color = 1\n", "5: unknown field `color`"),
        (
            two.clone() + "usb.vendor_id = 65536\n",
            "5: switch.port.1.usb.vendor_id: ",
        ),
    ] {
        let error = parse(&text).unwrap_err();
        let expected = format!("armchair.toml:{expected}");
        assert!(error.starts_with(&expected), "{error}");
    }
    assert!(parse(&two).is_ok());
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let error = parse("machine = \"pc\"\n\n[video]\ndevise = \"/dev/video1\"\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:4: unknown field `devise`"),
        "{error}"
    );
    let error = parse("colour = 1\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:1: unknown field `colour`"),
        "{error}"
    );
}

#[test]
fn a_wrong_type_is_named_with_its_line() {
    let error = parse("[video]\n# comment\nframe_rate = \"fast\"\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:3: video.frame_rate: invalid type"),
        "{error}"
    );
    let error = parse("\nlisten = \"nowhere\"\n").unwrap_err();
    assert!(error.starts_with("armchair.toml:2: listen: "), "{error}");
    let error = parse("[drives]\nallow_networks = [\n  \"10.0.0.0/8\",\n  \"10.1.2.3/8\",\n]\n");
    let error = error.unwrap_err();
    assert!(
        error.starts_with("armchair.toml:2: drives.allow_networks: \"10.1.2.3/8\" is an"),
        "{error}"
    );
    let error = parse("[[drives.slot]]\nname = \"cd\"\nkind = \"tape\"\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:3: drives.slot.0.kind: unknown variant"),
        "{error}"
    );
    let nine = "[[drives.slot]]\nname = \"a\"\nkind = \"cd\"\n".repeat(9);
    let error = parse(&nine).unwrap_err();
    assert!(
        error.starts_with("armchair.toml:25: drives.slot.8: a USB device has at most 8"),
        "{error}"
    );
    let error =
        parse("[power]\nreset_button = { chip = \"gpiochip0\", line = true }\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:2: power.reset_button.line: "),
        "{error}"
    );
    assert!(error.contains("number of a line, or its name"), "{error}");
    let error = parse("[power]\npower_light = { line = \"PWR\", bias = \"up\" }\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:2: power.power_light.bias: unknown variant"),
        "{error}"
    );
    for (text, expected) in [
        (
            "[power.wake]\nmac = \"ff:ff:ff:ff:ff:ff\"\n",
            "armchair.toml:2: power.wake.mac: the address of one network card",
        ),
        (
            "[power.wake]\nmac = \"00:11:22:33:44:55\"\nport = 0\n",
            "armchair.toml:3: power.wake.port: ",
        ),
        (
            "[power.hooks.on]\nexec = [\"plug\"]\n",
            "armchair.toml:2: unknown field `exec`",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    let error = parse("target = \"toaster\"\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:1: target: unknown variant"),
        "{error}"
    );
}

#[test]
fn broken_toml_is_named_with_its_line_and_on_one_line() {
    let error = parse("machine = \"pc\"\nlisten = [\n").unwrap_err();
    assert!(error.starts_with("armchair.toml:"), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn a_value_out_of_its_range_is_named_with_its_line() {
    for (text, expected) in [
        (
            "[video]\nbitrate_kbps = 1\n",
            "armchair.toml:2: video.bitrate_kbps: 250 to 50000",
        ),
        (
            "[video]\n\nframe_rate = 0\n",
            "armchair.toml:3: video.frame_rate: 1 to 60",
        ),
        (
            "machine = \" \"\n",
            "armchair.toml:1: machine: 1 to 64 characters",
        ),
        (
            "[drives]\nimage_max_mib = 0\n",
            "armchair.toml:2: drives.image_max_mib: at least 1",
        ),
        (
            "[[drives.slot]]\nname = \"cd\"\nkind = \"cd\"\n[[drives.slot]]\nname = \"A b\"\nkind = \"cd\"\n",
            "armchair.toml:5: drives.slot.1.name: 1 to 16 characters of a to z, 0 to 9 and hyphens",
        ),
        (
            "[[drives.slot]]\nname = \"cd\"\nkind = \"cd\"\n\n[[drives.slot]]\nname = \"cd\"\nkind = \"disk\"\n",
            "armchair.toml:6: drives.slot.1.name: there are two drives \"cd\"",
        ),
        (
            "[power]\n\nhold_ms = 3000\n",
            "armchair.toml:3: power.hold_ms: 4100 to 20000",
        ),
        (
            "[power]\npower_button = { line = 3 }\n",
            "armchair.toml:2: power.power_button: a line that is given by its number needs its chip, too",
        ),
        (
            "[power]\npower_button = { line = \"A\" }\npower_light = { line = \"A\" }\n",
            "armchair.toml:3: power.power_light: line \"A\" is that of power_button, too",
        ),
        (
            "[power.disk_light]\nchip = \"gpiochip0\"\nline = 3\ndrive = \"open-drain\"\n",
            "armchair.toml:1: power.disk_light: a light is not driven",
        ),
        (
            "[power.hooks]\non = { run = [\"plug\"], limit_s = 0 }\n",
            "armchair.toml:2: power.hooks.on.limit_s: 1 to 300",
        ),
        (
            "[tls]\nkey = \"key.pem\"\n",
            "armchair.toml:2: tls.key: certificate and key go together",
        ),
        (
            "listen = \"192.0.2.1:443\"\ntls.mode = \"off\"\n",
            "armchair.toml:2: tls.mode: \"off\" needs a loopback address to listen on",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err(), expected);
    }
}

#[test]
fn a_default_that_fails_later_is_named_without_a_line() {
    let error = parse("").unwrap().fault("video.device", "not there");
    assert_eq!(error.to_string(), "armchair.toml: video.device: not there");
}

#[test]
fn loopback_is_plain_unless_told_otherwise() {
    assert!(!parse("listen = \"127.0.0.1:0\"").unwrap().speaks_tls());
    assert!(!parse("listen = \"[::1]:0\"").unwrap().speaks_tls());
    assert!(
        parse("listen = \"127.0.0.1:0\"\ntls.mode = \"on\"")
            .unwrap()
            .speaks_tls()
    );
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::read(Path::new("/nowhere/armchair.toml")).unwrap_err();
    assert_eq!(error.place, "/nowhere/armchair.toml");
}

#[test]
fn a_serial_port_that_cannot_be_is_named_with_its_line() {
    for (line, problem) in [
        ("speed = 49", "speed: 50 to 4000000"),
        ("data_bits = 9", "data_bits: 5 to 8"),
        ("stop_bits = 0", "stop_bits: 1 or 2"),
        ("scrollback_kib = 8", "scrollback_kib: 16 to 65536"),
        ("parity = \"mark\"", "parity: unknown variant `mark`"),
        ("flow_control = 1", "flow_control: "),
    ] {
        let error = parse(&format!("[serial]\nusb = true\n{line}\n")).unwrap_err();
        let expected = format!("armchair.toml:3: serial.{problem}");
        assert!(error.starts_with(&expected), "{error}");
    }
    let error = parse("[serial]\ndevice = \"/dev/ttyS1\"\nusb = true\n").unwrap_err();
    assert!(
        error.starts_with("armchair.toml:3: serial.usb: one port only"),
        "{error}"
    );
}

/// A switch with two ports, whose driver begins in line 2.
fn switch(driver: &str) -> Result<Config, String> {
    parse(&format!(
        "[[switch.port]]\n{driver}\n[[switch.port]]\nname = \"Mail\"\n"
    ))
}

#[test]
fn a_driver_of_a_switch_that_cannot_be_is_named_with_its_line() {
    for (driver, expected) in [
        (
            "[switch.driver.hotkeys]\nkeys = [\"ScrolLock\", \"{port}\"]",
            "4: switch.driver.hotkeys.keys.0: there is no key \"ScrolLock\"",
        ),
        (
            "[switch.driver.hotkeys]\ngap_ms = 5",
            "4: switch.driver.hotkeys.gap_ms: 10 to 2000",
        ),
        (
            "[switch.driver.lines]\nlevel = [{ line = \"A\" }]",
            "4: switch.driver.lines.level: one line a port",
        ),
        (
            "[switch.driver.lines]\npulse = [{ line = \"A\" },\n{ line = \"A\" }]",
            "5: switch.driver.lines.pulse.1: line \"A\" is that of pulse.0, too",
        ),
        (
            "[switch.driver.serial]\nmodel = \"ezcoo\"\ndevice = \"\"",
            "5: switch.driver.serial.device: name the port",
        ),
        (
            "[switch.driver.serial]\ndevice = \"/dev/ttyUSB0\"\nmodel = \"tesmat\"",
            "5: switch.driver.serial.model: unknown variant `tesmat`",
        ),
        (
            "[switch.driver.serial]\ndevice = \"/dev/ttyUSB0\"\nspeed = 5",
            "5: switch.driver.serial.speed: 50 to 4000000",
        ),
        (
            "[switch.driver.tcp]\naddress = \"switch.lan\"",
            "4: switch.driver.tcp.address: say the port, too",
        ),
        (
            "[switch.driver.tcp]\naddress = \"switch.lan:23\"\nprotocol.select = 'sw {prot}'",
            "5: switch.driver.tcp.protocol.select: there is no placeholder {prot}",
        ),
        (
            "[switch.driver.tcp]\naddress = \"switch.lan:23\"\nprotocol.limit_ms = 1\nprotocol.select = '{port}'",
            "5: switch.driver.tcp.protocol.limit_ms: 100 to 30000",
        ),
        ("[switch.driver.lpt]", "unknown variant `lpt`"),
    ] {
        let error = switch(&format!("name = \"Web\"\n{driver}")).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_line_belongs_to_the_switch_or_to_a_machine() {
    let driver = "name = \"Web\"\npower.power_button = { line = \"B\" }\n[switch.driver.lines]\nlevel = [{ line = \"A\" }, { line = \"B\" }]";
    let error = switch(driver).unwrap_err();
    assert!(error.contains(":3: switch.port.0.power.power_button: line \"B\" is that of switch.driver.lines.level.1, too"), "{error}");
}

#[test]
fn the_example_holds_for_each_driver_of_a_switch() {
    let example = include_str!("../../armchair.toml");
    let begins = |prefix: &'static str| {
        let lines = example
            .lines()
            .filter_map(move |line| line.strip_prefix(prefix));
        lines.collect::<Vec<_>>()
    };
    let (machines, lines) = (begins("#| "), begins("#- "));
    let is_driver =
        |line: &&str| line.starts_with("[switch.driver.") && !line.contains(".protocol");
    let drivers: Vec<_> = (0..lines.len())
        .filter(|at| is_driver(&lines[*at]))
        .collect();
    assert_eq!(drivers.len(), 4);
    for (at, begin) in drivers.iter().enumerate() {
        let end = drivers.get(at + 1).map_or(lines.len(), |next| *next);
        let text = [&machines[..], &lines[*begin..end]].concat().join("\n");
        let driver = parse(&text).unwrap().switch.unwrap().driver;
        if let Some(Driver::Hotkeys(hotkeys)) = driver {
            assert_eq!(hotkeys, hotkeys::Settings::default());
        }
    }
}
