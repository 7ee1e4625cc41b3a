//! Moves at a switch, a machine and a capture device that write down what is done to them.

mod stand;

use std::time::Duration;

use shared::{
    message::{Signal, Usb},
    power::{PowerAction, Supply},
    switch::Outcome,
};

use self::stand::{Event, OLD, Stand, down};
use super::*;

#[tokio::test]
async fn what_is_held_is_released_before_the_switch_is_asked_and_nothing_comes_through() {
    let stand = Stand::new().await;
    stand.key(4, true).await;
    stand.ends_with(&[Event::Report(down(4))]).await;
    let moving = stand.switch.begin(1, "ada").unwrap();
    assert_eq!((moving.to, moving.by.as_str()), (1, "ada"));
    stand
        .ends_with(&[
            Event::Report(down(4)),
            Event::Report(down(0)),
            Event::Asked(1),
        ])
        .await;
    for usage in 5..20 {
        stand.key(usage, true).await;
        stand.key(usage, false).await;
    }
    assert_eq!(stand.state().selected, Some(0), "it has not answered");
    stand.answer(Ok(()));
    stand.told(|switch| switch.selected == Some(1)).await;
    stand.key(20, true).await;
    assert_eq!(stand.state().moving.as_ref(), Some(&moving));
    stand.signal.send_replace(Signal::NoSignal);
    stand.key(21, true).await;
    stand.signal.send_replace(OLD);
    let moved = stand.moved(moving.id).await;
    assert_eq!(
        (moved.outcome, moved.to, moved.by.as_str()),
        (Outcome::Done, 1, "ada")
    );
    assert_eq!(stand.events().last(), Some(&Event::Ids(0x1234)));
    let reports = stand
        .events()
        .iter()
        .filter(|event| matches!(event, Event::Report(_)))
        .count();
    assert_eq!(reports, 2, "the key and its release: {:?}", stand.events());
    stand.key(22, true).await;
    stand.ends_with(&[Event::Report(down(22))]).await;
}

#[tokio::test]
async fn the_switch_is_not_asked_before_the_device_has_taken_the_releases() {
    let stand = Stand::new().await;
    stand.set_busy(true);
    stand.key(4, true).await;
    stand.switch.begin(1, "ada").unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stand.events(), []);
    stand.set_busy(false);
    let (key, release) = (Event::Report(down(4)), Event::Report(down(0)));
    stand.ends_with(&[key, release, Event::Asked(1)]).await;
}

#[tokio::test]
async fn a_second_move_is_refused_with_who_and_a_wrong_port_too() {
    let stand = Stand::new().await;
    let none = stand.switch.begin(3, "ada");
    assert_eq!(none, Err(SwitchRefused::NoSuchPort(3)));
    assert_eq!(stand.state().moving, None);
    let first = stand.switch.begin(1, "ada").unwrap();
    let second = stand.switch.begin(2, "bo");
    assert_eq!(second, Err(SwitchRefused::Busy(first.clone())));
    stand.answer(Ok(()));
    stand.told(|switch| switch.selected == Some(1)).await;
    let third = stand.switch.begin(2, "bo");
    assert_eq!(
        third,
        Err(SwitchRefused::Busy(first.clone())),
        "its picture is not there yet"
    );
    stand.signal.send_replace(Signal::NoLock);
    stand.signal.send_replace(OLD);
    stand.moved(first.id).await;
    let next = stand.switch.begin(2, "bo").unwrap();
    assert_eq!(next.id, first.id + 1);
}

#[tokio::test]
async fn a_switch_that_does_not_move_leaves_everything_where_it_was() {
    let stand = Stand::new().await;
    for (error, outcome) in [
        (SwitchError::NoAnswer(String::new()), Outcome::NoAnswer),
        (SwitchError::Refused("ERR".to_owned()), Outcome::Refused),
        (SwitchError::Lost("gone".to_owned()), Outcome::Lost),
    ] {
        let moving = stand.switch.begin(2, "ada").unwrap();
        stand.answer(Err(error));
        assert_eq!(stand.moved(moving.id).await.outcome, outcome);
        assert_eq!(stand.state().selected, Some(0));
        stand.key(4, true).await;
        stand.key(4, false).await;
        let typed = [Event::Report(down(4)), Event::Report(down(0))];
        stand.ends_with(&typed).await;
    }
    let events = stand.events();
    let dressed = |event: &Event| matches!(event, Event::Ids(_) | Event::Edid(_));
    assert!(!events.iter().any(dressed), "{events:?}");
}

#[tokio::test]
async fn a_machine_that_is_off_is_there_without_a_picture() {
    let stand = Stand::with(|parts| parts.settle_limit = Duration::from_millis(50)).await;
    stand.answer(Ok(()));
    let moving = stand.switch.begin(2, "ada").unwrap();
    stand.signal.send_replace(Signal::NoSignal);
    assert_eq!(stand.moved(moving.id).await.outcome, Outcome::NoSignal);
    assert_eq!(stand.state().selected, Some(2));
    stand.key(4, true).await;
    stand.ends_with(&[Event::Report(down(4))]).await;
}

#[tokio::test]
async fn to_the_port_that_is_selected_it_settles_at_once() {
    let stand = Stand::new().await;
    stand.answer(Ok(()));
    let moving = stand.switch.begin(0, "ada").unwrap();
    assert_eq!(stand.moved(moving.id).await.outcome, Outcome::Done);
    assert_eq!(stand.events(), [Event::Asked(0)]);
}

#[tokio::test]
async fn a_press_of_its_own_button_is_followed() {
    let stand = Stand::new().await;
    stand.key(0xE1, true).await;
    stand.stands_on(Ok(Some(2)));
    let moving = stand.told(|switch| switch.moving.is_some()).await.moving;
    let moving = moving.unwrap();
    assert_eq!((moving.to, moving.by.as_str()), (2, ""));
    stand.key(4, true).await;
    stand.told(|switch| switch.selected == Some(2)).await;
    stand.signal.send_replace(Signal::NoSignal);
    stand.signal.send_replace(OLD);
    assert_eq!(stand.moved(moving.id).await.outcome, Outcome::Done);
    let events = stand.events();
    assert!(!events.iter().any(|event| matches!(event, Event::Asked(_))));
    assert!(!events.contains(&Event::Report(down(4))), "{events:?}");
}

#[tokio::test]
async fn a_port_without_a_machine_is_none() {
    let stand = Stand::new().await;
    stand.stands_on(Ok(Some(7)));
    let switch = stand.told(|switch| switch.selected.is_none()).await;
    assert_eq!(switch.moving, None);
    let refused = stand.powers.current().begin(PowerAction::Press, "ada");
    assert!(refused.is_err(), "nobody knows whose power that is");
}

#[tokio::test]
async fn at_the_start_the_switch_is_asked_and_what_is_remembered_counts_where_it_cannot_tell() {
    for (says, believed, expected) in [
        (Ok(Some(1)), None, Some(1)),
        (Ok(Some(1)), Some(2), Some(1)),
        (Ok(None), Some(2), Some(2)),
        (Ok(None), Some(3), None),
        (Ok(None), None, None),
        (Err(SwitchError::Lost(String::new())), Some(1), Some(1)),
    ] {
        let stand = Stand::bare(says.clone(), |parts| parts.believed = believed);
        stand.was_asked_where().await;
        stand.told(|switch| switch.selected == expected).await;
        let state = stand.state();
        assert_eq!(
            (state.moving, state.moved),
            (None, None),
            "{says:?} {believed:?}"
        );
    }
}

#[tokio::test]
async fn the_relay_can_end_in_the_middle() {
    let stand = Stand::new().await;
    let moving = stand.switch.begin(1, "ada").unwrap();
    stand.ends_with(&[Event::Asked(1)]).await;
    stand.switch.stop();
    assert_eq!(stand.moved(moving.id).await.outcome, Outcome::Stopped);
    assert_eq!(stand.state().selected, Some(0));
    assert_eq!(stand.switch.begin(2, "bo"), Err(SwitchRefused::Ended));
}

#[tokio::test]
async fn each_machine_reads_its_own_edid_and_sees_its_own_ids() {
    let stand = Stand::new().await;
    for (port, expected) in [
        (1, vec![Event::Asked(1), Event::Ids(0x1234)]),
        (2, vec![Event::Asked(2), Event::Edid(256), Event::Ids(1)]),
        (2, vec![Event::Asked(2)]),
        (0, vec![Event::Asked(0), Event::Edid(128)]),
    ] {
        stand.forget();
        stand.answer(Ok(()));
        let moving = stand.switch.begin(port, "ada").unwrap();
        stand
            .told(|switch| switch.selected.map(usize::from) == Some(port))
            .await;
        stand.signal.send_replace(Signal::NoSignal);
        stand.signal.send_replace(OLD);
        stand.moved(moving.id).await;
        assert_eq!(stand.events(), expected, "port {port}");
    }
}

#[tokio::test]
async fn ids_that_were_not_taken_are_tried_again_and_do_not_stop_a_move() {
    let stand = Stand::new().await;
    stand.refuse_ids(true);
    stand.answer(Ok(()));
    let moving = stand.switch.begin(1, "ada").unwrap();
    stand.told(|switch| switch.selected == Some(1)).await;
    stand.signal.send_replace(Signal::NoSignal);
    stand.signal.send_replace(OLD);
    assert_eq!(stand.moved(moving.id).await.outcome, Outcome::Done);
    assert!(!stand.events().contains(&Event::Ids(0x1234)));
    stand.refuse_ids(false);
    stand.answer(Ok(()));
    stand.switch.begin(1, "ada").unwrap();
    stand
        .ends_with(&[Event::Asked(1), Event::Ids(0x1234)])
        .await;
}

#[tokio::test]
async fn a_machine_that_does_not_listen_can_be_left() {
    let stand = Stand::new().await;
    stand.key(4, true).await;
    stand.ends_with(&[Event::Report(down(4))]).await;
    stand.set_host(Usb::NotConnected);
    stand.switch.begin(1, "ada").unwrap();
    stand.ends_with(&[Event::Asked(1)]).await;
}

#[tokio::test]
async fn the_light_of_each_machine_is_told() {
    let stand = Stand::new().await;
    let supplies = |switch: &wire::Switch| {
        let supplies = switch.ports.iter().map(|port| port.supply);
        supplies.collect::<Vec<_>>()
    };
    assert_eq!(supplies(&stand.state()), [Supply::Unknown; 3]);
    stand.light(2, Supply::On);
    let expected = [Supply::Unknown, Supply::Unknown, Supply::On];
    stand.told(|switch| supplies(switch) == expected).await;
}
