//! What one viewer has not yet taken: at most one frame, and only one that its decoder can use.

/// Where a frame stands among the frames of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which stream.
    pub(super) stream: u32,
    /// Counts the stream's frames.
    pub(super) sequence: u32,
    /// Whether a decoder can start here.
    pub(super) key: bool,
}

impl Place {
    /// Whether this frame needs the other one decoded, and only that one, directly before it.
    fn follows(self, other: Self) -> bool {
        !self.key && self.stream == other.stream && self.sequence == other.sequence.wrapping_add(1)
    }
}

/// One viewer's slot.
#[derive(Debug)]
pub(super) struct Slot<T> {
    frame: Option<(Place, T)>,
    /// The last frame taken, as long as no later one was lost.
    decoded: Option<Place>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            frame: None,
            decoded: None,
        }
    }
}

impl<T> Slot<T> {
    /// Offers the newest frame. It displaces the one that waits; where it cannot be decoded then, nothing waits, and only a
    /// key frame is taken from now on.
    pub(super) fn put(&mut self, place: Place, frame: T) {
        let follows = self.frame.is_none() && self.decoded.is_some_and(|last| place.follows(last));
        if place.key || follows {
            self.frame = Some((place, frame));
        } else {
            self.frame = None;
            self.decoded = None;
        }
    }

    /// The frame that waits.
    pub(super) fn take(&mut self) -> Option<T> {
        let (place, frame) = self.frame.take()?;
        self.decoded = Some(place);
        Some(frame)
    }

    /// Forgets what was taken: the viewer's decoder must start anew.
    pub(super) fn restart(&mut self) {
        self.decoded = None;
        if self.frame.as_ref().is_some_and(|(place, _)| !place.key) {
            self.frame = None;
        }
    }

    /// Whether nothing but a key frame is of use.
    #[must_use]
    pub(super) fn needs_key(&self) -> bool {
        self.frame.is_none() && self.decoded.is_none()
    }

    /// Whether a frame waits.
    #[must_use]
    pub(super) fn is_full(&self) -> bool {
        self.frame.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Slot};
    use proptest::prelude::*;

    fn key(sequence: u32) -> Place {
        Place {
            stream: 1,
            sequence,
            key: true,
        }
    }

    fn delta(sequence: u32) -> Place {
        Place {
            key: false,
            ..key(sequence)
        }
    }

    fn offer(slot: &mut Slot<Place>, place: Place) {
        slot.put(place, place);
    }

    #[test]
    fn a_viewer_starts_with_a_key_frame() {
        let mut slot = Slot::default();
        assert!(slot.needs_key());
        offer(&mut slot, delta(7));
        assert_eq!(slot.take(), None);
        offer(&mut slot, key(8));
        offer(&mut slot, key(9));
        assert_eq!(slot.take(), Some(key(9)));
        offer(&mut slot, delta(10));
        assert_eq!(slot.take(), Some(delta(10)));
    }

    #[test]
    fn a_frame_that_was_displaced_makes_only_a_key_frame_useful() {
        let mut slot = Slot::default();
        offer(&mut slot, key(0));
        slot.take();
        offer(&mut slot, delta(1));
        offer(&mut slot, delta(2));
        assert_eq!(slot.take(), None);
        assert!(slot.needs_key());
        offer(&mut slot, delta(3));
        assert_eq!(slot.take(), None);
        offer(&mut slot, key(4));
        assert!(!slot.needs_key());
        assert_eq!(slot.take(), Some(key(4)));
    }

    #[test]
    fn another_stream_starts_with_a_key_frame_too() {
        let mut slot = Slot::default();
        offer(&mut slot, key(0));
        slot.take();
        offer(
            &mut slot,
            Place {
                stream: 2,
                ..delta(1)
            },
        );
        assert_eq!(slot.take(), None);
        assert!(slot.needs_key());
    }

    #[test]
    fn a_decoder_that_restarts_gets_no_frame_that_builds_on_others() {
        let mut slot = Slot::default();
        offer(&mut slot, key(0));
        slot.take();
        offer(&mut slot, delta(1));
        slot.restart();
        assert_eq!(slot.take(), None);
        assert!(slot.needs_key());
        offer(&mut slot, key(2));
        slot.restart();
        assert_eq!(slot.take(), Some(key(2)));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Put { key: bool },
        Take,
        Restart,
        NewStream,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => any::<bool>().prop_map(|key| Step::Put { key }),
            4 => Just(Step::Take),
            1 => Just(Step::Restart),
            1 => Just(Step::NewStream),
        ]
    }

    proptest! {
        /// A decoder that is strict about its order: it accepts a key frame always, and another frame only when that follows
        /// directly on the frame it decoded last.
        #[test]
        fn what_is_taken_is_decodable_and_the_newest(steps in prop::collection::vec(step(), 0..200)) {
            let mut slot = Slot::default();
            let mut next = Place { stream: 1, sequence: 0, key: true };
            let mut newest = None;
            let mut decoder: Option<Place> = None;
            for step in steps {
                match step {
                    Step::Put { key } => {
                        let place = Place { key: key || next.key, ..next };
                        next = Place { sequence: next.sequence + 1, key: false, ..next };
                        newest = Some(place);
                        slot.put(place, place);
                    }
                    Step::Take => {
                        let full = slot.is_full();
                        let taken = slot.take();
                        prop_assert_eq!(full, taken.is_some());
                        if let Some(place) = taken {
                            prop_assert_eq!(Some(place), newest);
                            let decodable = place.key || decoder.is_some_and(|last| {
                                last.stream == place.stream && last.sequence + 1 == place.sequence
                            });
                            prop_assert!(decodable, "{:?} after {:?}", place, decoder);
                            decoder = Some(place);
                        } else if newest.is_some() && newest != decoder {
                            prop_assert!(slot.needs_key());
                        }
                    }
                    Step::Restart => {
                        slot.restart();
                        decoder = None;
                        if !slot.is_full() {
                            prop_assert!(slot.needs_key());
                        }
                    }
                    Step::NewStream => next = Place { stream: next.stream + 1, sequence: 0, key: true },
                }
            }
        }
    }
}
