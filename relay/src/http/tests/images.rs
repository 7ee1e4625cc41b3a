//! The library of images.

use axum::http::{HeaderName, request::Builder};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::*;
use crate::http::tus;

mod uploads;
mod volumes;

const UPLOADS: &str = "/api/v1/uploads";
const IMAGES: &str = "/api/v1/images";

fn request(method: Method, path: &str, cookie: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "kvm.example")
        .header(header::ORIGIN, "https://kvm.example")
        .header(header::COOKIE, cookie)
        .header(tus::RESUMABLE, "1.0.0")
}

fn creation(cookie: &str, name: &str, length: &str) -> Builder {
    request(Method::POST, UPLOADS, cookie)
        .header(tus::LENGTH, length)
        .header(tus::METADATA, format!("filename {}", STANDARD.encode(name)))
}

fn chunk(cookie: &str, path: &str, offset: u64) -> Builder {
    request(Method::PATCH, path, cookie)
        .header(header::CONTENT_TYPE, tus::CHUNK)
        .header(tus::OFFSET, offset)
}

fn sum(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Fixture {
    async fn uploader() -> (Self, String) {
        let fixture = Self::claimed().await;
        let cookie = fixture.sign_in("ada", PASSWORD).await.cookie();
        (fixture, cookie)
    }

    async fn viewer(&self) -> String {
        let hash = crate::auth::password::hash(PASSWORD);
        let add = move |connection: &mut rusqlite::Connection| {
            users::add(connection, "eve", &hash, Role::Viewer)
        };
        self.store.call(add).await.unwrap();
        self.sign_in("eve", PASSWORD).await.cookie()
    }

    async fn create(&self, cookie: &str, name: &str, length: usize) -> String {
        let announced = creation(cookie, name, &length.to_string());
        let answer = self.ask(announced.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.headers[header::LOCATION]
            .to_str()
            .unwrap()
            .to_owned()
    }

    async fn patch(&self, cookie: &str, path: &str, offset: u64, bytes: &[u8]) -> Answer {
        let body = Body::from(bytes.to_vec());
        self.ask(chunk(cookie, path, offset).body(body).unwrap())
            .await
    }

    async fn offset(&self, cookie: &str, path: &str) -> String {
        let asked = request(Method::HEAD, path, cookie).body(Body::empty());
        let answer = self.ask(asked.unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.headers[tus::OFFSET].to_str().unwrap().to_owned()
    }

    async fn upload(&self, cookie: &str, name: &str, bytes: &[u8]) -> Value {
        let path = self.create(cookie, name, bytes.len()).await;
        let answer = self.patch(cookie, &path, 0, bytes).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        let images = self.images(cookie).await;
        let image = images.iter().find(|image| image["name"] == name).unwrap();
        image.clone()
    }

    async fn images(&self, cookie: &str) -> Vec<Value> {
        let list = self.send(Method::GET, IMAGES, cookie, &Value::Null).await;
        list.body["images"].as_array().unwrap().clone()
    }

    /// Every file of the state folder.
    fn files(&self) -> Vec<String> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(path.display().to_string()),
                }
            }
        }
        files.retain(|file| !file.contains("armchair.db"));
        files.sort();
        files
    }
}

#[tokio::test]
async fn an_image_is_renamed_downloaded_and_deleted() {
    let (fixture, cookie) = Fixture::uploader().await;
    let bytes = b"0123456789".repeat(100_000);
    let image = fixture.upload(&cookie, "a.img", &bytes).await;
    let path = format!("{IMAGES}/{}", image["id"]);
    let rename = async |name: &str| {
        fixture
            .send(Method::PATCH, &path, &cookie, &json!({ "name": name }))
            .await
    };
    rename("../b.img")
        .await
        .is_problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rename("Größe.img").await.body["name"], "Größe.img");

    let content = format!("{path}/content");
    let get = async |header: HeaderName, value: &str| {
        let request = request(Method::GET, &content, &cookie).header(header, value);
        fixture.ask(request.body(Body::empty()).unwrap()).await
    };
    let all = get(header::ACCEPT, "*/*").await;
    assert_eq!(all.bytes, bytes);
    assert_eq!(all.headers[header::CONTENT_LENGTH], "1000000");
    assert_eq!(
        all.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"Gr__e.img\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.img"
    );
    let part = get(header::RANGE, "bytes=999995-").await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes, "56789");
    assert_eq!(
        part.headers[header::CONTENT_RANGE],
        "bytes 999995-999999/1000000"
    );
    let beyond = get(header::RANGE, "bytes=1000000-").await;
    beyond.is_problem(StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers[header::CONTENT_RANGE], "bytes */1000000");

    let loan = fixture
        .app
        .room
        .library()
        .lend(u32::try_from(image["id"].as_u64().unwrap()).unwrap(), false)
        .unwrap();
    let delete = async || {
        fixture
            .send(Method::DELETE, &path, &cookie, &Value::Null)
            .await
    };
    delete().await.is_problem(StatusCode::CONFLICT);
    drop(loan);
    assert_eq!(delete().await.status, StatusCode::NO_CONTENT);
    delete().await.is_problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn viewers_see_the_list_and_strangers_nothing() {
    let (fixture, cookie) = Fixture::uploader().await;
    let image = fixture.upload(&cookie, "a.img", b"an image").await;
    let upload = fixture.create(&cookie, "b.img", 10).await;
    let viewer = fixture.viewer().await;
    let path = format!("{IMAGES}/{}", image["id"]);
    let content = format!("{path}/content");
    let transfer = upload.replace("uploads", "transfers");
    let changes = [
        (Method::POST, UPLOADS),
        (Method::HEAD, &upload),
        (Method::PATCH, &upload),
        (Method::DELETE, &upload),
        (Method::PATCH, &path),
        (Method::DELETE, &path),
        (Method::GET, &content),
        (Method::DELETE, &transfer),
        (Method::POST, IMAGES),
        (Method::POST, "/api/v1/transfers/1/resume"),
    ];
    for (who, status) in [
        (viewer.as_str(), StatusCode::FORBIDDEN),
        ("", StatusCode::UNAUTHORIZED),
    ] {
        for (method, path) in &changes {
            let asked = request(method.clone(), path, who).body("12345".into());
            let refused = fixture.ask(asked.unwrap()).await;
            assert_eq!(refused.status, status, "{method} {path}");
        }
    }
    assert_eq!(fixture.images(&viewer).await.len(), 1);
    for path in [IMAGES, "/api/v1/transfers"] {
        let stranger = fixture.send(Method::GET, path, "", &Value::Null).await;
        stranger.is_problem(StatusCode::UNAUTHORIZED);
    }
    let foreign = Request::delete(&path)
        .header(header::HOST, "kvm.example")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::COOKIE, &cookie)
        .body(Body::empty());
    let foreign = fixture.ask(foreign.unwrap()).await;
    foreign.is_problem(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nothing_is_fetched_from_where_it_must_not() {
    let (fixture, cookie) = Fixture::uploader().await;
    let before = fixture.files();
    for (wanted, kind) in [
        (
            json!({ "url": "http://127.0.0.1/a.img" }),
            "forbidden-address",
        ),
        (
            json!({ "url": "http://[::ffff:10.0.0.1]/a.img" }),
            "forbidden-address",
        ),
        (
            json!({ "url": "gopher://example.com/a.img" }),
            "bad-address",
        ),
        (
            json!({ "url": "https://me:secret@example.com/a" }),
            "bad-address",
        ),
        (
            json!({ "url": "https://example.com/a", "name": "../a" }),
            "bad-name",
        ),
    ] {
        let refused = fixture.send(Method::POST, IMAGES, &cookie, &wanted).await;
        refused.is_problem(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            refused.body["type"],
            format!("urn:armchair:{kind}"),
            "{wanted}"
        );
    }
    let wanted = json!({ "url": "https://example.com/a", "sha256": "abc" });
    let refused = fixture.send(Method::POST, IMAGES, &cookie, &wanted).await;
    refused.is_problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fixture.files(), before);
    let upload = fixture.create(&cookie, "a.img", 10).await;
    let resume = format!("{}/resume", upload.replace("uploads", "transfers"));
    let refused = fixture
        .send(Method::POST, &resume, &cookie, &Value::Null)
        .await;
    refused.is_problem(StatusCode::CONFLICT);
}
