//! What stands around the machine: its power, its serial port, a switch.

use shared::{
    ToBrowser,
    list::List,
    message::Change,
    power::{Actions, Ended, Outcome, Power, PowerAction, Running, Supply},
    serial::{Port, PortState},
    switch::{self, Switch},
};

use crate::to_browser;

#[test]
fn the_serial_port() {
    for (state, index) in [
        (PortState::Opening, 0),
        (PortState::Open, 1),
        (PortState::Missing, 2),
        (PortState::NotPermitted, 3),
        (PortState::Held, 4),
        (PortState::Failed, 5),
    ] {
        let port = Port {
            name: "tty".into(),
            speed: 115_200,
            state,
        };
        to_browser(
            &ToBrowser::Change(Change::Serial(port)),
            &[2, 17, 3, b't', b't', b'y', 0x80, 0x84, 0x07, index],
        );
    }
}

#[test]
fn power() {
    let change = |power: Power, bytes: &[u8]| {
        to_browser(&ToBrowser::Change(Change::Power(power)), bytes);
    };
    change(Power::default(), &[2, 16, 0, 0, 0, 0, 0]);
    for (supply, index) in [Supply::Unknown, Supply::Off, Supply::On, Supply::Asleep]
        .into_iter()
        .zip(0..)
    {
        let power = Power {
            supply,
            disk: Some(true),
            ..Power::default()
        };
        change(power, &[2, 16, index, 1, 1, 0, 0, 0]);
    }
    for (action, bit, index) in [
        (PowerAction::Press, 1, 0),
        (PowerAction::Hold, 2, 1),
        (PowerAction::Reset, 4, 2),
        (PowerAction::Wake, 8, 3),
        (PowerAction::On, 16, 4),
        (PowerAction::Cycle, 32, 5),
        (PowerAction::ShutDown, 64, 6),
    ] {
        let running = Running {
            id: 300,
            action,
            by: "ada".into(),
            since_us: 128,
        };
        let power = Power {
            actions: Actions::default().with(action),
            running: Some(running),
            ..Power::default()
        };
        let expected = [
            2, 16, 0, 0, bit, 1, 0xAC, 0x02, index, 3, b'a', b'd', b'a', 0x80, 0x01, 0,
        ];
        change(power, &expected);
    }
    for (outcome, index) in [
        Outcome::Done,
        Outcome::NotFollowed,
        Outcome::LineLost,
        Outcome::Refused,
        Outcome::TimedOut,
        Outcome::Stopped,
    ]
    .into_iter()
    .zip(0..)
    {
        let ended = Ended {
            id: 1,
            action: PowerAction::ShutDown,
            by: "bo".into(),
            at_us: 2,
            outcome,
        };
        let power = Power {
            actions: Actions(0x7F).and(Actions(0x80)),
            ended: Some(ended),
            ..Power::default()
        };
        let expected = [2, 16, 0, 0, 0xFF, 0x01, 0, 1, 1, 6, 2, b'b', b'o', 2, index];
        change(power, &expected);
    }
}

#[test]
fn a_switch() {
    let change = |switch: Switch, bytes: &[u8]| {
        to_browser(&ToBrowser::Change(Change::Switch(switch)), bytes);
    };
    change(Switch::default(), &[2, 18, 0, 0, 0, 0, 0]);
    let port = |name: &str, notes: &str, supply| switch::Port {
        name: name.into(),
        notes: notes.into(),
        supply,
    };
    let there = Switch {
        ports: List::new([port("a", "", Supply::Unknown), port("bc", "n", Supply::On)]),
        selected: Some(1),
        thumbnails: true,
        ..Switch::default()
    };
    let bytes = [
        2, 18, 2, 1, b'a', 0, 0, 2, b'b', b'c', 1, b'n', 2, 1, 1, 0, 0, 1,
    ];
    change(there, &bytes);
    let moving = Switch {
        moving: Some(switch::Moving {
            id: 300,
            to: 3,
            by: "ada".into(),
            since_us: 128,
        }),
        ..Switch::default()
    };
    let bytes = [
        2, 18, 0, 0, 1, 0xAC, 0x02, 3, 3, b'a', b'd', b'a', 0x80, 0x01, 0, 0,
    ];
    change(moving, &bytes);
    for (outcome, index) in [
        switch::Outcome::Done,
        switch::Outcome::NoSignal,
        switch::Outcome::NoAnswer,
        switch::Outcome::Refused,
        switch::Outcome::Lost,
        switch::Outcome::Stopped,
    ]
    .into_iter()
    .zip(0..)
    {
        let moved = Switch {
            moved: Some(switch::Moved {
                id: 1,
                to: 2,
                by: String::new(),
                at_us: 5,
                outcome,
            }),
            ..Switch::default()
        };
        change(moved, &[2, 18, 0, 0, 0, 1, 1, 2, 0, 5, index, 0]);
    }
}
