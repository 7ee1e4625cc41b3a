//! What is drawn, read back from the pixels.

use proptest::prelude::*;

use super::*;
use crate::target::sim::{geometry::Size, machine::Machine, pattern::Pattern, pc::Pc, usb::Event};

const SIZE: Size = Size {
    width: 1280,
    height: 720,
};

/// Reads a time code as a stranger would: 8x8 cells, 16 a row, brightest first bit.
fn read_timecode(canvas: &Canvas) -> (u64, u32) {
    let mut bits: u128 = 0;
    for cell in 0..96 {
        let (x, y) = (cell % 16 * 8 + 4, cell / 16 * 8 + 4);
        let pixel = canvas.pixels()[y * canvas.size().0 + x];
        assert!(pixel == 0 || pixel == 0xFF_FFFF);
        bits = bits << 1 | u128::from(pixel != 0);
    }
    ((bits >> 32) as u64, bits as u32)
}

fn scene(kind: Kind, size: Size) -> Scene {
    Scene {
        size,
        view: None,
        pattern: Pattern {
            kind,
            timecode: false,
            ..Pattern::default()
        },
        pointer: None,
        frame_rate: None,
    }
}

fn drawn(scene: &Scene, frame: u32) -> Canvas {
    let mut canvas = Canvas::default();
    Painter::default().draw(&mut canvas, scene, frame, 0);
    canvas
}

#[test]
fn the_time_code_can_be_read_from_the_picture() {
    for kind in [Kind::Still, Kind::Text, Kind::Motion, Kind::Colours] {
        let mut scene = scene(kind, SIZE);
        scene.pattern.timecode = true;
        scene.pointer = Some((20, 20));
        let mut canvas = Canvas::default();
        let mut painter = Painter::default();
        for (time, frame) in [
            (1_790_000_000_123_456, 0),
            (0xFEDC_BA98_7654_3210, 0x89AB_CDEF),
        ] {
            painter.draw(&mut canvas, &scene, frame, time);
            painter.drawn = Some(scene.clone());
            assert_eq!(read_timecode(&canvas), (time, frame));
        }
    }
}

#[test]
fn patterns_fill_every_size_and_only_the_moving_ones_move() {
    for size in [
        SIZE,
        Size {
            width: 720,
            height: 400,
        },
        Size {
            width: 1281,
            height: 721,
        },
        Size {
            width: 320,
            height: 200,
        },
    ] {
        for (kind, moves) in [
            (Kind::Still, false),
            (Kind::Colours, false),
            (Kind::Text, true),
            (Kind::Motion, true),
        ] {
            let (first, second) = (drawn(&scene(kind, size), 0), drawn(&scene(kind, size), 1));
            assert_eq!(
                first.size(),
                (usize::from(size.width), usize::from(size.height))
            );
            assert_eq!(first.pixels() != second.pixels(), moves, "{kind:?}");
        }
    }
}

#[test]
fn text_scrolls_a_line_a_frame() {
    let metrics = Metrics::of(SIZE);
    let (first, second) = (
        drawn(&scene(Kind::Text, SIZE), 10),
        drawn(&scene(Kind::Text, SIZE), 11),
    );
    let rows = SIZE.height as usize / metrics.cell_height - 1;
    for y in 0..rows * metrics.cell_height {
        assert_eq!(first.row(y + metrics.cell_height), second.row(y));
    }
}

#[test]
fn colour_bars_are_exact() {
    let canvas = drawn(&scene(Kind::Colours, SIZE), 0);
    let bars: Vec<u32> = (0..8).map(|bar| canvas.row(10)[bar * 160 + 80]).collect();
    assert_eq!(
        bars,
        [
            0xFF_FFFF, 0xFF_FF00, 0x00_FFFF, 0x00_FF00, 0xFF_00FF, 0xFF_0000, 0x00_00FF, 0
        ]
    );
    assert_eq!(canvas.row(400)[5], 0);
    assert_eq!(canvas.row(400)[1275], 0xFF_FFFF);
    assert_eq!(canvas.row(719)[1279], 0x00_00FF);
}

#[test]
fn the_pointer_stands_with_its_tip_on_its_pixel_and_leaves_no_trace() {
    let mut with = scene(Kind::Still, SIZE);
    let clean = drawn(&with, 0);
    let mut canvas = Canvas::default();
    let mut painter = Painter::default();
    for (x, y) in [(0, 0), (640, 360), (1279, 719), (1275, 3)] {
        with.pointer = Some((x, y));
        painter.draw(&mut canvas, &with, 0, 0);
        painter.drawn = Some(with.clone());
        assert_eq!(canvas.row(usize::from(y))[usize::from(x)], 0x10_1418);
        let strange = (0..720)
            .flat_map(|row| (0..1280).map(move |column| (column, row)))
            .filter(|(column, row)| canvas.row(*row)[*column] != clean.row(*row)[*column]);
        let inside =
            |(column, row): (usize, usize)| column >= usize::from(x) && row >= usize::from(y);
        assert!(strange.clone().all(inside));
    }
    with.pointer = None;
    painter.draw(&mut canvas, &with, 0, 0);
    assert!(canvas.pixels() == clean.pixels());
}

#[test]
fn only_changed_rows_are_copied() {
    let mut canvas = Canvas::new(4, 3);
    let mut bytes = Vec::new();
    canvas.copy_changes(&mut bytes);
    assert_eq!(bytes, [0; 48]);
    bytes.fill(9);
    canvas.fill(Rectangle::new(1, 1, 2, 1), 0x01_0203);
    canvas.copy_changes(&mut bytes);
    assert_eq!(bytes[..16], [9; 16]);
    assert_eq!(
        bytes[16..32],
        [0, 0, 0, 0, 3, 2, 1, 0, 3, 2, 1, 0, 0, 0, 0, 0]
    );
    assert_eq!(bytes[32..], [9; 16]);
}

#[test]
fn a_picture_is_written_as_ppm() {
    let mut canvas = Canvas::new(2, 1);
    canvas.fill(Rectangle::new(1, 0, 1, 1), 0x10_2030);
    assert_eq!(canvas.to_ppm(), b"P6\n2 1\n255\n\0\0\0\x10\x20\x30");
}

#[test]
fn frames_keep_their_rate_and_never_pass_sixty_a_second() {
    for rate in [1, 24, 30, 60] {
        let mut clock = FrameClock {
            pace: FRAME,
            ..FrameClock::default()
        };
        let (mut now, mut frames) = (Duration::ZERO, 0);
        while now < Duration::from_secs(2) {
            if clock.due(now, Some(rate), 1) {
                clock.painted(now, true);
                frames += 1;
            }
            now += Duration::from_millis(1);
        }
        assert!(
            (frames - 2 * i64::from(rate)).abs() <= 1,
            "{frames} at {rate}"
        );
        assert_eq!(i64::from(clock.frame), frames);
    }
}

#[test]
fn missed_frames_are_left_out_and_the_grid_stays() {
    let mut clock = FrameClock {
        pace: FRAME,
        ..FrameClock::default()
    };
    assert!(clock.due(Duration::ZERO, Some(10), 1));
    clock.painted(Duration::ZERO, true);
    assert!(!clock.due(Duration::from_millis(99), Some(10), 1));
    let late = Duration::from_millis(350);
    assert!(clock.due(late, Some(10), 1));
    clock.painted(late, true);
    let soon = clock.next(Some(10)).unwrap();
    assert!(soon > late && soon < Duration::from_millis(370));
    assert!(clock.due(soon, Some(10), 1));
    clock.painted(soon, true);
    assert_eq!(clock.next(Some(10)), Some(Duration::from_millis(400)));
    assert_eq!(clock.frame, 3);
}

fn machine_at(ms: u64) -> Machine {
    let mut pc = Pc::new(SIZE, 0);
    pc.advance(Duration::from_millis(ms));
    pc.machine
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Drawing what differs gives the same picture as drawing everything.
    #[test]
    fn what_is_drawn_step_by_step_equals_what_is_drawn_at_once(
        steps in proptest::collection::vec((0..6_u8, any::<u8>(), 0..32768_u32, 0..32768_u32), 1..14)
    ) {
        let mut machine = machine_at(6000);
        let (mut canvas, mut painter) = (Canvas::default(), Painter::default());
        let mut now = Duration::from_secs(6);
        for (frame, (act, byte, x, y)) in steps.into_iter().enumerate() {
            now += Duration::from_millis(u64::from(byte) * 3);
            machine.advance(now);
            match act {
                0 | 1 => {
                    for usage in [4 + byte % 36, 0x28, 0x39] {
                        machine.event(now, Event::Key { usage, down: true });
                        machine.event(now, Event::Key { usage, down: false });
                    }
                }
                2 => machine.event(now, Event::PointerTo { x, y, max: 32767 }),
                3 => machine.event(now, Event::Buttons(byte)),
                4 => machine.event(now, Event::Wheel { vertical: i32::from(byte) - 128, horizontal: 0 }),
                _ => machine.event(now, Event::Consumer(u16::from(byte))),
            }
            let pattern = Pattern { timecode: byte % 5 == 0, ..Pattern::default() };
            let scene = Scene {
                size: SIZE,
                view: machine.view(now),
                pattern,
                pointer: machine.shown_pointer(),
                frame_rate: None,
            };
            painter.draw(&mut canvas, &scene, frame as u32, 5);
            painter.drawn = Some(scene.clone());
            prop_assert!(canvas.pixels() == drawn_at(&scene, frame as u32, 5).pixels());
        }
    }
}

fn drawn_at(scene: &Scene, frame: u32, time: u64) -> Canvas {
    let mut canvas = Canvas::default();
    Painter::default().draw(&mut canvas, scene, frame, time);
    canvas
}
