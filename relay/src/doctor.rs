//! What a relay needs, looked at one by one, with what to do about what is missing.

use std::{fmt, thread};

use tokio::runtime;

use crate::config::{Config, TargetKind};

mod capture;
mod drives;
mod encoder;
mod hooks;
mod host;
mod power;
mod serial;
mod switch;
mod usb;
mod wake;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, or will; somebody should look.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How it ended.
    pub verdict: Verdict,
    /// What was looked at.
    pub subject: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it; empty where there is nothing to do.
    pub advice: String,
}

/// All checks, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report(pub Vec<Check>);

/// Looks at everything that these settings need. Takes a second or two, longer where a hook does, and blocks.
#[must_use]
pub fn run(config: &Config) -> Report {
    let mut checks = vec![
        host::clock(),
        host::page(),
        host::state(&config.state),
        host::images(&config.images()),
    ];
    if config.speaks_tls() {
        checks.push(host::certificate(config));
    }
    checks.push(encoder::trial());
    if config.target == TargetKind::Hardware {
        checks.push(capture::device(&config.video.device));
        checks.push(usb::gadgets(&config.usb));
        checks.push(usb::controller(&config.usb));
        if !config.drives.slot.is_empty() {
            checks.push(drives::storage(&config.usb));
            checks.push(drives::fuse());
        }
        checks.extend(power::lines(&config.powers()));
    }
    for (key, power) in config.powers() {
        let card = |wake| wake::card(&format!("{key}.wake"), wake);
        checks.extend(power.wake.as_ref().map(card));
        checks.extend(hooks::all(&key, &power.hooks));
    }
    checks.extend(config.switch.iter().flat_map(switch::driver));
    if let Some(device) = &config.serial.device {
        checks.push(serial::device(device, &config.serial));
    } else if config.serial.usb && config.target == TargetKind::Hardware {
        checks.push(serial::gadget(&config.usb));
    }
    Report(checks)
}

/// What comes of a future. It runs on a thread of its own, so that it does not matter where this is called from.
fn wait<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let waiting = thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        Ok(runtime.block_on(future))
    });
    let failed = |_| Err("it cannot be asked here".to_owned());
    waiting.join().unwrap_or_else(failed)
}

impl Report {
    /// Whether any check failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.0.iter().any(|check| check.verdict == Verdict::Fail)
    }
}

impl Check {
    fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Ok,
            subject,
            found: found.into(),
            advice: String::new(),
        }
    }

    fn warn(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warn,
            advice: advice.into(),
            ..Self::ok(subject, found)
        }
    }

    fn fail(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fail,
            ..Self::warn(subject, found, advice)
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            verdict,
            subject,
            found,
            advice,
        } = self;
        write!(formatter, "{verdict:<5} {subject}: {found}")?;
        if !advice.is_empty() {
            write!(formatter, "; {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|check| writeln!(formatter, "{check}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, Report};

    #[test]
    fn a_check_is_one_line_with_what_to_do_about_it() {
        let report = Report(vec![
            Check::ok("clock", "2026-11-23"),
            Check::warn("capture", "no cable", "plug one in"),
            Check::fail("usb", "no controller", "get one"),
        ]);
        let expected = "ok    clock: 2026-11-23\n\
                        warn  capture: no cable; plug one in\n\
                        fail  usb: no controller; get one\n";
        assert_eq!(report.to_string(), expected);
        assert!(report.failed());
    }

    #[test]
    fn a_warning_is_no_failure() {
        let report = Report(vec![Check::warn("capture", "no cable", "plug one in")]);
        assert!(!report.failed());
    }
}
