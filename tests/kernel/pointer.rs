//! Pointer, mouse and wheel from a viewer to the guest's kernel.

use anyhow::Result;
use shared::input::{Buttons, Input, POINTER_MAX};
use tests::{
    lab::evdev::{EV_ABS, EV_KEY, EV_REL, Event, Role},
    native::Client,
};

use crate::stand::Stand;

const BTN_LEFT: u16 = 0x110;
const BTN_RIGHT: u16 = 0x111;
const REL_X: u16 = 0;
const REL_Y: u16 = 1;
const REL_HWHEEL: u16 = 6;
const REL_WHEEL: u16 = 8;
const REL_WHEEL_HI_RES: u16 = 11;
const REL_HWHEEL_HI_RES: u16 = 12;
const ABS_X: u16 = 0;
const ABS_Y: u16 = 1;

#[tokio::test]
async fn pointer_wheel_and_mouse_are_exact() -> Result<()> {
    let mut stand = Stand::start().await?;
    let client = stand.operator().await?;
    the_absolute_pointer_is_exact(&mut stand, &client).await?;
    the_wheel_counts(&mut stand, &client).await?;
    relative_motion_is_summed(&mut stand, &client).await?;
    drop(client);
    stand.stop().await
}

async fn the_absolute_pointer_is_exact(stand: &mut Stand, client: &Client) -> Result<()> {
    for (x, y) in [
        (POINTER_MAX, 1),
        (16383, POINTER_MAX),
        (1, 16384),
        (12345, 23456),
    ] {
        client.input(Input::PointerTo { x, y })?;
        click(client, Buttons::LEFT)?;
        let seen = until_release(stand, Role::Pointer, BTN_LEFT).await?;
        let at = |axis| last(&seen, EV_ABS, axis);
        assert_eq!((at(ABS_X), at(ABS_Y)), (Some(x.into()), Some(y.into())));
        assert_eq!(clicks(&seen), [(BTN_LEFT, 1), (BTN_LEFT, 0)]);
    }
    Ok(())
}

async fn the_wheel_counts(stand: &mut Stand, client: &Client) -> Result<()> {
    for (vertical, horizontal) in [(120, 0), (-240, 0), (0, 120), (60, 0), (60, 0)] {
        client.input(Input::Wheel {
            vertical,
            horizontal,
        })?;
    }
    click(client, Buttons::RIGHT)?;
    let seen = until_release(stand, Role::Pointer, BTN_RIGHT).await?;
    assert_eq!(sum(&seen, REL_WHEEL_HI_RES), 0);
    assert_eq!(sum(&seen, REL_WHEEL), 0);
    assert_eq!(sum(&seen, REL_HWHEEL_HI_RES), 120);
    assert_eq!(sum(&seen, REL_HWHEEL), 1);
    Ok(())
}

async fn relative_motion_is_summed(stand: &mut Stand, client: &Client) -> Result<()> {
    let moves: [(i16, i16); 6] = [
        (1, 0),
        (0, -1),
        (1000, -517),
        (-32768, 32767),
        (128, 127),
        (-129, 300),
    ];
    for (dx, dy) in moves {
        client.input(Input::PointerBy { dx, dy })?;
    }
    click(client, Buttons::LEFT)?;
    let seen = until_release(stand, Role::Mouse, BTN_LEFT).await?;
    let total = moves.iter().fold((0, 0), |(x, y), (dx, dy)| {
        (x + i32::from(*dx), y + i32::from(*dy))
    });
    assert_eq!((sum(&seen, REL_X), sum(&seen, REL_Y)), total);
    assert_eq!(clicks(&seen), [(BTN_LEFT, 1), (BTN_LEFT, 0)]);
    Ok(())
}

fn click(client: &Client, button: Buttons) -> Result<()> {
    client.input(Input::Buttons(button))?;
    client.input(Input::Buttons(Buttons::default()))?;
    Ok(())
}

async fn until_release(stand: &mut Stand, role: Role, button: u16) -> Result<Vec<Event>> {
    let released = |event: &Event| (event.kind, event.code, event.value) == (EV_KEY, button, 0);
    stand.events.until(role, released).await
}

fn last(events: &[Event], kind: u16, code: u16) -> Option<i32> {
    let mut events = events.iter().rev();
    let event = events.find(|event| (event.kind, event.code) == (kind, code))?;
    Some(event.value)
}

fn sum(events: &[Event], axis: u16) -> i32 {
    let events = events.iter();
    let of_axis = events.filter(|event| (event.kind, event.code) == (EV_REL, axis));
    of_axis.map(|event| event.value).sum()
}

fn clicks(events: &[Event]) -> Vec<(u16, i32)> {
    let keys = events.iter().filter(|event| event.kind == EV_KEY);
    keys.map(|event| (event.code, event.value)).collect()
}
