//! Files of the operator's computer become a disk in the machine, and what the machine writes on it comes back.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tempfile::TempDir;
use tests::{
    account::Account,
    chromium::{Chromium, Tab},
    drives::{noise, sha256},
    page::Page,
    relay::Relay,
    wait::wait_until,
};

use crate::look::{fits, keep};

/// Where the partition of a disk begins, for mtools.
const PARTITION: &str = "@@1M";

/// A page of a machine that has started, with the drives open, and a folder of the operator's computer.
struct Desk {
    relay: Relay,
    account: Account,
    chromium: Chromium,
    page: Page,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Result<Self> {
        let (relay, account) = Relay::demo().await?;
        relay.sim.boots().await?;
        let chromium = Chromium::start().await?;
        let page = Page::open(&chromium, &account, &relay.sim).await?;
        Ok(Self {
            relay,
            account,
            chromium,
            page,
            folder: tempfile::tempdir()?,
        })
    }

    /// A folder with folders in it, one of them empty, and a file.
    fn drivers(&self) -> Result<PathBuf> {
        let drivers = self.folder.path().join("Treiber");
        fs::create_dir_all(drivers.join("x64/leer"))?;
        fs::write(drivers.join("lies mich.txt"), "Zürich\n")?;
        fs::write(drivers.join("x64/net.sys"), noise(70_000, 1))?;
        Ok(drivers)
    }

    /// Drops files and folders on the middle of the page.
    async fn drop(&self, paths: &[&Path]) -> Result<()> {
        let data = json!({ "items": [], "files": paths, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": 400, "y": 400, "data": data });
            self.page.tab.call("Input.dispatchDragEvent", event).await?;
        }
        Ok(())
    }

    /// Waits until an image of this name is in the drive, and gives its number.
    async fn has_in_the_drive(&self, name: &str) -> Result<u32> {
        let shown = format!("USB disk: {name}");
        self.page.tab.element("image", &shown).await?;
        let image = self.account.image(name).await?;
        Ok(u32::try_from(image["id"].as_u64().context("a number")?)?)
    }
}

fn tool(package: &str, program: &str, arguments: &[&str]) -> Result<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .with_context(|| format!("{program} of Debian's package {package}"))?;
    let says = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {says}{errors}");
    Ok(says)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

/// What `fsck.fat` says of the volume of a disk.
fn check(folder: &Path, disk: &[u8]) -> Result<()> {
    let volume = folder.join("volume");
    fs::write(&volume, &disk[1 << 20..])?;
    tool("dosfstools", "fsck.fat", &["-n", text(&volume)?]).map(drop)
}

async fn click_within(tab: &Tab, role: &str, region: &str, button: &str) -> Result<()> {
    let region = tab.element(role, region).await?;
    let click = format!(
        "[...this.querySelectorAll('button')].find(each => each.innerText.trim().startsWith({})).click()",
        json!(button)
    );
    tab.of(&region, &click).await.map(drop)
}

#[tokio::test]
async fn dropped_files_and_folders_are_a_disk_in_the_machine_and_come_back() -> Result<()> {
    let desk = Desk::new().await?;
    let (page, tab, work) = (&desk.page, &desk.page.tab, desk.folder.path());
    let notes = work.join("a:note?.txt");
    fs::write(&notes, "seen by the machine\n")?;
    desk.drop(&[&desk.drivers()?, &notes]).await?;
    tab.element("region", "New disk from files").await?;
    page.reads("a:note?.txt will be called a_note_.txt").await?;
    tab.element("button", "Remove Treiber").await?;
    tab.fill("Name of the disk", "Drivers.img").await?;
    tab.click("button", "Make and insert").await?;
    let image = desk.has_in_the_drive("Drivers.img").await?;

    let disk = desk.account.download(image).await?;
    check(work, &disk)?;
    let read = desk.relay.sim.read("usb").await?;
    assert_eq!(read["sha256"], sha256(&disk));
    let path = work.join("disk");
    fs::write(&path, &disk)?;
    let on_disk = format!("{}{PARTITION}", text(&path)?);
    let out = work.join("out");
    fs::create_dir(&out)?;
    tool(
        "mtools",
        "mcopy",
        &["-s", "-Q", "-i", &on_disk, "::*", text(&out)?],
    )?;
    let same = fs::read(out.join("Treiber/x64/net.sys"))? == noise(70_000, 1);
    ensure!(same, "the file is another one");
    assert_eq!(
        fs::read_to_string(out.join("Treiber/lies mich.txt"))?,
        "Zürich\n"
    );
    assert_eq!(fs::read_dir(out.join("Treiber/x64/leer"))?.count(), 0);
    wait_until("the machine's list of the files", async || {
        desk.account.types("ls").await?;
        let text = desk.relay.sim.state().await?.text.join("\n");
        Ok(text.contains("usb/  DRIVERS") && text.contains("usb/a_note_.txt"))
    })
    .await?;

    let answer = work.join("Antwort.txt");
    fs::write(&answer, "written by the machine\n")?;
    tool(
        "mtools",
        "mcopy",
        &["-i", &on_disk, text(&answer)?, "::Treiber/x64"],
    )?;
    let written = fs::read(&path)?;
    for (number, (before, after)) in disk.chunks(512).zip(written.chunks(512)).enumerate() {
        if before != after {
            desk.relay.sim.write("usb", number as u64, after).await?;
        }
    }
    let files = format!("api/v1/images/{image}/files");
    let refused = desk.account.request(reqwest::Method::GET, &files).await?;
    refused.refused(409, "machine-writes")?;
    click_within(tab, "region", "USB disk", "Eject").await?;
    tab.click("button", "Files on Drivers.img").await?;
    click_within(tab, "region", "Files on Drivers.img", "Treiber").await?;
    page.reads("lies mich.txt").await?;
    keep(tab, "files-on-a-disk").await?;
    click_within(tab, "region", "Files on Drivers.img", "x64").await?;
    page.reads("Antwort.txt").await?;

    let saved = work.join("saved");
    fs::create_dir(&saved)?;
    tab.downloads_to(&saved).await?;
    click_within(tab, "region", "Files on Drivers.img", "Antwort.txt").await?;
    let file = tab.downloaded("txt").await?;
    assert_eq!(fs::read_to_string(file)?, "written by the machine\n");
    click_within(tab, "region", "Files on Drivers.img", "Up").await?;
    page.reads("lies mich.txt").await?;
    click_within(tab, "region", "Files on Drivers.img", "Download all as ZIP").await?;
    let archive = tab.downloaded("zip").await?;
    assert_eq!(archive.file_name().context("a name")?, "Treiber.zip");
    let unpacked = work.join("unpacked");
    tool(
        "unzip",
        "unzip",
        &["-q", text(&archive)?, "-d", text(&unpacked)?],
    )?;
    assert_eq!(
        fs::read_to_string(unpacked.join("x64/Antwort.txt"))?,
        "written by the machine\n"
    );
    ensure!(
        unpacked.join("x64/leer").is_dir(),
        "the empty folder is lost"
    );
    desk.chromium.end().await
}

#[tokio::test]
async fn a_blank_disk_is_made_and_inserted() -> Result<()> {
    let desk = Desk::new().await?;
    let tab = &desk.page.tab;
    desk.page.open_tool("Drives").await?;
    tab.click("button", "New disk from files").await?;
    desk.page.reads("a blank disk is made").await?;
    let size = tab.element("spinbutton", "Size in MB").await?;
    tab.of(
        &size,
        "(this.value = 50, this.dispatchEvent(new Event('input')))",
    )
    .await?;
    tab.click("button", "Make and insert").await?;
    let image = desk.has_in_the_drive("Blank disk.img").await?;
    let drives = desk
        .account
        .request(reqwest::Method::GET, "api/v1/drives")
        .await?;
    assert_eq!(drives.body[1]["medium"]["writable"], true);
    let disk = desk.account.download(image).await?;
    assert_eq!(disk.len(), 50_000_000 / 512 * 512);
    check(desk.folder.path(), &disk)?;
    desk.chromium.end().await
}

#[tokio::test]
async fn a_file_of_4_gib_is_refused_on_fat32_with_the_reason() -> Result<()> {
    let desk = Desk::new().await?;
    let (page, tab) = (&desk.page, &desk.page.tab);
    let large = desk.folder.path().join("backup.tar");
    fs::File::create(&large)?.set_len(1 << 32)?;
    let small = desk.folder.path().join("small.txt");
    fs::write(&small, "small")?;
    page.open_tool("Drives").await?;
    tab.click("button", "New disk from files").await?;
    tab.element("button", "Choose files").await?;
    tab.choose_files("section.disk input[type=file]", &[&small, &large])
        .await?;
    page.reads("The disk has 4.4 GB").await?;
    let format = tab.element("combobox", "File system").await?;
    assert_eq!(tab.of(&format, "this.value").await?, "exfat");
    page.choose("File system", "fat32").await?;
    page.reads("backup.tar: FAT32 holds no file of 4 GiB or more. Choose exFAT.")
        .await?;
    let make = tab.element("button", "Make and insert").await?;
    assert_eq!(tab.of(&make, "this.ariaDisabled").await?, "true");
    tab.without_motion().await?;
    for scheme in ["dark", "light"] {
        tab.scheme(scheme).await?;
        for (width, height) in [(1440, 900), (1024, 768), (820, 1180), (390, 844)] {
            tab.viewport(width, height, 1.0).await?;
            let form = tab.element("region", "New disk from files").await?;
            let show = "this.closest('.panel-body').scrollTop = this.offsetTop";
            tab.of(&form, show).await?;
            keep(tab, &format!("new-disk-{scheme}-{width}x{height}")).await?;
            fits(tab, width, height).await?;
        }
    }
    tab.click("button", "Remove backup.tar").await?;
    page.reads_no_more("FAT32 holds no file").await?;
    page.reads("5 B in all").await?;
    desk.chromium.end().await
}
