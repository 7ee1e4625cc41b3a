use axum::http::HeaderValue;

use super::*;
use crate::macros::MACROS_MAX;

const MACROS: &str = "/api/v1/macros";

fn macro_of(steps: &Value) -> Value {
    json!({
        "format": "armchair-macro/1", "name": "Log in", "steps": steps,
        "variables": [{"name": "password", "secret": true}],
    })
}

fn one_key() -> Value {
    macro_of(&json!([{"do": "tap", "key": "KeyA", "hold_ms": 5}]))
}

impl Fixture {
    async fn operator() -> (Self, String) {
        let fixture = Self::claimed().await;
        let cookie = fixture.sign_in("ada", PASSWORD).await.cookie();
        (fixture, cookie)
    }

    async fn keep(&self, cookie: &str, file: &Value) -> u64 {
        let added = self.send(Method::POST, MACROS, cookie, file).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
        added.body["id"].as_u64().unwrap()
    }

    async fn names(&self, cookie: &str) -> Vec<String> {
        let list = self.send(Method::GET, MACROS, cookie, &Value::Null).await;
        let macros = list.body["macros"].as_array().unwrap().iter();
        macros
            .map(|listed| listed["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_macro_is_kept_read_changed_and_deleted() {
    let (fixture, cookie) = Fixture::operator().await;
    let id = fixture.keep(&cookie, &one_key()).await;
    let path = format!("{MACROS}/{id}");
    let kept = fixture
        .send(Method::GET, &path, &cookie, &Value::Null)
        .await;
    assert_eq!(kept.body, one_key());
    assert_eq!(
        kept.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"Log-in.json\"; filename*=UTF-8''Log%20in.json"
    );
    let mut changed = one_key();
    changed["name"] = json!("Other");
    let put = |tag: HeaderValue| {
        Request::put(&path)
            .header(header::HOST, "kvm.example")
            .header(header::ORIGIN, "https://kvm.example")
            .header(header::COOKIE, &cookie)
            .header(header::IF_MATCH, tag)
            .body(Body::from(changed.to_string()))
            .unwrap()
    };
    let tag = kept.headers[header::ETAG].clone();
    let answer = fixture.ask(put(tag.clone())).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    assert_eq!(fixture.names(&cookie).await, ["Other"]);
    let late = fixture.ask(put(tag)).await;
    late.is_problem(StatusCode::PRECONDITION_FAILED);
    let deleted = fixture
        .send(Method::DELETE, &path, &cookie, &Value::Null)
        .await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::DELETE] {
        let gone = fixture.send(method, &path, &cookie, &Value::Null).await;
        gone.is_problem(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_is_no_macro_is_refused_and_nothing_is_kept() {
    let (fixture, cookie) = Fixture::operator().await;
    let unknown = macro_of(&json!([{"do": "tap", "key": "KeyA"}, {"do": "dance"}]));
    let large = macro_of(&json!(vec![
        json!({"do": "text", "layout": "de", "text": "ä".repeat(10_000)});
        60
    ]));
    for (file, status, says) in [
        (json!("hello"), StatusCode::UNPROCESSABLE_ENTITY, "neither"),
        (
            json!([{"a": 1}]),
            StatusCode::UNPROCESSABLE_ENTITY,
            "none of its events",
        ),
        (unknown, StatusCode::UNPROCESSABLE_ENTITY, "step 2"),
        (large, StatusCode::PAYLOAD_TOO_LARGE, "too large"),
        (
            json!("x".repeat(10 << 20)),
            StatusCode::PAYLOAD_TOO_LARGE,
            "too large",
        ),
    ] {
        let refused = fixture.send(Method::POST, MACROS, &cookie, &file).await;
        refused.is_problem(status);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
    }
    assert!(fixture.names(&cookie).await.is_empty());
}

#[tokio::test]
async fn pikvms_events_are_taken_under_the_files_name() {
    let (fixture, cookie) = Fixture::operator().await;
    let events = json!([
        {"event_type": "key", "event": {"key": "KeyA", "state": true}},
        {"event_type": "gpio_pulse", "event": {"channel": "lamp"}},
    ]);
    let path = format!("{MACROS}?name=boot%20menu");
    let added = fixture.send(Method::POST, &path, &cookie, &events).await;
    assert_eq!(added.status, StatusCode::CREATED);
    assert_eq!(added.body["left_out"].as_array().unwrap().len(), 1);
    assert_eq!(fixture.names(&cookie).await, ["boot menu"]);
}

#[tokio::test]
async fn there_is_room_for_so_many_macros() {
    let (fixture, cookie) = Fixture::operator().await;
    let document = one_key().to_string();
    fixture
        .store
        .call(move |connection| {
            (0..MACROS_MAX).try_for_each(|_| {
                let insert = "INSERT INTO macros (revision, document) VALUES (1, ?1)";
                connection.execute(insert, [&document]).map(drop)
            })
        })
        .await
        .unwrap();
    let full = fixture
        .send(Method::POST, MACROS, &cookie, &one_key())
        .await;
    full.is_problem(StatusCode::INSUFFICIENT_STORAGE);
}

#[tokio::test]
async fn only_operators_change_and_run_macros() {
    let (fixture, cookie) = Fixture::operator().await;
    let id = fixture.keep(&cookie, &one_key()).await;
    let hash = crate::auth::password::hash(PASSWORD);
    fixture
        .store
        .call(move |connection| users::add(connection, "eve", &hash, Role::Viewer))
        .await
        .unwrap();
    let viewer = fixture.sign_in("eve", PASSWORD).await.cookie();
    let of = |rest: &str| format!("{MACROS}/{id}{rest}");
    for (method, path) in [
        (Method::POST, MACROS.to_owned()),
        (Method::PUT, of("")),
        (Method::DELETE, of("")),
        (Method::POST, of("/run")),
        (Method::DELETE, format!("{MACROS}/run")),
    ] {
        let body = json!({});
        let refused = fixture.send(method.clone(), &path, &viewer, &body).await;
        refused.is_problem(StatusCode::FORBIDDEN);
        let refused = fixture.send(method, &path, "", &body).await;
        refused.is_problem(StatusCode::UNAUTHORIZED);
    }
    assert_eq!(fixture.names(&viewer).await, ["Log in"]);
}

#[tokio::test]
async fn what_cannot_be_run_says_why_and_does_nothing() {
    let fixture = Fixture::with_power(|_| Vec::new()).with_ada().await;
    let cookie = fixture.sign_in("ada", PASSWORD).await.cookie();
    let power = macro_of(&json!([
        {"do": "tap", "key": "KeyA"},
        {"do": "power", "action": "press"},
    ]));
    let power = fixture.keep(&cookie, &power).await;
    let key = fixture.keep(&cookie, &one_key()).await;
    let secret = json!({"variables": {"password": "x"}});
    for (id, body, status, says) in [
        (
            power,
            secret.clone(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "step 2",
        ),
        (key, json!({}), StatusCode::UNPROCESSABLE_ENTITY, "password"),
        (999, secret, StatusCode::NOT_FOUND, "not there"),
    ] {
        let path = format!("{MACROS}/{id}/run");
        let refused = fixture.send(Method::POST, &path, &cookie, &body).await;
        refused.is_problem(status);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
    }
    let path = format!("{MACROS}/run");
    let run = fixture
        .send(Method::GET, &path, &cookie, &Value::Null)
        .await;
    assert_eq!(run.body, Value::Null);
}

#[tokio::test]
async fn a_run_is_told_to_its_end_and_stands_alone() {
    let (fixture, cookie) = Fixture::operator().await;
    let long = macro_of(&json!([
        {"do": "press", "key": "KeyA"},
        {"do": "pause", "ms": 3_600_000},
    ]));
    let id = fixture.keep(&cookie, &long).await;
    let path = format!("{MACROS}/{id}/run");
    let body = json!({"variables": {"password": "x"}});
    let mut host = fixture.app.room.controls().host();
    host.wait_for(|host| host.usb == shared::message::Usb::Configured)
        .await
        .unwrap();
    let mut told = fixture.app.room.macros().running();
    let begun = fixture.send(Method::POST, &path, &cookie, &body).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    let second = fixture.send(Method::POST, &path, &cookie, &body).await;
    second.is_problem(StatusCode::CONFLICT);
    let text = json!({"text": "a", "layout": "de"});
    let text = fixture
        .send(Method::POST, "/api/v1/type", &cookie, &text)
        .await;
    text.is_problem(StatusCode::CONFLICT);
    told.wait_for(|run| run.is_some_and(|run| run.step == 2))
        .await
        .unwrap();
    let run = format!("{MACROS}/run");
    let stopped = fixture
        .send(Method::DELETE, &run, &cookie, &Value::Null)
        .await;
    assert_eq!(stopped.status, StatusCode::NO_CONTENT);
    let over = |run: &Option<shared::message::MacroRun>| {
        run.is_some_and(|run| run.phase == shared::message::MacroPhase::Stopped)
    };
    told.wait_for(over).await.unwrap();
    let progress = fixture.send(Method::GET, &run, &cookie, &Value::Null).await;
    assert_eq!(
        progress.body,
        json!({"run": 1, "id": id, "step": 2, "steps": 2, "round": 1, "rounds": 1, "phase": "stopped"})
    );
}
