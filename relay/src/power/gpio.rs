//! A front panel at GPIO lines, by the kernel's character device.
//!
//! A line that presses a button is an output at its inactive level from the moment it is requested until it is given
//! back, but for the presses themselves. What the level of a line is that nobody has requested is up to its chip: many
//! leave it as it was. So [`guard`] puts the lines to rest where this process dies.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use gpiocdev::{
    Request,
    line::{EdgeDetection, EdgeKind, Value},
    request::Builder,
};
use tracing::warn;

use super::{
    Button, Light, Panel, PanelError, Parts, Told,
    settings::{Bias, Line, Settings},
};

pub mod find;
pub mod guard;
pub mod held;

use find::{Fault, Place};
use held::{HeldLine, Role};

/// The name by which others see who holds a line.
pub const CONSUMER: &str = "armchair";

/// How often the thread of a light looks whether it shall end.
const STOP_WITHIN: Duration = Duration::from_millis(250);

/// How long a line may be held by whoever goes: a relay that was killed, and its guard.
const HELD_LIMIT: Duration = Duration::from_secs(2);

/// How often a line that is held, or a light that is lost, is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// How often a flickering light is told.
const TOLD_EVERY: Duration = Duration::from_millis(20);

/// A panel whose lines are requested.
pub struct GpioPanel {
    parts: Parts,
    power: Option<HeldLine>,
    reset: Option<HeldLine>,
    lights: Vec<(Light, Input)>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl GpioPanel {
    /// Requests all lines that the settings name; the outputs are at rest then.
    ///
    /// # Errors
    /// The setting of the line that cannot be had, and why.
    pub fn open(settings: &Settings) -> Result<Self, (&'static str, Fault)> {
        let output = |setting, line: &Option<Line>| {
            let line = line.as_ref();
            line.map(|line| HeldLine::open(line, Role::AtRest).map_err(|fault| (setting, fault)))
                .transpose()
        };
        let input = |setting, line: &Option<Line>| {
            let line = line.as_ref();
            line.map(|line| Input::open(line).map_err(|fault| (setting, fault)))
                .transpose()
        };
        let power = output("power_button", &settings.power_button)?;
        let reset = output("reset_button", &settings.reset_button)?;
        let power_light = input("power_light", &settings.power_light)?;
        let disk_light = input("disk_light", &settings.disk_light)?;
        Ok(Self {
            parts: Parts {
                power_button: power.is_some(),
                reset_button: reset.is_some(),
                power_light: power_light.is_some(),
                disk_light: disk_light.is_some(),
            },
            power,
            reset,
            lights: [(Light::Power, power_light), (Light::Disk, disk_light)]
                .into_iter()
                .filter_map(|(light, input)| Some((light, input?)))
                .collect(),
            stop: Arc::default(),
            threads: Vec::new(),
        })
    }
}

impl Panel for GpioPanel {
    fn parts(&self) -> Parts {
        self.parts
    }

    fn set(&mut self, button: Button, down: bool) -> Result<(), PanelError> {
        let output = match button {
            Button::Power => &mut self.power,
            Button::Reset => &mut self.reset,
        };
        let fails = |problem| PanelError { button, problem };
        let output = output
            .as_mut()
            .ok_or_else(|| fails("there is none".to_owned()))?;
        output.set(down).map_err(fails)
    }

    fn watch(&mut self, told: Told) -> std::io::Result<()> {
        let told = Arc::new(told);
        for (light, input) in self.lights.drain(..) {
            let watch = Watch {
                light,
                line: input.line,
                told: told.clone(),
                stop: self.stop.clone(),
            };
            let name = match light {
                Light::Power => "power light",
                Light::Disk => "disk light",
            };
            let thread = thread::Builder::new().name(name.to_owned());
            self.threads
                .push(thread.spawn(move || watch.run(input.request))?);
        }
        Ok(())
    }
}

impl Drop for GpioPanel {
    fn drop(&mut self) {
        for output in [&mut self.power, &mut self.reset].into_iter().flatten() {
            if let Err(problem) = output.set(false) {
                warn!(problem, "a line was not put to rest");
            }
        }
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                warn!("the thread of a light has failed");
            }
        }
    }
}

/// Requests a line. One that is held is waited for, so long at most.
fn request(line: &Line, limit: Duration, as_what: impl Fn(&mut Builder)) -> Result<Request, Fault> {
    let until = std::time::Instant::now() + limit;
    loop {
        let place = Place::of(line)?;
        let mut builder = Request::builder();
        builder
            .on_chip(&place.chip)
            .with_consumer(CONSUMER)
            .with_line(place.offset);
        as_what(&mut builder);
        if line.active_low {
            builder.as_active_low();
        }
        if let Some(bias) = line.bias {
            builder.with_bias(match bias {
                Bias::Disabled => gpiocdev::line::Bias::Disabled,
                Bias::PullDown => gpiocdev::line::Bias::PullDown,
                Bias::PullUp => gpiocdev::line::Bias::PullUp,
            });
        }
        match builder.request() {
            Ok(request) => return Ok(request),
            Err(error) => {
                let fault = place.why_not(&error);
                if !matches!(fault, Fault::Held { .. }) || std::time::Instant::now() >= until {
                    return Err(fault);
                }
                thread::sleep(AGAIN);
            }
        }
    }
}

/// A line that a light is at.
struct Input {
    line: Line,
    request: Request,
}

impl Input {
    fn open(line: &Line) -> Result<Self, Fault> {
        Ok(Self {
            line: line.clone(),
            request: request_input(line, HELD_LIMIT)?,
        })
    }
}

fn request_input(line: &Line, limit: Duration) -> Result<Request, Fault> {
    request(line, limit, |builder| {
        builder
            .as_input()
            .with_edge_detection(EdgeDetection::BothEdges);
    })
}

/// What the thread of a light has.
struct Watch {
    light: Light,
    line: Line,
    told: Arc<Told>,
    stop: Arc<AtomicBool>,
}

impl Watch {
    /// Tells the light until the panel goes. A line that is lost is tried again and again.
    fn run(&self, request: Request) {
        let mut request = Some(request);
        while !self.stop.load(Ordering::Relaxed) {
            let Some(seen) = request.take() else {
                request = request_input(&self.line, Duration::ZERO).ok();
                thread::sleep(AGAIN);
                continue;
            };
            match self.follow(&seen) {
                Ok(()) => return,
                Err(error) => {
                    warn!(%error, line = %self.line, "a light cannot be seen any more");
                    (self.told)(self.light, None);
                }
            }
        }
    }

    fn follow(&self, request: &Request) -> gpiocdev::Result<()> {
        let lit = request.lone_value()? == Value::Active;
        let mut listened = (self.told)(self.light, Some(lit));
        while listened && !self.stop.load(Ordering::Relaxed) {
            if !request.wait_edge_event(STOP_WITHIN)? {
                continue;
            }
            let (mut was_lit, mut lit) = (false, false);
            while request.has_edge_event()? {
                lit = request.read_edge_event()?.kind == EdgeKind::Rising;
                was_lit |= lit;
            }
            if was_lit && !lit {
                (self.told)(self.light, Some(true));
            }
            listened = (self.told)(self.light, Some(lit));
            if self.light == Light::Disk {
                thread::sleep(TOLD_EVERY);
            }
        }
        Ok(())
    }
}
