//! The rack through the relay's own traits: what goes with the switch, and what stays.

use std::time::{Duration, Instant};

use shared::message::{Leds, Signal, Usb};

use super::*;
use crate::{
    capture::Event,
    config::Usb as Ids,
    input::{
        HidError, Report,
        report::{Keyboard, Pointer},
    },
    media::Disc,
    switch::SwitchError,
    target::{
        Target,
        sim::{Control, Options, open},
    },
};

const DEADLINE: Duration = Duration::from_secs(30);

struct Bench {
    target: Target,
    control: Control,
}

fn bench() -> Bench {
    let options = Options {
        width: 640,
        height: 480,
        rack: true,
    };
    let (target, control) = open(options, &crate::config::Drives::default().slot).unwrap();
    Bench { target, control }
}

impl Bench {
    fn rack(&self) -> &Rack {
        self.control.rack()
    }

    fn pc<T>(&self, place: usize, look: impl FnOnce(&mut Pc) -> T) -> T {
        look(self.rack().pcs()[place].access().pc())
    }

    fn until_signal(&mut self, wanted: Signal) {
        let end = Instant::now() + DEADLINE;
        while self.next() != Event::Signal(wanted) {
            assert!(Instant::now() < end, "{wanted:?} does not come");
        }
    }

    fn next(&mut self) -> Event {
        self.target.screen.next(Duration::from_secs(1)).unwrap()
    }

    /// Waits until the host of the PC that is selected has found the gadget.
    fn until_configured(&self) {
        let host = self.target.hid.host();
        until("a USB host", || host.borrow().usb == Usb::Configured);
    }

    fn keys(&mut self, keys: &[u8]) -> Result<(), HidError> {
        let mut all = [0; 6];
        all[..keys.len()].copy_from_slice(keys);
        let report = Keyboard {
            modifiers: 0,
            keys: all,
        };
        self.target.hid.write(&Report::Keyboard(report))
    }

    fn tap(&mut self, key: u8) {
        self.keys(&[key]).unwrap();
        self.keys(&[]).unwrap();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "still not: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn picture(width: u16, height: u16) -> Signal {
    Signal::Picture {
        width,
        height,
        centihertz: 6000,
    }
}

#[test]
fn each_pc_has_its_own_name_and_the_last_one_is_off() {
    let bench = bench();
    let title = |place| bench.pc(place, |pc| pc.state().text.first().cloned());
    let titles: Vec<_> = (0..3).filter_map(title).collect();
    assert_eq!(titles, names()[..3]);
    assert_eq!(bench.pc(3, |pc| pc.state().power), "off");
    until("the prompt", || {
        let text = bench.pc(1, |pc| pc.state().text);
        text.iter().any(|line| line.starts_with("operator@birch:"))
    });
}

#[test]
fn the_picture_goes_away_and_comes_back_with_the_other_size() {
    let mut bench = bench();
    bench.until_signal(picture(640, 480));
    bench.rack().turn(1);
    bench.until_signal(Signal::NoSignal);
    assert!(bench.target.screen.picture().is_none());
    bench.until_signal(picture(1024, 768));
    while bench.next() != Event::Changed {}
    let shown = bench.target.screen.picture().unwrap();
    assert_eq!((shown.width, shown.height), (1024, 768));
    bench.rack().turn(3);
    bench.until_signal(Signal::NoSignal);
    bench.until_signal(Signal::TargetOff);
}

#[test]
fn a_move_from_one_dark_pc_to_another_ends_the_wait_for_a_picture() {
    let mut bench = bench();
    bench.rack().turn(3);
    bench.until_signal(Signal::TargetOff);
    bench.pc(2, |pc| pc.machine.cut_power());
    bench.rack().turn(2);
    bench.rack().turn(0);
    bench.until_signal(picture(640, 480));
}

#[test]
fn held_keys_and_buttons_are_released_at_the_old_pc_and_never_seen_by_the_new_one() {
    let mut bench = bench();
    bench.until_configured();
    bench.keys(&[0x04]).unwrap();
    let pointer = Pointer {
        buttons: shared::input::Buttons(1),
        ..Pointer::default()
    };
    bench.target.hid.write(&Report::Pointer(pointer)).unwrap();
    assert_eq!(bench.pc(0, |pc| pc.state().keys_down), [0x04]);
    bench.rack().turn(1);
    let old = bench.pc(0, |pc| pc.state());
    assert!(old.keys_down.is_empty() && old.pointer.buttons == 0);
    assert_eq!(old.usb.state, "not_connected");
    assert!(matches!(bench.keys(&[]), Err(HidError::NotConnected)));
    assert_eq!(bench.target.hid.host().borrow().usb, Usb::NotConnected);
    bench.until_configured();
    assert_eq!(bench.pc(1, |pc| pc.state().reports), 0);
    let before = bench.pc(0, |pc| pc.state().reports);
    bench.tap(0x05);
    assert_eq!(bench.pc(1, |pc| pc.state().reports), 2);
    assert_eq!(bench.pc(0, |pc| pc.state().reports), before);
}

#[test]
fn lock_lights_are_those_of_the_pc_that_is_selected() {
    let mut bench = bench();
    bench.until_configured();
    bench.tap(0x39);
    let host = bench.target.hid.host();
    let caps = |leds: Option<Leds>| leds.is_some_and(|leds| leds.caps_lock);
    assert!(caps(host.borrow().leds));
    bench.rack().turn(2);
    bench.until_configured();
    assert!(!caps(host.borrow().leds));
    bench.rack().turn(0);
    bench.until_configured();
    assert!(caps(host.borrow().leds));
}

fn disc() -> Disc {
    Disc {
        blocks: Arc::new(vec![7_u8; 8192]),
        file: None,
        writable: false,
    }
}

#[test]
fn discs_follow_the_cables_and_the_relay_sees_no_eject() {
    let mut bench = bench();
    bench.until_configured();
    bench.target.drives[0].insert(disc()).unwrap();
    let state = |bench: &Bench, place| bench.pc(place, |pc| pc.drives[0].state());
    assert!(state(&bench, 0).inserted && !state(&bench, 1).inserted);
    until("the first PC's reads", || state(&bench, 0).bytes_read > 0);
    let medium = bench.pc(0, |pc| pc.drives[0].medium().unwrap().clone());
    bench.pc(0, |pc| pc.drives[0].lock(true));
    let read = bench.target.drives[0].look().unwrap().bytes_read;

    bench.rack().turn(1);
    assert!(!state(&bench, 0).inserted && state(&bench, 1).inserted);
    assert!(medium.read(0, &mut [0; 2048]).is_err(), "it is unplugged");
    let look = bench.target.drives[0].look().unwrap();
    assert!(look.inserted && look.bytes_read >= read);
    until("the second PC's reads", || state(&bench, 1).bytes_read > 0);
    bench.target.drives[0].eject(false).unwrap();
    assert!(!state(&bench, 1).inserted);
    bench.rack().turn(0);
    assert!(!state(&bench, 0).inserted);
}

#[test]
fn an_edid_is_read_by_each_pc_that_comes_to_it() {
    let mut bench = bench();
    let mut edid = bench.target.screen.edid().unwrap();
    let size = |bench: &Bench, place| bench.pc(place, |pc| pc.state().size);
    bench.rack().turn(2);
    assert_eq!(
        size(&bench, 2),
        "800x600",
        "the same monitor changes nothing"
    );
    edid[12] += 1;
    edid[127] = edid[127].wrapping_sub(1);
    bench.target.screen.set_edid(&edid).unwrap();
    assert_eq!(size(&bench, 2), "1920x1080");
    assert_eq!(size(&bench, 1), "1024x768");
    bench.rack().turn(1);
    assert_eq!(size(&bench, 1), "1920x1080");
}

#[test]
fn hotkeys_turn_the_switch_and_the_digit_reaches_nobody() {
    let mut bench = bench();
    bench.until_configured();
    for key in [0x47, 0x47, 0x1F] {
        bench.tap(key);
    }
    assert_eq!(bench.rack().port(), 1);
    assert_eq!(bench.pc(0, |pc| pc.state().reports), 4);
    assert!(bench.pc(0, |pc| pc.state().typed.is_empty()));
}

#[tokio::test]
async fn the_cable_selects_and_tells_what_goes_wrong() {
    let bench = bench();
    let switch = bench.target.switch.as_ref().unwrap();
    assert_eq!(switch.selected().await, Ok(Some(0)));
    switch.select(2).await.unwrap();
    assert_eq!(switch.selected().await, Ok(Some(2)));
    assert_eq!(bench.rack().standing().moves, 1);
    assert!(matches!(
        switch.select(4).await,
        Err(SwitchError::Refused(_))
    ));
    for fault in [Fault::Refuses, Fault::Stuck] {
        bench.rack().set_fault(fault);
        assert!(matches!(
            switch.select(1).await,
            Err(SwitchError::Refused(_))
        ));
        assert_eq!(switch.selected().await, Ok(Some(2)), "{fault:?}");
    }
    bench.rack().set_fault(Fault::Silent);
    assert!(matches!(
        switch.select(1).await,
        Err(SwitchError::NoAnswer(_))
    ));
    assert!(matches!(
        switch.selected().await,
        Err(SwitchError::NoAnswer(_))
    ));
    assert_eq!(bench.rack().port(), 2);
    bench.rack().turn(1);
    bench.rack().set_fault(Fault::None);
    assert_eq!(switch.selected().await, Ok(Some(1)), "its own button works");
}

#[test]
fn a_pc_that_is_not_shown_runs_on() {
    let bench = bench();
    bench.pc(1, |pc| pc.state());
    until("the other PCs at their prompts", || {
        (0..3).all(|place| {
            let text = bench.pc(place, |pc| pc.state().text);
            text.iter().any(|line| line.starts_with("operator@"))
        })
    });
}

#[test]
fn the_device_takes_its_ids_along_from_one_pc_to_the_next() {
    let bench = bench();
    bench.until_configured();
    let plug = bench.target.plug.as_ref().unwrap();
    let usb = Ids {
        vendor_id: 0x046D,
        product: "Keyboard".to_owned(),
        ..Ids::default()
    };
    plug.set_ids(&usb).unwrap();
    let ids = |place| bench.pc(place, |pc| pc.state().usb.ids);
    let known = ids(0).unwrap();
    assert_eq!(
        (known.vendor_id, known.product.as_str()),
        (0x046D, "Keyboard")
    );
    bench.until_configured();
    bench.rack().turn(1);
    assert_eq!((ids(0), ids(1)), (None, Some(known)));
}
