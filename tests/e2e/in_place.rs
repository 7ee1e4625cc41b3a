//! Images that stay on their server, and are read there as the machine reads: servers honest, slow, broken and evil.

use std::sync::Arc;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use shared::media::{Drive, Ejected, Source};
use tests::{
    account::Account,
    chromium::{Chromium, Tab},
    drives::{noise, sample, sha256},
    native::Client,
    page::Page,
    range_server::{Length, Manners, RangeServer},
    relay::{PASSWORD, Relay},
    wait::wait_until,
};

use crate::{
    inserting::{click_in, reads},
    look::{fits, keep},
};

/// A relay that may fetch from 127.0.0.1, and from no other address of this machine.
const ALLOWED: &str = "[drives]\nallow_networks = [\"127.0.0.1\"]\n";

struct Story {
    relay: Relay,
    account: Account,
    client: Client,
    server: RangeServer,
    bytes: Arc<Vec<u8>>,
}

impl Story {
    /// A disc of so many MiB on a server.
    async fn begin(mebibytes: usize, change: impl FnOnce(&mut Manners)) -> Result<Self> {
        let mut relay = Relay::serve_with(ALLOWED).await?;
        let account = relay.claimed().await?;
        relay.sim.boots().await?;
        let client = Client::watch(&account).await?;
        let bytes = Arc::new([sample("joliet")?, noise(mebibytes << 20, 11)].concat());
        let mut manners = manners(&bytes);
        change(&mut manners);
        Ok(Self {
            relay,
            account,
            client,
            server: RangeServer::start(manners).await?,
            bytes,
        })
    }

    async fn insert(&self) -> Result<()> {
        let url = self.server.url("discs/rescue.iso");
        self.account.insert_in_place("cd", &url).await?.done()
    }

    /// Waits until the CD drive is as wanted.
    async fn drive_where(&mut self, what: &str, is: impl Fn(&Drive) -> bool) -> Result<()> {
        self.client
            .drives_where(what, |drives| drives.first().is_some_and(&is))
            .await?;
        Ok(())
    }

    async fn is_out_of_reach(&mut self) -> Result<()> {
        self.drive_where("a medium out of reach", |drive| is_reachable(drive, false))
            .await
    }

    async fn is_within_reach(&mut self) -> Result<()> {
        self.drive_where("a medium within reach", |drive| is_reachable(drive, true))
            .await
    }

    async fn the_machine_reads_all(&self) -> Result<()> {
        let read = self.relay.sim.read("cd").await?;
        assert_eq!(read["sha256"], sha256(&self.bytes), "{read}");
        Ok(())
    }

    async fn the_machine_reads_an_error(&self) -> Result<()> {
        let read = self.relay.sim.read("cd").await?;
        assert_eq!(read["error"], "medium_error", "{read}");
        Ok(())
    }

    /// How many bytes the server was asked for.
    fn asked_for(&self) -> u64 {
        let asked = self.server.asked();
        let ranges = asked.iter().filter_map(|asked| asked.range.as_deref());
        let lengths = ranges.map(|range| length(range).unwrap_or(u64::MAX));
        lengths.fold(0, u64::saturating_add)
    }
}

/// How a server comes to answer in another way.
type Change = Box<dyn FnOnce(&mut Manners)>;

fn manners(bytes: &Arc<Vec<u8>>) -> Manners {
    Manners {
        bytes: bytes.clone(),
        etag: Some("first".into()),
        ..Manners::default()
    }
}

/// Of `bytes=5-9`.
fn length(range: &str) -> Option<u64> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    Some(last.parse::<u64>().ok()? + 1 - first.parse::<u64>().ok()?)
}

fn is_reachable(drive: &Drive, reachable: bool) -> bool {
    let medium = drive.medium.as_ref();
    medium.is_some_and(|medium| medium.reachable == reachable)
}

#[tokio::test]
async fn the_machine_has_the_first_files_before_the_whole_is_fetched() -> Result<()> {
    let mut story = Story::begin(64, |manners| {
        manners.disposition = Some("attachment; filename*=UTF-8''..%2FGr%C3%B6%C3%9Fe.iso".into());
        manners.redirects = [("discs/rescue.iso".into(), "/here?x=1".into())].into();
    })
    .await?;
    story.insert().await?;
    let host = story.server.address.to_string();
    let bytes = story.bytes.len() as u64;
    story
        .drive_where("the disc", |drive| {
            drive.medium.as_ref().is_some_and(|medium| {
                medium.name == "Größe.iso"
                    && medium.bytes == bytes
                    && medium.source == Source::Server { host: host.clone() }
                    && medium.reachable
                    && !medium.writable
            })
        })
        .await?;
    wait_until("the machine's files", async || {
        story.account.types("ls").await?;
        let text = story.relay.sim.state().await?.text.join("\n");
        Ok(text.contains("cd/readme.txt"))
    })
    .await?;
    let fetched = story.asked_for();
    ensure!(
        fetched < bytes / 4,
        "{fetched} of {bytes} bytes were fetched"
    );

    story.the_machine_reads_all().await?;
    let asked = story.server.asked();
    let parts: Vec<_> = asked
        .iter()
        .filter(|asked| asked.path == "here?x=1")
        .collect();
    let later = parts.iter().skip(1);
    ensure!(
        later
            .clone()
            .all(|part| part.if_range.as_deref() == Some("\"first\"")),
        "{parts:?}"
    );
    let redirected = asked.len() - parts.len();
    assert_eq!(redirected, 1, "it is asked again where it leads");
    let fetched = story.asked_for();
    ensure!(fetched < bytes + bytes / 4, "{fetched} for {bytes} bytes");
    story.account.eject("cd", false).await?.done()?;
    let images = story.account.request(Method::GET, "api/v1/images").await?;
    assert_eq!(images.body["images"], json!([]));
    Ok(())
}

#[tokio::test]
async fn where_an_address_leads_may_expire() -> Result<()> {
    let leads_to = |to: &str| {
        let redirects = [("discs/rescue.iso".to_owned(), to.to_owned())];
        move |manners: &mut Manners| manners.redirects = redirects.into()
    };
    let story = Story::begin(40, leads_to("/store?key=1")).await?;
    story.insert().await?;
    story.server.change(leads_to("/store?key=2"));
    story
        .server
        .change(|manners| manners.forbids = ["store?key=1".to_owned()].into());
    story.the_machine_reads_all().await
}

#[tokio::test]
async fn what_cannot_be_read_in_place_is_refused_with_the_reason() -> Result<()> {
    let story = Story::begin(1, |_| {}).await?;
    let bytes = story.bytes.clone();
    let elsewhere = |location: &str| {
        let location = location.to_owned();
        move |manners: &mut Manners| {
            manners.redirects = [("discs/rescue.iso".into(), location)].into();
        }
    };
    let cut_off = Arc::new(sample("joliet")?[..64 * 2048].to_vec());
    let refused: [(&str, u16, Change); 8] = [
        (
            "cut-off",
            422,
            Box::new(move |manners| manners.bytes = cut_off.clone()),
        ),
        (
            "no-parts",
            422,
            Box::new(|manners| manners.ignores_range = true),
        ),
        (
            "no-size",
            422,
            Box::new(|manners| manners.claims_range = Some("bytes 0-0/*".into())),
        ),
        (
            "empty",
            422,
            Box::new(|manners| manners.bytes = Arc::default()),
        ),
        (
            "server-status",
            502,
            Box::new(|manners| manners.status = Some(404)),
        ),
        (
            "forbidden-address",
            422,
            Box::new(elsewhere("http://127.0.0.2/a.iso")),
        ),
        (
            "bad-address",
            422,
            Box::new(elsewhere("file:///etc/passwd")),
        ),
        (
            "server-unreachable",
            502,
            Box::new(elsewhere("/discs/rescue.iso")),
        ),
    ];
    for (kind, status, change) in refused {
        story.server.change(|known| {
            *known = manners(&bytes);
            change(known);
        });
        let url = story.server.url("discs/rescue.iso");
        let answer = story.account.insert_in_place("cd", &url).await?;
        answer.refused(status, kind)?;
    }
    story.server.change(|known| *known = manners(&bytes));
    let insert = "api/v1/drives/cd/insert";
    let url = story.server.url("discs/rescue.iso");
    for (body, kind) in [
        (json!({ "url": "ftp://example.com/a.iso" }), "bad-address"),
        (
            json!({ "url": "http://127.0.0.2/a.iso" }),
            "forbidden-address",
        ),
        (
            json!({ "url": url, "writable": true }),
            "in-place-not-writable",
        ),
    ] {
        let answer = story.account.post(insert, &body).await?;
        answer.refused(422, kind)?;
    }
    for body in [json!({}), json!({ "url": url, "image": 1 })] {
        let answer = story.account.post(insert, &body).await?;
        assert_eq!(answer.status.as_u16(), 422, "{}", answer.body);
    }
    story.relay.add_user("eve", "viewer").await?;
    let viewer = Account::sign_in(&story.relay.url, "eve", PASSWORD).await?;
    let answer = viewer.insert_in_place("cd", &url).await?;
    assert_eq!(answer.status.as_u16(), 403, "{}", answer.body);
    let drives = story.account.request(Method::GET, "api/v1/drives").await?;
    assert_eq!(drives.body[0]["medium"], Value::Null);

    story
        .server
        .change(|known| known.bytes = Arc::new(noise(1 << 20, 1)));
    let disk = story.account.insert_in_place("cd", &url).await?;
    disk.refused(422, "not-a-cd")?;
    let disk = story.account.insert_in_place("usb", &url).await?;
    disk.done()
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for_and_gone_on_with() -> Result<()> {
    let mut story = Story::begin(40, |_| {}).await?;
    story.insert().await?;
    let (address, bytes) = (story.server.address.to_string(), story.bytes.clone());

    story.server.change(|manners| manners.status = Some(503));
    story.the_machine_reads_an_error().await?;
    story.is_out_of_reach().await?;
    story.server.change(|manners| manners.status = None);
    story.is_within_reach().await?;

    let elsewhere = RangeServer::start(Manners::default()).await?;
    drop(std::mem::replace(&mut story.server, elsewhere));
    story.the_machine_reads_an_error().await?;
    story.is_out_of_reach().await?;
    story.server = RangeServer::start_on(&address, manners(&bytes), None).await?;
    story.is_within_reach().await?;

    story.server.change(|manners| manners.holds_after = Some(0));
    story.the_machine_reads_an_error().await?;
    story.is_out_of_reach().await?;
    story.server.release();
    story.is_within_reach().await?;
    story.the_machine_reads_all().await
}

#[tokio::test]
async fn what_a_broken_server_sends_is_never_taken_for_something_else() -> Result<()> {
    let mut story = Story::begin(40, |manners| {
        manners.breaks_after = [1, 100, 70_000, 0, 5, 0, 30_000].into();
    })
    .await?;
    story.insert().await?;
    story.the_machine_reads_all().await?;
    story.account.eject("cd", false).await?.done()?;

    story.insert().await?;
    let claim = format!("bytes 5-9/{}", story.bytes.len());
    story
        .server
        .change(|manners| manners.claims_range = Some(claim));
    story.the_machine_reads_an_error().await?;
    story.is_out_of_reach().await?;
    story.server.change(|manners| manners.claims_range = None);
    story.is_within_reach().await?;
    story
        .server
        .change(|manners| manners.length = Length::Claimed(10));
    story.the_machine_reads_an_error().await?;
    story.is_out_of_reach().await?;
    story.server.change(|manners| manners.length = Length::True);
    story.is_within_reach().await?;
    story.the_machine_reads_all().await
}

#[tokio::test]
async fn a_file_that_has_changed_is_never_mixed_with_what_it_was() -> Result<()> {
    for change in [
        (|manners| manners.etag = Some("second".into())) as fn(&mut Manners),
        |manners| manners.bytes = Arc::new(noise(5 << 20, 3)),
        |manners| manners.status = Some(404),
    ] {
        let mut story = Story::begin(40, |_| {}).await?;
        story.insert().await?;
        story.server.change(change);
        story.the_machine_reads_an_error().await?;
        story
            .drive_where("an ejected disc", |drive| {
                drive.medium.is_none() && drive.ejected == Some(Ejected::SourceChanged)
            })
            .await?;
    }
    Ok(())
}

/// Types an address into the page, and where it is to go.
async fn wants(tab: &Tab, page: &Page, url: &str, into: &str) -> Result<()> {
    if tab.find("textbox", "Address").await?.is_none() {
        tab.click("button", "Fetch from URL").await?;
    }
    tab.fill("Address", url).await?;
    page.choose("What to do with it", into).await
}

#[tokio::test]
async fn an_operator_inserts_an_address_and_sees_what_becomes_of_it() -> Result<()> {
    let mut story = Story::begin(40, |_| {}).await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &story.account, &story.relay.sim).await?;
    let tab = &page.tab;
    page.open_tool("Drives").await?;
    story.server.change(|manners| manners.ignores_range = true);
    let url = story.server.url("discs/rescue.iso");
    wants(tab, &page, &url, "cd").await?;
    keep(tab, "in-place-form").await?;
    tab.click("button", "Insert now").await?;
    let alert = page.alert().await?;
    ensure!(alert.contains("only as a whole"), "{alert}");
    story.server.change(|manners| manners.ignores_range = false);
    tab.click("button", "Insert now").await?;
    let host = story.server.address.to_string();
    reads(tab, "CD/DVD", &format!("Read from {host} as needed")).await?;
    tab.element("image", "CD/DVD: rescue.iso").await?;
    story.the_machine_reads_all().await?;

    for (width, height) in [(1440, 900), (390, 844)] {
        tab.viewport(width, height, 1.0).await?;
        keep(tab, &format!("in-place-{width}x{height}")).await?;
        fits(tab, width, height).await?;
    }
    tab.viewport(1440, 900, 1.0).await?;
    click_in(tab, "CD/DVD", "Eject").await?;
    reads(tab, "CD/DVD", "empty").await?;
    wants(tab, &page, &url, "cd").await?;
    tab.click("button", "Insert now").await?;
    reads(tab, "CD/DVD", "as needed").await?;
    story.server.change(|manners| manners.status = Some(503));
    story.the_machine_reads_an_error().await?;
    reads(tab, "CD/DVD", &format!("{host} does not answer")).await?;
    keep(tab, "in-place-away").await?;
    story.server.change(|manners| manners.status = None);
    story.is_within_reach().await?;
    reads(tab, "CD/DVD", "as needed").await?;
    story
        .server
        .change(|manners| manners.etag = Some("second".into()));
    story.the_machine_reads_an_error().await?;
    reads(tab, "CD/DVD", "has changed").await?;
    keep(tab, "in-place-changed").await?;
    chromium.end().await
}
