//! The library of images: what arrives in it, and what never does.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tests::{
    account::Account,
    drives::{noise, sha256},
    relay::Relay,
    tus::{Job, TusClient},
    wait::{wait_for, wait_until},
};

mod fetch;

async fn get(account: &Account, path: &str) -> Result<Value> {
    let answer = account.request(Method::GET, path).await?;
    ensure!(answer.status == StatusCode::OK, "{path}: {answer:?}");
    Ok(answer.body)
}

async fn images(account: &Account) -> Result<Vec<Value>> {
    let list = get(account, "api/v1/images").await?;
    Ok(list["images"].as_array().context("images")?.clone())
}

/// The one transfer that there is.
async fn transfer(account: &Account) -> Result<Option<Value>> {
    let transfers = get(account, "api/v1/transfers").await?;
    Ok(transfers.get(0).cloned())
}

async fn received_more_than(account: &Account, bytes: u64) -> Result<u64> {
    wait_for("more bytes", async || {
        let transfer = transfer(account).await?;
        let received = transfer.and_then(|transfer| transfer["received"].as_u64());
        Ok(received.filter(|received| *received > bytes))
    })
    .await
}

/// All files in a folder and those below it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    Ok(files)
}

#[tokio::test]
async fn an_upload_outlives_a_killed_client_and_a_killed_relay() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let work = tempfile::tempdir()?;
    let bytes = noise(256 << 20, 4);
    let job = Job {
        file: work.path().join("source"),
        name: "Rescue, großes.img".into(),
        sha256: sha256(&bytes),
        memory: work.path().join("memory.json"),
    };
    fs::write(&job.file, &bytes)?;

    let client = TusClient::start(&account, &job)?;
    received_more_than(&account, 0).await?;
    client.kill().await?;
    let broken_off = wait_for("a wait for the client", async || {
        let transfer = transfer(&account).await?;
        Ok(transfer.filter(|transfer| transfer["phase"] == "waiting"))
    })
    .await?;
    let received = broken_off["received"].as_u64().context("received")?;
    assert!(received < bytes.len() as u64, "it was done already");
    assert_eq!(images(&account).await?, [Value::Null; 0]);

    let client = TusClient::start(&account, &job)?;
    let received = received_more_than(&account, received).await?;
    relay.kill().await?;
    let folder = relay.folder().join("state/images");
    assert!(!folder.join(&job.name).exists());
    relay.start_again().await?;
    let now = transfer(&account).await?;
    if let Some(now) = now {
        assert_eq!(now["id"], broken_off["id"]);
        assert!(now["received"].as_u64() >= Some(received), "{now}");
    }
    let (status, says) = client.ended().await?;
    assert!(status.success(), "{says}");

    let images = images(&account).await?;
    assert_eq!(images.len(), 1);
    assert_eq!(images[0]["name"], job.name);
    assert_eq!(images[0]["bytes"], bytes.len());
    assert_eq!(images[0]["sha256"], job.sha256);
    let image = folder.join(&job.name);
    assert!(fs::read(&image)? == bytes, "the file is another one");
    assert_eq!(files(&folder)?, [image]);
    assert!(transfer(&account).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_said_and_leaves_the_library_as_it_was() -> Result<()> {
    let mut relay = Relay::serve_on_small_disk(48).await?;
    let account = relay.claimed().await?;
    let folder = relay.inside(&relay.folder().join("images"));
    let free = get(&account, "api/v1/images").await?["free_bytes"].as_u64();
    let free = usize::try_from(free.context("free bytes")?)?;
    let half = noise(free / 2 + 1, 5);

    let announce = async |name: &str, bytes: &[u8]| account.announce(name, bytes.len()).await;
    let first = announce("first.img", &half).await?;
    let upload = first.location.context("a place for the upload")?;
    let second = announce("second.img", &half).await?;
    assert_eq!(second.status, StatusCode::INSUFFICIENT_STORAGE);
    let detail = second.body["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("room"), "{detail}");
    assert_eq!(files(&folder)?.len(), 1);

    let filler = folder.join(".partial/filler");
    let filled = fs::write(&filler, vec![0; 48 << 20]);
    assert!(filled.is_err(), "the disk has more room than it should");
    let sent = account.send_chunk(&upload, 0, &half).await?;
    assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}", sent.body);
    let listed = images(&account).await?;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["sha256"], sha256(&half));

    let third = announce("third.img", b"small").await?;
    assert_eq!(third.status, StatusCode::INSUFFICIENT_STORAGE);
    fs::remove_file(&filler)?;
    assert_eq!(images(&account).await?, listed);
    assert_eq!(files(&folder)?, [folder.join("first.img")]);
    Ok(())
}

#[tokio::test]
async fn a_file_put_into_the_folder_becomes_an_image() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let folder = relay.folder().join("state/images");
    let bytes = noise(1 << 20, 6);
    fs::write(folder.join("by hand.img"), &bytes)?;
    let listed = wait_for("the image", async || Ok(images(&account).await?.pop())).await?;
    assert_eq!(listed["name"], "by hand.img");
    assert_eq!(listed["sha256"], sha256(&bytes));
    fs::remove_file(folder.join("by hand.img"))?;
    wait_until("its end", async || Ok(images(&account).await?.is_empty())).await?;
    assert!(relay.logged().contains("gone"), "{}", relay.logged());
    Ok(())
}
