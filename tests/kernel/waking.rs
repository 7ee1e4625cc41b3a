//! Machines that sleep: their USB link as the kernel suspends it, and their network card at the other end of a cable.

use anyhow::{Result, ensure};
use serde_json::json;
use shared::{input::Usage, message::Usb};
use tests::{lab::evdev::Role, native::Client, wait::wait_until};

use crate::stand::{AGENT, Stand};

const KEY_B: u16 = 48;
const A: Usage = Usage::Keyboard(0x04);
const B: Usage = Usage::Keyboard(0x05);

/// The gadget as the machine's kernel has it.
const DEVICE: &str = "/sys/bus/usb/devices/1-1/power";

/// Without drives, which a kernel looks into again and again.
const NO_DRIVES: &str = "[drives]\nslot = []\n";

/// A cable from the relay to a machine that has a network of its own.
const CABLE: &str = "modprobe veth && ip link add lan0 type veth peer name card && ip netns add machine && \
    ip link set card netns machine && ip addr add 10.77.0.1/24 dev lan0 && ip link set lan0 up && \
    ip -n machine addr add 10.77.0.2/24 dev card && ip -n machine link set card up";

#[tokio::test]
async fn machines_are_woken() -> Result<()> {
    let mut stand = Stand::start().await?;
    stand.restart(NO_DRIVES).await?;
    a_key_wakes_a_machine_that_sleeps(&mut stand).await?;
    a_request_wakes_a_machine_that_sleeps(&mut stand).await?;
    a_card_at_the_chosen_interface_gets_its_packet(&mut stand).await?;
    stand.stop().await
}

async fn a_key_wakes_a_machine_that_sleeps(stand: &mut Stand) -> Result<()> {
    let mut client = stand.operator().await?;
    fall_asleep(stand, &mut client).await?;
    client.tap(A)?;
    is_awake(stand, &mut client).await
}

async fn a_request_wakes_a_machine_that_sleeps(stand: &mut Stand) -> Result<()> {
    let mut client = stand.operator().await?;
    fall_asleep(stand, &mut client).await?;
    wake(stand).await?;
    is_awake(stand, &mut client).await?;
    client.tap(B)?;
    stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_B)
        .await?;
    Ok(())
}

async fn a_card_at_the_chosen_interface_gets_its_packet(stand: &mut Stand) -> Result<()> {
    stand.guest.run(CABLE).await?;
    for (address, password) in [
        ("255.255.255.255", ""),
        ("10.77.0.255", "de:ad:be:ef:00:01"),
        ("10.77.0.2", ""),
    ] {
        let mut settings = format!(
            "{NO_DRIVES}[power.wake]\nmac = \"02:00:5e:10:20:30\"\ninterface = \"lan0\"\naddress = \"{address}\"\n"
        );
        if !password.is_empty() {
            settings += &format!("password = \"{password}\"\n");
        }
        stand.restart(&settings).await?;
        let listen = format!("ip netns exec machine {AGENT} datagram 9");
        let mut card = stand.guest.start(&listen).await?;
        card.says("listening").await?;
        wake(stand).await?;
        let expected = "ff".repeat(6) + &"02005e102030".repeat(16) + &password.replace(':', "");
        assert_eq!(card.line().await?, expected, "{address}");
    }
    Ok(())
}

/// Has the machine suspend the link, and makes sure by its own word that it did. Once asleep, it does not fall asleep
/// again by itself.
async fn fall_asleep(stand: &Stand, client: &mut Client) -> Result<()> {
    let sleep = format!("echo 0 > {DEVICE}/autosuspend_delay_ms && echo auto > {DEVICE}/control");
    stand.guest.run(&sleep).await?;
    client
        .state_where("a USB link that sleeps", |state| {
            state.usb == Usb::Suspended
        })
        .await?;
    let stay = format!("echo 600000 > {DEVICE}/autosuspend_delay_ms");
    stand.guest.run(&stay).await?;
    let status = runtime_status(stand).await?;
    ensure!(status == "suspended", "it is {status}");
    Ok(())
}

async fn is_awake(stand: &Stand, client: &mut Client) -> Result<()> {
    client
        .state_where("a USB link that is awake", |state| {
            state.usb == Usb::Configured
        })
        .await?;
    wait_until("the kernel has resumed it", async || {
        Ok(runtime_status(stand).await? == "active")
    })
    .await
}

async fn runtime_status(stand: &Stand) -> Result<String> {
    let read = format!("cat {DEVICE}/runtime_status");
    Ok(stand.guest.run(&read).await?.trim().to_owned())
}

async fn wake(stand: &Stand) -> Result<()> {
    let wake = json!({ "action": "wake" });
    stand.account().post("api/v1/power", &wake).await?.done()
}
