//! The same, from the page.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tempfile::TempDir;
use tests::{
    account::Account,
    chromium::{Chromium, Tab},
    drives::sha256,
    front::Front,
    native::Client,
    page::Page,
    relay::Relay,
    wait::wait_until,
};

use super::{ejected, iso};
use crate::look::{fits, keep};

/// What chooses a file of this computer for whichever drive is free, and for the CD drive.
const ANY: &str = ".held input[type=file]";
const CD: &str = "section[aria-label='CD/DVD'] input[type=file]";

/// A page with the drives open, and a file of its computer.
struct Desk {
    relay: Relay,
    chromium: Chromium,
    page: Page,
    account: Account,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Result<Self> {
        let (relay, account) = Relay::demo().await?;
        Self::before(relay, account).await
    }

    async fn before(relay: Relay, account: Account) -> Result<Self> {
        relay.sim.boots().await?;
        let chromium = Chromium::start().await?;
        let page = Page::open(&chromium, &account, &relay.sim).await?;
        let desk = Self {
            relay,
            chromium,
            page,
            account,
            folder: tempfile::tempdir()?,
        };
        desk.open_drives().await?;
        Ok(desk)
    }

    async fn open_drives(&self) -> Result<()> {
        self.page.open_tool("Drives").await?;
        self.page.tab.element("region", "CD/DVD").await?;
        Ok(())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Chooses a file, by the button of this name.
    async fn chooses(&self, button: &str, file: &Path) -> Result<()> {
        let tab = &self.page.tab;
        tab.element("button", button).await?;
        let input = if button == "Use a file from this computer" {
            ANY
        } else {
            CD
        };
        tab.choose_files(input, &[file]).await
    }

    async fn reads(&self, text: &str) -> Result<()> {
        reads(&self.page.tab, text).await
    }

    /// Whether the page would ask before it is closed.
    async fn asks_before_it_goes(&self) -> Result<bool> {
        let ask = "!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";
        let asks = self.page.tab.evaluate(ask).await?;
        asks.as_bool().context("yes or no")
    }
}

async fn reads(tab: &Tab, text: &str) -> Result<()> {
    let region = tab.element("region", "CD/DVD").await?;
    wait_until(text, async || {
        let words = tab.of(&region, "this.innerText").await?;
        Ok(words.as_str().context("words")?.contains(text))
    })
    .await
}

#[tokio::test]
async fn a_file_of_this_computer_is_inserted_at_once_and_read_whole_while_keys_go_on() -> Result<()>
{
    let desk = Desk::new().await?;
    let (tab, sim) = (&desk.page.tab, &desk.relay.sim);
    let bytes = iso(32)?;
    let file = desk.file("rescue.iso", &bytes)?;
    assert!(!desk.asks_before_it_goes().await?);
    desk.chooses("Use a file from this computer", &file).await?;
    desk.reads("This page gives the machine what it reads of the file")
        .await?;
    tab.element("image", "CD/DVD: rescue.iso").await?;
    assert!(desk.asks_before_it_goes().await?);
    let transfers = desk
        .account
        .request(reqwest::Method::GET, "api/v1/images")
        .await?;
    assert_eq!(transfers.body["images"], json!([]), "nothing is uploaded");

    let reading = sim.read("cd");
    let working = async {
        desk.page.click_the_screen().await?;
        tab.type_keys("typed while it is read").await?;
        sim.reads("typed while it is read").await
    };
    let (read, worked) = tokio::join!(reading, working);
    worked?;
    let read = read?;
    assert_eq!(read["sha256"], sha256(&bytes), "{read}");
    desk.reads(&format!("{0} of {0}", "34 MB")).await?;
    tab.element("progressbar", "Read so far").await?;

    tab.without_motion().await?;
    for scheme in ["dark", "light"] {
        tab.scheme(scheme).await?;
        for (width, height) in [(1440, 900), (820, 1180), (390, 844)] {
            tab.viewport(width, height, 1.0).await?;
            keep(tab, &format!("held-{scheme}-{width}x{height}")).await?;
            fits(tab, width, height).await?;
        }
    }
    let other = Page::load(&desk.chromium, &desk.account).await?;
    other.open_tool("Drives").await?;
    reads(&other.tab, "From the computer of demo").await?;
    desk.account.eject("cd", false).await?.done()?;
    reads(&other.tab, "empty").await?;
    wait_until("the page may go", async || {
        Ok(!desk.asks_before_it_goes().await?)
    })
    .await?;
    desk.chromium.end().await
}

#[tokio::test]
async fn a_link_that_is_cut_in_the_middle_comes_back_and_the_read_goes_on() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let front = Front::before(&account.base).await?;
    let mut through = account.clone();
    through.base = front.url.clone();
    let desk = Desk::before(relay, through).await?;
    let sim = &desk.relay.sim;
    let bytes = iso(96)?;
    let total = bytes.len() as u64;
    let file = desk.file("rescue.iso", &bytes)?;
    desk.chooses("Use a file from this computer", &file).await?;
    desk.reads("This page gives the machine").await?;
    let reading = sim.read("cd");
    let cutting = async {
        let middle = sim
            .state_where("some of it is read", |state| {
                state.drives[0].bytes_read > 4 << 20
            })
            .await?;
        front.cuts();
        ensure!(
            middle.drives[0].bytes_read < total,
            "it was read before the cut"
        );
        anyhow::Ok(())
    };
    let (read, cut) = tokio::join!(reading, cutting);
    cut?;
    let read = read?;
    assert_eq!(read["sha256"], sha256(&bytes), "{read}");
    desk.reads("This page gives the machine").await?;
    desk.chromium.end().await
}

#[tokio::test]
async fn after_a_reload_the_same_file_goes_on_and_another_one_is_refused() -> Result<()> {
    let desk = Desk::new().await?;
    let (tab, sim) = (&desk.page.tab, &desk.relay.sim);
    let bytes = iso(4)?;
    let file = desk.file("rescue.iso", &bytes)?;
    desk.chooses("From this computer", &file).await?;
    desk.reads("This page gives the machine").await?;
    tab.go_anyway(&desk.account.base).await?;
    desk.open_drives().await?;
    desk.reads("Waiting for the page of demo that has the file")
        .await?;
    keep(tab, "held-away").await?;
    let other = desk.folder.path().join("other");
    std::fs::create_dir(&other)?;
    let other = other.join("rescue.iso");
    std::fs::write(&other, &bytes[..bytes.len() - 2048])?;
    desk.chooses("Choose the same file again", &other).await?;
    desk.page
        .reads("This is another file than the one in the drive")
        .await?;
    desk.chooses("Choose the same file again", &file).await?;
    desk.reads("This page gives the machine").await?;
    let read = sim.read("cd").await?;
    assert_eq!(read["sha256"], sha256(&bytes), "{read}");

    std::fs::write(&file, &bytes[..4096])?;
    sim.host(&json!({ "eject": "cd" })).await?;
    desk.reads("The machine has ejected what was in it.")
        .await?;
    desk.chooses("From this computer", &desk.file("second.iso", &bytes)?)
        .await?;
    desk.reads("This page gives the machine").await?;
    desk.file("second.iso", &[0; 4096])?;
    let read = sim.read("cd").await?;
    assert_eq!(read["sha256"], serde_json::Value::Null, "{read}");
    desk.reads("The file that was in it has changed or is gone")
        .await?;
    desk.chromium.end().await
}

#[tokio::test]
async fn a_page_that_is_closed_leaves_an_error_and_then_an_empty_drive() -> Result<()> {
    let desk = Desk::new().await?;
    let bytes = iso(4)?;
    let file = desk.file("rescue.iso", &bytes)?;
    desk.chooses("Use a file from this computer", &file).await?;
    desk.reads("This page gives the machine").await?;
    let mut viewer = Client::watch(&desk.account).await?;
    desk.page.tab.close().await?;
    viewer
        .drives_where("a file out of reach", |drives| {
            let medium = drives[0].medium.as_ref();
            medium.is_some_and(|medium| !medium.reachable)
        })
        .await?;
    let read = desk.relay.sim.read("cd").await?;
    assert_eq!(read["error"], "medium_error", "{read}");
    let page = Page::load(&desk.chromium, &desk.account).await?;
    page.open_tool("Drives").await?;
    reads(&page.tab, "Choose the same file again").await?;
    ejected(&desk.account).await?.context("a reason")?;
    reads(
        &page.tab,
        "What was in it could not be read any more, so it was ejected.",
    )
    .await?;
    desk.chromium.end().await
}
