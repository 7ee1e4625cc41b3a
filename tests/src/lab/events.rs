//! The events of the guest's USB input devices, as the host follows them.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{
    Guest, Process,
    evdev::{EV_KEY, EV_SYN, Event, Role, SYN_DROPPED, Seen},
};

/// The value of a key that the kernel repeats.
const REPEAT: i32 = 2;

/// All that the guest's USB input devices do, in order for each device.
pub struct Events {
    watcher: Process,
}

impl Events {
    /// Starts to watch, with this program as the agent; ahead of all others, so that no event is missed.
    ///
    /// # Errors
    /// Where the guest cannot.
    pub async fn watch(guest: Guest, agent: &Path) -> Result<Self> {
        let shell = format!("exec chrt --fifo 10 {} events", agent.display());
        let watcher = guest.start(&shell).await?;
        Ok(Self { watcher })
    }

    /// The next thing that is seen.
    ///
    /// # Errors
    /// Where nothing is within the deadline, or the kernel had to drop events.
    pub async fn next(&mut self) -> Result<Seen> {
        let seen = serde_json::from_str(&self.watcher.line().await?)?;
        if let Seen::Event { role, event } = &seen {
            let dropped = event.kind == EV_SYN && event.code == SYN_DROPPED;
            ensure!(!dropped, "the lab read the {role:?} too slowly");
        }
        Ok(seen)
    }

    /// Waits until each of these devices has come.
    ///
    /// # Errors
    /// As [`Events::next`].
    pub async fn opened(&mut self, roles: &[Role]) -> Result<()> {
        let mut missing = roles.to_vec();
        while !missing.is_empty() {
            if let Seen::Opened { role } = self.next().await? {
                missing.retain(|wanted| *wanted != role);
            }
        }
        Ok(())
    }

    /// Waits until this device has gone.
    ///
    /// # Errors
    /// As [`Events::next`].
    pub async fn closed(&mut self, role: Role) -> Result<()> {
        while self.next().await? != (Seen::Closed { role }) {}
        Ok(())
    }

    /// The events of a device up to the one that is wanted, without reports' ends.
    ///
    /// # Errors
    /// As [`Events::next`].
    pub async fn until(
        &mut self,
        wanted: Role,
        last: impl Fn(&Event) -> bool,
    ) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        loop {
            let Seen::Event { role, event } = self.next().await? else {
                continue;
            };
            if role == wanted && event.kind != EV_SYN {
                events.push(event);
                if last(&event) {
                    return Ok(events);
                }
            }
        }
    }

    /// The keys of a device that went down (1) and up (0), up to the release of a key. The kernel's own repeats are left out.
    ///
    /// # Errors
    /// As [`Events::next`].
    pub async fn keys_until_release_of(
        &mut self,
        role: Role,
        code: u16,
    ) -> Result<Vec<(u16, i32)>> {
        let events = self
            .until(role, |event| {
                (event.kind, event.code, event.value) == (EV_KEY, code, 0)
            })
            .await?;
        Ok(events
            .iter()
            .filter(|event| event.kind == EV_KEY && event.value != REPEAT)
            .map(|event| (event.code, event.value))
            .collect())
    }
}
