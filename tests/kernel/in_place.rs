//! An image that stays on its server, through FUSE and the kernel's mass storage.

use anyhow::{Result, ensure};
use tests::{
    drives::{noise, sample, sha256},
    lab::{Guest, Process},
    wait::wait_until,
};

use crate::{
    drives::{CD, has_size, reads},
    stand::Stand,
};

/// The program of the server, and what it has.
const SERVER: &str = env!("CARGO_BIN_EXE_lab-server");
const ADDRESS: &str = "127.0.0.1:8088";
const SIZE: usize = 8 << 20;
const SEED: u64 = 21;

/// A block of the CD that nobody reads ahead. Not one of the last: where those cannot be read, Linux takes a CD for shorter.
const BLOCK: usize = 2048;

const ALLOWED: &str = "[drives]\nallow_networks = [\"127.0.0.1\"]\n";

const SIGKILL: u8 = 9;

async fn start_server(guest: Guest) -> Result<(Process, String)> {
    let mut server = guest
        .start(&format!("exec {SERVER} {ADDRESS} {SIZE} {SEED}"))
        .await?;
    let url = server.says("serves ").await?;
    Ok((server, url))
}

#[tokio::test]
async fn a_disc_on_a_server_is_read_back_and_a_lost_server_is_a_medium_error() -> Result<()> {
    let mut stand = Stand::start().await?;
    stand.restart(ALLOWED).await?;
    let guest = stand.guest;
    let (mut server, url) = start_server(guest).await?;
    let account = stand.account().clone();
    account.insert_in_place("cd", &url).await?.done()?;
    let disc = [sample("joliet")?, noise(SIZE, SEED)].concat();
    has_size(guest, CD, disc.len() as u64).await?;
    let read_block =
        format!("dd if={CD} bs=2048 skip={BLOCK} count=1 iflag=direct status=none | sha256sum");
    let block = sha256(&disc[BLOCK * 2048..(BLOCK + 1) * 2048]);

    server.signal(SIGKILL).await?;
    server.exit().await?;
    guest.run("dmesg -c > /dev/null").await?;
    let lost = guest.run(&read_block).await?;
    ensure!(!lost.starts_with(&block), "it was read");
    let said = guest.run("dmesg").await?;
    ensure!(said.contains("Medium Error"), "{said}");
    let reachable = async || {
        let drives = account.request(reqwest::Method::GET, "api/v1/drives");
        anyhow::Ok(drives.await?.body[0]["medium"]["reachable"].clone())
    };
    wait_until("a medium out of reach", async || {
        Ok(reachable().await? == false)
    })
    .await?;

    let (_server, _) = start_server(guest).await?;
    wait_until("a medium within reach", async || {
        Ok(reachable().await? == true)
    })
    .await?;
    let back = guest.run(&read_block).await?;
    ensure!(back.starts_with(&block), "{back}");
    reads(guest, CD, &disc).await?;
    account.eject("cd", false).await?.done()?;
    let left = guest.run("grep armchair /proc/mounts || true").await?;
    ensure!(left.is_empty(), "still mounted: {left}");
    stand.stop().await
}
