//! What holds whatever is done.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::{
    input::{Buttons, Held, Input, Usage},
    list::List,
    message::Usb,
};

use super::bench::{Bench, Control, held};

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
