//! Where a keyboard that floats over the page is, and how wide.

/// The narrowest that it gets, in CSS pixels.
pub const NARROWEST: f64 = 480.0;

/// The widest.
pub const WIDEST: f64 = 1600.0;

/// A place and a width, in CSS pixels from the upper left corner of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floating {
    /// Of its left edge.
    pub x: f64,
    /// Of its upper edge.
    pub y: f64,
    /// Its width; its height follows.
    pub width: f64,
}

impl Floating {
    /// Where it is at first: low in the middle of a page of this size.
    #[must_use]
    pub fn first((page_width, page_height): (f64, f64)) -> Self {
        let width = (page_width * 0.8).clamp(NARROWEST, 1000.0);
        Self {
            x: (page_width - width) / 2.0,
            y: page_height * 0.6,
            width,
        }
    }

    /// This one moved.
    #[must_use]
    pub fn moved(self, dx: f64, dy: f64) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
            ..self
        }
    }

    /// This one made wider, or narrower.
    #[must_use]
    pub fn widened(self, by: f64) -> Self {
        Self {
            width: self.width + by,
            ..self
        }
    }

    /// This one, wholly on a page of this size as far as it fits at all; `height` is how high it is.
    #[must_use]
    pub fn within(self, (page_width, page_height): (f64, f64), height: f64) -> Self {
        let width = self.width.clamp(NARROWEST, WIDEST).min(page_width.max(1.0));
        Self {
            x: self.x.min(page_width - width).max(0.0),
            y: self.y.min(page_height - height).max(0.0),
            width,
        }
    }

    /// As a text that [`Self::from_text`] reads.
    #[must_use]
    pub fn to_text(self) -> String {
        format!("{:.0} {:.0} {:.0}", self.x, self.y, self.width)
    }

    /// From a text; `None` for what is no place.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut numbers = text.split(' ').map(str::parse::<f64>);
        let mut next = || numbers.next()?.ok().filter(|number| number.is_finite());
        let floating = Self {
            x: next()?,
            y: next()?,
            width: next()?,
        };
        numbers.next().is_none().then_some(floating)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Floating;

    proptest! {
        #[test]
        fn it_never_leaves_the_page(
            x in -5000.0..5000.0, y in -5000.0..5000.0, width in 0.0..5000.0,
            page in (500.0..3000.0, 300.0..2000.0), height in 100.0..300.0,
        ) {
            let there = Floating { x, y, width }.within(page, height);
            prop_assert!(there.x >= 0.0 && there.x + there.width <= page.0 + 0.001);
            prop_assert!(there.y >= 0.0 && there.y + height <= page.1 + 0.001);
        }

        #[test]
        fn the_text_of_a_place_is_that_place(x in 0_i32..3000, y in 0_i32..3000, width in 0_i32..3000) {
            let place = Floating { x: x.into(), y: y.into(), width: width.into() };
            prop_assert_eq!(Floating::from_text(&place.to_text()), Some(place));
        }
    }

    #[test]
    fn what_is_no_place_is_none() {
        for text in ["", "1 2", "1 2 3 4", "a b c", "NaN 1 2", "inf 1 2"] {
            assert_eq!(Floating::from_text(text), None, "{text}");
        }
    }
}
