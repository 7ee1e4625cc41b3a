//! Uploads by tus: taken, gone on with, refused.

use super::*;

#[tokio::test]
async fn an_upload_in_two_parts_becomes_an_image() {
    let (fixture, cookie) = Fixture::uploader().await;
    let bytes = b"some image\0".repeat(9000);
    let path = fixture.create(&cookie, "Älteres.iso", bytes.len()).await;
    let first = fixture.patch(&cookie, &path, 0, &bytes[..50_000]).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT, "{}", first.body);
    assert_eq!(first.headers[tus::OFFSET], "50000");
    assert_eq!(first.headers[tus::RESUMABLE], "1.0.0");
    let expires = first.headers[tus::EXPIRES].to_str().unwrap();
    assert!(httpdate::parse_http_date(expires).unwrap() > std::time::SystemTime::now());
    assert_eq!(fixture.offset(&cookie, &path).await, "50000");
    assert!(fixture.images(&cookie).await.is_empty());
    let last = fixture
        .patch(&cookie, &path, 50_000, &bytes[50_000..])
        .await;
    assert_eq!(last.headers[tus::OFFSET], bytes.len().to_string());
    let images = fixture.images(&cookie).await;
    assert_eq!(images[0]["name"], "Älteres.iso");
    assert_eq!(images[0]["sha256"], sum(&bytes));
    let ended = request(Method::HEAD, &path, &cookie).body(Body::empty());
    let ended = fixture.ask(ended.unwrap()).await;
    assert_eq!(ended.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_upload_may_begin_with_its_creation() {
    let (fixture, cookie) = Fixture::uploader().await;
    let announced = creation(&cookie, "a.img", "5").header(header::CONTENT_TYPE, tus::CHUNK);
    let answer = fixture.ask(announced.body("whole".into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.headers[tus::OFFSET], "5");
    assert_eq!(fixture.images(&cookie).await[0]["sha256"], sum(b"whole"));
}

#[tokio::test]
async fn it_is_said_what_is_spoken() {
    let (fixture, cookie) = Fixture::uploader().await;
    let asked = request(Method::OPTIONS, UPLOADS, &cookie).body(Body::empty());
    let spoken = fixture.ask(asked.unwrap()).await;
    assert_eq!(spoken.status, StatusCode::NO_CONTENT);
    assert_eq!(spoken.headers[tus::VERSIONS], "1.0.0");
    assert_eq!(spoken.headers[tus::MAX_SIZE], IMAGE_MAX.to_string());
    let extensions = spoken.headers[tus::EXTENSIONS].to_str().unwrap();
    for extension in ["creation", "termination", "checksum", "expiration"] {
        assert!(extensions.split(',').any(|spoken| spoken == extension));
    }
    let mut other = creation(&cookie, "a.img", "5").body(Body::empty()).unwrap();
    other
        .headers_mut()
        .insert(tus::RESUMABLE, "0.2.2".parse().unwrap());
    let refused = fixture.ask(other).await;
    refused.is_problem(StatusCode::PRECONDITION_FAILED);
    assert_eq!(refused.headers[tus::VERSIONS], "1.0.0");
}

#[tokio::test]
async fn what_cannot_be_an_upload_is_refused_and_leaves_nothing() {
    let (fixture, cookie) = Fixture::uploader().await;
    fixture.upload(&cookie, "held.iso", b"an image").await;
    let before = fixture.files();
    let long = "ü".repeat(150);
    let large = (IMAGE_MAX + 1).to_string();
    for (name, length, status) in [
        ("../../evil.iso", "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("/etc/passwd", "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("a\\b.iso", "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("..", "5", StatusCode::UNPROCESSABLE_ENTITY),
        (".partial", "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("a\0.iso", "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("nul.iso", "5", StatusCode::UNPROCESSABLE_ENTITY),
        (&long, "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("", "5", StatusCode::UNPROCESSABLE_ENTITY),
        ("HELD.iso", "5", StatusCode::CONFLICT),
        ("a.iso", "0", StatusCode::UNPROCESSABLE_ENTITY),
        ("a.iso", "-5", StatusCode::BAD_REQUEST),
        ("a.iso", "99999999999999999999", StatusCode::BAD_REQUEST),
        ("a.iso", &large, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let announced = creation(&cookie, name, length).body(Body::empty());
        let refused = fixture.ask(announced.unwrap()).await;
        refused.is_problem(status);
        assert_eq!(fixture.files(), before, "{name:?} {length}");
    }
    let unnamed = request(Method::POST, UPLOADS, &cookie).header(tus::LENGTH, "5");
    let unnamed = fixture.ask(unnamed.body(Body::empty()).unwrap()).await;
    unnamed.is_problem(StatusCode::BAD_REQUEST);
    fixture.create(&cookie, "twice.iso", 5).await;
    let second = creation(&cookie, "Twice.iso", "5").body(Body::empty());
    let second = fixture.ask(second.unwrap()).await;
    second.is_problem(StatusCode::CONFLICT);
    assert_eq!(second.body["type"], "urn:armchair:name-taken");
}

#[tokio::test]
async fn an_image_that_is_here_is_not_sent_again() {
    let (fixture, cookie) = Fixture::uploader().await;
    fixture.upload(&cookie, "held.iso", b"an image").await;
    let metadata = tus::metadata("other.iso", Some(&sum(b"an image")));
    let announced = request(Method::POST, UPLOADS, &cookie)
        .header(tus::LENGTH, "8")
        .header(tus::METADATA, metadata);
    let told = fixture.ask(announced.body(Body::empty()).unwrap()).await;
    told.is_problem(StatusCode::CONFLICT);
    assert_eq!(told.body["type"], "urn:armchair:duplicate");
    assert!(told.body["detail"].as_str().unwrap().contains("held.iso"));
}

#[tokio::test]
async fn a_chunk_that_does_not_fit_is_refused() {
    let (fixture, cookie) = Fixture::uploader().await;
    let path = fixture.create(&cookie, "a.img", 10).await;
    fixture.patch(&cookie, &path, 0, b"12345").await;
    let elsewhere = fixture.patch(&cookie, &path, 3, b"45").await;
    elsewhere.is_problem(StatusCode::CONFLICT);
    let too_much = fixture.patch(&cookie, &path, 5, b"678901").await;
    too_much.is_problem(StatusCode::PAYLOAD_TOO_LARGE);
    let endless = stream::iter([b"678".to_vec(), b"901".to_vec()].map(Ok::<_, std::io::Error>));
    let unannounced = chunk(&cookie, &path, 5).body(Body::from_stream(endless));
    let unannounced = fixture.ask(unannounced.unwrap()).await;
    unannounced.is_problem(StatusCode::PAYLOAD_TOO_LARGE);
    let mut other = chunk(&cookie, &path, 5).body("67890".into()).unwrap();
    let kind = "application/octet-stream".parse().unwrap();
    other.headers_mut().insert(header::CONTENT_TYPE, kind);
    let other = fixture.ask(other).await;
    other.is_problem(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(fixture.offset(&cookie, &path).await, "5");
    let nowhere = fixture.patch(&cookie, "/api/v1/uploads/999", 0, b"1").await;
    nowhere.is_problem(StatusCode::NOT_FOUND);
    fixture.patch(&cookie, &path, 5, b"67890").await;
    assert_eq!(
        fixture.images(&cookie).await[0]["sha256"],
        sum(b"1234567890")
    );
}

#[tokio::test]
async fn a_chunk_is_what_its_checksum_says_or_not_kept() {
    let (fixture, cookie) = Fixture::uploader().await;
    let path = fixture.create(&cookie, "a.img", 11).await;
    // `printf 'hello world' | sha1sum`, in Base64.
    let checksum = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
    let send = async |bytes: &'static str| {
        let request = chunk(&cookie, &path, 0).header(tus::CHECKSUM, checksum);
        fixture.ask(request.body(bytes.into()).unwrap()).await
    };
    let damaged = send("hello w0rld").await;
    damaged.is_problem(StatusCode::from_u16(460).unwrap());
    assert_eq!(fixture.offset(&cookie, &path).await, "0");
    assert_eq!(send("hello world").await.status, StatusCode::NO_CONTENT);
    let unknown = chunk(&cookie, &path, 0).header(tus::CHECKSUM, "crc32 AAAA");
    let unknown = fixture.ask(unknown.body("x".into()).unwrap()).await;
    assert!(unknown.status.is_client_error());
}

#[tokio::test]
async fn what_arrived_before_a_link_broke_is_kept_and_one_sends_at_a_time() {
    let (fixture, cookie) = Fixture::uploader().await;
    let path = fixture.create(&cookie, "a.img", 10).await;
    let (parts, arriving) = mpsc::channel::<std::io::Result<Bytes>>(1);
    let body = Body::from_stream(stream::unfold(arriving, async |mut arriving| {
        arriving.recv().await.map(|part| (part, arriving))
    }));
    let slow = chunk(&cookie, &path, 0).body(body).unwrap();
    let fixture = Arc::new(fixture);
    let slow = tokio::spawn({
        let fixture = fixture.clone();
        async move { fixture.ask(slow).await }
    });
    parts.send(Ok("1234".into())).await.unwrap();
    while fixture.offset(&cookie, &path).await != "4" {
        tokio::task::yield_now().await;
    }
    let second = fixture.patch(&cookie, &path, 4, b"567890").await;
    second.is_problem(StatusCode::LOCKED);
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    parts.send(Err(broken)).await.unwrap();
    slow.await.unwrap().is_problem(StatusCode::BAD_REQUEST);
    assert_eq!(fixture.offset(&cookie, &path).await, "4");
    fixture.patch(&cookie, &path, 4, b"567890").await;
    assert_eq!(
        fixture.images(&cookie).await[0]["sha256"],
        sum(b"1234567890")
    );
}

#[tokio::test]
async fn a_sender_that_is_silent_makes_way() {
    let (fixture, cookie) = Fixture::uploader().await;
    let path = fixture.create(&cookie, "a.img", 10).await;
    let first: Result<Bytes, std::io::Error> = Ok("1234".into());
    let silent = stream::once(async { first }).chain(stream::pending());
    let silent = chunk(&cookie, &path, 0).body(Body::from_stream(silent));
    let fixture = Arc::new(fixture);
    let silent = tokio::spawn({
        let fixture = fixture.clone();
        async move { fixture.ask(silent.unwrap()).await }
    });
    while fixture.offset(&cookie, &path).await != "4" {
        tokio::task::yield_now().await;
    }
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let second = loop {
        let second = fixture.patch(&cookie, &path, 4, b"567890").await;
        if second.status != StatusCode::LOCKED {
            break second;
        }
        assert_eq!(second.headers[header::RETRY_AFTER], "1");
        assert!(tokio::time::Instant::now() < deadline, "it waits for ever");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(second.status, StatusCode::NO_CONTENT, "{}", second.body);
    silent.await.unwrap().is_problem(StatusCode::GONE);
    let images = fixture.images(&cookie).await;
    assert_eq!(images[0]["sha256"], sum(b"1234567890"));
}

#[tokio::test]
async fn an_upload_is_listed_and_given_up() {
    let (fixture, cookie) = Fixture::uploader().await;
    let before = fixture.files();
    for path in ["uploads", "transfers"] {
        let upload = fixture.create(&cookie, &format!("{path}.img"), 10).await;
        fixture.patch(&cookie, &upload, 0, b"123").await;
        let id = upload.rsplit('/').next().unwrap();
        let mut transfers = fixture.app.room.library().transfers();
        let is_told = |told: &shared::media::Transfer| {
            (told.id.to_string(), told.received) == (id.to_owned(), 3)
        };
        let told = transfers.wait_for(|told| told.iter().any(is_told));
        told.await.unwrap();
        let path = format!("/api/v1/{path}/{id}");
        let given_up = request(Method::DELETE, &path, &cookie).body(Body::empty());
        let given_up = fixture.ask(given_up.unwrap()).await;
        assert_eq!(given_up.status, StatusCode::NO_CONTENT);
        assert_eq!(fixture.files(), before);
        let gone = fixture.patch(&cookie, &upload, 3, b"4").await;
        gone.is_problem(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn nobody_elses_bytes_are_read() {
    let (fixture, _) = Fixture::uploader().await;
    for path in [UPLOADS, "/api/v1/uploads/1"] {
        let never = stream::poll_fn(|_| -> std::task::Poll<Option<std::io::Result<Bytes>>> {
            panic!("a stranger's bytes were read")
        });
        let method = if path == UPLOADS {
            Method::POST
        } else {
            Method::PATCH
        };
        let asked = request(method, path, "")
            .header(header::CONTENT_TYPE, tus::CHUNK)
            .body(Body::from_stream(never));
        let refused = fixture.ask(asked.unwrap()).await;
        refused.is_problem(StatusCode::UNAUTHORIZED);
    }
}
