use super::*;

const POWER: &str = "/api/v1/power";

pub(super) async fn viewer(fixture: &Fixture) -> String {
    let hash = crate::auth::password::hash(PASSWORD);
    let add = move |connection: &mut rusqlite::Connection| {
        users::add(connection, "eve", &hash, Role::Viewer)
    };
    fixture.store.call(add).await.unwrap();
    fixture.sign_in("eve", PASSWORD).await.cookie()
}

#[tokio::test]
async fn viewers_see_the_power_and_only_operators_use_it() {
    let fixture = Fixture::claimed().await;
    let press = json!({ "action": "press" });
    let ask = |method: Method, cookie: &str, body: Value| {
        let cookie = cookie.to_owned();
        let fixture = &fixture;
        async move { fixture.send(method, POWER, &cookie, &body).await }
    };
    for method in [Method::GET, Method::POST, Method::DELETE] {
        ask(method, "", press.clone())
            .await
            .is_problem(StatusCode::UNAUTHORIZED);
    }
    let eve = viewer(&fixture).await;
    let seen = ask(Method::GET, &eve, Value::Null).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert_eq!(
        (&seen.body["actions"], &seen.body["running"]),
        (
            &json!(["press", "hold", "reset", "on", "cycle", "shut-down"]),
            &Value::Null
        )
    );
    for method in [Method::POST, Method::DELETE] {
        ask(method, &eve, press.clone())
            .await
            .is_problem(StatusCode::FORBIDDEN);
    }
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    for body in [
        json!({}),
        json!({ "action": "explode" }),
        json!({ "action": "press", "ms": 60_000 }),
        json!({ "action": "press", "port": -1 }),
    ] {
        ask(Method::POST, &ada, body)
            .await
            .is_problem(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let other = json!({ "action": "hold", "port": 1 });
    let other = ask(Method::POST, &ada, other).await;
    other.is_problem(StatusCode::CONFLICT);
    assert_eq!(other.body["type"], "urn:armchair:other-machine");
    let seen = ask(Method::GET, &eve, Value::Null).await;
    assert_eq!(
        (&seen.body["running"], &seen.body["ended"]),
        (&Value::Null, &Value::Null),
        "nothing was done"
    );
}

#[tokio::test]
async fn a_second_is_refused_with_who_and_since_when_and_the_first_can_be_stopped() {
    let fixture = Fixture::claimed().await;
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    let hold = json!({ "action": "hold" });
    let begun = fixture.send(Method::POST, POWER, &ada, &hold).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    let (id, since) = (&begun.body["id"], begun.body["since_us"].as_u64().unwrap());
    assert_eq!(
        (&begun.body["action"], &begun.body["by"]),
        (&json!("hold"), &json!("ada"))
    );
    let press = json!({ "action": "press" });
    let busy = fixture.send(Method::POST, POWER, &ada, &press).await;
    busy.is_problem(StatusCode::CONFLICT);
    assert_eq!(busy.body["type"], "urn:armchair:power-busy");
    let detail = busy.body["detail"].as_str().unwrap();
    let (_, clock) = detail.split_once('T').unwrap();
    let of_day = since / 1_000_000 % 86_400;
    let expected = format!(
        "{:02}:{:02}:{:02}Z: hold.",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    );
    assert!(
        detail.starts_with("ada ") && clock.starts_with(&expected),
        "{detail}"
    );

    let mut state = fixture.app.room.power().state();
    let stopped = fixture
        .send(Method::DELETE, POWER, &ada, &Value::Null)
        .await;
    assert_eq!(stopped.status, StatusCode::NO_CONTENT);
    state
        .wait_for(|power| power.running.is_none())
        .await
        .unwrap();
    let seen = fixture.send(Method::GET, POWER, &ada, &Value::Null).await;
    let ended = &seen.body["ended"];
    assert_eq!(
        (&ended["id"], &ended["by"], &ended["outcome"]),
        (id, &json!("ada"), &json!("stopped"))
    );
}

#[tokio::test]
async fn where_there_is_no_line_nothing_is_possible_and_that_is_said() {
    let fixture = Fixture::with_power(|_| Vec::new()).with_ada().await;
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    let seen = fixture.send(Method::GET, POWER, &ada, &Value::Null).await;
    let expected = json!({
        "supply": "unknown", "disk": null, "actions": [], "running": null, "ended": null,
    });
    assert_eq!(seen.body, expected);
    for action in shared::power::PowerAction::ALL {
        let body = json!({ "action": action });
        let refused = fixture.send(Method::POST, POWER, &ada, &body).await;
        refused.is_problem(StatusCode::CONFLICT);
        assert_eq!(refused.body["type"], "urn:armchair:not-possible");
    }
}
