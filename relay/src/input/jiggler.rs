//! Keeps a machine from falling asleep over nobody's hands: a pixel and back, and only when nobody else moves anything.

use std::time::{Duration, Instant};

use shared::message::{Jiggler as Setting, Usb};

/// When the pointer is to be moved.
#[derive(Debug)]
pub(super) struct Jiggler {
    setting: Setting,
    /// When somebody, or this, last did something at the machine.
    used: Instant,
}

impl Jiggler {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            setting: Setting::default(),
            used: now,
        }
    }

    pub(super) fn setting(&self) -> Setting {
        self.setting
    }

    pub(super) fn set(&mut self, setting: Setting, now: Instant) {
        self.setting = setting.clamped();
        self.used = now;
    }

    /// Something was done at the machine.
    pub(super) fn used(&mut self, now: Instant) {
        self.used = now;
    }

    /// When the pointer is to be moved next; never where the machine does not listen, and one that sleeps is let sleep.
    pub(super) fn due(&self, usb: Usb) -> Option<Instant> {
        let interval = Duration::from_secs(self.setting.interval_s.into());
        let on = usb == Usb::Configured && self.setting.is_on();
        on.then(|| self.used + interval)
    }

    /// Whether the pointer is to be moved now.
    pub(super) fn take(&mut self, usb: Usb, now: Instant) -> bool {
        let due = self.due(usb).is_some_and(|due| now >= due);
        if due {
            self.used = now;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use shared::message::{Jiggler as Setting, Usb};

    use super::Jiggler;

    const MINUTE: Duration = Duration::from_secs(60);

    fn every_minute(now: Instant) -> Jiggler {
        let mut jiggler = Jiggler::new(now);
        jiggler.set(Setting { interval_s: 60 }, now);
        jiggler
    }

    #[test]
    fn it_is_off_until_somebody_switches_it_on() {
        let now = Instant::now();
        let mut jiggler = Jiggler::new(now);
        assert_eq!(jiggler.due(Usb::Configured), None);
        assert!(!jiggler.take(Usb::Configured, now + 1000 * MINUTE));
    }

    #[test]
    fn it_moves_once_an_interval_while_nobody_does_anything() {
        let start = Instant::now();
        let mut jiggler = every_minute(start);
        let mut moved = Vec::new();
        for second in 0..=180 {
            let now = start + Duration::from_secs(second);
            if jiggler.take(Usb::Configured, now) {
                moved.push(second);
            }
        }
        assert_eq!(moved, [60, 120, 180]);
    }

    #[test]
    fn somebodys_hands_put_it_off() {
        let start = Instant::now();
        let mut jiggler = every_minute(start);
        jiggler.used(start + 59 * MINUTE / 60);
        assert!(!jiggler.take(Usb::Configured, start + MINUTE));
        assert_eq!(
            jiggler.due(Usb::Configured),
            Some(start + MINUTE + 59 * MINUTE / 60)
        );
    }

    #[test]
    fn a_machine_that_does_not_listen_or_sleeps_is_left_alone() {
        let start = Instant::now();
        let mut jiggler = every_minute(start);
        for usb in [Usb::NotConnected, Usb::Suspended, Usb::DeviceGone] {
            assert_eq!(jiggler.due(usb), None);
            assert!(!jiggler.take(usb, start + 10 * MINUTE));
        }
    }

    #[test]
    fn intervals_are_brought_into_their_range() {
        let now = Instant::now();
        let mut jiggler = Jiggler::new(now);
        for (asked, set) in [(0, 0), (1, 10), (60, 60), (u16::MAX, 3600)] {
            jiggler.set(Setting { interval_s: asked }, now);
            assert_eq!(jiggler.setting().interval_s, set);
        }
    }
}
