use std::time::Duration;

use shared::power::Supply;
use tokio::{sync::Semaphore, time::timeout};

use super::*;
use crate::switch::{Asked, Switch};

const PORTS: &str = "/api/v1/ports";

const PATIENCE: Duration = Duration::from_secs(20);

/// A switch that cannot tell where it stands, and moves once it is let.
struct Slow(Arc<Semaphore>);

impl Switch for Slow {
    fn name(&self) -> String {
        "slow".to_owned()
    }

    fn select(&self, _: usize) -> Asked<'_, ()> {
        Box::pin(async {
            self.0.acquire().await.unwrap().forget();
            Ok(())
        })
    }

    fn selected(&self) -> Asked<'_, Option<usize>> {
        Box::pin(async { Ok(None) })
    }
}

async fn behind_a_switch() -> (Fixture, Arc<Semaphore>) {
    let may = Arc::new(Semaphore::new(0));
    let switch = Box::new(Slow(may.clone()));
    (Fixture::with_switch(switch).with_ada().await, may)
}

#[tokio::test]
async fn a_relay_with_one_machine_has_no_ports() {
    let fixture = Fixture::claimed().await;
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    for (method, body) in [
        (Method::GET, Value::Null),
        (Method::POST, json!({ "port": 0 })),
    ] {
        let refused = fixture.send(method, PORTS, &ada, &body).await;
        refused.is_problem(StatusCode::NOT_FOUND);
        assert_eq!(refused.body["type"], "urn:armchair:no-switch");
    }
}

#[tokio::test]
async fn viewers_see_the_ports_and_only_operators_move() {
    let (fixture, _) = behind_a_switch().await;
    let there = json!({ "port": 1 });
    let ask = |method: Method, cookie: &str, body: Value| {
        let cookie = cookie.to_owned();
        let fixture = &fixture;
        async move { fixture.send(method, PORTS, &cookie, &body).await }
    };
    for method in [Method::GET, Method::POST] {
        ask(method, "", there.clone())
            .await
            .is_problem(StatusCode::UNAUTHORIZED);
    }
    let eve = power::viewer(&fixture).await;
    let mut state = fixture.app.room.switch().unwrap().state();
    let lit = state.wait_for(|switch| switch.ports[0].supply == Supply::On);
    timeout(PATIENCE, lit).await.unwrap().unwrap();
    let seen = ask(Method::GET, &eve, Value::Null).await;
    assert_eq!(seen.status, StatusCode::OK);
    let port = |name: &str, supply: &str| json!({ "name": name, "notes": "", "supply": supply });
    let expected = json!({
        "ports": [port("db", "on"), port("web", "unknown")],
        "selected": null,
        "moving": null,
        "moved": null,
        "thumbnails": true,
    });
    assert_eq!(seen.body, expected);
    ask(Method::POST, &eve, there)
        .await
        .is_problem(StatusCode::FORBIDDEN);
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    for body in [
        json!({}),
        json!({ "port": 2 }),
        json!({ "port": -1 }),
        json!({ "port": "web" }),
        json!({ "port": 1, "by": "eve" }),
    ] {
        ask(Method::POST, &ada, body)
            .await
            .is_problem(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let seen = ask(Method::GET, &eve, Value::Null).await;
    assert_eq!(seen.body, expected, "nothing was moved");
}

#[tokio::test]
async fn a_move_is_told_with_who_and_a_second_one_waits_its_turn() {
    let (fixture, may) = behind_a_switch().await;
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    let there = json!({ "port": 1 });
    let begun = fixture.send(Method::POST, PORTS, &ada, &there).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    assert_eq!(
        (&begun.body["to"], &begun.body["by"]),
        (&json!(1), &json!("ada"))
    );
    let busy = fixture.send(Method::POST, PORTS, &ada, &there).await;
    busy.is_problem(StatusCode::CONFLICT);
    assert_eq!(busy.body["type"], "urn:armchair:switch-busy");
    let detail = busy.body["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("ada is moving to port 2 since 20"),
        "{detail}"
    );
    let seen = fixture.send(Method::GET, PORTS, &ada, &Value::Null).await;
    assert_eq!(seen.body["moving"], begun.body);

    let text = json!({ "text": "x", "layout": "en-us" });
    let refused = fixture
        .send(Method::POST, "/api/v1/type", &ada, &text)
        .await;
    refused.is_problem(StatusCode::CONFLICT);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("another machine"), "{detail}");

    may.add_permits(1);
    let mut state = fixture.app.room.switch().unwrap().state();
    let moved = state.wait_for(|switch| switch.moved.is_some());
    timeout(PATIENCE, moved).await.unwrap().unwrap();
    let seen = fixture.send(Method::GET, PORTS, &ada, &Value::Null).await;
    let moved = &seen.body["moved"];
    assert_eq!(
        (&seen.body["selected"], &seen.body["moving"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(
        (&moved["id"], &moved["by"], &moved["outcome"]),
        (&begun.body["id"], &json!("ada"), &json!("done"))
    );
}

#[tokio::test]
async fn the_power_is_that_of_the_machine_that_is_selected() {
    let (fixture, may) = behind_a_switch().await;
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    let power = "/api/v1/power";
    let press = json!({ "action": "press" });
    let refused = fixture.send(Method::POST, power, &ada, &press).await;
    refused.is_problem(StatusCode::CONFLICT);
    assert_eq!(
        refused.body["type"], "urn:armchair:not-possible",
        "nobody knows whose that would be"
    );
    may.add_permits(1);
    let there = json!({ "port": 0 });
    fixture.send(Method::POST, PORTS, &ada, &there).await;
    let mut state = fixture.app.room.switch().unwrap().state();
    let selected = state.wait_for(|switch| switch.selected == Some(0));
    timeout(PATIENCE, selected).await.unwrap().unwrap();
    let begun = fixture.send(Method::POST, power, &ada, &press).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
}
