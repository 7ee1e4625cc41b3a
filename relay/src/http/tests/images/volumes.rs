//! Disks that the relay makes, and files that are taken off images.

use std::time::{Duration, Instant};

use super::*;
use crate::media::volume::tests::disk_of;
use shared::volume::Format;

impl Fixture {
    async fn blank(&self, cookie: &str, body: &Value) -> Answer {
        self.send(Method::POST, IMAGES, cookie, body).await
    }

    async fn get(&self, cookie: &str, path: &str) -> Answer {
        let asked = request(Method::GET, path, cookie).body(Body::empty());
        self.ask(asked.unwrap()).await
    }

    /// The image of this name, when it is there.
    async fn made(&self, cookie: &str, name: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let images = self.images(cookie).await;
            if let Some(image) = images.into_iter().find(|image| image["name"] == name) {
                return image;
            }
            assert!(Instant::now() < deadline, "{name} is not made");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_blank_disk_is_made_of_the_size_and_with_the_volume_that_was_asked_for() {
    let (fixture, cookie) = Fixture::uploader().await;
    for (name, format, label) in [
        ("Bus.img", "exfat", json!("Bus")),
        ("Nothing.img", "none", Value::Null),
    ] {
        let size = 3 << 20;
        let body = json!({ "name": name, "size": size, "format": format });
        let begun = fixture.blank(&cookie, &body).await;
        assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
        let image = fixture.made(&cookie, name).await;
        assert_eq!((&image["bytes"], &image["label"]), (&json!(size), &label));
        let path = fixture.folder.path().join("images").join(name);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), size);
        assert_eq!(image["sha256"], sum(&bytes));
        let files = fixture
            .get(&cookie, &format!("{IMAGES}/{}/files", image["id"]))
            .await;
        match format {
            "none" => files.is_problem(StatusCode::UNPROCESSABLE_ENTITY),
            _ => assert_eq!(files.body, json!({ "entries": [] })),
        }
    }
    assert_eq!(fixture.files().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_a_disk_is_refused_and_nothing_is_made() {
    let (fixture, cookie) = Fixture::uploader().await;
    let viewer = fixture.viewer().await;
    let body = json!({ "name": "a.img", "size": 48 << 20, "format": "exfat" });
    fixture
        .blank(&viewer, &body)
        .await
        .is_problem(StatusCode::FORBIDDEN);
    for (name, size, format, status) in [
        (
            "a.img",
            json!(1000),
            "fat32",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "a.img",
            json!(20 << 20),
            "fat32",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("a.img", json!(0), "none", StatusCode::UNPROCESSABLE_ENTITY),
        (
            "a.img",
            json!(1u64 << 60),
            "none",
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            "a.img",
            json!(1u64 << 60),
            "exfat",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "../a",
            json!(48 << 20),
            "exfat",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "a.img",
            json!(48 << 20),
            "ntfs",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "a.img",
            json!(-1),
            "exfat",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let body = json!({ "name": name, "size": size, "format": format });
        fixture.blank(&cookie, &body).await.is_problem(status);
    }
    assert_eq!(fixture.files(), [""; 0]);
}

#[tokio::test]
async fn zeros_at_the_end_of_an_image_need_not_be_sent() {
    let (fixture, cookie) = Fixture::uploader().await;
    let metadata = |size: &str| {
        let (name, size) = (STANDARD.encode("a.img"), STANDARD.encode(size));
        request(Method::POST, UPLOADS, &cookie)
            .header(tus::LENGTH, "9")
            .header(tus::METADATA, format!("filename {name},size {size}"))
            .body(Body::empty())
            .unwrap()
    };
    for wrong in ["8", "many", "-1", ""] {
        let refused = fixture.ask(metadata(wrong)).await;
        refused.is_problem(StatusCode::BAD_REQUEST);
    }
    let created = fixture.ask(metadata("3000000")).await;
    let path = created.headers[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    fixture.patch(&cookie, &path, 0, b"some").await;
    assert_eq!(fixture.offset(&cookie, &path).await, "4");
    fixture
        .patch(&cookie, &path, 4, b"more bytes")
        .await
        .is_problem(StatusCode::PAYLOAD_TOO_LARGE);
    let last = fixture.patch(&cookie, &path, 4, b"thing").await;
    assert_eq!(last.headers[tus::OFFSET], "9", "{}", last.body);
    let mut whole = b"something".to_vec();
    whole.resize(3_000_000, 0);
    let images = fixture.images(&cookie).await;
    assert_eq!(images[0]["bytes"], 3_000_000);
    assert_eq!(images[0]["sha256"], sum(&whole));
}

#[tokio::test]
async fn files_are_listed_and_taken_off_an_image() {
    let (fixture, cookie) = Fixture::uploader().await;
    let disk = disk_of(
        Format::ExFat,
        &["read me.txt", "Ordner/größer.txt", "Ordner/tief/x"],
    );
    let image = fixture.upload(&cookie, "disk.img", &disk).await;
    let path = format!("{IMAGES}/{}/files", image["id"]);
    let root = fixture.get(&cookie, &path).await;
    assert_eq!(
        root.body,
        json!({ "entries": [
            { "name": "Ordner", "folder": true, "bytes": 0, "modified": "2026-11-23T12:34:56" },
            { "name": "read me.txt", "folder": false, "bytes": 11, "modified": "2026-11-23T12:34:56" },
        ] })
    );
    let within = fixture.get(&cookie, &format!("{path}?path=Ordner")).await;
    assert_eq!(within.body["entries"][1]["name"], "größer.txt");

    let file = fixture
        .get(
            &cookie,
            &format!("{path}/content?path=Ordner/gr%C3%B6%C3%9Fer.txt"),
        )
        .await;
    assert_eq!(file.bytes, "Ordner/größer.txt");
    assert_eq!(
        file.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"gr__er.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fer.txt"
    );
    assert_eq!(
        file.headers[header::CONTENT_TYPE],
        "application/octet-stream"
    );
    assert_eq!(file.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");

    let archive = fixture
        .get(&cookie, &format!("{path}.zip?path=Ordner"))
        .await;
    assert_eq!(
        archive.headers[header::CONTENT_LENGTH],
        archive.bytes.len().to_string()
    );
    let about = archive.headers[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap();
    assert!(about.contains("filename=\"Ordner.zip\""), "{about}");
    assert!(archive.bytes.windows(6).any(|window| window == b"tief/x"));

    for (path, status) in [
        ("/content", StatusCode::NOT_FOUND),
        ("/content?path=Ordner", StatusCode::NOT_FOUND),
        ("?path=read%20me.txt", StatusCode::NOT_FOUND),
        (".zip?path=..", StatusCode::NOT_FOUND),
        ("?path=../../etc", StatusCode::NOT_FOUND),
    ] {
        fixture
            .get(&cookie, &format!("{IMAGES}/{}/files{path}", image["id"]))
            .await
            .is_problem(status);
    }
    let noise = fixture.upload(&cookie, "noise.img", &[7; 5000]).await;
    let none = fixture
        .get(&cookie, &format!("{IMAGES}/{}/files", noise["id"]))
        .await;
    none.is_problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(none.body["type"], "urn:armchair:no-volume");
    let viewer = fixture.viewer().await;
    fixture
        .get(&viewer, &path)
        .await
        .is_problem(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_volume_that_does_not_hold_together_is_said_to() {
    let (fixture, cookie) = Fixture::uploader().await;
    let mut disk = disk_of(Format::ExFat, &["a.txt"]);
    let stream = disk
        .chunks(32)
        .position(|entry| entry[0] == 0xC0 && entry[24] == 5)
        .unwrap()
        * 32;
    disk[stream + 20..stream + 24].copy_from_slice(&u32::MAX.to_le_bytes());
    let image = fixture.upload(&cookie, "disk.img", &disk).await;
    let path = format!("{IMAGES}/{}/files", image["id"]);
    assert_eq!(
        fixture.get(&cookie, &path).await.body["entries"][0]["name"],
        "a.txt"
    );
    for way in [".zip", "/content?path=a.txt"] {
        let damaged = fixture.get(&cookie, &format!("{path}{way}")).await;
        damaged.is_problem(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(damaged.body["type"], "urn:armchair:damaged");
    }
}
