//! Images from the web, from servers that are honest, broken, or evil.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tests::{
    account::{Account, Answer},
    drives::{noise, sha256},
    range_server::{Length, Manners, RangeServer},
    relay::Relay,
    wait::{wait_for, wait_until},
};
use tokio_rustls::TlsAcceptor;

use super::{files, get, images, received_more_than, transfer};

/// A relay that may fetch from 127.0.0.1, and from no other address of this machine.
const ALLOWED: &str = "[drives]\nallow_networks = [\"127.0.0.1\"]\n";

struct Story {
    relay: Relay,
    account: Account,
    server: RangeServer,
    bytes: Vec<u8>,
}

impl Story {
    async fn begin(change: impl FnOnce(&mut Manners)) -> Result<Self> {
        Self::begin_with(ALLOWED, change).await
    }

    async fn begin_with(settings: &str, change: impl FnOnce(&mut Manners)) -> Result<Self> {
        Self::begin_at(Relay::serve_with(settings).await?, 3 << 20, change).await
    }

    async fn begin_at(
        mut relay: Relay,
        size: usize,
        change: impl FnOnce(&mut Manners),
    ) -> Result<Self> {
        let account = relay.claimed().await?;
        let bytes = noise(size, 7);
        let mut manners = Manners {
            bytes: Arc::new(bytes.clone()),
            etag: Some("first".into()),
            ..Manners::default()
        };
        change(&mut manners);
        Ok(Self {
            relay,
            account,
            server: RangeServer::start(manners).await?,
            bytes,
        })
    }

    async fn fetch(&self, path: &str) -> Result<u64> {
        let answer = self
            .ask_for(&json!({ "url": self.server.url(path) }))
            .await?;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        answer.body["id"].as_u64().context("an id")
    }

    async fn ask_for(&self, wanted: &Value) -> Result<Answer> {
        self.account.post("api/v1/images", wanted).await
    }

    async fn image(&self) -> Result<Value> {
        let image = wait_for("an image", async || {
            if let Some(transfer) = transfer(&self.account).await? {
                assert!(!transfer["phase"].is_object(), "{transfer}");
            }
            Ok(images(&self.account).await?.pop())
        });
        image.await
    }

    /// Waits until the one transfer has failed, and gives why. Nothing of it is in the library.
    async fn fault(&self) -> Result<Value> {
        let fault = wait_for("a failure", async || {
            let transfer = transfer(&self.account).await?;
            let failed = transfer.and_then(|transfer| transfer["phase"].get("failed").cloned());
            Ok(failed)
        });
        let fault = fault.await?;
        assert_eq!(images(&self.account).await?, [Value::Null; 0]);
        Ok(fault)
    }

    async fn give_up(&self, id: u64) -> Result<()> {
        let path = format!("api/v1/transfers/{id}");
        let answer = self.account.request(Method::DELETE, &path).await?;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        wait_until("its end", async || {
            Ok(transfer(&self.account).await?.is_none())
        })
        .await
    }

    fn folder(&self) -> PathBuf {
        self.relay.folder().join("state/images")
    }
}

#[tokio::test]
async fn a_fetch_goes_on_where_the_server_broke_off() -> Result<()> {
    let story = Story::begin(|manners| {
        manners.breaks_after = [1 << 20].into();
        manners.disposition = Some("attachment; filename=\"../../Größe.img\"".into());
        manners.redirects = [("moved".into(), "/here/download?x=1".into())].into();
    })
    .await?;
    story.fetch("moved").await?;
    let image = story.image().await?;
    assert_eq!(image["sha256"], sha256(&story.bytes));
    assert_eq!(files(&story.folder())?.len(), 1);

    let asked = story.server.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(
        paths,
        ["moved", "here/download?x=1", "moved", "here/download?x=1"]
    );
    assert_eq!(asked[1].range, None);
    assert_eq!(asked[3].range.as_deref(), Some("bytes=1048576-"));
    assert_eq!(asked[3].if_range.as_deref(), Some("\"first\""));
    Ok(())
}

#[tokio::test]
async fn a_fetch_outlives_a_killed_relay() -> Result<()> {
    let mut story = Story::begin(|manners| manners.holds_after = Some(1 << 20)).await?;
    story.fetch("rescue%20disc.iso").await?;
    received_more_than(&story.account, (1 << 20) - 1).await?;
    story.relay.kill().await?;
    story.server.release();
    story.relay.start_again().await?;
    let image = story.image().await?;
    assert_eq!(image["name"], "rescue disc.iso");
    assert_eq!(image["sha256"], sha256(&story.bytes));
    let asked = story.server.asked();
    assert_eq!(asked[1].range.as_deref(), Some("bytes=1048576-"));
    Ok(())
}

#[tokio::test]
async fn a_server_that_knows_no_parts_is_asked_for_all_again() -> Result<()> {
    let story = Story::begin(|manners| {
        manners.ignores_range = true;
        manners.breaks_after = [1 << 20, 2 << 20].into();
    })
    .await?;
    story.fetch("a.img").await?;
    let image = story.image().await?;
    assert_eq!(image["sha256"], sha256(&story.bytes));
    assert_eq!(story.server.asked().len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_file_that_changes_meanwhile_is_not_mixed() -> Result<()> {
    let story = Story::begin(|manners| manners.holds_after = Some(1 << 20)).await?;
    let id = story.fetch("a.img").await?;
    received_more_than(&story.account, (1 << 20) - 1).await?;
    let other = noise(2 << 20, 8);
    story.server.change(|manners| {
        manners.bytes = Arc::new(other.clone());
        manners.etag = Some("second".into());
        manners.holds_after = None;
    });
    story.server.break_off();
    assert_eq!(story.fault().await?, "changed");
    let resume = format!("api/v1/transfers/{id}/resume");
    let resumed = story.account.post(&resume, &Value::Null).await?;
    assert_eq!(resumed.status, StatusCode::ACCEPTED, "{}", resumed.body);
    let image = wait_for("an image", async || Ok(images(&story.account).await?.pop())).await?;
    assert_eq!(image["sha256"], sha256(&other));
    Ok(())
}

#[tokio::test]
async fn another_content_than_was_wanted_is_not_kept() -> Result<()> {
    let story = Story::begin(|manners| manners.length = Length::Claimed(1 << 20)).await?;
    let wanted = json!({
        "url": story.server.url("a.img"), "name": "Wanted.img", "sha256": sha256(&story.bytes),
    });
    let answer = story.ask_for(&wanted).await?;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(story.fault().await?, "checksum");
    assert!(files(&story.folder())?.is_empty());
    let told = transfer(&story.account).await?.context("a transfer")?;
    assert_eq!(told["name"], "Wanted.img");
    Ok(())
}

#[tokio::test]
async fn a_size_that_lies_ends_in_no_image() -> Result<()> {
    let story = Story::begin(|manners| manners.length = Length::Claimed(4 << 20)).await?;
    story.fetch("a.img").await?;
    let fault = story.fault().await?;
    assert_eq!(fault, "changed");
    Ok(())
}

#[tokio::test]
async fn a_status_is_told() -> Result<()> {
    let story = Story::begin(|manners| manners.status = Some(404)).await?;
    let id = story.fetch("a.img").await?;
    assert_eq!(story.fault().await?, json!({ "status": 404 }));
    story.give_up(id).await?;
    assert!(files(&story.folder())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_fetch_that_was_given_up_leaves_nothing() -> Result<()> {
    let story = Story::begin(|manners| manners.holds_after = Some(1 << 20)).await?;
    let id = story.fetch("a.img").await?;
    received_more_than(&story.account, (1 << 20) - 1).await?;
    assert_eq!(files(&story.folder())?.len(), 1);
    story.give_up(id).await?;
    assert!(files(&story.folder())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_is_not_fetched_whether_its_size_is_said_or_not() -> Result<()> {
    let settings = format!("{ALLOWED}image_max_mib = 2\n");
    let story = Story::begin_with(&settings, |_| {}).await?;
    let id = story.fetch("a.img").await?;
    assert_eq!(story.fault().await?, "too_large");
    let told = transfer(&story.account).await?.context("a transfer")?;
    assert_eq!(told["received"], 0);
    story.give_up(id).await?;
    story
        .server
        .change(|manners| manners.length = Length::Unsaid);
    let id = story.fetch("a.img").await?;
    assert_eq!(story.fault().await?, "too_large");
    story.give_up(id).await?;
    assert!(files(&story.folder())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_file_of_unsaid_size_becomes_an_image_at_its_end() -> Result<()> {
    let story = Story::begin(|manners| manners.length = Length::Unsaid).await?;
    story.fetch("a.img").await?;
    assert_eq!(story.image().await?["sha256"], sha256(&story.bytes));
    Ok(())
}

#[tokio::test]
async fn a_disk_that_fills_up_meanwhile_is_said() -> Result<()> {
    let relay = Relay::serve_on_small_disk_with(80, ALLOWED).await?;
    let story = Story::begin_at(relay, 100 << 20, |manners| {
        manners.length = Length::Unsaid;
    })
    .await?;
    let folder = story.relay.inside(&story.relay.folder().join("images"));
    let id = story.fetch("a.img").await?;
    assert_eq!(story.fault().await?, "no_room");
    story.give_up(id).await?;
    assert!(files(&folder)?.is_empty());
    story.server.change(|manners| manners.length = Length::True);
    let id = story.fetch("a.img").await?;
    assert_eq!(story.fault().await?, "no_room");
    let told = transfer(&story.account).await?.context("a transfer")?;
    assert_eq!(told["received"], 0);
    story.give_up(id).await?;
    Ok(())
}

#[tokio::test]
async fn addresses_of_the_relays_own_network_are_not_asked() -> Result<()> {
    let forbidden = RangeServer::start_on("127.0.0.2:0", Manners::default(), None).await?;
    let story = Story::begin(|manners| {
        manners.redirects = [
            ("metadata".into(), "http://169.254.169.254/latest".into()),
            ("neighbour".into(), forbidden.url("a.img")),
            (
                "mapped".into(),
                forbidden
                    .url("a.img")
                    .replace("127.0.0.2", "[::ffff:7f00:2]"),
            ),
            ("file".into(), "file:///etc/passwd".into()),
        ]
        .into();
    })
    .await?;
    for path in ["metadata", "neighbour", "mapped", "file"] {
        let id = story.fetch(path).await?;
        assert_eq!(story.fault().await?, "forbidden", "{path}");
        story.give_up(id).await?;
    }
    for url in [
        forbidden.url("a.img"),
        "http://169.254.169.254/latest/meta-data".into(),
        "http://[::1]/a.img".into(),
        "http://10.0.0.1/a.img".into(),
        "http://2130706434/a.img".into(),
        "file:///etc/passwd".into(),
        "https://user:secret@example.com/a.img".into(),
    ] {
        let refused = story.ask_for(&json!({ "url": url })).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
    }
    assert_eq!(forbidden.asked(), []);
    assert_eq!(get(&story.account, "api/v1/transfers").await?, json!([]));

    let strict = Story::begin_with("", |_| {}).await?;
    let port = strict.server.address.port();
    let named = json!({ "url": format!("http://localhost:{port}/a.img") });
    let answer = strict.ask_for(&named).await?;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(strict.fault().await?, "forbidden");
    assert_eq!(strict.server.asked(), []);
    Ok(())
}

#[tokio::test]
async fn a_server_is_asked_by_tls_where_its_certificate_is_trusted() -> Result<()> {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let work = tempfile::tempdir()?;
    let file = work.path().join("trusted.pem");
    std::fs::write(&file, certificate.cert.pem())?;
    let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.cert.der().clone()],
            PrivateKeyDer::from(key),
        )?;
    let bytes = noise(1 << 20, 9);
    let manners = Manners {
        bytes: Arc::new(bytes.clone()),
        ..Manners::default()
    };
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = RangeServer::start_on("127.0.0.1:0", manners, Some(acceptor)).await?;
    let url = format!("https://localhost:{}/a.img", server.address.port());
    let wanted = json!({ "url": url });

    let mut relay = Relay::serve_trusting(&file, ALLOWED).await?;
    let account = relay.claimed().await?;
    account.post("api/v1/images", &wanted).await?;
    let image = wait_for("the image", async || Ok(images(&account).await?.pop())).await?;
    assert_eq!(image["sha256"], sha256(&bytes));

    let mut stranger = Relay::serve_with(ALLOWED).await?;
    let account = stranger.claimed().await?;
    account.post("api/v1/images", &wanted).await?;
    wait_until("a refused certificate", async || {
        Ok(stranger.logged().contains("certificate"))
    })
    .await?;
    assert_eq!(images(&account).await?, [Value::Null; 0]);
    assert_eq!(server.asked().len(), 1);
    Ok(())
}
