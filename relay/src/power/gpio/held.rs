//! A line that is held for as long as it may be needed.

use std::time::Duration;

use gpiocdev::{Request, line::Value};
use tracing::debug;

use super::{Fault, HELD_LIMIT, request};
use crate::power::settings::{Drive, Line};

/// A line that is held for as long as this lives.
pub struct HeldLine {
    line: Line,
    role: Role,
    request: Option<Request>,
}

/// What a line is held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is driven, and inactive once it is held.
    AtRest,
    /// It is driven, with the level that it had before.
    AsItIs,
    /// It is looked at.
    Input,
}

impl HeldLine {
    /// Requests a line. One that is held is waited for, for two seconds at most.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn open(line: &Line, role: Role) -> Result<Self, Fault> {
        Ok(Self {
            line: line.clone(),
            role,
            request: Some(role.request(line, HELD_LIMIT)?),
        })
    }

    /// Makes it active or inactive. A chip that was unplugged may be back: where it cannot be set, it is requested anew.
    ///
    /// # Errors
    /// Why it cannot be set, in words.
    pub fn set(&mut self, active: bool) -> Result<(), String> {
        if let Some(request) = &self.request {
            match set(request, active) {
                Ok(()) => return Ok(()),
                Err(error) => debug!(%error, line = %self.line, "a line cannot be set"),
            }
        }
        let is_at_rest = self.role == Role::AtRest && !active;
        let request = self.again()?;
        let done = match is_at_rest {
            true => Ok(()),
            false => set(request, active),
        };
        done.map_err(|error| error.to_string())
    }

    /// Whether it is active.
    ///
    /// # Errors
    /// Why that cannot be known, in words.
    pub fn is_active(&mut self) -> Result<bool, String> {
        let known = self.request.as_ref().map(Request::lone_value);
        let value = match known {
            Some(Ok(value)) => value,
            _ => {
                let value = self.again()?.lone_value();
                value.map_err(|error| error.to_string())?
            }
        };
        Ok(value == Value::Active)
    }

    fn again(&mut self) -> Result<&Request, String> {
        self.request = None;
        let request = self.role.request(&self.line, Duration::ZERO);
        let request = request.map_err(|fault| fault.to_string())?;
        Ok(self.request.insert(request))
    }
}

fn set(request: &Request, active: bool) -> gpiocdev::Result<()> {
    request.set_lone_value(match active {
        true => Value::Active,
        false => Value::Inactive,
    })
}

impl Role {
    fn request(self, line: &Line, limit: Duration) -> Result<Request, Fault> {
        match self {
            Self::AtRest => request_at_rest(line, limit),
            Self::AsItIs => request_as_it_is(line, limit),
            Self::Input => request(line, limit, |builder| {
                builder.as_input();
            }),
        }
    }
}

/// Requests a line as an output at rest. One that is held is waited for, so long at most.
pub(super) fn request_at_rest(line: &Line, limit: Duration) -> Result<Request, Fault> {
    request(line, limit, |builder| {
        builder.as_output(Value::Inactive);
        if let Some(drive) = driven(line) {
            builder.with_drive(drive);
        }
    })
}

/// Requests a line as an output with the level that it has. It is looked at first, and driven without being given back
/// between.
fn request_as_it_is(line: &Line, limit: Duration) -> Result<Request, Fault> {
    let request = request(line, limit, |builder| {
        builder.as_is();
    })?;
    let drive = || {
        let value = request.lone_value()?;
        let mut config = request.config();
        for offset in request.config().lines() {
            config.with_line(*offset).as_output(value);
            if let Some(drive) = driven(line) {
                config.with_drive(drive);
            }
        }
        request.reconfigure(&config)
    };
    drive().map_err(|error: gpiocdev::Error| Fault::Other {
        chip: request.chip_path(),
        problem: error.to_string(),
    })?;
    Ok(request)
}

fn driven(line: &Line) -> Option<gpiocdev::line::Drive> {
    match line.drive {
        Drive::PushPull => None,
        Drive::OpenDrain => Some(gpiocdev::line::Drive::OpenDrain),
        Drive::OpenSource => Some(gpiocdev::line::Drive::OpenSource),
    }
}
