//! The switch to the machines, where the settings have one.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use tracing::{info, warn};

use super::kept;
use crate::{
    audit::Audit,
    capture::{Screen, edid},
    config::{Config, ConfigError},
    input::Controls,
    power::machines::Powers,
    store::Store,
    stream::Stream,
    switch::{
        Switch,
        control::{self, SwitchControl},
        port::{Looks, Plug, Wardrobe},
        settings::Settings,
    },
};

/// What a switch is put together from.
pub(super) struct Behind {
    /// The switch that comes with the target.
    pub(super) own: Option<Box<dyn Switch>>,
    /// The USB cable, where the device at it can be another one.
    pub(super) plug: Option<Arc<dyn Plug>>,
    /// What a machine sees of the relay unless its port says otherwise.
    pub(super) usual: Looks,
    /// The hands.
    pub(super) controls: Controls,
    /// The picture.
    pub(super) stream: Stream,
    /// The powers of the machines, in the order of the ports.
    pub(super) powers: Powers,
    /// Where moves are written down.
    pub(super) audit: Audit,
}

/// The switch of the settings, or the one that comes with the target.
pub(super) async fn start(
    config: &Config,
    behind: Behind,
    store: &Store,
) -> Result<Option<SwitchControl>> {
    let Some(settings) = &config.switch else {
        return Ok(None);
    };
    let Behind {
        own,
        plug,
        usual,
        controls,
        stream,
        powers,
        audit,
    } = behind;
    let switch = match &settings.driver {
        Some(driver) => driver
            .open(&controls, &settings.ports)
            .map_err(|(setting, problem)| config.fault(&format!("switch.{setting}"), problem))?,
        None => own.ok_or_else(|| config.fault("switch", "say what drives it: driver"))?,
    };
    info!(
        switch = switch.name(),
        ports = settings.ports.len(),
        "machines behind a switch"
    );
    Ok(Some(SwitchControl::start(control::Parts {
        switch,
        machines: machines(config, settings, &usual)?,
        signal: stream.signal(),
        wardrobe: Wardrobe::new(stream, plug, usual),
        controls,
        powers,
        settle_limit: Duration::from_secs(settings.settle_limit_s.into()),
        thumbnails: settings.thumbnails,
        audit,
        believed: kept::stored_port(store).await,
    })))
}

/// The machines behind a switch, with what each sees of the relay.
fn machines(
    config: &Config,
    settings: &Settings,
    usual: &Looks,
) -> Result<Vec<control::Machine>, ConfigError> {
    let mut machines = Vec::new();
    for (at, port) in settings.ports.iter().enumerate() {
        let edid = port.edid.as_deref().map(edid::read).transpose();
        let edid = edid.map_err(|problem| {
            let setting = format!("switch.port.{at}.edid");
            config.fault(&setting, problem)
        })?;
        machines.push(control::Machine {
            name: port.name.clone(),
            notes: port.notes.clone(),
            looks: Looks {
                edid: edid.map(Arc::from).or_else(|| usual.edid.clone()),
                usb: port.usb.over(&config.usb),
            },
        });
    }
    Ok(machines)
}

/// What a machine sees of the relay unless its port says otherwise: the EDID is that of the settings, which the screen has
/// by now, or its own.
pub(super) fn usual_looks(config: &Config, screen: &mut dyn Screen) -> Looks {
    let ports = config.switch.iter().flat_map(|switch| &switch.ports);
    let edid = match ports.into_iter().any(|port| port.edid.is_some()) {
        true => screen.edid(),
        false => {
            return Looks {
                edid: None,
                usb: config.usb.clone(),
            };
        }
    };
    if let Err(error) = &edid {
        warn!(%error, "the EDID of the capture device is not known, and stays with whichever port had another one last");
    }
    Looks {
        edid: edid.ok().map(Arc::from),
        usb: config.usb.clone(),
    }
}
