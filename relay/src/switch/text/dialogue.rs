//! One exchange with a switch: what is sent when, and what its answers mean.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::Protocol;
use crate::switch::SwitchError;

/// How much of what was heard is kept: more than the longest answer.
const KEPT: usize = 512;

/// How many bytes are looked at together.
const PIECE: usize = 128;

/// The most that a switch may say in one exchange, in bytes.
const HEARD_MAX: usize = 64 * 1024;

/// How long a switch is silent where what it says is over.
const QUIET: Duration = Duration::from_millis(100);

/// How soon a switch that has not answered is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// How much of what was heard is shown to people.
const SHOWN: usize = 40;

/// What a switch is spoken to for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// To select a port, counted from 0.
    Select(usize),
    /// To hear which port is selected.
    Ask,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this.
    Send(Vec<u8>),
    /// Listen, until then at the latest.
    Listen(Instant),
    /// It is over. The port is the one that the switch says is selected, where it is one of its ports.
    End(Result<Option<usize>, SwitchError>),
}

/// An exchange that goes on.
#[derive(Debug)]
pub struct Dialogue<'a> {
    protocol: &'a Protocol,
    ports: usize,
    aim: Aim,
    /// What is sent next, and when.
    next: Option<(Instant, Vec<u8>)>,
    sent_at: Option<Instant>,
    deadline: Instant,
    /// What has to come back of what was sent.
    echo: VecDeque<u8>,
    heard: Vec<u8>,
    heard_at: Option<Instant>,
    count: usize,
    /// Another port than the wanted one, which the switch said is selected.
    other: Option<usize>,
    end: Option<Result<Option<usize>, SwitchError>>,
}

impl<'a> Dialogue<'a> {
    /// Begins one. Nothing is sent before `from`, which is when the switch may be spoken to again.
    #[must_use]
    pub fn new(protocol: &'a Protocol, ports: usize, aim: Aim, from: Instant) -> Self {
        let first = match aim {
            Aim::Select(port) => protocol.select.bytes(port),
            Aim::Ask => protocol.status.bytes(0),
        };
        let can_tell = aim != Aim::Ask || protocol.tells();
        Self {
            protocol,
            ports,
            aim,
            next: (!first.is_empty()).then_some((from, first)),
            sent_at: None,
            deadline: from + protocol.limit,
            echo: VecDeque::new(),
            heard: Vec::new(),
            heard_at: None,
            count: 0,
            other: None,
            end: (!can_tell).then_some(Ok(None)),
        }
    }

    /// What to do now.
    pub fn step(&mut self, now: Instant) -> Step {
        if let Some(end) = self.end.take() {
            return Step::End(end);
        }
        if let Some((at, bytes)) = self.next.take() {
            if now < at {
                self.next = Some((at, bytes));
            } else {
                self.sent(&bytes, now);
                return Step::Send(bytes);
            }
        }
        let quiet_at = self.heard_at.map(|heard_at| heard_at + QUIET);
        if quiet_at.is_some_and(|quiet_at| now >= quiet_at) {
            self.heard_at = None;
            self.look(true);
            return self.step(now);
        }
        if now >= self.deadline {
            self.look(true);
            let end = self.end.take().unwrap_or_else(|| Err(self.silence()));
            return Step::End(end);
        }
        let next_at = self.next.as_ref().map(|(at, _)| *at);
        let wakes = [quiet_at, next_at].into_iter().flatten();
        Step::Listen(wakes.fold(self.deadline, Instant::min))
    }

    /// The switch has said something.
    pub fn hear(&mut self, bytes: &[u8], now: Instant) {
        self.count = self.count.saturating_add(bytes.len());
        for piece in bytes.chunks(PIECE) {
            for byte in piece {
                match self.echo.pop_front() {
                    Some(echoed) if echoed == *byte => continue,
                    _ => self.echo.clear(),
                }
                self.heard.push(*byte);
            }
            self.look(false);
            let spare = self.heard.len().saturating_sub(KEPT);
            self.heard.drain(..spare);
        }
        self.heard_at = Some(now);
        if self.count > HEARD_MAX && self.end.is_none() {
            let problem = "it says more than an answer can be; is this the line to the switch?";
            self.end = Some(Err(SwitchError::Refused(problem.to_owned())));
        }
    }

    /// When the switch was last sent something.
    #[must_use]
    pub fn sent_at(&self) -> Option<Instant> {
        self.sent_at
    }

    /// Whether the switch has said anything.
    #[must_use]
    pub fn has_heard(&self) -> bool {
        self.count > 0
    }

    fn sent(&mut self, bytes: &[u8], now: Instant) {
        let protocol = self.protocol;
        self.sent_at = Some(now);
        if protocol.echo {
            self.echo = bytes.iter().copied().collect();
        }
        let is_selecting = matches!(self.aim, Aim::Select(_));
        let has_answer = protocol.tells() || protocol.select_answer.is_some();
        if is_selecting && !(protocol.confirms && has_answer) {
            self.end = Some(Ok(None));
            return;
        }
        let question = protocol.status.bytes(0);
        self.next = (!question.is_empty()).then(|| {
            let is_first = is_selecting && protocol.select_answer.is_none() && bytes != question;
            let wait = if is_first { QUIET } else { AGAIN };
            (now + wait.max(protocol.pause), question)
        });
    }

    /// Looks for an answer in what was heard.
    fn look(&mut self, is_over: bool) {
        while self.end.is_none() {
            let answers = match self.aim {
                Aim::Select(_) => [&self.protocol.select_answer, &self.protocol.status_answer],
                Aim::Ask => [&self.protocol.status_answer, &None],
            };
            let found = answers
                .into_iter()
                .flatten()
                .filter_map(|answer| answer.find(&self.heard, is_over));
            let Some(found) = found.min_by_key(|found| found.end) else {
                break;
            };
            self.heard.drain(..found.end);
            self.end = match (self.aim, found.port) {
                (Aim::Ask, port) => Some(Ok(port.filter(|port| *port < self.ports))),
                (Aim::Select(wanted), Some(port)) if port != wanted => {
                    self.other = Some(port);
                    None
                }
                (Aim::Select(wanted), _) => Some(Ok(Some(wanted))),
            };
        }
        let refusal = self.protocol.refusal.as_ref();
        if self.end.is_none()
            && refusal.is_some_and(|refusal| refusal.find(&self.heard, is_over).is_some())
        {
            let problem = format!("it answered \"{}\"", shown(&self.heard));
            self.end = Some(Err(SwitchError::Refused(problem)));
        }
    }

    /// What it means that the time is over.
    fn silence(&self) -> SwitchError {
        let waited = self.protocol.limit.as_secs_f32();
        match self.other {
            Some(other) => SwitchError::Refused(format!("it stands on port {}", other + 1)),
            None if self.heard.is_empty() => {
                SwitchError::NoAnswer(format!("It said nothing for {waited} s"))
            }
            None => SwitchError::NoAnswer(format!(
                "It said \"{}\" in {waited} s, which is not understood; look at the model, the protocol and the speed",
                shown(&self.heard)
            )),
        }
    }
}

/// The end of what a switch said, so that it can be shown.
fn shown(heard: &[u8]) -> String {
    let end = &heard[heard.len().saturating_sub(SHOWN)..];
    end.escape_ascii().to_string()
}

#[cfg(test)]
mod tests;
