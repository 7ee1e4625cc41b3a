//! A simulated GPIO chip (gpio-sim) in the virtual machine: what is at the other end of its lines.

use anyhow::{Result, ensure};
use tests::lab::{Guest, Process, gpio::Seen};

use crate::stand::AGENT;

/// The chip, and what is seen of it.
pub(crate) struct Chip {
    /// The levels that were last seen.
    pub(crate) levels: Vec<bool>,
    guest: Guest,
    label: String,
    watcher: Process,
}

impl Chip {
    /// Plugs in a chip with lines of these names; an empty one is none.
    pub(crate) async fn make(guest: Guest, label: &str, names: &[&str]) -> Result<Self> {
        let bank = format!("{}/bank", simulated(label));
        let named = (0..).zip(names).filter(|(_, name)| !name.is_empty());
        let named = named.map(|(line, name): (usize, _)| {
            format!(" && mkdir {bank}/line{line} && echo {name} > {bank}/line{line}/name")
        });
        let make = format!(
            "modprobe gpio-sim && mkdir -p {bank} && echo {} > {bank}/num_lines && echo {label} > {bank}/label{} && \
             echo 1 > {}/live",
            names.len(),
            named.collect::<String>(),
            simulated(label)
        );
        guest.run(&make).await?;
        Self::watch(guest, label).await
    }

    /// Looks at the lines of a chip that is plugged in.
    pub(crate) async fn watch(guest: Guest, label: &str) -> Result<Self> {
        let count = guest
            .run(&format!("cat {}/bank/num_lines", simulated(label)))
            .await?;
        let count = count.trim().parse()?;
        let shell = format!("exec chrt --fifo 10 {AGENT} lines {label}");
        let mut chip = Self {
            levels: vec![false; count],
            guest,
            label: label.to_owned(),
            watcher: guest.start(&shell).await?,
        };
        for _ in 0..count {
            chip.next().await?;
        }
        Ok(chip)
    }

    /// Plugs the chip in or out.
    pub(crate) async fn plug(&self, on: bool) -> Result<()> {
        let live = u8::from(on);
        self.guest
            .run(&format!("echo {live} > {}/live", simulated(&self.label)))
            .await?;
        Ok(())
    }

    /// What is seen next.
    pub(crate) async fn next(&mut self) -> Result<Seen> {
        let seen = serde_json::from_str(&self.watcher.line().await?)?;
        if let Seen::Level { line, high, .. } = &seen {
            self.levels[*line as usize] = *high;
        }
        Ok(seen)
    }

    /// When the next change of a level is seen: it must be this one.
    pub(crate) async fn changes(&mut self, wanted: u32, to: bool) -> Result<u64> {
        loop {
            if let Seen::Level { line, high, at_us } = self.next().await? {
                ensure!(
                    (line, high) == (wanted, to),
                    "line {line} goes to {high}, not {wanted} to {to}"
                );
                return Ok(at_us);
            }
        }
    }

    /// Sets the level of a line that is an input, as the machine does.
    pub(crate) async fn pull(&mut self, line: u32, high: bool) -> Result<()> {
        let pull = if high { "pull-up" } else { "pull-down" };
        self.guest
            .run(&format!(
                "echo {pull} > /sys/devices/platform/gpio-sim.*/gpiochip*/sim_gpio{line}/pull"
            ))
            .await?;
        self.changes(line, high).await?;
        Ok(())
    }
}

/// Both ends of a chip: `live` plugs it in, and unplugs it.
fn simulated(label: &str) -> String {
    format!("/sys/kernel/config/gpio-sim/{label}")
}
