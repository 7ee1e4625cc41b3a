//! The rules on a clock that the tests turn. What counts is what a host that gets the reports sees.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use shared::{
    input::{Buttons, HELD_MAX, Held, Input, Usage},
    list::List,
    message::{Jiggler, MacroPhase, Usb},
};

use super::{Next, State, TypingRefused};
use crate::input::{Capabilities, Host, report::Report};

const A: Usage = Usage::Keyboard(0x04);
const SHIFT: Usage = Usage::Keyboard(0xE1);

const ALL: Capabilities = Capabilities {
    pointer: true,
    mouse: true,
    consumer: true,
};

/// Something that can be down at the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Control {
    Key(Usage),
    Button(u8),
}

fn down(usage: Usage) -> (Control, bool) {
    (Control::Key(usage), true)
}

fn up(usage: Usage) -> (Control, bool) {
    (Control::Key(usage), false)
}

/// A host that remembers every report and derives from them what goes down and up.
#[derive(Default)]
struct Observer {
    keyboard: BTreeSet<Control>,
    pointer: BTreeSet<Control>,
    mouse: BTreeSet<Control>,
    consumer: BTreeSet<Control>,
    system: BTreeSet<Control>,
    transitions: Vec<(Control, bool)>,
    moved: (i64, i64),
}

impl Observer {
    fn take(&mut self, report: Report) {
        let (device, now) = match report {
            Report::Keyboard(keyboard) => {
                let modifiers = (0..8)
                    .filter(|bit| keyboard.modifiers >> bit & 1 == 1)
                    .map(|bit| 0xE0 + bit);
                let keys = keyboard.keys.into_iter().filter(|key| *key > 3);
                let keys = modifiers.chain(keys).map(Usage::Keyboard);
                (&mut self.keyboard, keys.map(Control::Key).collect())
            }
            Report::Pointer(pointer) => (&mut self.pointer, buttons(pointer.buttons)),
            Report::Mouse(mouse) => {
                self.moved.0 += i64::from(mouse.dx);
                self.moved.1 += i64::from(mouse.dy);
                (&mut self.mouse, buttons(mouse.buttons))
            }
            Report::Consumer(usage) => (
                &mut self.consumer,
                (usage != 0)
                    .then_some(Control::Key(Usage::Consumer(usage)))
                    .into_iter()
                    .collect(),
            ),
            Report::System(usage) => (
                &mut self.system,
                (usage != 0)
                    .then_some(Control::Key(Usage::System(usage)))
                    .into_iter()
                    .collect(),
            ),
        };
        let before: BTreeSet<Control> = std::mem::replace(device, now);
        self.transitions
            .extend(before.difference(device).map(|control| (*control, false)));
        self.transitions
            .extend(device.difference(&before).map(|control| (*control, true)));
    }

    fn down(&self) -> BTreeSet<Control> {
        [
            &self.keyboard,
            &self.pointer,
            &self.mouse,
            &self.consumer,
            &self.system,
        ]
        .into_iter()
        .flatten()
        .copied()
        .collect()
    }
}

fn buttons(buttons: Buttons) -> BTreeSet<Control> {
    (0..8)
        .filter(|bit| buttons.0 >> bit & 1 == 1)
        .map(Control::Button)
        .collect()
}

/// A state on a clock of its own, and the host that it writes to.
struct Bench {
    state: State,
    now: Instant,
    observer: Observer,
}

impl Bench {
    /// With viewer 1 in control of a host that listens.
    fn new() -> Self {
        let now = Instant::now();
        let mut state = State::new(ALL, host(Usb::Configured), now);
        state.take(1);
        Self {
            state,
            now,
            observer: Observer::default(),
        }
    }

    fn holding(usages: impl IntoIterator<Item = Usage>) -> Self {
        let mut bench = Self::new();
        for usage in usages {
            bench.apply(1, &key(usage, true));
        }
        bench.transitions();
        bench
    }

    fn apply(&mut self, viewer: u32, input: &Input) {
        while !self.state.apply(viewer, input, self.now) {
            self.write_one();
        }
    }

    fn host(&mut self, usb: Usb) {
        self.state.host(host(usb), self.now);
    }

    fn write_one(&mut self) -> bool {
        match self.state.next(self.now) {
            Next::Write(report) => {
                self.observer.take(report);
                true
            }
            Next::Wait(_) | Next::End => false,
        }
    }

    /// What the host has seen go down and up since the last look, after everything is written.
    fn transitions(&mut self) -> Vec<(Control, bool)> {
        while self.write_one() {}
        std::mem::take(&mut self.observer.transitions)
    }

    fn pass(&mut self, milliseconds: u64) {
        self.now += Duration::from_millis(milliseconds);
    }
}

fn host(usb: Usb) -> Host {
    Host {
        usb,
        leds: None,
        fine_wheel: false,
    }
}

fn key(usage: Usage, down: bool) -> Input {
    Input::Key { usage, down }
}

fn held(keys: impl IntoIterator<Item = Usage>) -> Input {
    Input::Held(Held {
        keys: List::<_, HELD_MAX>::new(keys),
        buttons: Buttons::default(),
    })
}

#[test]
fn only_who_has_the_controls_is_heard() {
    let mut bench = Bench::new();
    bench.apply(2, &key(A, true));
    assert_eq!(bench.transitions(), []);
    bench.apply(1, &key(A, true));
    assert_eq!(bench.transitions(), [down(A)]);
}

#[test]
fn another_viewer_who_comes_and_goes_drops_nothing() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.state.leave(2);
    bench.state.take(1);
    assert_eq!(bench.transitions(), []);
    assert_eq!(bench.state.controller(), Some(1));
}

#[test]
fn whoever_leaves_lets_go() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.state.leave(1);
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
    assert_eq!(bench.state.controller(), None);
}

#[test]
fn whoever_takes_over_starts_with_nothing_held() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.state.take(2);
    bench.apply(1, &key(Usage::Keyboard(0x05), true));
    bench.apply(2, &key(A, true));
    assert_eq!(bench.transitions(), [up(A), up(SHIFT), down(A)]);
}

/// The ways that the mouse has gone since the last look, one a report.
fn mouse_ways(bench: &mut Bench) -> Vec<(i8, i8)> {
    let mut ways = Vec::new();
    while let Next::Write(report) = bench.state.next(bench.now) {
        if let Report::Mouse(mouse) = report {
            ways.push((mouse.dx, mouse.dy));
        }
    }
    ways
}

#[test]
fn the_pointer_goes_a_pixel_and_back_when_nobody_does_anything() {
    let mut bench = Bench::new();
    bench
        .state
        .set_jiggler(Jiggler { interval_s: 60 }, bench.now);
    bench.pass(59_000);
    assert_eq!(mouse_ways(&mut bench), []);
    bench.pass(1_000);
    assert_eq!(mouse_ways(&mut bench), [(1, 0), (-1, 0)]);
    bench.pass(30_000);
    bench.apply(1, &Input::PointerTo { x: 5, y: 5 });
    bench.pass(59_000);
    assert_eq!(mouse_ways(&mut bench), []);
    let Next::Wait(Some(until)) = bench.state.next(bench.now) else {
        panic!("it waits for nothing");
    };
    assert_eq!(until - bench.now, Duration::from_secs(1));
}

#[test]
fn the_pointer_of_a_machine_that_is_gone_or_asleep_is_left_alone() {
    for usb in [Usb::NotConnected, Usb::Suspended] {
        let mut bench = Bench::new();
        bench
            .state
            .set_jiggler(Jiggler { interval_s: 60 }, bench.now);
        bench.host(usb);
        bench.pass(600_000);
        assert_eq!(bench.state.next(bench.now), Next::Wait(None));
    }
}

#[test]
fn the_page_lets_go_of_everything_at_once() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.apply(1, &Input::Buttons(Buttons::LEFT));
    bench.apply(1, &Input::ReleaseAll);
    let transitions = bench.transitions();
    assert_eq!(transitions.last(), Some(&up(SHIFT)));
    assert!(bench.observer.down().is_empty());
}

#[test]
fn the_relay_lets_go_of_everything_at_once() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.state.release_all();
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
    assert_eq!(bench.state.controller(), Some(1));
}

#[test]
fn the_end_comes_after_everything_is_released() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.state.end(bench.now);
    bench.apply(1, &key(A, true));
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
    assert_eq!(bench.state.next(bench.now), Next::End);
}

#[test]
fn at_the_end_what_a_slow_host_has_not_taken_is_given_up_but_not_the_release() {
    let mut bench = Bench::holding([SHIFT]);
    for _ in 0..20 {
        bench.apply(1, &key(A, true));
        bench.apply(1, &key(A, false));
    }
    bench.state.end(bench.now);
    bench.pass(1000);
    assert_eq!(bench.transitions(), [up(SHIFT)]);
    assert_eq!(bench.state.next(bench.now), Next::End);
}

/// Viewer 1's macro holds Shift and A.
fn with_a_macro() -> (Bench, u32) {
    let mut bench = Bench::new();
    let run = bench.state.begin_run(Some(1)).unwrap();
    for usage in [SHIFT, A] {
        assert!(bench.state.apply_of_run(run, &key(usage, true)));
    }
    assert_eq!(bench.transitions(), [down(SHIFT), down(A)]);
    (bench, run)
}

#[test]
fn while_a_macro_runs_only_its_hands_count_and_nothing_is_too_silent() {
    let (mut bench, run) = with_a_macro();
    bench.apply(1, &key(Usage::Keyboard(0x05), true));
    bench.apply(1, &Input::ReleaseAll);
    bench.pass(60_000);
    assert_eq!(bench.transitions(), []);
    assert_eq!(bench.state.may_act(Some(1)), Err(TypingRefused::MacroRuns));
    assert_eq!(bench.state.run_ended(), None);
    bench.state.end_run(MacroPhase::Done);
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
    assert_eq!(bench.state.run_ended(), Some((run, MacroPhase::Done)));
    bench.apply(1, &key(A, true));
    assert_eq!(bench.transitions(), [down(A)]);
}

#[test]
fn however_a_macro_ends_all_is_released_and_nothing_more_of_it_is_written() {
    type End = fn(&mut Bench);
    let ends: [(End, MacroPhase); 5] = [
        (
            |bench| bench.state.end_run(MacroPhase::Stopped),
            MacroPhase::Stopped,
        ),
        (|bench| bench.state.take(2), MacroPhase::TakenOver),
        (|bench| bench.state.leave(1), MacroPhase::LinkLost),
        (|bench| bench.state.give_up(1), MacroPhase::Stopped),
        (|bench| bench.state.end(bench.now), MacroPhase::Stopped),
    ];
    for (end, phase) in ends {
        let (mut bench, run) = with_a_macro();
        for _ in 0..100 {
            bench
                .state
                .apply_of_run(run, &key(Usage::Keyboard(0x05), true));
            bench
                .state
                .apply_of_run(run, &key(Usage::Keyboard(0x05), false));
        }
        end(&mut bench);
        assert!(bench.state.apply_of_run(run, &key(A, true)));
        assert_eq!(bench.state.run_ended(), Some((run, phase)));
        let mut transitions = bench.transitions();
        transitions.sort();
        assert_eq!(transitions, [up(A), up(SHIFT)], "{phase:?}");
    }
}

#[test]
fn others_who_come_and_go_do_not_end_a_macro() {
    let (mut bench, run) = with_a_macro();
    bench.state.leave(2);
    bench.state.give_up(3);
    bench.state.take(1);
    assert!(bench.state.is_running(run));
    assert_eq!(bench.transitions(), []);
}

#[test]
fn a_macro_outlasts_a_restart_of_the_machine_but_no_key_is_lost_in_silence() {
    let mut bench = Bench::new();
    let run = bench.state.begin_run(Some(1)).unwrap();
    assert!(bench.state.apply_of_run(run, &key(A, true)));
    assert_eq!(bench.transitions(), [down(A)]);
    bench.host(Usb::NotConnected);
    assert!(bench.state.apply_of_run(run, &key(A, false)));
    bench.host(Usb::Configured);
    assert!(bench.state.is_running(run), "nothing was lost");
    assert!(bench.state.apply_of_run(run, &key(A, true)));
    bench.host(Usb::NotConnected);
    assert_eq!(
        bench.state.run_ended(),
        Some((run, MacroPhase::MachineGone)),
        "a key waited"
    );
    let run = bench.state.begin_run(Some(1)).unwrap();
    assert!(bench.state.apply_of_run(run, &key(A, true)));
    assert_eq!(
        bench.state.run_ended(),
        Some((run, MacroPhase::MachineGone)),
        "nobody listened"
    );
}

#[test]
fn silence_releases_keys_and_buttons_first_and_modifiers_later() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.apply(1, &Input::Buttons(Buttons::LEFT));
    bench.transitions();
    let heard = bench.now;
    assert_eq!(
        bench.state.next(heard),
        Next::Wait(Some(heard + Duration::from_millis(250)))
    );
    bench.pass(249);
    assert_eq!(bench.transitions(), []);
    bench.pass(1);
    assert_eq!(bench.transitions(), [up(A), (Control::Button(0), false)]);
    assert_eq!(
        bench.state.next(bench.now),
        Next::Wait(Some(heard + Duration::from_secs(1)))
    );
    bench.pass(749);
    assert_eq!(bench.transitions(), []);
    bench.pass(1);
    assert_eq!(bench.transitions(), [up(SHIFT)]);
    assert_eq!(bench.state.next(bench.now), Next::Wait(None));
}

#[test]
fn a_page_that_says_what_it_holds_keeps_it() {
    let mut bench = Bench::holding([SHIFT, A]);
    for _ in 0..50 {
        bench.pass(100);
        bench.apply(1, &held([SHIFT, A]));
        assert_eq!(bench.transitions(), []);
    }
}

#[test]
fn what_silence_released_is_pressed_again_when_the_page_still_holds_it() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.pass(300);
    bench.apply(1, &held([SHIFT, A]));
    assert_eq!(bench.transitions(), [up(A), down(A)]);
}

#[test]
fn waiting_for_a_slow_host_is_not_silence() {
    let mut bench = Bench::holding([A]);
    while bench.state.apply(
        1,
        &Input::Wheel {
            vertical: 120,
            horizontal: 0,
        },
        bench.now,
    ) {}
    bench.pass(2000);
    assert!(bench.write_one());
    assert!(bench.state.apply(1, &held([A]), bench.now));
    assert_eq!(bench.transitions(), []);
    assert!(bench.observer.down().contains(&Control::Key(A)));
}

#[test]
fn releases_find_room_in_a_full_queue() {
    let mut bench = Bench::holding([SHIFT, A]);
    while bench.state.apply(
        1,
        &Input::Wheel {
            vertical: 120,
            horizontal: 0,
        },
        bench.now,
    ) {}
    bench.state.leave(1);
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
}

#[test]
fn a_host_that_was_away_is_told_what_is_still_held() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.host(Usb::NotConnected);
    bench.observer = Observer::default();
    bench.apply(1, &key(Usage::Keyboard(0x05), true));
    bench.apply(1, &key(A, false));
    assert_eq!(bench.transitions(), []);
    bench.host(Usb::Configured);
    assert_eq!(
        bench.transitions(),
        [down(Usage::Keyboard(0x05)), down(SHIFT)]
    );
}

#[test]
fn a_host_that_was_away_never_sees_what_was_released_meanwhile() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.host(Usb::NotConnected);
    bench.pass(1000);
    assert_eq!(bench.transitions(), []);
    bench.host(Usb::Configured);
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
}

#[test]
fn a_host_that_drops_the_first_reports_is_reminded_of_what_is_held() {
    let mut bench = Bench::holding([A]);
    bench.host(Usb::NotConnected);
    bench.host(Usb::Configured);
    while bench.write_one() {}
    for _ in 0..6 {
        bench.observer = Observer::default();
        for _ in 0..5 {
            bench.pass(100);
            bench.apply(1, &held([A]));
        }
        assert_eq!(bench.transitions(), [down(A)]);
    }
    bench.observer = Observer::default();
    for _ in 0..20 {
        bench.pass(100);
        bench.apply(1, &held([A]));
    }
    assert_eq!(bench.transitions(), []);
}

#[test]
fn what_waits_when_the_host_goes_is_forgotten() {
    let mut bench = Bench::new();
    bench.apply(1, &key(A, true));
    bench.apply(1, &key(A, false));
    bench.host(Usb::DeviceGone);
    bench.host(Usb::Configured);
    assert_eq!(bench.transitions(), []);
}

#[test]
fn a_host_that_sleeps_is_still_written_to_so_that_it_can_be_woken() {
    let mut bench = Bench::new();
    bench.host(Usb::Suspended);
    bench.apply(1, &key(A, true));
    assert_eq!(bench.transitions(), [down(A)]);
}

#[test]
fn after_a_failed_write_the_host_is_told_everything_once_more() {
    let mut bench = Bench::holding([SHIFT]);
    bench.apply(1, &key(A, true));
    assert!(matches!(bench.state.next(bench.now), Next::Write(_)));
    bench.state.failed(bench.now);
    bench.apply(1, &key(SHIFT, false));
    assert_eq!(bench.transitions(), []);
    bench.pass(100);
    assert_eq!(bench.transitions(), [up(SHIFT), down(A)]);
}

#[test]
fn the_end_waits_for_a_device_that_failed_and_no_longer_than_a_second() {
    let mut bench = Bench::holding([A]);
    bench.state.failed(bench.now);
    bench.state.end(bench.now);
    assert!(matches!(bench.state.next(bench.now), Next::Wait(Some(_))));
    bench.pass(100);
    assert_eq!(bench.transitions(), [up(A)]);
    assert_eq!(bench.state.next(bench.now), Next::End);
}

/// At most six ordinary keys, so that a boot report names them all.
fn any_key() -> impl Strategy<Value = Usage> {
    prop_oneof![
        (0x04..0x0Au8).prop_map(Usage::Keyboard),
        (0xE0..=0xE7u8).prop_map(Usage::Keyboard),
    ]
}

fn any_usage() -> impl Strategy<Value = Usage> {
    prop_oneof![
        any::<u8>().prop_map(Usage::Keyboard),
        any::<u16>().prop_map(Usage::Consumer),
        any::<u8>().prop_map(Usage::System),
    ]
}

fn any_input(
    usage: impl Strategy<Value = Usage> + Clone + 'static,
) -> impl Strategy<Value = Input> {
    prop_oneof![
        6 => (usage.clone(), any::<bool>()).prop_map(|(usage, down)| Input::Key { usage, down }),
        2 => any::<(u16, u16)>().prop_map(|(x, y)| Input::PointerTo { x, y }),
        2 => any::<(i16, i16)>().prop_map(|(dx, dy)| Input::PointerBy { dx, dy }),
        2 => any::<u8>().prop_map(|bits| Input::Buttons(Buttons(bits))),
        1 => any::<(i16, i16)>().prop_map(|(vertical, horizontal)| Input::Wheel { vertical, horizontal }),
        1 => (prop::collection::vec(usage, 0..8), any::<u8>()).prop_map(|(keys, bits)| {
            Input::Held(Held { keys: List::new(keys), buttons: Buttons(bits) })
        }),
        1 => Just(Input::ReleaseAll),
    ]
}

/// The last word of an operator.
#[derive(Clone, Copy, Debug)]
enum Farewell {
    ReleaseAll,
    Leave,
    TakenOver,
    Relay,
    Silence,
    End,
}

fn any_farewell() -> impl Strategy<Value = Farewell> {
    use Farewell::{End, Leave, Relay, ReleaseAll, Silence, TakenOver};
    prop::sample::select(vec![ReleaseAll, Leave, TakenOver, Relay, Silence, End])
}

/// What a host must see of these keys, by the plainest of models.
fn transitions_of(inputs: &[(Usage, bool)]) -> Vec<(Control, bool)> {
    let mut down = BTreeSet::new();
    inputs
        .iter()
        .filter(|(usage, pressed)| {
            if *pressed {
                down.insert(*usage)
            } else {
                down.remove(usage)
            }
        })
        .map(|(usage, pressed)| (Control::Key(*usage), *pressed))
        .collect()
}

proptest! {
    #[test]
    fn after_any_farewell_nothing_is_down(
        inputs in prop::collection::vec((any_input(any_usage().boxed()), 0..4usize), 0..60),
        farewell in any_farewell(),
    ) {
        let mut bench = Bench::new();
        for (input, writes) in inputs {
            bench.apply(1, &input);
            for _ in 0..writes {
                bench.write_one();
            }
        }
        match farewell {
            Farewell::ReleaseAll => bench.apply(1, &Input::ReleaseAll),
            Farewell::Leave => bench.state.leave(1),
            Farewell::TakenOver => bench.state.take(2),
            Farewell::Relay => bench.state.release_all(),
            Farewell::Silence => bench.pass(1000),
            Farewell::End => bench.state.end(bench.now),
        }
        bench.transitions();
        prop_assert_eq!(bench.observer.down(), BTreeSet::new());
    }

    #[test]
    fn every_key_arrives_in_order_whatever_the_pace(
        keys in prop::collection::vec((any_key(), any::<bool>()), 0..400),
        others in prop::collection::vec((any::<(i16, i16)>(), 0..5usize), 400),
    ) {
        let mut bench = Bench::new();
        let mut moved = (0, 0);
        for (&(usage, down), ((dx, dy), writes)) in keys.iter().zip(others) {
            bench.apply(1, &Input::Key { usage, down });
            bench.apply(1, &Input::PointerBy { dx, dy });
            moved = (moved.0 + i64::from(dx), moved.1 + i64::from(dy));
            for _ in 0..writes {
                bench.write_one();
            }
        }
        prop_assert_eq!(bench.transitions(), transitions_of(&keys));
        prop_assert_eq!(bench.observer.moved, moved);
    }

    #[test]
    fn the_host_ends_up_with_what_the_page_holds_however_often_it_was_away(
        steps in prop::collection::vec((any_input(any_key().boxed()), 0..3usize, any::<u8>()), 0..60),
        last in prop::collection::btree_set(any_key(), 0..6),
    ) {
        let mut bench = Bench::new();
        for (input, writes, fate) in steps {
            bench.apply(1, &input);
            for _ in 0..writes {
                bench.write_one();
            }
            match fate {
                0..8 => bench.state.failed(bench.now),
                8..16 => bench.host(Usb::NotConnected),
                16..32 => bench.host(Usb::Configured),
                _ => {}
            }
        }
        bench.host(Usb::Configured);
        bench.pass(100);
        bench.apply(1, &held(last.clone()));
        bench.transitions();
        bench.pass(100);
        bench.transitions();
        prop_assert_eq!(bench.observer.down(), last.into_iter().map(Control::Key).collect::<BTreeSet<_>>());
    }
}
