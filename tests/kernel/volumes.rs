//! Disks made from files, as the guest's own vfat and exfat have them, and what they write on them as the relay has it.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use shared::volume::{Entry, Format, Layout, Options, Piece, Room, Time, Tree};
use tests::{
    drives::{noise, sha256},
    lab::Guest,
};

use crate::{
    drives::{DISK, has_size},
    stand::Stand,
};

/// The partition of the disk.
const PARTITION: &str = "/dev/sda1";

/// What the guest writes and removes, in a folder of the volume.
const WORK: &str = "mkdir 'neu ü' && echo 'written by the machine' > 'neu ü/antwort.txt' && \
    dd if=/dev/zero bs=1M count=3 status=none | tr '\\0' 'x' > 'neu ü/groß.bin' && rm readme.txt && \
    mv 'ein Ordner/tief/b.bin' moved.bin";

#[tokio::test]
async fn a_disk_made_from_files_is_the_machines_own_and_comes_back() -> Result<()> {
    let stand = Stand::start().await?;
    for (format, kind) in [(Format::Fat32, "vfat -o utf8"), (Format::ExFat, "exfat")] {
        the_guest_works_on_a_disk(&stand, format, kind).await?;
    }
    stand.stop().await
}

async fn the_guest_works_on_a_disk(stand: &Stand, format: Format, kind: &str) -> Result<()> {
    let files = files();
    let layout = layout(&files, format)?;
    let account = stand.account();
    let name = format!("{format:?}.img");
    let start = start(&layout, &files);
    let image = account.upload_start(&name, &start, layout.bytes).await?;
    account.insert("usb", image, true).await?.done()?;
    has_size(stand.guest, DISK, layout.bytes).await?;
    mount(stand.guest, kind).await?;
    let sums = stand
        .guest
        .run("cd /run/volume && find . -type f -exec sha256sum '{}' + && find . -type d -empty")
        .await?;
    for (path, bytes) in &files {
        let line = format!("{}  ./{path}", sha256(bytes));
        ensure!(sums.lines().any(|each| each == line), "no {line} in {sums}");
    }
    assert_eq!(sums.lines().count(), files.len() + 1, "{sums}");
    ensure!(sums.contains("./leer"), "{sums}");
    let work = format!("cd /run/volume && {WORK} && cd / && umount /run/volume");
    stand.guest.run(&work).await?;
    let complaints = stand
        .guest
        .run("dmesg | grep -iE '(fat|exfat).*(error|corrupt|invalid)' || true")
        .await?;
    ensure!(complaints.is_empty(), "{complaints}");
    account.eject("usb", false).await?.done()?;
    what_was_written_comes_back(stand, image, &files).await
}

async fn mount(guest: Guest, kind: &str) -> Result<()> {
    guest
        .run(&format!(
            "mkdir -p /run/volume && for i in $(seq 200); do blockdev --rereadpt {DISK} 2>/dev/null; \
             [ -b {PARTITION} ] && break; sleep 0.1; done; mount -t {kind} {PARTITION} /run/volume"
        ))
        .await?;
    Ok(())
}

async fn what_was_written_comes_back(
    stand: &Stand,
    image: u32,
    files: &[(&str, Vec<u8>)],
) -> Result<()> {
    let account = stand.account();
    let path = format!("api/v1/images/{image}/files");
    let listed = account.request(Method::GET, &path).await?.body;
    let names: Vec<&str> = listed["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["name"].as_str())
        .collect();
    ensure!(
        names.contains(&"neu ü") && names.contains(&"moved.bin"),
        "{listed}"
    );
    ensure!(!names.contains(&"readme.txt"), "{listed}");
    let answer = account
        .bytes(&format!("{path}/content?path=neu%20%C3%BC/antwort.txt"))
        .await?;
    assert_eq!(answer, b"written by the machine\n");

    let work = tempfile::tempdir()?;
    let archive = work.path().join("files.zip");
    fs::write(&archive, account.bytes(&format!("{path}.zip")).await?)?;
    let output = Command::new("unzip")
        .arg("-q")
        .arg(&archive)
        .arg("-d")
        .arg(work.path())
        .env("LC_ALL", "C.UTF-8")
        .output()
        .context("unzip of Debian's package unzip")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let read = |path: &str| fs::read(work.path().join(path)).with_context(|| path.to_owned());
    for (path, bytes) in files {
        let now = match *path {
            "readme.txt" => continue,
            "ein Ordner/tief/b.bin" => "moved.bin",
            path => path,
        };
        ensure!(read(now)? == *bytes, "{now} is another one");
    }
    ensure!(read("neu ü/groß.bin")? == vec![b'x'; 3 << 20], "groß.bin");
    ensure!(work.path().join("leer").is_dir(), "no empty folder");
    Ok(())
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("readme.txt", b"Hello from the page.\n".to_vec()),
        ("UPPER.TXT", b"short".to_vec()),
        ("nothing", Vec::new()),
        ("A long name with spaces, Zürich 中文.txt", b"x".to_vec()),
        ("ein Ordner/a.bin", noise(300_001, 1)),
        ("ein Ordner/tief/b.bin", noise(1 << 20, 2)),
        ("ein Ordner/tief/noch tiefer/c.bin", noise(513, 3)),
    ]
}

fn layout(files: &[(&str, Vec<u8>)], format: Format) -> Result<Layout> {
    let entry = |path: &str, bytes| Entry {
        path: path.split('/').map(str::to_owned).collect(),
        bytes,
        modified: None,
    };
    let mut entries: Vec<Entry> = files
        .iter()
        .map(|(path, bytes)| entry(path, Some(bytes.len() as u64)))
        .collect();
    entries.push(entry("leer", None));
    let options = Options {
        room: Room::Free(8 << 20),
        label: "Lab".to_owned(),
        made: Time::default(),
    };
    Ok(Tree::of(&entries, format).lay_out(&options)?)
}

/// The disk without the zeros at its end.
fn start(layout: &Layout, files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut start = Vec::new();
    for piece in &layout.pieces {
        match piece {
            Piece::Metadata(range) => start.extend(&layout.metadata[range.clone()]),
            Piece::File(entry) => start.extend(&files[*entry].1),
            Piece::Zeros(zeros) => start.resize(start.len() + *zeros as usize, 0),
        }
    }
    start.truncate(layout.filled() as usize);
    start
}
