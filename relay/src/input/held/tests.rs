use shared::{
    input::{Buttons, HELD_MAX, Held, Input, Usage},
    list::List,
};

use super::Hands;
use crate::input::{
    Capabilities,
    queue::Queue,
    report::{Keyboard, Mouse, Pointer, Report},
};

const A: Usage = Usage::Keyboard(0x04);
const B: Usage = Usage::Keyboard(0x05);
const SHIFT: Usage = Usage::Keyboard(0xE1);
const VOLUME_UP: Usage = Usage::Consumer(0xE9);
const MUTE: Usage = Usage::Consumer(0xE2);
const SLEEP: Usage = Usage::System(0x82);

const ALL: Capabilities = Capabilities {
    pointer: true,
    mouse: true,
    consumer: true,
};

/// Hands, and what they have sent since the last look.
struct Probe {
    hands: Hands,
    queue: Queue,
    fine: bool,
}

impl Probe {
    fn new(has: Capabilities) -> Self {
        Self {
            hands: Hands::new(has),
            queue: Queue::default(),
            fine: false,
        }
    }

    fn after(&mut self, inputs: impl IntoIterator<Item = Input>) -> Vec<Report> {
        for input in inputs {
            self.hands.apply(&input, self.fine, &mut self.queue);
        }
        std::iter::from_fn(|| self.queue.take()).collect()
    }
}

fn key(usage: Usage, down: bool) -> Input {
    Input::Key { usage, down }
}

fn held(keys: impl IntoIterator<Item = Usage>, buttons: Buttons) -> Input {
    Input::Held(Held {
        keys: List::<_, HELD_MAX>::new(keys),
        buttons,
    })
}

fn wheel(vertical: i16, horizontal: i16) -> Input {
    Input::Wheel {
        vertical,
        horizontal,
    }
}

fn keyboard<const N: usize>(modifiers: u8, down: [u8; N]) -> Report {
    let mut keys = [0; 6];
    keys[..N].copy_from_slice(&down);
    Report::Keyboard(Keyboard { modifiers, keys })
}

fn pointer(x: u16, y: u16, buttons: Buttons) -> Pointer {
    Pointer {
        x,
        y,
        buttons,
        ..Pointer::default()
    }
}

fn mouse(dx: i8, dy: i8, buttons: Buttons) -> Mouse {
    Mouse {
        dx,
        dy,
        buttons,
        ..Mouse::default()
    }
}

const NONE: Buttons = Buttons(0);

#[test]
fn a_held_key_that_goes_down_again_is_not_sent_again() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([key(A, true), key(A, true), key(A, false), key(A, false)]);
    assert_eq!(reports, [keyboard(0, [4]), keyboard(0, [])]);
}

#[test]
fn buttons_are_pressed_where_the_pointer_is() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([
        Input::PointerTo { x: 100, y: 200 },
        Input::Buttons(Buttons::LEFT),
        Input::PointerTo { x: 300, y: 400 },
        Input::Buttons(NONE),
    ]);
    let expected = [
        pointer(100, 200, NONE),
        pointer(100, 200, Buttons::LEFT),
        pointer(300, 400, Buttons::LEFT),
        pointer(300, 400, NONE),
    ];
    assert_eq!(reports, expected.map(Report::Pointer));
}

#[test]
fn a_place_beyond_the_edge_is_the_edge() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([Input::PointerTo {
        x: 0xFFFF,
        y: 0x8000,
    }]);
    assert_eq!(reports, [Report::Pointer(pointer(0x7FFF, 0x7FFF, NONE))]);
}

#[test]
fn buttons_go_to_the_device_that_moved_last_and_come_up_where_they_went_down() {
    let mut probe = Probe::new(ALL);
    probe.after([
        Input::PointerTo { x: 1, y: 2 },
        Input::Buttons(Buttons::LEFT),
    ]);
    let reports = probe.after([
        Input::PointerBy { dx: 5, dy: 0 },
        Input::Buttons(Buttons::LEFT.with(Buttons::RIGHT)),
        Input::Buttons(Buttons::RIGHT),
        Input::Buttons(NONE),
    ]);
    let expected = [
        Report::Mouse(mouse(5, 0, NONE)),
        Report::Mouse(mouse(0, 0, Buttons::RIGHT)),
        Report::Pointer(pointer(1, 2, NONE)),
        Report::Mouse(mouse(0, 0, NONE)),
    ];
    assert_eq!(reports, expected);
}

#[test]
fn before_the_pointer_has_a_place_the_mouse_clicks() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([Input::Buttons(Buttons::LEFT)]);
    assert_eq!(reports, [Report::Mouse(mouse(0, 0, Buttons::LEFT))]);
}

#[test]
fn without_a_mouse_the_pointer_clicks_in_the_middle() {
    let mut probe = Probe::new(Capabilities {
        mouse: false,
        ..ALL
    });
    let reports = probe.after([
        Input::PointerBy { dx: 5, dy: 0 },
        Input::Buttons(Buttons::LEFT),
    ]);
    let expected = pointer(0x3FFF, 0x3FFF, Buttons::LEFT);
    assert_eq!(reports, [Report::Pointer(expected)]);
}

#[test]
fn what_a_device_lacks_is_never_sent_to_it() {
    let mut probe = Probe::new(Capabilities {
        pointer: false,
        mouse: false,
        consumer: false,
    });
    let inputs = [
        key(VOLUME_UP, true),
        key(SLEEP, true),
        Input::PointerTo { x: 1, y: 1 },
        Input::PointerBy { dx: 1, dy: 1 },
        Input::Buttons(Buttons::LEFT),
        wheel(120, 120),
    ];
    assert_eq!(probe.after(inputs), []);
    let mut restated = Queue::default();
    probe.hands.restate(&mut restated);
    assert_eq!(restated.take(), Some(keyboard(0, [])));
    assert_eq!(restated.take(), None);
}

#[test]
fn a_wheel_without_fine_steps_turns_when_a_detent_is_full() {
    let mut probe = Probe::new(ALL);
    probe.after([Input::PointerTo { x: 9, y: 9 }]);
    assert_eq!(probe.after([wheel(50, 0), wheel(69, -119)]), []);
    let turned = Pointer {
        wheel: 1,
        pan: -1,
        ..pointer(9, 9, NONE)
    };
    assert_eq!(probe.after([wheel(1, -1)]), [Report::Pointer(turned)]);
    assert_eq!(probe.after([wheel(119, 0), wheel(-119, 0)]), []);
}

#[test]
fn a_fine_wheel_turns_by_every_step() {
    let mut probe = Probe::new(ALL);
    probe.fine = true;
    probe.after([Input::PointerTo { x: 9, y: 9 }]);
    let turned = Pointer {
        wheel: 7,
        pan: -3,
        ..pointer(9, 9, NONE)
    };
    assert_eq!(probe.after([wheel(7, -3)]), [Report::Pointer(turned)]);
}

#[test]
fn one_detent_is_one_step_of_the_mouse() {
    let mut probe = Probe::new(ALL);
    probe.fine = true;
    probe.after([Input::PointerBy { dx: 1, dy: 1 }]);
    let turned = Mouse {
        wheel: -1,
        ..mouse(0, 0, NONE)
    };
    assert_eq!(probe.after([wheel(-120, 0)]), [Report::Mouse(turned)]);
}

#[test]
fn a_long_turn_is_split_and_nothing_of_it_is_lost() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([wheel(i16::MIN, i16::MAX)]);
    let mut turned = (0, 0);
    for report in &reports {
        let Report::Mouse(mouse) = report else {
            panic!("{report:?}")
        };
        assert!(mouse.wheel > i8::MIN);
        turned = (
            turned.0 + i32::from(mouse.wheel),
            turned.1 + i32::from(mouse.pan),
        );
    }
    assert_eq!(turned, (-32_768 / 120, 32_767 / 120));
}

#[test]
fn the_held_state_releases_what_it_does_not_name_and_presses_what_is_not_down() {
    let mut probe = Probe::new(ALL);
    probe.after([
        Input::PointerTo { x: 1, y: 1 },
        key(A, true),
        key(SHIFT, true),
    ]);
    let reports = probe.after([held([B], Buttons::MIDDLE)]);
    let expected = [
        keyboard(0x02, []),
        keyboard(0, []),
        keyboard(0, [5]),
        Report::Pointer(pointer(1, 1, Buttons::MIDDLE)),
    ];
    assert_eq!(reports, expected);
    assert_eq!(probe.after([held([B], Buttons::MIDDLE)]), []);
}

#[test]
fn the_held_state_presses_modifiers_before_the_other_keys() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([held([A, SHIFT], NONE)]);
    assert_eq!(reports, [keyboard(0x02, []), keyboard(0x02, [4])]);
}

#[test]
fn a_consumer_control_takes_the_place_of_the_one_before() {
    let mut probe = Probe::new(ALL);
    let reports = probe.after([
        key(VOLUME_UP, true),
        key(MUTE, true),
        key(VOLUME_UP, false),
        key(MUTE, false),
    ]);
    let expected = [0xE9, 0xE2, 0].map(Report::Consumer);
    assert_eq!(reports, expected);
}

#[test]
fn two_controls_that_are_held_do_not_take_turns() {
    let mut probe = Probe::new(ALL);
    probe.after([key(VOLUME_UP, true), key(MUTE, true)]);
    let both = || held([VOLUME_UP, MUTE], NONE);
    assert_eq!(probe.after([both(), both()]), []);
}

#[test]
fn controls_beyond_the_descriptor_are_not_taken() {
    let mut probe = Probe::new(ALL);
    let beyond = [
        Usage::Consumer(0),
        Usage::Consumer(0x400),
        Usage::System(0x80),
        Usage::System(0x84),
    ];
    assert_eq!(probe.after(beyond.map(|usage| key(usage, true))), []);
}

#[test]
fn modifiers_are_released_last() {
    let mut probe = Probe::new(ALL);
    probe.after([
        Input::PointerTo { x: 1, y: 1 },
        key(SHIFT, true),
        key(A, true),
        key(MUTE, true),
        key(SLEEP, true),
        Input::Buttons(Buttons::LEFT),
    ]);
    let expected = [
        keyboard(0x02, []),
        Report::Consumer(0),
        Report::System(0),
        Report::Pointer(pointer(1, 1, NONE)),
        keyboard(0, []),
    ];
    assert_eq!(probe.after([Input::ReleaseAll]), expected);
    assert_eq!(probe.after([Input::ReleaseAll]), []);
}

#[test]
fn a_new_host_is_told_what_is_held() {
    let mut probe = Probe::new(ALL);
    probe.after([
        Input::PointerTo { x: 3, y: 4 },
        key(SHIFT, true),
        key(A, true),
        key(MUTE, true),
    ]);
    probe.hands.restate(&mut probe.queue);
    let expected = [
        keyboard(0x02, [4]),
        Report::Pointer(pointer(3, 4, NONE)),
        Report::Mouse(mouse(0, 0, NONE)),
        Report::Consumer(0xE2),
        Report::System(0),
    ];
    assert_eq!(probe.after([]), expected);
}

#[test]
fn a_reminder_is_of_what_is_down_only() {
    let mut probe = Probe::new(ALL);
    probe.after([Input::PointerTo { x: 3, y: 4 }]);
    probe.hands.remind(&mut probe.queue);
    assert_eq!(probe.after([]), []);
    probe.after([Input::Buttons(Buttons::LEFT), key(SHIFT, true)]);
    probe.hands.remind(&mut probe.queue);
    let expected = [
        keyboard(0x02, []),
        Report::Pointer(pointer(3, 4, Buttons::LEFT)),
    ];
    assert_eq!(probe.after([]), expected);
}
