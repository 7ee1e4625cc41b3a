//! A serial console by the USB cable: the guest's kernel has a port of its own, and keyboard and drives beside it.

use anyhow::Result;
use shared::{input::Usage, serial::FromTerminal};
use tests::{
    lab::{Guest, Process, evdev::Role},
    native::{Client, terminal::Terminal},
};

use crate::stand::Stand;

const SETTINGS: &str = "[serial]\nusb = true\n";
const KEY_A: u16 = 30;
const A: Usage = Usage::Keyboard(0x04);

/// Shows what comes over the guest's port; what cannot be seen as `^` and a letter.
async fn listen(guest: Guest) -> Result<Process> {
    let wait = "i=0; until [ -c /dev/ttyACM0 ]; do i=$((i + 1)); [ $i -lt 300 ] || exit 1; sleep 0.1; done";
    guest.run(wait).await?;
    let listen =
        "exec 3<> /dev/ttyACM0 && stty raw -echo <&3 && echo 'listening ' && exec cat -v <&3";
    let mut process = guest.start(listen).await?;
    process.says("listening").await?;
    Ok(process)
}

async fn console(stand: &Stand) -> Result<(Client, u32, Terminal)> {
    let mut client = stand.operator().await?;
    let viewer = client.state().await?.you;
    let mut terminal = Terminal::open(stand.account(), None).await?;
    terminal
        .told_where("the beginning", |told| told.opened.is_some())
        .await?;
    Ok((client, viewer, terminal))
}

#[tokio::test]
async fn the_gadget_has_a_serial_port_that_disturbs_nothing() -> Result<()> {
    let mut stand = Stand::start().await?;
    stand.restart(SETTINGS).await?;
    let guest = stand.guest;
    let drives = guest.run("ls /dev/sr0").await?;
    assert!(drives.contains("sr0"), "{drives}");
    let (client, viewer, mut terminal) = console(&stand).await?;
    let mut machine = listen(guest).await?;

    terminal.types(viewer, "typed at the page\n")?;
    for _ in 0..50 {
        client.tap(A)?;
        terminal.types(viewer, ".")?;
    }
    terminal.types(viewer, "\n")?;
    machine.says("typed at the page").await?;
    machine.says(&".".repeat(50)).await?;
    for _ in 0..50 {
        let keys = stand
            .events
            .keys_until_release_of(Role::Keyboard, KEY_A)
            .await?;
        assert_eq!(keys, [(KEY_A, 1), (KEY_A, 0)]);
    }

    guest
        .run("printf 'printed by the machine\\r\\n' > /dev/ttyACM0")
        .await?;
    terminal.prints("printed by the machine\r\n").await?;
    terminal.send(&FromTerminal::Break { viewer }, &[])?;
    terminal.types(viewer, "after the break\n")?;
    machine.says("^@after the break").await?;

    stand.kill().await?;
    stand.start_again(SETTINGS).await?;
    let (_client, viewer, terminal) = console(&stand).await?;
    let mut machine = listen(guest).await?;
    terminal.types(viewer, "typed after a kill\n")?;
    machine.says("typed after a kill").await?;
    machine.signal(9).await?;
    // Nobody reads any more: the relay's end must not wait for it when it ends.
    terminal.types(viewer, &"x".repeat(4000))?;
    drop(terminal);
    stand.stop().await
}
