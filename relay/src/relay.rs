//! The one place where everything is wired together.

mod kept;
mod switch;

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::Router;
use tokio::{net::TcpListener, time::timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::{
    audit::{Audit, Event},
    auth::{Auth, Role, User, password, secret::Token, users},
    config::{Config, ConfigError, TargetKind},
    http::{self, App, demo::SignInLink, server},
    input::Controls,
    macros::Macros,
    media::{Media, fetch::Fetches, held::Held, library::Library, slots::Slots},
    power::{
        Panel,
        control::{Backend, PowerControl},
        hooks::HookPower,
        lines::Lines,
        machines::Powers,
        settings::Settings as Power,
        wake::{Wake, lan::WakeOnLan},
    },
    serial::{self, Serial, device::Device},
    session::{Machine, Room},
    shortcuts::Kept,
    store::Store,
    stream::Stream,
    switch::control::SwitchControl,
    target::{Target, hardware, sim},
    tls::{self, Identity, TlsError},
};

/// How long viewers may take to be gone at the end.
const CLOSE_LIMIT: Duration = Duration::from_millis(800);

/// How many ports `armchair demo` tries.
const DEMO_PORTS: u16 = 100;

/// What is chosen at the command line, beyond the settings.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether this is `armchair demo`.
    pub demo: bool,
    /// Whether [`Config::listen`] was given at the command line.
    pub listen_given: bool,
    /// The screen of the simulated PC.
    pub sim: sim::Options,
    /// Where the simulated PC can be looked at and meddled with.
    pub sim_control: Option<SocketAddr>,
}

/// A relay that is ready to run.
pub struct Relay {
    listener: TcpListener,
    identity: Option<Arc<Identity>>,
    app: App,
    stream: Stream,
    controls: Controls,
    media: Media,
    power: Powers,
    serial: Option<Serial>,
    switch: Option<SwitchControl>,
    store: Store,
    audit: Audit,
    sim_control: Option<(TcpListener, Router)>,
    sign_in_path: Option<String>,
}

impl Relay {
    /// Opens all that the settings name.
    ///
    /// # Errors
    /// [`ConfigError`] where a setting cannot be used; others where the system fails.
    pub async fn load(config: Config, options: Options) -> Result<Self> {
        config.check()?;
        let listener = listen(&config, &options).await?;
        let (mut target, sim_router) = open_target(&config, &options)?;
        let store = Store::open(&config.state)?;
        let audit = Audit::start(store.clone())?;
        let auth = Auth::new(store.clone(), audit.clone());
        let identity = load_identity(&config)?;
        let sim_control = match (options.sim_control, sim_router) {
            (Some(address), Some(router)) => Some((bind_sim_control(address).await?, router)),
            _ => None,
        };
        let (sign_in_link, sign_in_path) = match options.demo {
            true => Some(demo_sign_in(&store).await?).unzip(),
            false => (None, None),
        };
        let encoding = kept::stored_encoding(&store)
            .await
            .unwrap_or(config.encoding());
        let shortcuts = Kept::open(store.clone())?;
        let usual = switch::usual_looks(&config, target.screen.as_mut());
        let stream = Stream::start(target.screen, encoding);
        let wake = Wake {
            usb: target.hid.waker(),
            host: target.hid.host(),
            lan: None,
        };
        let controls = Controls::start(target.hid);
        let media = Media {
            library: open_library(&config, &store).await?,
            slots: Slots::start(&config.drives.slot, target.drives)?,
            held: Held::new(),
        };
        controls.set_jiggler(kept::stored_jiggler(&store).await.unwrap_or_default());
        let power = start_powers(target.panels, &wake, &config, &audit)?;
        let serial = start_serial(&config, target.serial, &store).await;
        let behind = switch::Behind {
            own: target.switch,
            plug: target.plug,
            usual,
            controls: controls.clone(),
            stream: stream.clone(),
            powers: power.clone(),
            audit: audit.clone(),
        };
        let switch = switch::start(&config, behind, &store).await?;
        let macros = Macros::new(
            store.clone(),
            controls.clone(),
            media.clone(),
            power.clone(),
        );
        let machine = Machine {
            name: target.machine.clone(),
            stream: stream.clone(),
            controls: controls.clone(),
            media: media.clone(),
            power: power.clone(),
            serial: serial.clone(),
            switch: switch.clone(),
            audit: audit.clone(),
        };
        let app = App {
            room: Room::new(machine, auth.clone(), macros, &shortcuts),
            fetches: Fetches::new(media.library.clone(), &config.drives.allow_networks),
            shortcuts,
            auth,
            machine: target.machine.into(),
            sign_in_link: sign_in_link.map(Arc::new),
            strict_transport: identity.as_ref().is_some_and(|identity| !identity.is_own()),
        };
        Ok(Self {
            listener,
            identity,
            app,
            stream,
            controls,
            media,
            power,
            serial,
            switch,
            store,
            audit,
            sim_control,
            sign_in_path,
        })
    }

    /// Serves until `stop` ends, then lets go of the machine and of all viewers, in less than two seconds.
    ///
    /// # Errors
    /// Where what is needed for serving fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let acceptor = match &self.identity {
            Some(identity) => Some(TlsAcceptor::from(Arc::new(tls::server_config(
                identity.clone(),
            )?))),
            None => None,
        };
        self.announce().await?;
        let version = env!("CARGO_PKG_VERSION");
        self.audit.record("", &Event::RelayStarted { version });
        self.app.fetches.take_up().await;
        let sim_control = async {
            match self.sim_control {
                Some((listener, router)) => server::serve(listener, None, router).await,
                None => std::future::pending().await,
            }
        };
        let renewal = async {
            match &self.identity {
                Some(identity) => identity.renew_in_time().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop => info!("stopping"),
            () = server::serve(self.listener, acceptor, http::router(self.app.clone())) => {}
            () = sim_control => {}
            () = renewal => {}
            () = self.app.auth.follow_store() => {}
            () = kept::keep_encoding(&self.store, &self.stream) => {}
            () = self.media.library.tend() => {}
            () = kept::keep_jiggler(&self.store, &self.controls) => {}
            () = kept::keep_speed(&self.store, self.serial.as_ref()) => {}
            () = kept::keep_port(&self.store, self.switch.as_ref()) => {}
        }
        if let Some(switch) = &self.switch {
            switch.stop();
        }
        close(
            &self.app.room,
            &self.stream,
            &self.controls,
            &self.media.slots,
            &self.power,
            self.serial.as_ref(),
        )
        .await;
        self.audit.record("", &Event::RelayStopped);
        if timeout(CLOSE_LIMIT, self.audit.flush()).await.is_err() {
            warn!("what was done last may not be in the audit log: the disk is too slow");
        }
        Ok(())
    }

    /// Prints where everything is, a line each.
    async fn announce(&self) -> Result<()> {
        let scheme = if self.identity.is_some() {
            "https"
        } else {
            "http"
        };
        let url = format!("{scheme}://{}", reachable(self.listener.local_addr()?));
        let mut lines = vec![format!("Listening on {url}")];
        if let Some(path) = &self.sign_in_path {
            lines.push(format!("Open {url}{path}"));
        }
        if let Some((listener, _)) = &self.sim_control {
            lines.push(format!(
                "Simulator control http://{}",
                listener.local_addr()?
            ));
        }
        if !self.app.auth.is_claimed().await? {
            lines.push(format!("Setup code: {}", self.app.auth.setup_code()));
        }
        let mut out = std::io::stdout().lock();
        for line in lines {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        info!(%url, "listening");
        if !http::page::is_there() {
            warn!("this build has no page inside; `./justw build` makes one that has");
        }
        Ok(())
    }
}

/// Viewers go first, so that nobody presses anew what was released; the gadget goes with the controls, after its drives.
/// The buttons of the machine are released at once, and for good.
async fn close(
    room: &Room,
    stream: &Stream,
    controls: &Controls,
    slots: &Slots,
    power: &Powers,
    serial: Option<&Serial>,
) {
    controls.release_all();
    room.begin_to_close();
    let (stream, slots, power) = (stream.clone(), slots.clone(), power.clone());
    let released = tokio::task::spawn_blocking(move || power.stop());
    let emptied = tokio::task::spawn_blocking(move || slots.stop());
    let (viewers, emptied, released, ()) = tokio::join!(
        timeout(CLOSE_LIMIT, room.close()),
        timeout(CLOSE_LIMIT, emptied),
        timeout(CLOSE_LIMIT, released),
        close_serial(serial),
    );
    if !matches!(released, Ok(Ok(()))) {
        warn!("the buttons of the machine were not released in time");
    }
    if viewers.is_err() {
        warn!("some viewers were cut off");
    }
    if !matches!(emptied, Ok(Ok(()))) {
        warn!("the drives were not emptied in time");
    }
    let ((), video) = tokio::join!(
        controls.stop(),
        tokio::task::spawn_blocking(move || stream.stop()),
    );
    if let Err(error) = video {
        warn!(%error, "the video thread was not joined");
    }
}

/// The power of the machine, or of each machine behind the switch.
fn start_powers(
    panels: Vec<Option<Box<dyn Panel>>>,
    wake: &Wake,
    config: &Config,
    audit: &Audit,
) -> std::io::Result<Powers> {
    let mut panels = panels.into_iter();
    let powers = config.powers().into_iter().enumerate();
    let powers = powers.map(|(at, (_, settings))| {
        let panel = panels.next().flatten();
        let audit = audit.at(config.place(at));
        start_power(panel, wake.clone(), settings, audit)
    });
    let mut powers = powers.collect::<std::io::Result<Vec<_>>>()?;
    Ok(match &config.switch {
        Some(_) => Powers::of(powers),
        None => Powers::one(powers.remove(0)),
    })
}

/// What can be done to a machine's power, and by what: its own buttons before hooks.
fn start_power(
    panel: Option<Box<dyn Panel>>,
    wake: Wake,
    settings: &Power,
    audit: Audit,
) -> std::io::Result<PowerControl> {
    let mut backends: Vec<Box<dyn Backend>> = Vec::new();
    if let Some(panel) = panel {
        backends.push(Box::new(Lines::start(panel, settings.times())?));
    }
    backends.push(Box::new(HookPower::start(settings.hooks.clone())));
    let wake = Wake {
        lan: settings.wake.clone(),
        ..wake
    };
    if let Some(Err(error)) = wake.lan.as_ref().map(WakeOnLan::check) {
        warn!(%error, "the machine cannot be woken over the network yet");
    }
    backends.push(Box::new(wake));
    Ok(PowerControl::start(backends, audit))
}

/// Before the gadget, which the kernel does not let go of while its serial port is open.
async fn close_serial(serial: Option<&Serial>) {
    if let Some(serial) = serial
        && timeout(CLOSE_LIMIT, serial.stop()).await.is_err()
    {
        warn!("the serial port was not closed in time");
    }
}

async fn listen(config: &Config, options: &Options) -> Result<TcpListener, ConfigError> {
    let wanted = config.listen;
    let ports = match (options.demo, options.listen_given) {
        (true, false) => wanted.port()..=wanted.port().saturating_add(DEMO_PORTS),
        _ => wanted.port()..=wanted.port(),
    };
    let mut refused = None;
    for port in ports {
        match TcpListener::bind((wanted.ip(), port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = Some(error),
        }
    }
    let problem = refused.map_or_else(String::new, |error| {
        format!("cannot listen on {wanted}: {error}")
    });
    Err(if options.listen_given || options.demo {
        ConfigError::argument("--listen", problem)
    } else {
        config.fault("listen", problem)
    })
}

async fn bind_sim_control(address: SocketAddr) -> Result<TcpListener, ConfigError> {
    TcpListener::bind(address).await.map_err(|error| {
        ConfigError::argument(
            "--sim-control",
            format!("cannot listen on {address}: {error}"),
        )
    })
}

async fn open_library(config: &Config, store: &Store) -> Result<Library> {
    let (folder, store) = (config.images(), store.clone());
    let image_max = u64::from(config.drives.image_max_mib) << 20;
    let opened =
        tokio::task::spawn_blocking(move || Library::open(&folder, image_max, store)).await?;
    opened.map_err(|error| {
        let problem = format!("{}: {error}", config.images().display());
        config.fault("drives.images", problem).into()
    })
}

/// The certificate, where TLS is spoken.
fn load_identity(config: &Config) -> Result<Option<Arc<Identity>>> {
    if !config.speaks_tls() {
        return Ok(None);
    }
    match Identity::load(config) {
        Ok(identity) => Ok(Some(Arc::new(identity))),
        Err(TlsError::Config(error)) => Err(error.into()),
        Err(error) => Err(error.into()),
    }
}

/// The machine, and how a test meddles with it where it is a simulated one.
fn open_target(config: &Config, options: &Options) -> Result<(Target, Option<Router>)> {
    match config.target {
        TargetKind::Sim => {
            let (mut target, control) = sim::open(options.sim, &config.drives.slot)?;
            target.machine.clone_from(&config.machine);
            Ok((target, Some(control.router())))
        }
        TargetKind::Hardware => Ok((hardware::open(config)?, None)),
    }
}

/// The user of the demo and the link that signs them in.
async fn demo_sign_in(store: &Store) -> Result<(SignInLink, String)> {
    let password = Token::random().to_hex();
    let hash = password::hash(&password);
    let user: Option<User> = store
        .call(move |connection| users::add(connection, "demo", &hash, Role::Admin))
        .await?;
    let user = user.context("the demo's store is not new")?;
    Ok(SignInLink::new(user))
}

/// The port of the settings, or the one that comes with the machine.
async fn start_serial(
    config: &Config,
    own: Option<Box<dyn serial::Source>>,
    store: &Store,
) -> Option<Serial> {
    let settings = &config.serial;
    let device = settings.device.as_deref();
    let source = match device {
        Some(device) => Box::new(Device::new(device, settings.frame())) as Box<dyn serial::Source>,
        None => own?,
    };
    let speed = kept::stored_speed(store).await.unwrap_or(settings.speed);
    Some(Serial::start(source, speed, settings.kept()))
}

/// The address under which others find what listens on all of them.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let own = tls::own_addresses().find(|own| own.is_ipv4() || address.is_ipv6());
    SocketAddr::new(
        own.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        address.port(),
    )
}
