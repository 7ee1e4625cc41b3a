//! Drives as the guest's kernel has them: `/dev/sr0` and `/dev/sda`.

use anyhow::{Context, Result, ensure};
use shared::media::{Ejected, Source};
use tests::{
    account::Account,
    drives::{noise, sample, sha256},
    lab::{Guest, evdev::Role},
    native::Client,
    wait::wait_until,
};

use crate::{
    letters::{KEY_LEFTSHIFT, tap_letters},
    stand::Stand,
};

pub(crate) const CD: &str = "/dev/sr0";
pub(crate) const DISK: &str = "/dev/sda";

/// The folder of the logical units.
const LUNS: &str = "/sys/kernel/config/usb_gadget/armchair/functions/mass_storage.*";

#[tokio::test]
async fn media_are_the_machines_own_and_the_keyboard_goes_on() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut client = stand.operator().await?;
    let images = Images::upload(stand.account()).await?;
    images_are_read_back(&stand, &mut client, &images).await?;
    what_is_written_is_in_the_image(&stand, &mut client, &images).await?;
    a_disc_in_use_comes_out_by_force_only(&stand, &images).await?;
    the_machine_ejects_a_disc(&stand, &mut client, &images).await?;
    keys_arrive_while_media_come_and_go(&mut stand, &client, &images).await?;
    the_kernel_shows_as_much_of_a_cd_as_it_is_given(&stand).await?;
    drop(client);
    stand.stop().await
}

struct Images {
    iso: (u32, Vec<u8>),
    other_iso: u32,
    disk: (u32, Vec<u8>),
}

impl Images {
    async fn upload(account: &Account) -> Result<Self> {
        let iso = [sample("joliet")?, noise(6 << 20, 5)].concat();
        let other = [sample("rock")?, noise(1 << 20, 6)].concat();
        let disk = sample("fat16")?;
        Ok(Self {
            iso: (account.upload("rescue.iso", &iso).await?, iso),
            other_iso: account.upload("other.iso", &other).await?,
            disk: (account.upload("disk.img", &disk).await?, disk),
        })
    }
}

async fn images_are_read_back(stand: &Stand, client: &mut Client, images: &Images) -> Result<()> {
    let account = stand.account();
    account.insert("cd", images.iso.0, false).await?.done()?;
    account.insert("usb", images.disk.0, false).await?.done()?;
    reads(stand.guest, CD, &images.iso.1).await?;
    reads(stand.guest, DISK, &images.disk.1).await?;
    for drive in [0, 1] {
        client
            .activity_where("the access light", |activity| {
                activity.drive == drive && activity.reads > 0 && activity.writes == 0
            })
            .await?;
    }
    let listed = stand
        .guest
        .run(&format!(
            "mkdir -p /run/cd && mount -t iso9660 -o ro {CD} /run/cd && ls /run/cd && cat /run/cd/readme.txt; \
             umount /run/cd"
        ))
        .await?;
    ensure!(listed.contains("Hello from the disc."), "{listed}");
    let protected = stand.guest.run("cat /sys/block/sda/ro").await?;
    assert_eq!(protected.trim(), "1");
    Ok(())
}

/// Waits until the medium's size is seen, and reads all of it.
pub(crate) async fn reads(guest: Guest, device: &str, expected: &[u8]) -> Result<()> {
    has_size(guest, device, expected.len() as u64).await?;
    let read = guest.run(&format!("sha256sum < {device}")).await?;
    let read = read.split_whitespace().next().context("a hash")?;
    ensure!(read == sha256(expected), "{device}: {read}");
    Ok(())
}

pub(crate) async fn has_size(guest: Guest, device: &str, bytes: u64) -> Result<()> {
    wait_until("the medium", async || {
        let ask = format!("blockdev --getsize64 {device} || true");
        Ok(guest.run(&ask).await?.trim() == bytes.to_string())
    })
    .await
}

async fn what_is_written_is_in_the_image(
    stand: &Stand,
    client: &mut Client,
    images: &Images,
) -> Result<()> {
    let account = stand.account();
    account.insert("usb", images.disk.0, true).await?.done()?;
    has_size(stand.guest, DISK, images.disk.1.len() as u64).await?;
    stand
        .guest
        .run(&format!(
            "mkdir -p /run/disk && mount -t vfat {DISK} /run/disk && cat /run/disk/readme.txt && \
             echo written by the machine > /run/disk/answer.txt && umount /run/disk"
        ))
        .await?;
    client
        .activity_where("the access light of writes", |activity| {
            activity.drive == 1 && activity.writes > 0
        })
        .await?;
    account.eject("usb", false).await?.done()?;
    let written = account.download(images.disk.0).await?;
    assert_eq!(written.len(), images.disk.1.len());
    let text = b"written by the machine\n";
    let found = written.windows(text.len()).any(|window| window == text);
    ensure!(found, "what the machine has written is not in the image");
    Ok(())
}

async fn a_disc_in_use_comes_out_by_force_only(stand: &Stand, images: &Images) -> Result<()> {
    let account = stand.account();
    account.insert("cd", images.iso.0, false).await?.done()?;
    has_size(stand.guest, CD, images.iso.1.len() as u64).await?;
    let mut user = stand
        .guest
        .start(&format!("exec 3< {CD} && echo open && exec sleep 1000"))
        .await?;
    user.says("open").await?;
    account
        .eject("cd", false)
        .await?
        .refused(409, "drive-locked")?;
    account
        .insert("cd", images.other_iso, false)
        .await?
        .refused(409, "drive-locked")?;
    account.eject("cd", true).await?.done()?;
    let file = stand.guest.run(&format!("cat {LUNS}/lun.0/file")).await?;
    assert_eq!(file.trim(), "");
    Ok(())
}

async fn the_machine_ejects_a_disc(
    stand: &Stand,
    client: &mut Client,
    images: &Images,
) -> Result<()> {
    let account = stand.account();
    account.insert("cd", images.iso.0, false).await?.done()?;
    has_size(stand.guest, CD, images.iso.1.len() as u64).await?;
    stand.guest.run(&format!("eject {CD}")).await?;
    client
        .drives_where("a drive that the machine has emptied", |drives| {
            drives[0].medium.is_none() && drives[0].ejected == Some(Ejected::ByHost)
        })
        .await?;
    account.insert("cd", images.iso.0, false).await?.done()?;
    reads(stand.guest, CD, &images.iso.1).await?;
    client
        .drives_where("the disc", |drives| {
            let medium = drives[0].medium.as_ref();
            medium.is_some_and(|medium| medium.source == Source::Library(images.iso.0))
        })
        .await?;
    Ok(())
}

async fn keys_arrive_while_media_come_and_go(
    stand: &mut Stand,
    client: &Client,
    images: &Images,
) -> Result<()> {
    let expected = tap_letters(client, 5000)?;
    let account = stand.account().clone();
    let mut changes = 0;
    let changing = async {
        loop {
            account.insert("cd", images.iso.0, false).await?.done()?;
            account.insert("usb", images.disk.0, true).await?.done()?;
            account
                .insert("cd", images.other_iso, false)
                .await?
                .done()?;
            account.eject("usb", true).await?.done()?;
            account.eject("cd", true).await?.done()?;
            changes += 5;
        }
    };
    let seen = tokio::select! {
        seen = stand.events.keys_until_release_of(Role::Keyboard, KEY_LEFTSHIFT) => seen?,
        failed = changing => {
            let failed: Result<()> = failed;
            return failed.context("changing media");
        }
    };
    println!(
        "{} events of keys while media changed {changes} times",
        seen.len()
    );
    let differs = seen
        .iter()
        .zip(&expected)
        .position(|(seen, expected)| seen != expected);
    assert_eq!((differs, seen.len()), (None, expected.len()));
    ensure!(changes >= 5, "nothing was changed meanwhile");
    Ok(())
}

/// What the relay refuses as too large for a CD is what the kernel does not show whole.
async fn the_kernel_shows_as_much_of_a_cd_as_it_is_given(stand: &Stand) -> Result<()> {
    for (given, shown) in [
        (2_359_293_952u64, 2_359_293_952u64),
        (2_359_296_000, 2_359_293_952),
        (5 << 30, 2_359_293_952),
    ] {
        let insert = format!(
            "truncate -s {given} /run/large && echo /run/large > $(echo {LUNS}/lun.0/file)"
        );
        stand.guest.run(&insert).await?;
        let shown = has_size(stand.guest, CD, shown).await;
        let size = stand
            .guest
            .run(&format!("blockdev --getsize64 {CD} || true"))
            .await?;
        println!("of {given} bytes the kernel shows {}", size.trim());
        let eject = format!("echo 1 > $(echo {LUNS}/lun.0/forced_eject)");
        stand.guest.run(&eject).await?;
        shown?;
    }
    Ok(())
}
