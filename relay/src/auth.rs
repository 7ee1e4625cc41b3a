//! Who may do what: users, their passwords, their sessions, and the claim of a new relay.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use thiserror::Error;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    audit::{Audit, Event},
    store::{Store, StoreError},
};

pub mod password;
pub mod secret;
pub mod sessions;
pub mod throttle;
pub mod users;

use password::{Busy, Passwords};
use secret::{SetupCode, Token};
use throttle::Throttle;
pub use users::{Role, User};

/// How often the store is asked whether another process has changed it.
const STORE_POLL: Duration = Duration::from_millis(400);

/// Signs people in and out. Clones are handles to the same one.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    store: Store,
    audit: Audit,
    passwords: Passwords,
    setup_code: SetupCode,
    sign_ins: Mutex<Throttle<(String, IpAddr)>>,
    claims: Mutex<Throttle<IpAddr>>,
    changes: watch::Sender<u64>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Unique for ever.
    pub id: i64,
    /// Whose it is.
    pub user: User,
}

/// Why somebody is not signed in.
#[derive(Debug, Error)]
pub enum AuthError {
    /// A name or a password that nobody can have; what is wrong with it.
    #[error("{0}")]
    Invalid(String),
    /// Wrong; never says what.
    #[error("that did not work")]
    Refused,
    /// The relay has an owner already.
    #[error("this relay has been claimed")]
    Claimed,
    /// Too many wrong guesses.
    #[error("too many attempts; wait {} s", wait.as_secs().max(1))]
    TooMany {
        /// Until when to wait.
        wait: Duration,
    },
    /// Too many sign in at the same time.
    #[error("too many sign in at the moment")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Busy> for AuthError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl Auth {
    /// Blocks for one password hash.
    #[must_use]
    pub fn new(store: Store, audit: Audit) -> Self {
        Self(Arc::new(Inner {
            store,
            audit,
            passwords: Passwords::new(),
            setup_code: SetupCode::random(),
            sign_ins: Mutex::new(Throttle::default()),
            claims: Mutex::new(Throttle::default()),
            changes: watch::Sender::new(0),
        }))
    }

    /// Whether the relay has an owner.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn is_claimed(&self) -> Result<bool, StoreError> {
        self.0.store.call(|connection| users::any(connection)).await
    }

    /// The code that claims the relay while it has no owner; another one at each start.
    #[must_use]
    pub fn setup_code(&self) -> &SetupCode {
        &self.0.setup_code
    }

    /// Makes the first user, an administrator, and signs them in.
    ///
    /// # Errors
    /// Where name or password are invalid, the code is wrong, or the relay has an owner.
    pub async fn claim(
        &self,
        code: &str,
        name: &str,
        password: String,
        from: IpAddr,
    ) -> Result<(Token, Session), AuthError> {
        let name = users::valid_name(name).map_err(AuthError::Invalid)?;
        users::valid_password(&password).map_err(AuthError::Invalid)?;
        if self.is_claimed().await? {
            return Err(AuthError::Claimed);
        }
        let from = network(from);
        lock(&self.0.claims)
            .attempt(Instant::now(), from)
            .map_err(|wait| AuthError::TooMany { wait })?;
        if !self.0.setup_code.matches(code) {
            warn!(%from, "wrong setup code");
            self.0.audit.record("", &Event::ClaimRefused { from });
            return Err(AuthError::Refused);
        }
        lock(&self.0.claims).succeeded(&from);
        let hash = self.0.passwords.hash(password).await?;
        let user = self
            .0
            .store
            .call(move |connection| users::add_first(connection, &name, &hash))
            .await?
            .ok_or(AuthError::Claimed)?;
        info!(name = user.name, %from, "claimed");
        self.0.audit.record(&user.name, &Event::Claimed { from });
        self.open_session(user, from).await
    }

    /// Signs somebody in. Takes as long for a name that nobody has.
    ///
    /// # Errors
    /// Where name or password are wrong, or were too often.
    pub async fn sign_in(
        &self,
        name: &str,
        password: String,
        from: IpAddr,
    ) -> Result<(Token, Session), AuthError> {
        let Ok(name) = users::valid_name(name) else {
            return Err(AuthError::Refused);
        };
        if password.len() > password::PASSWORD_MAX {
            return Err(AuthError::Refused);
        }
        let guesser = (name.to_lowercase(), network(from));
        lock(&self.0.sign_ins)
            .attempt(Instant::now(), guesser.clone())
            .map_err(|wait| AuthError::TooMany { wait })?;
        let found = self
            .0
            .store
            .call(move |connection| users::find(connection, &name))
            .await?;
        let (user, stored) =
            found.map_or((None, None), |(user, stored)| (Some(user), Some(stored)));
        let right = self.0.passwords.verify(password, stored).await?;
        let user = match user {
            Some(user) if right => user,
            user => {
                warn!(%from, "a sign-in was refused");
                let user = user.map(|user| user.name);
                let refused = Event::SignInRefused { user, from };
                self.0.audit.record("", &refused);
                return Err(AuthError::Refused);
            }
        };
        lock(&self.0.sign_ins).succeeded(&guesser);
        self.open_session(user, from).await
    }

    /// Opens a session for somebody who has proved who they are.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn open_session(
        &self,
        user: User,
        from: IpAddr,
    ) -> Result<(Token, Session), AuthError> {
        let token = Token::random();
        let (hash, owner) = (token.hash(), user.id);
        let id = self
            .0
            .store
            .call(move |connection| sessions::open(connection, &hash, owner, now()))
            .await?;
        info!(name = user.name, %from, "signed in");
        self.0.audit.record(&user.name, &Event::SignedIn { from });
        Ok((token, Session { id, user }))
    }

    /// The session that a token proves, if it is still open.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn session(&self, token: &Token) -> Result<Option<Session>, StoreError> {
        let hash = token.hash();
        self.0
            .store
            .call(move |connection| sessions::find(connection, &hash, now()))
            .await
    }

    /// A session as it is now, if it is still open. Being asked for keeps it open.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn renew(&self, session: i64) -> Result<Option<Session>, StoreError> {
        self.0
            .store
            .call(move |connection| sessions::renew(connection, session, now()))
            .await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sign_out(&self, session: &Session) -> Result<(), StoreError> {
        let id = session.id;
        self.0
            .store
            .call(move |connection| sessions::end(connection, id))
            .await?;
        self.0.audit.record(&session.user.name, &Event::SignedOut);
        self.0.changes.send_modify(|changes| *changes += 1);
        Ok(())
    }

    /// Changes whenever a session may have ended or a role may have changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Tells [`Auth::changes`] what other processes do to the store. Never ends.
    pub async fn follow_store(&self) {
        let mut last = None;
        let mut poll = tokio::time::interval(STORE_POLL);
        loop {
            poll.tick().await;
            match self.0.store.others_version().await {
                Ok(version) if last != Some(version) => {
                    if last.replace(version).is_some() {
                        self.0.changes.send_modify(|changes| *changes += 1);
                    }
                }
                Ok(_) => {}
                Err(error) => warn!(%error, "cannot follow the store"),
            }
        }
    }
}

/// Unix time in seconds.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// What one guesser is likely to have: an IPv4 address, or a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address @ IpAddr::V4(_) => address,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
