//! Images come from the operator's computer into the relay's library, whatever happens on the way.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use shared::media::{Image, Library, Transfer, TransferPhase};
use tempfile::TempDir;
use tests::{
    account::Account,
    chromium::{Chromium, names},
    drives::noise,
    page::Page,
    relay::Relay,
    wait::{wait_for, wait_until},
};

/// What the page may send in a second where an upload is to be met on its way.
const SLOW: f64 = 3.0e6;

/// A page with the drives open.
struct Desk {
    relay: Relay,
    account: Account,
    chromium: Chromium,
    page: Page,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Result<Self> {
        let mut relay = Relay::serve().await?;
        let account = relay.claimed().await?;
        let chromium = Chromium::start().await?;
        let page = Page::open(&chromium, &account, &relay.sim).await?;
        page.open_tool("Drives").await?;
        page.tab.element("list", "Images").await?;
        let folder = tempfile::tempdir()?;
        Ok(Self {
            relay,
            account,
            chromium,
            page,
            folder,
        })
    }

    /// A file of this computer that is like no other.
    fn file(&self, name: &str, megabytes: usize) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        let bytes = noise(megabytes * 1_000_000, name.len() as u64);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    async fn upload(&self, file: &Path) -> Result<()> {
        let input = "section[aria-label=Images] input[type=file]";
        self.page.tab.choose_files(input, &[file]).await
    }

    async fn library(&self) -> Result<Library> {
        let answer = self.account.request(Method::GET, "api/v1/images").await?;
        Ok(serde_json::from_value(answer.body)?)
    }

    async fn transfers(&self) -> Result<Vec<Transfer>> {
        let answer = self
            .account
            .request(Method::GET, "api/v1/transfers")
            .await?;
        Ok(serde_json::from_value(answer.body)?)
    }

    /// Waits until some of a file has arrived, and not all; says how much.
    async fn is_on_its_way(&self, phase: TransferPhase) -> Result<u64> {
        wait_for("an upload on its way", async || {
            let transfers = self.transfers().await?;
            let met = transfers.iter().find(|transfer| {
                transfer.phase == phase
                    && (1..transfer.total.unwrap_or(0)).contains(&transfer.received)
            });
            Ok(met.map(|transfer| transfer.received))
        })
        .await
    }

    /// Waits until nothing is on its way.
    async fn is_over(&self) -> Result<()> {
        wait_until("the end of the transfer", async || {
            Ok(self.transfers().await?.is_empty())
        })
        .await
    }

    /// Waits until an image of this name is in the library, and on the page.
    async fn arrives(&self, name: &str) -> Result<Image> {
        self.page.reads(name).await?;
        wait_for("the image", async || {
            let images = self.library().await?.images;
            Ok(images.into_iter().find(|image| image.name == name))
        })
        .await
    }
}

/// By another program than ours.
fn sha256(file: &Path) -> Result<String> {
    let output = Command::new("sha256sum").arg(file).output()?;
    ensure!(output.status.success(), "sha256sum failed");
    let words = String::from_utf8(output.stdout)?;
    Ok(words.split(' ').next().context("a sum")?.to_owned())
}

#[tokio::test]
async fn an_image_is_uploaded_looked_at_renamed_downloaded_and_deleted() -> Result<()> {
    let desk = Desk::new().await?;
    desk.page.reads("There are no images yet.").await?;
    let file = desk.file("rescue disk.img", 5)?;
    desk.upload(&file).await?;
    let image = desk.arrives("rescue disk.img").await?;
    assert_eq!((image.bytes, &image.sha256), (5_000_000, &sha256(&file)?));

    let tab = &desk.page.tab;
    tab.click("button", "rescue disk.img 5.0 MB").await?;
    desk.page.reads(&sha256(&file)?).await?;
    desk.page.reads("A machine cannot start from it").await?;

    let downloads = tempfile::tempdir()?;
    tab.downloads_to(downloads.path()).await?;
    tab.click("button", "Download").await?;
    let saved = tab.downloaded("img").await?;
    assert_eq!(names(downloads.path())?, ["rescue disk.img"]);
    assert_eq!(sha256(&saved)?, sha256(&file)?);

    tab.click("button", "Rename").await?;
    tab.fill("Name of the image", "../rescue.img").await?;
    tab.click("button", "Rename").await?;
    assert!(!desk.page.alert().await?.is_empty());
    tab.click("button", "rescue disk.img 5.0 MB").await?;
    tab.click("button", "Rename").await?;
    tab.fill("Name of the image", "rescue.img").await?;
    tab.click("button", "Rename").await?;
    assert_eq!(desk.arrives("rescue.img").await?.id, image.id);

    tab.click("button", "rescue.img 5.0 MB").await?;
    tab.click("button", "Delete").await?;
    desk.page.reads("Delete rescue.img from the relay?").await?;
    tab.click("button", "Delete").await?;
    desk.page.reads("There are no images yet.").await?;
    assert_eq!(desk.library().await?.images, []);
    desk.chromium.end().await
}

#[tokio::test]
async fn an_upload_goes_on_when_a_killed_relay_is_back() -> Result<()> {
    let mut desk = Desk::new().await?;
    let file = desk.file("large.iso", 12)?;
    desk.page.tab.sends(SLOW).await?;
    desk.upload(&file).await?;
    desk.is_on_its_way(TransferPhase::Running).await?;
    desk.relay.kill().await?;
    desk.relay.start_again().await?;
    desk.page.tab.sends(1.0e9).await?;
    let image = desk.arrives("large.iso").await?;
    assert_eq!(image.sha256, sha256(&file)?);
    desk.is_over().await?;
    desk.chromium.end().await
}

#[tokio::test]
async fn a_page_that_was_reloaded_goes_on_with_the_same_file() -> Result<()> {
    let desk = Desk::new().await?;
    let file = desk.file("disc.iso", 12)?;
    desk.page.tab.sends(SLOW).await?;
    desk.upload(&file).await?;
    desk.is_on_its_way(TransferPhase::Running).await?;

    desk.page.tab.go(&desk.account.base).await?;
    let kept = desk.is_on_its_way(TransferPhase::Waiting).await?;
    desk.page.open_tool("Drives").await?;
    desk.page.reads("nobody sends it").await?;
    let id = desk.transfers().await?[0].id;
    desk.upload(&file).await?;
    let further = desk.is_on_its_way(TransferPhase::Running).await?;
    assert!(further >= kept, "{further} of {kept}");
    assert_eq!(desk.transfers().await?.len(), 1);
    assert_eq!(desk.transfers().await?[0].id, id);
    desk.page.tab.sends(1.0e9).await?;
    assert_eq!(desk.arrives("disc.iso").await?.sha256, sha256(&file)?);
    desk.chromium.end().await
}

#[tokio::test]
async fn an_upload_is_paused_resumed_and_cancelled() -> Result<()> {
    let desk = Desk::new().await?;
    let file = desk.file("disc.iso", 12)?;
    let tab = &desk.page.tab;
    tab.sends(SLOW).await?;
    desk.upload(&file).await?;
    desk.is_on_its_way(TransferPhase::Running).await?;
    tab.click("button", "Pause").await?;
    let paused = desk.is_on_its_way(TransferPhase::Waiting).await?;
    tab.click("button", "Resume").await?;
    assert!(desk.is_on_its_way(TransferPhase::Running).await? >= paused);
    tab.click("button", "Cancel").await?;
    desk.page.reads("There are no images yet.").await?;
    desk.is_over().await?;
    assert_eq!(desk.library().await?.images, []);
    desk.chromium.end().await
}

#[tokio::test]
async fn an_image_that_is_dropped_on_the_machine_is_uploaded() -> Result<()> {
    let desk = Desk::new().await?;
    desk.page.open_tool("Drives").await?;
    let screen = desk.page.screen().await?;
    let drop = "{
        const dropped = new DataTransfer();
        dropped.items.add(new File([new Uint8Array(4096).fill(7)], 'dropped.ISO'));
        this.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: dropped }));
    }";
    let run = format!("(() => {drop}).call(this)");
    desk.page.tab.of(&screen, &run).await?;
    desk.page.tab.element("dialog", "Drives").await?;
    assert_eq!(desk.arrives("dropped.ISO").await?.bytes, 4096);
    desk.chromium.end().await
}

#[tokio::test]
async fn a_file_that_the_installed_app_is_opened_with_is_uploaded() -> Result<()> {
    let desk = Desk::new().await?;
    let tab = &desk.page.tab;
    tab.inject(
        "const handle = { getFile: async () => new File([new Uint8Array(8192).fill(9)], 'opened.iso') };
        Object.defineProperty(window, 'launchQueue', { value: { setConsumer: consumer => consumer({ files: [handle] }) } });",
    )
    .await?;
    tab.go(&desk.account.base.join("?open=drives")?).await?;
    tab.element("dialog", "Drives").await?;
    assert_eq!(desk.arrives("opened.iso").await?.bytes, 8192);
    desk.chromium.end().await
}
