//! Passwords: argon2id with OWASP's parameters, off the async threads, a few at a time.

use std::{sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The least characters of a password.
pub const PASSWORD_MIN: usize = 8;

/// The most bytes of a password.
pub const PASSWORD_MAX: usize = 256;

/// Hashes that are made at the same time; each takes 19 MiB for as long.
const AT_ONCE: usize = 2;

/// How long a hash waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes and checks password hashes.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Verified where there is no such user, so that it takes as long.
    nobody: Arc<str>,
}

/// Too many hashes are being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Passwords {
    /// Blocks for one hash.
    #[must_use]
    pub fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            nobody: hash("nobody has this password").into(),
        }
    }

    /// The hash of a new password, with its salt and parameters.
    ///
    /// # Errors
    /// Where too many others wait.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        self.take_turn(move || hash(&password)).await
    }

    /// Whether a password belongs to a stored hash. Takes as long where there is none.
    ///
    /// # Errors
    /// Where too many others wait.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Busy> {
        let nobody = self.nobody.clone();
        self.take_turn(move || match stored {
            Some(stored) => verify(&password, &stored),
            None => {
                let _ = verify(&password, &nobody);
                false
            }
        })
        .await
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let turn: OwnedSemaphorePermit =
            match tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) | Err(_) => return Err(Busy),
            };
        let work = move || {
            let _turn = turn;
            work()
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => Ok(result),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Busy),
            },
        }
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// The hash of a password. Blocks.
#[expect(
    clippy::expect_used,
    reason = "the default parameters are valid, and a salt is at hand as long as random numbers are"
)]
#[must_use]
pub fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("argon2 has valid parameters")
        .to_string()
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_argon2id_with_owasp_parameters() {
        assert!(hash("correct horse").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[tokio::test]
    async fn only_the_right_password_is_taken() {
        let passwords = Passwords::new();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert_eq!(
            passwords
                .verify("correct horse".into(), Some(stored.clone()))
                .await,
            Ok(true)
        );
        assert_eq!(
            passwords.verify("wrong horse".into(), Some(stored)).await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password_at_all() {
        let passwords = Passwords::new();
        assert_eq!(
            passwords
                .verify("nobody has this password".into(), None)
                .await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn a_damaged_hash_is_a_wrong_password() {
        let passwords = Passwords::new();
        assert_eq!(
            passwords
                .verify("any".into(), Some("not a hash".into()))
                .await,
            Ok(false)
        );
    }
}
