//! Whether the packet that wakes the machine can leave the relay.

use super::Check;
use crate::power::wake::lan::{LanError, WakeOnLan};

/// The settings of this dotted name.
pub(super) fn card(key: &str, settings: &WakeOnLan) -> Check {
    const SUBJECT: &str = "wake";
    match settings.check() {
        Ok(()) => {
            let by = settings.interface.as_deref();
            let by = by.map_or_else(String::new, |by| format!(" through {by}"));
            let found = format!(
                "packets for {} go to {}{by}",
                settings.mac, settings.address
            );
            Check::ok(SUBJECT, found)
        }
        Err(error @ LanError::NoInterface { .. }) => Check::fail(
            SUBJECT,
            error.to_string(),
            format!("name one of these in {key}.interface, or plug the other one in"),
        ),
        Err(error) => Check::fail(SUBJECT, error.to_string(), format!("put {key} right")),
    }
}

#[cfg(test)]
mod tests {
    use super::card;
    use crate::doctor::Verdict;

    #[test]
    fn a_wrong_interface_is_answered_with_the_right_ones() {
        let settings = "mac = \"00:11:22:33:44:55\"\ninterface = \"nowhere9\"\n";
        let check = card("power.wake", &toml::from_str(settings).unwrap());
        assert_eq!(check.verdict, Verdict::Fail);
        assert!(check.found.contains("nowhere9") && check.found.contains("lo"));
        let check = card(
            "power.wake",
            &toml::from_str(&settings.replace("nowhere9", "lo")).unwrap(),
        );
        assert_eq!(check.verdict, Verdict::Ok);
        assert_eq!(
            check.found,
            "packets for 00:11:22:33:44:55 go to 255.255.255.255 through lo"
        );
    }
}
