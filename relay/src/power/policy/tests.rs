use proptest::prelude::*;

use super::{Button::*, *};

const ALL: Parts = Parts {
    power_button: true,
    reset_button: true,
    power_light: true,
    disk_light: true,
};

const BUTTONS: Parts = Parts {
    power_light: false,
    disk_light: false,
    ..ALL
};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A panel in a time of its own.
struct Stand {
    policy: Policy,
    start: Instant,
    now: Instant,
    /// What was done, and when, in milliseconds.
    done: Vec<(u64, Deed)>,
}

impl Stand {
    fn new(parts: Parts) -> Self {
        let start = Instant::now();
        Self {
            policy: Policy::new(parts, Times::default()),
            start,
            now: start,
            done: Vec::new(),
        }
    }

    /// A machine whose light has been like this for long.
    fn with_light(lit: bool) -> Self {
        let mut stand = Self::new(ALL);
        stand.policy.saw(stand.start, Light::Power, Some(lit));
        stand.until(10_000);
        stand.start = stand.now;
        stand
    }

    fn begin(&mut self, action: PowerAction) {
        assert!(self.policy.begin(self.now, action));
        self.act();
    }

    fn light(&mut self, lit: bool) {
        self.policy.saw(self.now, Light::Power, Some(lit));
        self.act();
    }

    fn act(&mut self) {
        while let Some(deed) = self.policy.poll(self.now) {
            let at = (self.now - self.start).as_millis();
            self.done.push((u64::try_from(at).unwrap(), deed));
        }
    }

    /// Lets time pass, stopping where the policy wants to be asked.
    fn until(&mut self, at: u64) {
        let until = self.start + ms(at);
        while let Some(next) = self.policy.next().filter(|next| *next <= until) {
            assert!(next >= self.now, "in the past");
            self.now = next;
            self.policy.lit(next);
            self.act();
        }
        self.now = until;
        self.act();
    }
}

#[test]
fn a_press_is_as_long_as_it_is_set() {
    let times = Times::default();
    for (action, button, length) in [
        (PowerAction::Press, Power, times.press_ms),
        (PowerAction::Hold, Power, times.hold_ms),
        (PowerAction::Reset, Reset, times.reset_ms),
    ] {
        let mut stand = Stand::new(BUTTONS);
        stand.begin(action);
        stand.until(60_000);
        let length = u64::from(length);
        let expected = [
            (0, Deed::Set(button, true)),
            (length, Deed::Set(button, false)),
            (length, Deed::End(Outcome::Done)),
        ];
        assert_eq!(stand.done, expected, "{action:?}");
    }
}

#[test]
fn one_thing_at_a_time() {
    let mut stand = Stand::new(ALL);
    stand.begin(PowerAction::Press);
    for action in PowerAction::ALL {
        assert!(!stand.policy.begin(stand.now, action));
    }
    stand.until(60_000);
    assert!(stand.policy.begin(stand.now, PowerAction::Reset));
}

#[test]
fn what_a_panel_cannot_do_is_not_begun() {
    use PowerAction::{Cycle, Hold, On, Press, Reset, ShutDown};
    let with = |parts| Policy::actions(parts).iter().collect::<Vec<_>>();
    assert_eq!(with(ALL), [Press, Hold, Reset, On, Cycle, ShutDown]);
    assert_eq!(with(BUTTONS), [Press, Hold, Reset, Cycle]);
    assert_eq!(with(Parts::default()), []);
    let lights = Parts {
        power_button: false,
        reset_button: false,
        ..ALL
    };
    assert_eq!(with(lights), []);
    let mut policy = Policy::new(BUTTONS, Times::default());
    assert!(!policy.begin(Instant::now(), ShutDown));
    assert_eq!(policy.poll(Instant::now()), None);
}

#[test]
fn a_machine_that_is_on_is_not_pressed_to_switch_it_on() {
    let mut stand = Stand::with_light(true);
    stand.begin(PowerAction::On);
    assert_eq!(stand.done, [(0, Deed::End(Outcome::Done))]);
    let mut stand = Stand::with_light(false);
    stand.begin(PowerAction::ShutDown);
    assert_eq!(stand.done, [(0, Deed::End(Outcome::Done))]);
}

#[test]
fn a_machine_that_follows_is_waited_for() {
    let press = u64::from(Times::default().press_ms);
    let mut stand = Stand::with_light(true);
    stand.begin(PowerAction::ShutDown);
    stand.until(20_000);
    stand.light(false);
    stand.until(60_000);
    let expected = [
        (0, Deed::Set(Power, true)),
        (press, Deed::Set(Power, false)),
        (22_500, Deed::End(Outcome::Done)),
    ];
    assert_eq!(stand.done, expected);
}

#[test]
fn a_machine_that_does_not_follow_is_told_of() {
    let Times {
        press_ms,
        hold_ms,
        on_limit_s,
        off_limit_s,
        ..
    } = Times::default();
    for (action, held, limit, lit) in [
        (PowerAction::ShutDown, press_ms, off_limit_s, true),
        (PowerAction::On, press_ms, on_limit_s, false),
        (PowerAction::Hold, hold_ms, on_limit_s, true),
        (PowerAction::Cycle, hold_ms, on_limit_s, true),
    ] {
        let mut stand = Stand::with_light(lit);
        stand.begin(action);
        stand.until(1_000_000);
        let (held, limit) = (u64::from(held), u64::from(limit) * 1_000);
        let expected = [
            (0, Deed::Set(Power, true)),
            (held, Deed::Set(Power, false)),
            (held + limit, Deed::End(Outcome::NotFollowed)),
        ];
        assert_eq!(stand.done, expected, "{action:?}");
    }
}

#[test]
fn a_cycle_is_off_a_pause_and_on() {
    let Times {
        press_ms,
        hold_ms,
        pause_ms,
        ..
    } = Times::default();
    let [press, hold, pause] = [press_ms, hold_ms, pause_ms].map(u64::from);
    let mut stand = Stand::with_light(true);
    stand.begin(PowerAction::Cycle);
    stand.until(4_000);
    stand.light(false);
    stand.until(4_000 + 2_500 + pause + press);
    stand.light(true);
    stand.until(60_000);
    let off = 4_000 + 2_500;
    let expected = [
        (0, Deed::Set(Power, true)),
        (hold, Deed::Set(Power, false)),
        (off + pause, Deed::Set(Power, true)),
        (off + pause + press, Deed::Set(Power, false)),
        (off + pause + press + 30, Deed::End(Outcome::Done)),
    ];
    assert_eq!(stand.done, expected);

    let mut stand = Stand::new(BUTTONS);
    stand.begin(PowerAction::Cycle);
    stand.until(60_000);
    let expected = [
        (0, Deed::Set(Power, true)),
        (hold, Deed::Set(Power, false)),
        (hold + pause, Deed::Set(Power, true)),
        (hold + pause + press, Deed::Set(Power, false)),
        (hold + pause + press, Deed::End(Outcome::Done)),
    ];
    assert_eq!(stand.done, expected, "blind");
}

#[test]
fn a_line_that_fails_ends_it_with_the_button_released() {
    let mut policy = Policy::new(ALL, Times::default());
    let now = Instant::now();
    assert!(policy.begin(now, PowerAction::Hold));
    assert_eq!(policy.poll(now), Some(Deed::Set(Power, true)));
    policy.failed(Power, true);
    assert_eq!(policy.poll(now), Some(Deed::Set(Power, false)));
    policy.failed(Power, false);
    assert_eq!(policy.poll(now), Some(Deed::End(Outcome::LineLost)));
    assert_eq!(policy.poll(now), None);
}

#[test]
fn what_is_broken_off_releases_at_once() {
    let mut stand = Stand::new(ALL);
    stand.begin(PowerAction::Hold);
    stand.until(1_000);
    stand.policy.break_off();
    stand.act();
    let expected = [
        (0, Deed::Set(Power, true)),
        (1_000, Deed::Set(Power, false)),
        (1_000, Deed::End(Outcome::Stopped)),
    ];
    assert_eq!(stand.done, expected);
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Begin(PowerAction),
    BreakOff,
    Light(Light, Option<bool>),
    Fails,
    Passes(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let light = prop_oneof![Just(Light::Power), Just(Light::Disk)];
    prop_oneof![
        2 => proptest::sample::select(PowerAction::ALL.to_vec()).prop_map(Event::Begin),
        1 => Just(Event::BreakOff),
        3 => (light, any::<Option<bool>>()).prop_map(|(light, lit)| Event::Light(light, lit)),
        1 => Just(Event::Fails),
        6 => (0..8_000_u64).prop_map(Event::Passes),
    ]
}

/// Which buttons are down, and since when.
#[derive(Default)]
struct Lines {
    down: Vec<(Button, Instant)>,
    busy: bool,
    fails: bool,
}

impl Lines {
    fn act(&mut self, policy: &mut Policy, now: Instant) {
        let longest = ms(u64::from(Times::default().hold_ms));
        while let Some(deed) = policy.poll(now) {
            assert!(self.busy, "{deed:?} though nothing was wanted");
            match deed {
                Deed::Set(button, true) if std::mem::take(&mut self.fails) => {
                    policy.failed(button, true);
                    assert_eq!(policy.poll(now), Some(Deed::Set(button, false)));
                }
                Deed::Set(button, true) => {
                    assert!(self.down.is_empty(), "two at once");
                    self.down.push((button, now));
                }
                Deed::Set(button, false) => {
                    let (down, since) = self.down.pop().expect("down");
                    assert_eq!(down, button);
                    assert!(now <= since + longest, "longer than a hold");
                }
                Deed::End(_) => {
                    assert!(self.down.is_empty(), "ended with a button down");
                    self.busy = false;
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn lines_rest_whenever_nothing_runs_and_no_press_outlives_its_time(
        parts in any::<[bool; 4]>(),
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let [power_button, reset_button, power_light, disk_light] = parts;
        let parts = Parts { power_button, reset_button, power_light, disk_light };
        let mut policy = Policy::new(parts, Times::default());
        let mut lines = Lines::default();
        let mut now = Instant::now();
        for event in events {
            match event {
                Event::Begin(action) => {
                    let may = !lines.busy && Policy::actions(parts).has(action);
                    prop_assert_eq!(policy.begin(now, action), may);
                    lines.busy |= may;
                }
                Event::BreakOff => policy.break_off(),
                Event::Light(light, lit) => policy.saw(now, light, lit),
                Event::Fails => lines.fails = true,
                Event::Passes(time) => {
                    let until = now + ms(time);
                    lines.act(&mut policy, now);
                    while let Some(next) = policy.next().filter(|next| *next <= until) {
                        now = next.max(now);
                        policy.lit(now);
                        lines.act(&mut policy, now);
                    }
                    now = until;
                }
            }
            lines.act(&mut policy, now);
            prop_assert!(lines.busy || lines.down.is_empty());
        }
        policy.break_off();
        lines.act(&mut policy, now);
        prop_assert!(!lines.busy && lines.down.is_empty());
    }
}
