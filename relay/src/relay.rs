//! The one place where everything is wired together.

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::Router;
use shared::message::{Jiggler, VideoSettings};
use tokio::{net::TcpListener, time::timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::{
    auth::{Auth, Role, User, password, secret::Token, users},
    config::{Config, ConfigError, TargetKind},
    http::{self, App, demo::SignInLink, server},
    input::Controls,
    macros::Macros,
    media::{Media, fetch::Fetches, library::Library, slots::Slots},
    session::Room,
    shortcuts::Kept,
    store::Store,
    stream::Stream,
    target::{Target, hardware, sim},
    tls::{self, Identity, TlsError},
};

/// The name under which the picture's settings are stored.
const VIDEO_SETTING: &str = "video";

/// The name under which it is stored what keeps the machine awake.
const JIGGLER_SETTING: &str = "jiggler";

/// How long settings must be left alone before they are stored.
const SETTLED: Duration = Duration::from_millis(500);

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
    store: Store,
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
        let (target, sim_router) = open_target(&config, &options)?;
        let store = Store::open(&config.state)?;
        let auth = Auth::new(store.clone());
        let identity = load_identity(&config)?;
        let sim_control = match (options.sim_control, sim_router) {
            (Some(address), Some(router)) => Some((bind_sim_control(address).await?, router)),
            _ => None,
        };
        let (sign_in_link, sign_in_path) = match options.demo {
            true => Some(demo_sign_in(&store).await?).unzip(),
            false => (None, None),
        };
        let encoding = stored_encoding(&store).await.unwrap_or(config.encoding());
        let shortcuts = Kept::open(store.clone())?;
        let stream = Stream::start(target.screen, encoding);
        let controls = Controls::start(target.hid);
        let media = Media {
            library: open_library(&config, &store).await?,
            slots: Slots::start(&config.drives.slot, target.drives)?,
        };
        controls.set_jiggler(stored_jiggler(&store).await.unwrap_or_default());
        let app = App {
            room: Room::new(
                target.machine.clone(),
                auth.clone(),
                stream.clone(),
                controls.clone(),
                Macros::new(store.clone(), controls.clone(), media.clone()),
                media.clone(),
                &shortcuts,
            ),
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
            store,
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
            () = keep_encoding(&self.store, &self.stream) => {}
            () = self.media.library.tend() => {}
            () = keep_jiggler(&self.store, &self.controls) => {}
        }
        close(
            &self.app.room,
            &self.stream,
            &self.controls,
            &self.media.slots,
        )
        .await;
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
async fn close(room: &Room, stream: &Stream, controls: &Controls, slots: &Slots) {
    controls.release_all();
    let (stream, slots) = (stream.clone(), slots.clone());
    let emptied = tokio::task::spawn_blocking(move || slots.stop());
    let (viewers, emptied) = tokio::join!(
        timeout(CLOSE_LIMIT, room.close()),
        timeout(CLOSE_LIMIT, emptied),
    );
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

async fn stored_encoding(store: &Store) -> Option<VideoSettings> {
    let stored = store.setting(VIDEO_SETTING).await.ok()??;
    let (bitrate, rate) = stored.split_once(' ')?;
    Some(VideoSettings {
        bitrate_kbps: bitrate.parse().ok()?,
        frame_rate: rate.parse().ok()?,
    })
}

/// Stores how the picture is encoded whenever somebody has changed it. Never ends.
async fn keep_encoding(store: &Store, stream: &Stream) {
    let mut settings = stream.settings();
    while settings.changed().await.is_ok() {
        tokio::time::sleep(SETTLED).await;
        let VideoSettings {
            bitrate_kbps,
            frame_rate,
        } = *settings.borrow_and_update();
        let value = format!("{bitrate_kbps} {frame_rate}");
        if let Err(error) = store.keep_setting(VIDEO_SETTING, value).await {
            warn!(%error, "the video settings were not stored");
        }
    }
    std::future::pending::<()>().await;
}

async fn stored_jiggler(store: &Store) -> Option<Jiggler> {
    let interval_s = store.setting(JIGGLER_SETTING).await.ok()??.parse().ok()?;
    Some(Jiggler { interval_s })
}

/// Stores what keeps the machine awake whenever somebody has changed it. Never ends.
async fn keep_jiggler(store: &Store, controls: &Controls) {
    let mut jiggler = controls.jiggler();
    while jiggler.changed().await.is_ok() {
        tokio::time::sleep(SETTLED).await;
        let value = jiggler.borrow_and_update().interval_s.to_string();
        if let Err(error) = store.keep_setting(JIGGLER_SETTING, value).await {
            warn!(%error, "what keeps the machine awake was not stored");
        }
    }
    std::future::pending::<()>().await;
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
