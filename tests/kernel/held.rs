//! A file that a browser holds as the guest's kernel has it: `/dev/sr0`, by way of FUSE and the kernel's mass storage.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use shared::media::{Drives, Ejected, Source};
use tests::{
    drives::{noise, sample, sha256},
    lab::evdev::Role,
    native::{Client, holder::Holder},
};

use crate::{
    drives::{CD, has_size, reads},
    letters::{KEY_LEFTSHIFT, tap_letters},
    stand::Stand,
};

/// A block of 2048 bytes that nobody reads before it is asked for.
const BLOCK: usize = 2048;

/// Within how many waits for the machine a medium is to be ejected.
const WAITS: u32 = 4;

fn block(of: u64) -> String {
    format!("dd if={CD} bs=2048 skip={of} count=1 iflag=direct status=none | sha256sum")
}

#[tokio::test]
async fn a_held_file_is_the_machines_disc_and_its_loss_a_medium_error() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut client = stand.operator().await?;
    let bytes = Arc::new([sample("joliet")?, noise(10 << 20, 21)].concat());
    let account = stand.account().clone();
    let mut holder = Holder::offer(&account, "rescue.iso", &bytes, None).await?;
    let held = holder.number().await?;
    account.insert_held("cd", held).await?.done()?;
    has_size(stand.guest, CD, bytes.len() as u64).await?;

    a_read_hangs_while_keys_are_typed(&mut stand, &client, &mut holder, &bytes).await?;
    holder.answers(true)?;
    client
        .drives_where("the file", |drives| is_held(drives, held, true))
        .await?;
    stand.guest.run("echo 3 > /proc/sys/vm/drop_caches").await?;
    reads(stand.guest, CD, &bytes).await?;

    drop(holder);
    client
        .drives_where("a file out of reach", |drives| is_held(drives, held, false))
        .await?;
    let mut again = Holder::offer(&account, "rescue.iso", &bytes, Some(held)).await?;
    assert_eq!(again.number().await?, held);
    client
        .drives_where("the file", |drives| is_held(drives, held, true))
        .await?;
    stand.guest.run("echo 3 > /proc/sys/vm/drop_caches").await?;
    reads(stand.guest, CD, &bytes).await?;

    drop(again);
    is_ejected(&mut client).await?;
    let left = stand
        .guest
        .run("grep armchair /proc/mounts || true")
        .await?;
    ensure!(left.is_empty(), "still mounted: {left}");
    let size = format!("dd if={CD} bs=2048 count=1 iflag=direct status=none 2>&1 || true");
    let said = stand.guest.run(&size).await?;
    ensure!(said.contains("No medium found"), "{said}");
    drop(client);
    stand.stop().await
}

fn is_held(drives: &Drives, held: u32, reachable: bool) -> bool {
    let medium = drives[0].medium.as_ref();
    medium.is_some_and(|medium| {
        medium.source == Source::Browser(held) && medium.reachable == reachable
    })
}

/// The relay waits for the browser for a while, longer than the harness does for most things.
async fn is_ejected(client: &mut Client) -> Result<()> {
    let is_it = |drives: &Drives| {
        drives[0].medium.is_none() && drives[0].ejected == Some(Ejected::SourceLost)
    };
    for _ in 1..WAITS {
        if client.drives_where("an empty drive", is_it).await.is_ok() {
            return Ok(());
        }
    }
    client.drives_where("an empty drive", is_it).await.map(drop)
}

async fn a_read_hangs_while_keys_are_typed(
    stand: &mut Stand,
    client: &Client,
    holder: &mut Holder,
    bytes: &[u8],
) -> Result<()> {
    let number = (bytes.len() / BLOCK / 2) as u64;
    let place = usize::try_from(number)? * BLOCK;
    let before = holder.asked().await?.len();
    holder.answers(false)?;
    stand
        .guest
        .run("dmesg -c > /dev/null; echo 3 > /proc/sys/vm/drop_caches")
        .await?;
    let started = Instant::now();
    let mut reader = stand
        .guest
        .start(&format!("{}; echo over", block(number)))
        .await?;
    holder.asked_more_than(before).await?;
    let expected = tap_letters(client, 400)?;
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_LEFTSHIFT)
        .await?;
    println!(
        "{} events of keys, {:?} after the read began",
        seen.len(),
        started.elapsed()
    );
    ensure!(seen == expected, "other keys arrived than were typed");

    let read = reader.line().await?;
    println!("the read ended {:?} after it began", started.elapsed());
    let whole = sha256(&bytes[place..place + BLOCK]);
    ensure!(!read.contains(&whole), "it was read");
    reader.says("over").await?;
    let said = stand.guest.run("dmesg").await?;
    ensure!(said.contains("Medium Error"), "{said}");
    Ok(())
}
