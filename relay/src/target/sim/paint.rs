//! Drawing what the PC shows.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use shared::message::Signal;

use super::{
    geometry::Metrics,
    live::Live,
    machine::View,
    pattern::{FPS_MAX, Kind, next_frame},
    pc::Scene,
};

use crate::clock::unix_us;

use self::{console::ConsolePainter, pointer::PointerPainter};

mod canvas;
pub mod colour;
pub mod console;
pub mod firmware;
pub mod font;
pub mod pattern;
pub mod plasma;
pub mod pointer;
pub mod timecode;

pub use canvas::{Canvas, Rectangle};

const FRAME: Duration = Duration::from_nanos(1_000_000_000 / FPS_MAX as u64);

/// The time between two frames of a PC that the relay's cables do not lead to.
const UNSEEN: Duration = Duration::from_secs(1);

/// Starts the thread that draws the PC's picture whenever it changes, at most 60 times a second, and once a second where
/// no capture device sees it.
///
/// # Errors
/// Where no thread can be had.
pub fn start(live: &Arc<Live>) -> std::io::Result<JoinHandle<()>> {
    let live = Arc::clone(live);
    thread::Builder::new()
        .name("sim-painter".to_owned())
        .spawn(move || run(&live))
}

fn run(live: &Live) {
    let mut painter = Painter::default();
    let mut clock = FrameClock::default();
    let mut access = live.access();
    while !access.is_stopped() {
        let now = access.now;
        let signal = access.pc().signal();
        let scene = access.pc().scene();
        let is_seen = access.pc().is_joined();
        clock.pace = if is_seen { FRAME } else { UNSEEN };
        let rate = scene.as_ref().and_then(|scene| scene.frame_rate);
        let rate = rate.filter(|_| is_seen);
        let turn = scene.as_ref().map_or(0, |scene| scene.pattern.turn);
        let next_event = access.pc().next_event();
        let frame_due = clock.due(now, rate, turn);
        let changed = painter.is_stale(scene.as_ref(), signal, rate.is_some());
        let at_once = signal != painter.signal;
        if frame_due || at_once || (changed && clock.is_free(now)) {
            access.leave();
            painter.paint(live, scene, signal, clock.frame);
            clock.painted(now, frame_due);
            access = live.access();
            continue;
        }
        let free = changed.then_some(clock.free_at());
        let until = [clock.next(rate), next_event, free]
            .into_iter()
            .flatten()
            .min();
        access = access.wait(until);
    }
}

/// When to draw.
#[derive(Default)]
struct FrameClock {
    /// The least time from one frame to the next.
    pace: Duration,
    last_paint: Option<Duration>,
    grid: Option<(u64, u32, Duration)>,
    frame: u32,
}

impl FrameClock {
    /// Whether a frame of the grid is due; a new rate or turn starts a new grid at once.
    fn due(&mut self, now: Duration, rate: Option<u32>, turn: u64) -> bool {
        let Some(rate) = rate else {
            self.grid = None;
            return false;
        };
        if self
            .grid
            .is_none_or(|(known_turn, known, _)| (known_turn, known) != (turn, rate))
        {
            self.grid = Some((turn, rate, now));
            self.frame = 0;
        }
        self.grid.is_some_and(|(_, _, due)| due <= now) && self.is_free(now)
    }

    fn next(&self, rate: Option<u32>) -> Option<Duration> {
        let (_, _, due) = self.grid.filter(|_| rate.is_some())?;
        Some(due.max(self.free_at()))
    }

    fn is_free(&self, now: Duration) -> bool {
        now >= self.free_at()
    }

    /// A little less than a frame's time after the last one, so that a grid of 60 a second is met.
    fn free_at(&self) -> Duration {
        self.last_paint
            .map_or(Duration::ZERO, |at| at + self.pace * 9 / 10)
    }

    fn painted(&mut self, now: Duration, of_grid: bool) {
        self.last_paint = Some(now);
        if let Some((_, rate, due)) = self.grid.as_mut().filter(|_| of_grid) {
            *due = next_frame(*due, now, *rate);
            self.frame = self.frame.wrapping_add(1);
        }
    }
}

/// Draws scenes, and only what differs from the one before where that is cheaper.
struct Painter {
    drawn: Option<Scene>,
    signal: Signal,
    console: ConsolePainter,
    pointer: PointerPainter,
    plasma: plasma::Plasma,
}

impl Default for Painter {
    fn default() -> Self {
        Self {
            drawn: None,
            signal: Signal::Starting,
            console: ConsolePainter::default(),
            pointer: PointerPainter::default(),
            plasma: plasma::Plasma::default(),
        }
    }
}

impl Painter {
    fn is_stale(&self, scene: Option<&Scene>, signal: Signal, by_clock: bool) -> bool {
        signal != self.signal || (!by_clock && scene != self.drawn.as_ref())
    }

    fn paint(&mut self, live: &Live, scene: Option<Scene>, signal: Signal, frame: u32) {
        let mut output = live.display.lock();
        if let Some(scene) = &scene {
            let drawn_us = unix_us();
            self.draw(&mut output.canvas, scene, frame, drawn_us);
            output.drawn_us = drawn_us;
            output.fresh = true;
        }
        output.lit = scene.is_some();
        output.signal = signal;
        drop(output);
        self.signal = signal;
        self.drawn = scene;
        live.display.notify();
    }

    fn draw(&mut self, canvas: &mut Canvas, scene: &Scene, frame: u32, drawn_us: u64) {
        let (width, height) = (
            usize::from(scene.size.width),
            usize::from(scene.size.height),
        );
        if canvas.size() != (width, height) {
            *canvas = Canvas::new(width, height);
            self.drawn = None;
            self.pointer.forget();
        }
        self.pointer.lift(canvas);
        self.draw_picture(canvas, scene, frame);
        if let Some(at) = scene.pointer {
            self.pointer
                .place(canvas, at, Metrics::of(scene.size).scale);
        }
        if scene.pattern.timecode {
            timecode::draw(canvas, drawn_us, frame);
        }
    }

    fn draw_picture(&mut self, canvas: &mut Canvas, scene: &Scene, frame: u32) {
        let before = self.drawn.as_ref();
        let covered =
            before.is_some_and(|before| before.pattern.timecode && !scene.pattern.timecode);
        let same = before.filter(|before| before.pattern.kind == scene.pattern.kind && !covered);
        let was_console = same.is_some_and(|before| matches!(before.view, Some(View::Console(_))));
        let as_before = same.is_some_and(|before| before.view == scene.view);
        match &scene.view {
            Some(View::Console(view)) => {
                if !was_console {
                    self.console.forget();
                }
                self.console
                    .draw(canvas, view, scene.size, frame, &mut self.plasma);
            }
            Some(View::Firmware(view)) if !as_before => firmware::draw(canvas, view, scene.size),
            Some(View::Firmware(_)) => {}
            None => match scene.pattern.kind {
                Kind::Text => pattern::text(canvas, scene.size, frame),
                Kind::Motion => {
                    let all = Rectangle::new(0, 0, canvas.size().0, canvas.size().1);
                    self.plasma.draw(canvas, all, frame);
                }
                Kind::Still if !as_before => pattern::still(canvas, scene.size),
                Kind::Colours if !as_before => pattern::colours(canvas),
                Kind::Still | Kind::Colours | Kind::Console => {}
            },
        }
    }
}

#[cfg(test)]
mod tests;
