//! The keys that the switch listens to: Scroll Lock twice, then the digit of a port.

use std::time::Duration;

/// How long after a key the next one counts.
const IN_TIME: Duration = Duration::from_secs(2);

const SCROLL_LOCK: u8 = 0x47;
const DIGIT_1: u8 = 0x1E;
const DIGIT_9: u8 = 0x26;

/// What it has heard so far.
#[derive(Clone, Debug, Default)]
pub struct Hotkeys {
    down: Vec<u8>,
    /// How often Scroll Lock has been pressed, and when last.
    taps: Option<(u8, Duration)>,
    /// The port whose digit is down.
    chosen: Option<usize>,
}

/// What becomes of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The port to go to now.
    pub port: Option<usize>,
    /// Whether the report goes no further.
    pub is_kept: bool,
}

impl Hotkeys {
    /// Hears a report of the boot protocol's form: modifiers, a reserved byte, six keys. The digit is kept, and the switch
    /// turns when it is released.
    pub fn hear(&mut self, now: Duration, report: &[u8]) -> Heard {
        let keys = report.get(2..).unwrap_or_default();
        let down: Vec<u8> = keys.iter().copied().filter(|key| *key > 3).collect();
        let before = std::mem::replace(&mut self.down, down.clone());
        for key in down.iter().filter(|key| !before.contains(key)) {
            self.press(now, *key);
        }
        let port = self.chosen.take_if(|_| down.is_empty());
        Heard {
            port,
            is_kept: port.is_some() || self.chosen.is_some(),
        }
    }

    fn press(&mut self, now: Duration, key: u8) {
        let taps = self.taps.filter(|(_, last)| now <= *last + IN_TIME);
        let taps = taps.map_or(0, |(taps, _)| taps);
        self.taps = None;
        match key {
            SCROLL_LOCK => self.taps = Some(((taps + 1).min(2), now)),
            DIGIT_1..=DIGIT_9 if taps == 2 => self.chosen = Some(usize::from(key - DIGIT_1)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: [u8; 8] = [0; 8];

    fn down(key: u8) -> [u8; 8] {
        [0, 0, key, 0, 0, 0, 0, 0]
    }

    /// Presses and releases keys, so many milliseconds after one another.
    fn taps(hotkeys: &mut Hotkeys, keys: &[u8], apart: u64) -> Vec<Heard> {
        let reports = keys.iter().flat_map(|key| [down(*key), UP]);
        let mut at = Duration::ZERO;
        let hear = |report: [u8; 8]| {
            at += Duration::from_millis(apart);
            hotkeys.hear(at, &report)
        };
        reports.map(hear).collect()
    }

    fn ports(heard: &[Heard]) -> Vec<usize> {
        heard.iter().filter_map(|heard| heard.port).collect()
    }

    #[test]
    fn scroll_lock_twice_and_a_digit_choose_a_port_and_the_digit_is_kept() {
        let heard = taps(&mut Hotkeys::default(), &[0x47, 0x47, 0x20], 100);
        assert_eq!(heard[..4], [Heard::default(); 4]);
        let kept = |port| Heard {
            port,
            is_kept: true,
        };
        assert_eq!(heard[4..], [kept(None), kept(Some(2))]);
    }

    #[test]
    fn other_sequences_go_through() {
        for keys in [
            vec![0x47, 0x20],
            vec![0x47, 0x04, 0x47, 0x20],
            vec![0x47, 0x47, 0x04, 0x20],
            vec![0x20],
        ] {
            let heard = taps(&mut Hotkeys::default(), &keys, 100);
            assert!(
                heard.iter().all(|heard| *heard == Heard::default()),
                "{keys:?}"
            );
        }
        let often = taps(&mut Hotkeys::default(), &[0x47, 0x47, 0x47, 0x1E], 100);
        assert_eq!(ports(&often), [0]);
    }

    #[test]
    fn keys_that_come_too_late_do_not_count() {
        assert!(ports(&taps(&mut Hotkeys::default(), &[0x47, 0x47, 0x1F], 1100)).is_empty());
        assert_eq!(
            ports(&taps(&mut Hotkeys::default(), &[0x47, 0x47, 0x1F], 900)),
            [1]
        );
    }

    #[test]
    fn a_key_that_is_held_counts_once() {
        let mut hotkeys = Hotkeys::default();
        for ms in 0..5 {
            hotkeys.hear(Duration::from_millis(ms), &down(0x47));
        }
        hotkeys.hear(Duration::from_millis(5), &UP);
        let heard = taps(&mut hotkeys, &[0x1F], 10);
        assert!(ports(&heard).is_empty());
    }
}
