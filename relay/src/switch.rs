//! A switch between the relay and several machines.

use std::{future::Future, pin::Pin};

use thiserror::Error;

pub mod control;
pub mod driver;
pub mod hotkeys;
pub mod lines;
pub mod port;
pub mod settings;
pub mod settle;
pub mod text;

/// What a switch is asked for, on its way. Dropping it gives up waiting.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, SwitchError>> + Send + 'a>>;

/// A switch: one picture and one USB port on the relay's side, several on the other.
///
/// Ports are counted from 0 here, whatever is printed on the switch. It is asked for one thing at a time.
pub trait Switch: Send + Sync {
    /// What it is and where, for people.
    fn name(&self) -> String;

    /// Selects a port. Done once the switch has confirmed it, or, where it confirms nothing, has been told.
    ///
    /// # Errors
    /// [`SwitchError`], within a time limit of its own.
    fn select(&self, port: usize) -> Asked<'_, ()>;

    /// The port that it says is selected; `None` where it cannot tell.
    ///
    /// # Errors
    /// [`SwitchError`], within a time limit of its own.
    fn selected(&self) -> Asked<'_, Option<usize>>;
}

/// Why a switch did not do something.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SwitchError {
    /// It did not answer in time.
    #[error("the switch does not answer; is it on, and connected? {0}")]
    NoAnswer(String),
    /// It answered something else than what was to be expected.
    #[error("the switch refused: {0}")]
    Refused(String),
    /// The line or the connection to it cannot be used.
    #[error("the switch cannot be reached: {0}")]
    Lost(String),
}
