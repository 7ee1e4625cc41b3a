//! How many things of a row there is room for, when the rest goes behind one more.

/// How many of the first of `slots` are shown where there is room for `room` slots: all of them, or as many as leave
/// one slot for what opens the rest.
#[must_use]
pub fn fitting(slots: &[usize], room: usize) -> usize {
    if slots.iter().sum::<usize>() <= room {
        return slots.len();
    }
    let mut left = room.saturating_sub(1);
    slots
        .iter()
        .take_while(|slot| {
            let fits = **slot <= left;
            left = left.saturating_sub(**slot);
            fits
        })
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fitting;

    #[test]
    fn what_fits_is_shown_whole() {
        assert_eq!(fitting(&[1, 1, 1], 3), 3);
        assert_eq!(fitting(&[], 0), 0);
    }

    #[test]
    fn the_rest_leaves_a_slot_for_what_opens_it() {
        assert_eq!(fitting(&[1, 1, 1, 1], 3), 2);
        assert_eq!(fitting(&[1, 3, 1], 4), 1);
        assert_eq!(fitting(&[1], 0), 0);
    }

    proptest! {
        #[test]
        fn what_is_shown_never_needs_more_room_than_there_is(
            slots in prop::collection::vec(1_usize..4, 0..20), room in 0_usize..30,
        ) {
            let count = fitting(&slots, room);
            let rest = usize::from(count < slots.len());
            let used = slots[..count].iter().sum::<usize>() + rest;
            prop_assert!(used <= room.max(1));
        }
    }
}
