//! How long to wait before the next try to connect.

/// The wait before the first try, in milliseconds.
pub const FIRST_MS: u32 = 250;

/// The longest wait, in milliseconds.
pub const LONGEST_MS: u32 = 3_000;

/// Doubles from [`FIRST_MS`] to [`LONGEST_MS`]; a quarter of each wait is left to chance, so that many pages do not
/// all come back to a restarted relay at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait before the next try, in milliseconds. `chance` is in 0.0..1.0.
    pub fn next_ms(&mut self, chance: f64) -> u32 {
        let full = FIRST_MS
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_MS);
        self.failures += 1;
        let shortened = f64::from(full) * (1.0 - 0.25 * chance.clamp(0.0, 1.0));
        shortened.round() as u32
    }

    /// A connection stands: the next loss starts anew.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;

    #[test]
    fn waits_double_up_to_three_seconds() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..6).map(|_| backoff.next_ms(0.0)).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 3000, 3000]);
        for _ in 0..100 {
            assert_eq!(backoff.next_ms(0.0), 3000);
        }
    }

    #[test]
    fn chance_only_shortens() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_ms(1.0), 188);
        assert_eq!(backoff.next_ms(0.5), 438);
    }

    #[test]
    fn a_connection_starts_it_anew() {
        let mut backoff = Backoff::default();
        backoff.next_ms(0.0);
        backoff.next_ms(0.0);
        backoff.reset();
        assert_eq!(backoff.next_ms(0.0), 250);
    }
}
