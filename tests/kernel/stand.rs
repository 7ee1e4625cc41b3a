//! A relay in the virtual machine: vivid is its HDMI input, and `dummy_hcd` leads from its USB port to the same kernel's
//! input devices.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tests::{
    account::Account,
    lab::{Events, Guest, Machine, Process, RELAY_PORT, evdev::Role, hdmi::Hdmi},
    native::Client,
    relay::{PASSWORD, program},
};

/// The agent that runs in the guest.
pub(crate) const AGENT: &str = env!("CARGO_BIN_EXE_lab-agent");

/// The input devices that the guest's kernel makes of the relay's gadget.
const ROLES: [Role; 4] = [Role::Keyboard, Role::Pointer, Role::Mouse, Role::Control];

/// Loads both ends of the USB link, and makes gadgets configurable, as systemd does.
pub(crate) const USB: &str = "modprobe -a dummy_hcd libcomposite usb_f_hid usb_f_mass_storage usb_f_acm cdc_acm usbhid hid-generic evdev \
    sr_mod sd_mod isofs vfat exfat nls_cp437 nls_ascii fuse && modprobe usb_storage delay_use=0 && \
    mount -t configfs configfs /sys/kernel/config";

/// The port that the gadget is plugged into, on the host's side.
const PORT_DISABLE: &str = "/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1/disable";

/// Whether the host uses the gadget.
const AUTHORIZED: &str = "/sys/bus/usb/devices/1-1/authorized";

const SIGKILL: u8 = 9;
const SIGTERM: u8 = 15;

/// A machine with a relay in it.
pub(crate) struct Stand {
    /// The way to commands in the machine.
    pub(crate) guest: Guest,
    /// The HDMI receiver and transmitter.
    pub(crate) hdmi: Hdmi,
    /// What the input devices do.
    pub(crate) events: Events,
    relay: Relay,
    _machine: Machine,
}

/// A relay in the guest, and its owner.
struct Relay {
    process: Process,
    account: Account,
}

impl Stand {
    /// Boots a machine and starts a relay in it.
    pub(crate) async fn start() -> Result<Self> {
        let machine = Machine::boot(Path::new(AGENT))?;
        let guest = machine.guest;
        let hdmi = Hdmi::load(guest).await?;
        guest.run(USB).await?;
        let mut events = Events::watch(guest, Path::new(AGENT)).await?;
        let relay = Relay::start(&machine).await?;
        events.opened(&ROLES).await.context("the USB gadget")?;
        Ok(Self {
            guest,
            hdmi,
            events,
            relay,
            _machine: machine,
        })
    }

    /// Ends the relay and starts it again with these settings. Its owner stays signed in.
    pub(crate) async fn restart(&mut self, settings: &str) -> Result<()> {
        self.relay.stop(self.guest).await?;
        self.start_again(settings).await
    }

    /// Starts a relay where there was one. Its owner stays signed in.
    pub(crate) async fn start_again(&mut self, settings: &str) -> Result<()> {
        self.relay.process = run_relay(self.guest, settings).await?;
        self.relay.process.says("Listening on ").await?;
        self.events.opened(&ROLES).await.context("the USB gadget")
    }

    /// Asks the relay to end, and waits until it has.
    pub(crate) async fn end(&mut self) -> Result<()> {
        self.relay.stop(self.guest).await
    }

    /// Starts a relay that cannot use its settings, and waits for its end.
    pub(crate) async fn refuses(&self, settings: &str) -> Result<i32> {
        run_relay(self.guest, settings).await?.exit().await
    }

    /// Kills the relay, which has no time to do anything.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.relay.process.signal(SIGKILL).await?;
        let code = self.relay.process.exit().await?;
        ensure!(
            code == 128 + i32::from(SIGKILL),
            "the relay ended with {code}"
        );
        Ok(())
    }

    /// A viewer.
    pub(crate) async fn viewer(&self) -> Result<Client> {
        Client::watch(&self.relay.account).await
    }

    /// A viewer who has the controls of a machine that listens.
    pub(crate) async fn operator(&self) -> Result<Client> {
        let mut client = self.viewer().await?;
        client.send(&shared::ToRelay::TakeControl)?;
        client
            .state_where("control of a machine that listens", |state| {
                state.controller == Some(state.you) && state.usb == shared::message::Usb::Configured
            })
            .await?;
        Ok(client)
    }

    /// The owner's session.
    pub(crate) fn account(&self) -> &Account {
        &self.relay.account
    }

    /// Keeps the kernel's console from turning the keyboard's lights, as a desktop does: its reader turns them.
    pub(crate) async fn leave_lights_to_the_reader(&self) -> Result<()> {
        self.guest
            .run("for light in /sys/class/leds/*lock/trigger; do [ ! -e $light ] || echo none > $light; done")
            .await?;
        Ok(())
    }

    /// Pulls the USB cable, on the host's side.
    pub(crate) async fn unplug(&self) -> Result<()> {
        self.guest.run(&format!("echo 1 > {PORT_DISABLE}")).await?;
        Ok(())
    }

    /// Plugs the USB cable in again, and waits until the host knows the devices.
    pub(crate) async fn plug(&mut self) -> Result<()> {
        self.guest.run(&format!("echo 0 > {PORT_DISABLE}")).await?;
        self.events.opened(&ROLES).await
    }

    /// Has the host let go of the gadget and configure it once more.
    pub(crate) async fn set_up_anew(&mut self) -> Result<()> {
        self.guest
            .run(&format!("echo 0 > {AUTHORIZED} && echo 1 > {AUTHORIZED}"))
            .await?;
        self.events.opened(&ROLES).await
    }

    /// Sets a light of the keyboard, as the machine does.
    pub(crate) async fn set_light(&self, code: u16, on: bool) -> Result<()> {
        let command = format!("{AGENT} light {code} {}", u8::from(on));
        self.guest.run(&command).await?;
        Ok(())
    }

    /// Asks the relay to end, and makes sure that it does so well and leaves no gadget behind.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.relay.stop(self.guest).await
    }
}

impl Relay {
    async fn start(machine: &Machine) -> Result<Self> {
        let mut process = run_relay(machine.guest, "").await?;
        process.says("Listening on ").await?;
        let code = process.says("Setup code: ").await?;
        let base = format!("https://{}", machine.relay).parse()?;
        let account = Account::claim(&base, &code, "ada", PASSWORD).await?;
        Ok(Self { process, account })
    }

    async fn stop(&mut self, guest: Guest) -> Result<()> {
        self.process.signal(SIGTERM).await?;
        let code = self.process.exit().await?;
        ensure!(code == 0, "the relay ended with {code}");
        let left = guest.run("ls /sys/kernel/config/usb_gadget").await?;
        ensure!(left.is_empty(), "left behind: {left}");
        Ok(())
    }
}

async fn run_relay(guest: Guest, settings: &str) -> Result<Process> {
    let settings = format!("state = \"/run/armchair\"\n{settings}");
    guest
        .write("/run/armchair.toml", settings.as_bytes())
        .await?;
    let program = program()?;
    guest
        .start(&format!(
            "exec {} serve --config /run/armchair.toml --target hardware --listen 0.0.0.0:{RELAY_PORT}",
            program.display()
        ))
        .await
}
