use std::sync::Mutex as StdMutex;

use super::*;
use crate::power::settings::{Drive, Line, Which};

fn line(number: u32) -> Line {
    Line {
        chip: Some("gpiochip0".to_owned()),
        line: Which::Number(number),
        active_low: false,
        drive: Drive::PushPull,
        bias: None,
    }
}

fn lines(from: u32, count: u32) -> Vec<Line> {
    (from..from + count).map(line).collect()
}

/// A switch with buttons and lights, and what was done at it.
struct Bench {
    stands_on: usize,
    levels: Vec<bool>,
    done: Vec<(usize, bool, Instant)>,
    /// Whether it moves.
    obeys: bool,
    lost: bool,
    steps: bool,
    reads_back: bool,
}

#[derive(Clone)]
struct Handle(Arc<StdMutex<Bench>>);

impl Pins for Handle {
    fn set(&mut self, at: usize, active: bool) -> Result<(), String> {
        let mut bench = self.0.lock().unwrap();
        bench.done.push((at, active, Instant::now()));
        if bench.lost {
            return Err("gpiochip0 is gone".to_owned());
        }
        bench.levels[at] = active;
        if active && bench.obeys {
            bench.stands_on = match bench.steps {
                true => (bench.stands_on + 1) % 4,
                false => at,
            };
        }
        Ok(())
    }

    fn selected(&mut self) -> Result<Vec<bool>, String> {
        let bench = self.0.lock().unwrap();
        Ok(match bench.reads_back {
            true => (0..4).map(|port| port == bench.stands_on).collect(),
            false => bench.levels.clone(),
        })
    }
}

fn switch(settings: &Settings) -> (LineSwitch, Handle) {
    settings.check(4).unwrap();
    let bench = Handle(Arc::new(StdMutex::new(Bench {
        stands_on: 0,
        levels: vec![false; 4],
        done: Vec::new(),
        obeys: true,
        lost: false,
        steps: settings.next.is_some(),
        reads_back: !settings.read_back.is_empty(),
    })));
    (LineSwitch::new(settings, 4, Box::new(bench.clone())), bench)
}

fn done(bench: &Handle) -> Vec<(usize, bool)> {
    let bench = bench.0.lock().unwrap();
    bench
        .done
        .iter()
        .map(|(at, active, _)| (*at, *active))
        .collect()
}

fn pulse() -> Settings {
    Settings {
        pulse: lines(0, 4),
        pulse_ms: 40,
        limit_ms: 100,
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_button_is_pressed_for_its_time_and_nobody_knows_more() {
    let (switch, bench) = switch(&pulse());
    assert_eq!(switch.select(2).await, Ok(()));
    assert_eq!(done(&bench), [(2, true), (2, false)]);
    let times: Vec<_> = bench
        .0
        .lock()
        .unwrap()
        .done
        .iter()
        .map(|(.., at)| *at)
        .collect();
    assert!(times[1] - times[0] >= Duration::from_millis(40));
    assert_eq!(switch.selected().await, Ok(None));
}

#[tokio::test]
async fn a_switch_that_stays_is_noticed_where_there_are_lines_that_say_so() {
    let settings = Settings {
        read_back: lines(4, 4),
        ..pulse()
    };
    let (switch, bench) = switch(&settings);
    assert_eq!(switch.select(3).await, Ok(()));
    assert_eq!(switch.selected().await, Ok(Some(3)));
    bench.0.lock().unwrap().obeys = false;
    let refused = SwitchError::Refused("its lines say that it stands on port 4".to_owned());
    assert_eq!(switch.select(1).await, Err(refused));
}

#[tokio::test]
async fn one_level_is_active_and_says_which_port_it_is() {
    let settings = Settings {
        level: lines(0, 4),
        ..Settings::default()
    };
    let (switch, bench) = switch(&settings);
    assert_eq!(switch.selected().await, Ok(None));
    assert_eq!(switch.select(1).await, Ok(()));
    assert_eq!(switch.selected().await, Ok(Some(1)));
    bench.0.lock().unwrap().done.clear();
    assert_eq!(switch.select(2).await, Ok(()));
    assert_eq!(
        done(&bench),
        [(0, false), (1, false), (3, false), (2, true)],
        "never two at a time"
    );
    assert_eq!(bench.0.lock().unwrap().levels, [false, false, true, false]);
}

#[tokio::test]
async fn a_button_that_steps_is_pressed_as_often_as_it_takes() {
    let settings = Settings {
        next: Some(line(0)),
        read_back: lines(4, 4),
        pulse_ms: 20,
        limit_ms: 100,
        ..Settings::default()
    };
    let (switch, bench) = switch(&settings);
    assert_eq!(switch.select(3).await, Ok(()));
    assert_eq!(done(&bench), [(0, true), (0, false)].repeat(3));
    assert_eq!(switch.select(3).await, Ok(()));
    assert_eq!(done(&bench).len(), 6, "it stands there already");
    assert_eq!(switch.select(0).await, Ok(()));
    bench.0.lock().unwrap().obeys = false;
    assert!(matches!(
        switch.select(2).await,
        Err(SwitchError::Refused(_))
    ));
}

#[tokio::test]
async fn a_chip_that_is_gone_is_told_and_its_button_released() {
    let (switch, bench) = switch(&pulse());
    bench.0.lock().unwrap().lost = true;
    let lost = SwitchError::Lost("gpiochip0 is gone".to_owned());
    assert_eq!(switch.select(0).await, Err(lost));
    assert_eq!(done(&bench), [(0, true), (0, false)]);
}

#[tokio::test]
async fn who_does_not_wait_leaves_no_button_pressed() {
    let (switch, bench) = switch(&pulse());
    let mut given_up = switch.select(1);
    let pressed = async {
        while done(&bench).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        selected = &mut given_up => panic!("{selected:?}"),
        () = pressed => {}
    }
    drop(given_up);
    assert_eq!(switch.select(2).await, Ok(()));
    assert_eq!(done(&bench), [(1, true), (1, false), (2, true), (2, false)]);
}

#[test]
fn lines_that_do_not_go_together_are_refused_by_their_setting() {
    for (settings, key, says) in [
        (Settings::default(), "pulse", "one of pulse, level and next"),
        (
            Settings {
                level: lines(8, 4),
                ..pulse()
            },
            "pulse",
            "one of pulse, level and next",
        ),
        (
            Settings {
                pulse: lines(0, 3),
                ..pulse()
            },
            "pulse",
            "4, and here are 3",
        ),
        (
            Settings {
                read_back: lines(8, 5),
                ..pulse()
            },
            "read_back",
            "4, and here are 5",
        ),
        (
            Settings {
                next: Some(line(0)),
                ..Settings::default()
            },
            "next",
            "needs read_back",
        ),
        (
            Settings {
                pulse_ms: 19,
                ..pulse()
            },
            "pulse_ms",
            "20 to 2000",
        ),
        (
            Settings {
                limit_ms: 30_001,
                ..pulse()
            },
            "limit_ms",
            "100 to 30000",
        ),
        (
            Settings {
                read_back: lines(3, 4),
                ..pulse()
            },
            "read_back.0",
            "that of pulse.3, too",
        ),
        (
            Settings {
                read_back: vec![
                    Line {
                        drive: Drive::OpenDrain,
                        ..line(9)
                    },
                    line(4),
                    line(5),
                    line(6),
                ],
                ..pulse()
            },
            "read_back.0",
            "not driven",
        ),
        (
            Settings {
                pulse: vec![
                    Line {
                        chip: None,
                        ..line(0)
                    },
                    line(1),
                    line(2),
                    line(3),
                ],
                ..pulse()
            },
            "pulse.0",
            "needs its chip",
        ),
    ] {
        let (named, problem) = settings.check(4).unwrap_err();
        assert!(named == key && problem.contains(says), "{named}: {problem}");
    }
}
