//! The control interface, called as the router calls it.

use shared::message::Signal;

use super::*;

fn control() -> Control {
    Control::new(Arc::new(Rack::alone(Size {
        width: 1280,
        height: 720,
    })))
}

async fn refused<T>(answer: Result<T, Problem>) -> (u16, String) {
    let Err(problem) = answer else {
        panic!("this is not refused")
    };
    (problem.status.as_u16(), problem.detail)
}

fn body(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

#[tokio::test]
async fn the_state_has_the_names_of_the_contract() {
    let Json(answer) = state(State(control())).await;
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(
        (&answer["power"], &answer["size"]),
        (&json!("on"), &json!("1280x720"))
    );
    assert_eq!(answer["pointer"], json!({"x": 640, "y": 360, "buttons": 0}));
    assert_eq!(
        (&answer["keys_down"], &answer["drives"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        (&answer["typed"], &answer["reports"]),
        (&json!(""), &json!(0))
    );
    assert!(answer["usb"]["state"].is_string());
    assert_eq!(answer["leds"]["caps_lock"], json!(false));
    assert_eq!(answer["text"][0], json!("Armchair PC"));
}

#[tokio::test]
async fn faults_and_screens_are_set() {
    let control = control();
    let set = fault(State(control.clone()), body(r#"{"kind":"no_lock"}"#)).await;
    assert!(set.is_ok());
    let set = screen(
        State(control.clone()),
        body(r#"{"size":"1366x768","pattern":"motion","fps":30,"timecode":true}"#),
    );
    assert!(set.await.is_ok());
    let live = control.live();
    let mut access = live.access();
    assert_eq!(access.pc().signal(), Signal::NoLock);
    let scene = access.pc().scene().unwrap();
    assert_eq!(
        (scene.size.to_string().as_str(), scene.pattern.kind),
        ("1366x768", PatternKind::Motion)
    );
    assert_eq!((scene.frame_rate, scene.pattern.timecode), (Some(30), true));
    access.leave();
    let set = screen(State(control.clone()), body(r#"{"pattern":"console"}"#)).await;
    assert!(set.is_ok());
    let pattern = control.live().access().pc().pattern;
    assert_eq!(
        (pattern.kind, pattern.fps, pattern.timecode),
        (PatternKind::Console, None, false)
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_reason() {
    let control = || State(control());
    for (request, reason) in [
        (r#"{"kind":"earthquake"}"#, "unknown variant"),
        (r#"{"kind":"slow_host"}"#, "needs ms"),
        (r#"{"kind":"none","extra":1}"#, "unknown field"),
        ("{", "EOF"),
    ] {
        let (status, detail) = refused(fault(control(), body(request)).await).await;
        assert_eq!(status, 400);
        assert!(detail.contains(reason), "{detail}");
    }
    for (request, reason) in [
        (r#"{"size":"12"}"#, "320x200"),
        (r#"{"fps":0}"#, "1 to 60"),
        (r#"{"pattern":"cats"}"#, "unknown variant"),
    ] {
        let (status, detail) = refused(screen(control(), body(request)).await).await;
        assert_eq!(status, 400);
        assert!(detail.contains(reason), "{detail}");
    }
    for (request, status) in [
        (r#"{"eject":"cd"}"#, 409),
        (r#"{"lock":"usb","on":true}"#, 409),
        (r#"{"read":"cd"}"#, 409),
        (r#"{"lock":"usb"}"#, 400),
        (r#"{"led_echo":1}"#, 400),
        ("{}", 400),
    ] {
        assert_eq!(
            refused(host::act(control(), body(request)).await).await.0,
            status,
            "{request}"
        );
    }
}

#[tokio::test]
async fn led_echo_is_switched() {
    let control = control();
    assert!(
        host::act(State(control.clone()), body(r#"{"led_echo":false}"#))
            .await
            .is_ok()
    );
    assert!(!control.live().access().pc().led_echo);
}

#[test]
fn the_query_of_reports_is_read_strictly() {
    assert_eq!(
        ReportsQuery::parse("").ok(),
        Some(ReportsQuery {
            since: 0,
            wait: false
        })
    );
    assert_eq!(
        ReportsQuery::parse("since=7&wait=true").ok(),
        Some(ReportsQuery {
            since: 7,
            wait: true
        })
    );
    for bad in ["since=-1", "since", "wait=maybe", "from=3"] {
        assert!(ReportsQuery::parse(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn waiting_for_reports_ends_with_the_first() {
    let control = control();
    let waiting = tokio::spawn(reports(
        State(control.clone()),
        RawQuery(Some("since=0&wait=true".to_owned())),
    ));
    let mut host = control.rack.host();
    let ready = |host: &crate::input::Host| host.usb == shared::message::Usb::Configured;
    loop {
        let live = control.live();
        let mut access = live.access();
        let next = access.pc().next_event();
        let now = access.now;
        access.leave();
        if ready(&host.borrow_and_update()) {
            break;
        }
        tokio::time::sleep(next.map_or(Duration::ZERO, |next| next.saturating_sub(now))).await;
    }
    let live = control.live();
    let mut access = live.access();
    let now = access.now;
    access.pc().offer(
        now,
        5,
        crate::input::Interface::Keyboard,
        &[0, 0, 4, 0, 0, 0, 0, 0],
    );
    access.stir();
    let Ok(Json(records)) = waiting.await.unwrap() else {
        panic!("refused");
    };
    assert_eq!((records.len(), records[0].n, records[0].t_us), (1, 1, 5));
    assert_eq!(records[0].hex, "0000040000000000");
}
