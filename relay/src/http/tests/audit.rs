use super::*;

async fn person(fixture: &Fixture, name: &'static str, role: Role) -> String {
    let hash = crate::auth::password::hash(PASSWORD);
    let add =
        move |connection: &mut rusqlite::Connection| users::add(connection, name, &hash, role);
    fixture.store.call(add).await.unwrap();
    fixture.sign_in(name, PASSWORD).await.cookie()
}

async fn read(fixture: &Fixture, cookie: &str, query: &str) -> Answer {
    let path = format!("/api/v1/audit{query}");
    fixture.send(Method::GET, &path, cookie, &Value::Null).await
}

/// What was done and by whom, oldest first, without numbers and times.
fn acts(answer: &Answer) -> Vec<Value> {
    let entries = answer.body["entries"].as_array().unwrap().iter().rev();
    entries
        .map(|entry| {
            let mut act = entry.as_object().unwrap().clone();
            assert!(act.remove("id").is_some() && act.remove("at_us").is_some());
            Value::Object(act)
        })
        .collect()
}

#[tokio::test]
async fn only_administrators_read_it() {
    let fixture = Fixture::claimed().await;
    read(&fixture, "", "")
        .await
        .is_problem(StatusCode::UNAUTHORIZED);
    let operator = fixture.sign_in("ada", PASSWORD).await.cookie();
    let viewer = person(&fixture, "eve", Role::Viewer).await;
    for cookie in [operator, viewer] {
        read(&fixture, &cookie, "")
            .await
            .is_problem(StatusCode::FORBIDDEN);
    }
    let admin = person(&fixture, "root", Role::Admin).await;
    assert_eq!(read(&fixture, &admin, "").await.status, StatusCode::OK);
    let changed = fixture.send(Method::DELETE, "/api/v1/audit", &admin, &Value::Null);
    changed.await.is_problem(StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn it_says_who_came_who_was_refused_and_who_did_what() {
    let fixture = Fixture::claimed().await;
    let admin = person(&fixture, "root", Role::Admin).await;
    for name in ["ada", "her password"] {
        let refused = fixture.sign_in(name, "wrong one").await;
        refused.is_problem(StatusCode::UNAUTHORIZED);
    }
    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    let send = |method: Method, path: &str, body: Value| {
        let (path, fixture, ada) = (format!("/api/v1/{path}"), &fixture, &ada);
        async move {
            let answer = fixture.send(method, &path, ada, &body).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.body);
            answer.body
        }
    };
    let note = json!({ "format": "armchair-macro/1", "name": "Note", "steps": [{ "do": "pause", "ms": 1 }] });
    let id = send(Method::POST, "macros", note).await["id"].clone();
    send(Method::DELETE, &format!("macros/{id}"), Value::Null).await;
    let disk = json!({ "name": "empty.img", "size": 1 << 20, "format": "none" });
    send(Method::POST, "images", disk).await;
    send(Method::DELETE, "session", Value::Null).await;

    let from = "192.0.2.7";
    let expected = [
        json!({ "by": "root", "what": "signed-in", "from": from }),
        json!({ "by": "", "what": "sign-in-refused", "user": "ada", "from": from }),
        json!({ "by": "", "what": "sign-in-refused", "from": from }),
        json!({ "by": "ada", "what": "signed-in", "from": from }),
        json!({ "by": "ada", "what": "macro-added", "name": "Note" }),
        json!({ "by": "ada", "what": "macro-deleted", "name": "Note" }),
        json!({ "by": "ada", "what": "disk-begun", "name": "empty.img", "bytes": 1 << 20 }),
        json!({ "by": "ada", "what": "signed-out" }),
    ];
    assert_eq!(acts(&read(&fixture, &admin, "").await), expected);
}

#[tokio::test]
async fn it_is_read_page_by_page() {
    let fixture = Fixture::claimed().await;
    let admin = person(&fixture, "root", Role::Admin).await;
    for _ in 0..4 {
        fixture.sign_in("ada", PASSWORD).await;
    }
    let last = read(&fixture, &admin, "?limit=3").await;
    assert_eq!((acts(&last).len(), &last.body["more"]), (3, &json!(true)));
    let before = last.body["entries"][2]["id"].as_i64().unwrap();
    let first = read(&fixture, &admin, &format!("?limit=3&before={before}")).await;
    assert_eq!(
        (acts(&first).len(), &first.body["more"]),
        (2, &json!(false))
    );
    assert_eq!(first.body["entries"][1]["by"], "root");
    assert!(first.body["entries"][0]["id"].as_i64().unwrap() < before);
    for (query, status) in [
        ("?limit=0", StatusCode::UNPROCESSABLE_ENTITY),
        ("?limit=1001", StatusCode::UNPROCESSABLE_ENTITY),
        ("?limit=-1", StatusCode::BAD_REQUEST),
        ("?before=x", StatusCode::BAD_REQUEST),
        ("?after=3", StatusCode::BAD_REQUEST),
    ] {
        read(&fixture, &admin, query).await.is_problem(status);
    }
}
