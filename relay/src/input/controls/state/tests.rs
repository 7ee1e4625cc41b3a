//! The rules on a clock that the tests turn. What counts is what a host that gets the reports sees.

mod bench;
mod gate;
mod properties;

use std::time::Duration;

use shared::{
    input::{Buttons, Input, Usage},
    message::{Jiggler, MacroPhase, Usb},
};

use self::bench::{A, Bench, Control, Observer, SHIFT, down, held, key, up};
use super::{Next, TypingRefused};
use crate::input::report::Report;

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
