use super::*;

async fn viewer(fixture: &Fixture) -> String {
    let hash = crate::auth::password::hash(PASSWORD);
    let add = move |connection: &mut rusqlite::Connection| {
        users::add(connection, "eve", &hash, Role::Viewer)
    };
    fixture.store.call(add).await.unwrap();
    fixture.sign_in("eve", PASSWORD).await.cookie()
}

#[tokio::test]
async fn viewers_see_the_drives_and_only_operators_change_them() {
    let fixture = Fixture::claimed().await;
    let ask = |method: Method, path: &str, cookie: Option<&str>, body: &Value| {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "kvm.example")
            .header(header::ORIGIN, "https://kvm.example")
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        fixture.ask(request.body(Body::from(body.to_string())).unwrap())
    };
    let drives = "/api/v1/drives";
    let eject = "/api/v1/drives/cd/eject";
    let insert = "/api/v1/drives/cd/insert";
    let (nothing, image) = (json!({}), json!({ "image": 1 }));
    ask(Method::GET, drives, None, &nothing)
        .await
        .is_problem(StatusCode::UNAUTHORIZED);

    let eve = viewer(&fixture).await;
    let seen = ask(Method::GET, drives, Some(&eve), &nothing).await;
    let expected = json!([
        { "slot": "cd", "kind": "cd", "medium": null, "ejected": null },
        { "slot": "usb", "kind": "disk", "medium": null, "ejected": null },
    ]);
    assert_eq!((seen.status, &seen.body), (StatusCode::OK, &expected));
    for (path, body) in [(eject, &nothing), (insert, &image)] {
        ask(Method::POST, path, Some(&eve), body)
            .await
            .is_problem(StatusCode::FORBIDDEN);
    }

    let ada = fixture.sign_in("ada", PASSWORD).await.cookie();
    let answer = ask(Method::POST, eject, Some(&ada), &nothing).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    for (path, body, status) in [
        (insert, &image, StatusCode::NOT_FOUND),
        (insert, &nothing, StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/drives/tape/eject", &nothing, StatusCode::NOT_FOUND),
    ] {
        ask(Method::POST, path, Some(&ada), body)
            .await
            .is_problem(status);
    }
}
