//! A PC's own firmware, which knows nothing of the relay: a second virtual machine inside the first starts from what is in
//! the relay's drive, and its keyboard is the relay's.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use avt::Terminal;
use shared::input::Usage;
use tests::lab::{Guest, Process};

use crate::{
    drives::{CD, has_size},
    stand::Stand,
};

/// Starts into GRUB's menu on a PC (Debian's package grub-rescue-pc).
const RESCUE: &str = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso";

/// Finds the relay's keyboard: the one on the USB link that has lights.
const KEYBOARD: &str = "for event in /sys/class/input/event*; do \
    grep -q ^usb $event/device/phys && [ $(cat $event/device/capabilities/led) != 0 ] && basename $event; done; true";

/// How long the PC may say nothing: it is emulated in a machine that is emulated itself, and loads GRUB without a word for
/// nine seconds where nothing else runs.
const SILENCE_LIMIT: Duration = Duration::from_secs(90);

/// The text mode of a PC that was just switched on.
const COLUMNS: usize = 80;
const ROWS: usize = 25;

const C: Usage = Usage::Keyboard(0x06);
const L: Usage = Usage::Keyboard(0x0F);
const S: Usage = Usage::Keyboard(0x16);
const ENTER: Usage = Usage::Keyboard(0x28);

#[tokio::test]
async fn a_pc_starts_from_the_drive_and_takes_keys() -> Result<()> {
    let stand = Stand::start().await?;
    let client = stand.operator().await?;
    let rescue = fs::read(RESCUE).context("apt-get install grub-rescue-pc")?;
    let account = stand.account();
    let image = account.upload("rescue.iso", &rescue).await?;
    account.insert("cd", image, false).await?.done()?;
    has_size(stand.guest, CD, rescue.len() as u64).await?;

    let mut pc = Pc::start(stand.guest).await?;
    pc.shows("GNU GRUB").await?;
    for (key, screen) in [
        (C, "grub>"),
        (L, "grub> l"),
        (S, "grub> ls"),
        (ENTER, "(cd)"),
    ] {
        client.tap(key)?;
        pc.shows(screen).await?;
    }
    drop((pc, client));
    stand.stop().await
}

/// A PC with nothing but a CD drive and a keyboard.
struct Pc {
    process: Process,
    screen: Terminal,
    /// The beginning of a character.
    partial: Vec<u8>,
}

impl Pc {
    /// Its firmware tells on a serial line what is on its screen. A line comes for each byte, since a prompt does not end
    /// its own.
    async fn start(guest: Guest) -> Result<Self> {
        let keyboard = guest.run(KEYBOARD).await?;
        let keyboard = keyboard.trim();
        let process = guest
            .start(&format!(
                "qemu-system-x86_64 -nodefaults -no-user-config -machine pc,graphics=off -accel tcg -m 64 \
                 -display none -vga std -serial stdio -boot d \
                 -drive file={CD},format=raw,if=ide,media=cdrom,readonly=on \
                 -object input-linux,id=keyboard,evdev=/dev/input/{keyboard} | stdbuf -o0 od -An -v -tu1 -w1"
            ))
            .await?;
        Ok(Self {
            process,
            screen: Terminal::new(COLUMNS, ROWS)?,
            partial: Vec::new(),
        })
    }

    /// Waits for a text to stand on the screen. It does not come in one piece: the firmware moves the cursor to and fro,
    /// wherever its timer finds something new.
    async fn shows(&mut self, text: &str) -> Result<()> {
        while !self.text().contains(text) {
            let byte = self.process.line_within(SILENCE_LIMIT).await;
            let byte =
                byte.with_context(|| format!("no \"{text}\" on the screen:\n{}", self.text()))?;
            self.partial.push(byte.trim().parse()?);
            if let Ok(character) = str::from_utf8(&self.partial) {
                self.screen.feed(character);
                self.partial.clear();
            }
        }
        Ok(())
    }

    fn text(&self) -> String {
        self.screen.screen().text().join("\n")
    }
}
