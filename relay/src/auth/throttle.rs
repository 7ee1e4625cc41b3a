//! How often a secret may be guessed: after some failures a pause that grows.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// Failures before the first pause.
const FREE: u32 = 3;

/// The first pause; each further failure doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause, so that nobody is locked out by somebody else's guesses.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// After this time without a failure all is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(15 * 60);

/// The most guessers that are remembered.
const GUESSERS_MAX: usize = 4096;

/// Who has guessed wrong, and until when they must wait.
pub struct Throttle<K> {
    guessers: HashMap<K, Failures>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn pause(self) -> Duration {
        match self.count.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(doublings) => FIRST_PAUSE
                .saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
                .min(LONGEST_PAUSE),
        }
    }
}

impl<K> Default for Throttle<K> {
    fn default() -> Self {
        Self {
            guessers: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash + Clone> Throttle<K> {
    /// Counts a guess as wrong before it is looked at, so that many at a time are no way around the pause.
    ///
    /// # Errors
    /// How long this guesser must wait; the guess is not to be looked at.
    pub fn attempt(&mut self, now: Instant, guesser: K) -> Result<(), Duration> {
        self.guessers
            .retain(|_, failures| now.duration_since(failures.last) < FORGOTTEN);
        self.make_room(&guesser);
        let failures = self.guessers.entry(guesser).or_insert(Failures {
            count: 0,
            last: now,
        });
        let waited = now.duration_since(failures.last);
        let pause = failures.pause();
        if waited < pause {
            return Err(pause - waited);
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        Ok(())
    }

    /// The guess was right: all is forgotten.
    pub fn succeeded(&mut self, guesser: &K) {
        self.guessers.remove(guesser);
    }

    fn make_room(&mut self, guesser: &K) {
        if self.guessers.len() < GUESSERS_MAX || self.guessers.contains_key(guesser) {
            return;
        }
        let oldest = self
            .guessers
            .iter()
            .min_by_key(|(_, failures)| failures.last);
        if let Some(oldest) = oldest.map(|(guesser, _)| guesser.clone()) {
            self.guessers.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(throttle: &mut Throttle<&'static str>, now: Instant, times: u32) {
        let mut now = now;
        for _ in 0..times {
            while let Err(wait) = throttle.attempt(now, "mallory") {
                now += wait;
            }
        }
    }

    #[test]
    fn the_pause_grows_up_to_its_limit() {
        let mut throttle = Throttle::default();
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let mut waited = Duration::ZERO;
            while let Err(wait) = throttle.attempt(now, "mallory") {
                now += wait;
                waited += wait;
            }
            pauses.push(waited.as_secs());
        }
        assert_eq!(pauses, [0, 0, 0, 1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn somebody_else_does_not_wait() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        fail(&mut throttle, now, 8);
        assert!(throttle.attempt(now, "ada").is_ok());
    }

    #[test]
    fn a_right_guess_ends_the_pauses() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        fail(&mut throttle, now, 3);
        assert!(throttle.attempt(now, "mallory").is_err());
        throttle.succeeded(&"mallory");
        assert!(throttle.attempt(now, "mallory").is_ok());
    }

    #[test]
    fn guesses_at_the_same_time_are_all_counted() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        let let_through = (0..100)
            .filter(|_| throttle.attempt(now, "mallory").is_ok())
            .count();
        assert_eq!(let_through, 3);
    }

    #[test]
    fn a_guess_within_the_pause_does_not_lengthen_it() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        fail(&mut throttle, now, 3);
        for _ in 0..50 {
            assert!(throttle.attempt(now, "mallory").is_err());
        }
        assert!(throttle.attempt(now + FIRST_PAUSE, "mallory").is_ok());
    }

    #[test]
    fn the_table_stays_small() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for guesser in 0..2 * GUESSERS_MAX {
            assert!(throttle.attempt(now, guesser).is_ok());
        }
        assert_eq!(throttle.guessers.len(), GUESSERS_MAX);
    }
}
