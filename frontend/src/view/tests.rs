use proptest::prelude::*;

use super::{Point, Stage, Turn, View, Zoom};
use crate::input::place::{Area, Desktop, Place, Size};

const FULL_HD: Size = Size {
    width: 1920,
    height: 1080,
};

fn stage(left: f64, top: f64, width: f64, height: f64) -> Stage {
    Stage {
        area: Area {
            left,
            top,
            width,
            height,
        },
        ratio: 1.0,
    }
}

/// The place under a point of the page.
fn place(placed: &super::Placed, point: Point) -> Place {
    Desktop::default().at(placed.to_machine(point), placed.size())
}

fn near(a: Point, b: Point) -> bool {
    (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6
}

/// The pixel that an absolute pointer with this logical range is at (HID 1.11, 5.7: linear from end to end).
fn pixel(value: u16, pixels: u16) -> f64 {
    let last = f64::from(pixels - 1);
    (f64::from(value) * last / 32767.0).round()
}

/// Where a point of an element goes by CSS Transforms 1: `translate() rotate() scale()` about the element's middle,
/// the element being as large as fits and in the middle of its stage.
fn by_css(transform: super::Transform, stage: Stage, size: Size, pixel: Point) -> Point {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let fit = (stage.area.width / width).min(stage.area.height / height);
    let (x, y) = (
        (pixel.0 - width / 2.0) * fit * transform.scale,
        (pixel.1 - height / 2.0) * fit * transform.scale,
    );
    let (sin, cos) = f64::from(transform.degrees).to_radians().sin_cos();
    (
        stage.area.left + stage.area.width / 2.0 + x * cos - y * sin + transform.offset.0,
        stage.area.top + stage.area.height / 2.0 + x * sin + y * cos + transform.offset.1,
    )
}

#[test]
fn corners_are_corners() {
    let placed = View::default()
        .on(stage(10.0, 20.0, 960.0, 540.0), FULL_HD)
        .unwrap();
    assert_eq!(place(&placed, (10.0, 20.0)), Place { x: 0, y: 0 });
    assert_eq!(place(&placed, (969.9, 559.9)), Place { x: 32767, y: 32767 });
}

#[test]
fn corners_go_round_clockwise() {
    let stage = stage(0.0, 0.0, 1080.0, 1920.0);
    for (turn, shown_at) in [
        (Turn::Upright, (0.0, 656.25)),
        (Turn::Right, (1080.0, 0.0)),
        (Turn::Half, (1080.0, 1263.75)),
        (Turn::Left, (0.0, 1920.0)),
    ] {
        let view = View {
            turn,
            ..View::default()
        };
        let corner = view.on(stage, FULL_HD).unwrap().to_page((0.0, 0.0));
        assert!(near(corner, shown_at), "{turn:?}: {corner:?}");
    }
}

#[test]
fn bars_beside_the_picture_belong_to_its_edge() {
    let placed = View::default()
        .on(stage(0.0, 0.0, 1000.0, 270.0), FULL_HD)
        .unwrap();
    let edge = place(&placed, (100.0, 135.0));
    assert_eq!((edge.x, pixel(edge.y, 1080)), (0, 540.0));
    let centre = place(&placed, (500.0, 135.0));
    assert_eq!(pixel(centre.x, 1920), 960.0);
}

#[test]
fn a_page_without_room_has_no_place() {
    assert_eq!(View::default().on(stage(0.0, 0.0, 0.0, 0.0), FULL_HD), None);
}

#[test]
fn a_screen_one_pixel_wide_has_one_place() {
    let size = Size {
        width: 1,
        height: 1,
    };
    let placed = View::default()
        .on(stage(0.0, 0.0, 50.0, 50.0), size)
        .unwrap();
    assert_eq!(place(&placed, (40.0, 40.0)), Place { x: 0, y: 0 });
}

#[test]
fn fill_leaves_no_bars_and_fit_hides_nothing() {
    let stage = stage(0.0, 0.0, 820.0, 1000.0);
    let fill = View {
        zoom: Zoom::Fill,
        ..View::default()
    };
    let filled = fill.on(stage, FULL_HD).unwrap();
    assert!(near(filled.to_page((960.0, 0.0)), (410.0, 0.0)));
    assert!(near(filled.to_page((960.0, 1080.0)), (410.0, 1000.0)));
    assert!(filled.hides());
    assert!(!View::default().on(stage, FULL_HD).unwrap().hides());
}

#[test]
fn a_hundred_percent_is_a_pixel_for_a_pixel_of_the_display() {
    let stage = Stage {
        ratio: 2.0,
        ..stage(0.0, 0.0, 800.0, 600.0)
    };
    let view = View {
        zoom: Zoom::Times(1.0),
        ..View::default()
    };
    let placed = view.on(stage, FULL_HD).unwrap();
    let (from, to) = (placed.to_page((0.0, 0.0)), placed.to_page((100.0, 0.0)));
    assert!(near((to.0 - from.0, to.1 - from.1), (50.0, 0.0)));
}

#[test]
fn zooming_out_ends_where_all_fits() {
    let stage = stage(0.0, 0.0, 800.0, 600.0);
    let larger = View::default()
        .on(stage, FULL_HD)
        .unwrap()
        .zoomed((10.0, 200.0), 3.0);
    assert!(larger.on(stage, FULL_HD).unwrap().hides());
    let smaller = larger
        .on(stage, FULL_HD)
        .unwrap()
        .zoomed((700.0, 300.0), 0.01);
    assert_eq!(smaller, View::default());
}

#[test]
fn a_pointer_at_the_edge_has_all_that_was_hidden_behind_it_in_sight() {
    let stage = stage(100.0, 50.0, 800.0, 600.0);
    let view = View {
        zoom: Zoom::Times(2.0),
        ..View::default()
    };
    let mut placed = view.on(stage, FULL_HD).unwrap();
    let mut at = (500.0, 350.0);
    for to in [
        (700.0, 350.0),
        (860.0, 420.0),
        (880.0, 500.0),
        (900.0, 650.0),
    ] {
        placed = placed.followed(at, to, 60.0).on(stage, FULL_HD).unwrap();
        at = to;
    }
    assert!(near(placed.to_page((1920.0, 1080.0)), (900.0, 650.0)));
    let back = placed
        .followed(at, (700.0, 350.0), 60.0)
        .on(stage, FULL_HD)
        .unwrap();
    assert!(near(back.to_page((1920.0, 1080.0)), (900.0, 650.0)));
}

fn any_turn() -> impl Strategy<Value = Turn> {
    prop::sample::select(vec![Turn::Upright, Turn::Right, Turn::Half, Turn::Left])
}

fn any_zoom() -> impl Strategy<Value = Zoom> {
    prop_oneof![
        Just(Zoom::Fit),
        Just(Zoom::Fill),
        (0.05f64..8.0).prop_map(Zoom::Times)
    ]
}

prop_compose! {
    fn any_stage()(
        left in -500.0f64..500.0, top in -500.0f64..500.0, width in 50.0f64..3000.0,
        height in 50.0f64..3000.0, ratio in 0.5f64..4.0,
    ) -> Stage {
        Stage { ratio, ..stage(left, top, width, height) }
    }
}

prop_compose! {
    fn any_size()(width in 2u16..4096, height in 2u16..4096) -> Size {
        Size { width, height }
    }
}

prop_compose! {
    /// A view that somebody came to by zooming and panning.
    fn any_placed()(
        zoom in any_zoom(), turn in any_turn(), stage in any_stage(), size in any_size(),
        across in -5000.0f64..5000.0, down in -5000.0f64..5000.0,
    ) -> super::Placed {
        let view = View { zoom, turn, ..View::default() };
        let placed = view.on(stage, size).unwrap();
        placed.panned((across, down)).on(stage, size).unwrap()
    }
}

proptest! {
    /// The pixel under the tip is the pixel that is hit, under any zoom, pan, turn and device pixel ratio.
    #[test]
    fn the_pixel_under_the_tip_is_hit(placed in any_placed(), x in 0.0f64..1.0, y in 0.0f64..1.0) {
        let size = placed.size();
        let column = (x * f64::from(size.width)).floor();
        let row = (y * f64::from(size.height)).floor();
        let tip = by_css(placed.transform(), placed.stage, size, (column + 0.5, row + 0.5));
        let place = place(&placed, tip);
        prop_assert_eq!((pixel(place.x, size.width), pixel(place.y, size.height)), (column, row));
    }

    #[test]
    fn there_and_back_is_the_same_point(placed in any_placed(), x in -100.0f64..5000.0, y in -100.0f64..5000.0) {
        let (back_x, back_y) = placed.to_machine(placed.to_page((x, y)));
        prop_assert!((back_x - x).abs() < 1e-3 && (back_y - y).abs() < 1e-3, "{back_x}, {back_y}");
    }

    /// Whatever is panned, no bar appears where there is picture to show.
    #[test]
    fn the_picture_covers_what_it_can(placed in any_placed()) {
        let (width, height) = placed.pixels();
        let corners = [(0.0, 0.0), (width, height)].map(|corner| placed.to_page(corner));
        let area = placed.stage.area;
        for (ends, start, length) in [
            ([corners[0].0, corners[1].0], area.left, area.width),
            ([corners[0].1, corners[1].1], area.top, area.height),
        ] {
            let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            if high - low > length {
                prop_assert!(low < start + 1e-6 && high > start + length - 1e-6, "{low}..{high}");
            } else {
                let bars = (low - start, start + length - high);
                prop_assert!((bars.0 - bars.1).abs() < 1e-6, "{bars:?}");
            }
        }
    }

    /// Pinching leaves what is between the fingers there, as far as no bar would appear.
    #[test]
    fn zooming_in_keeps_what_is_under_the_fingers(
        placed in any_placed(), x in 0.0f64..1.0, y in 0.0f64..1.0, factor in 1.0f64..3.0,
    ) {
        let area = placed.stage.area;
        let about = (area.left + x * area.width, area.top + y * area.height);
        let pixel = placed.to_machine(about);
        let view = placed.zoomed(about, factor);
        let larger = view.on(placed.stage, placed.size).unwrap();
        let free = larger.to_page(pixel);
        let (hidden_x, hidden_y) = larger.hidden();
        let at_limit = |offset: f64, hidden: f64| offset.abs() > hidden / 2.0 - 1e-3;
        let (x_kept, y_kept) = ((free.0 - about.0).abs() < 1e-3, (free.1 - about.1).abs() < 1e-3);
        prop_assert!(x_kept || at_limit(larger.offset.0, hidden_x), "{free:?} {about:?}");
        prop_assert!(y_kept || at_limit(larger.offset.1, hidden_y), "{free:?} {about:?}");
    }

    #[test]
    fn what_is_revealed_is_in_sight(placed in any_placed(), x in 0.0f64..1.0, y in 0.0f64..1.0) {
        let (width, height) = placed.pixels();
        let pixel = (x * width, y * height);
        let view = placed.revealed(pixel, 40.0);
        let (left, top) = view.on(placed.stage, placed.size).unwrap().to_page(pixel);
        let area = placed.stage.area;
        prop_assert!((area.left - 1e-6..=area.left + area.width + 1e-6).contains(&left));
        prop_assert!((area.top - 1e-6..=area.top + area.height + 1e-6).contains(&top));
    }
}
