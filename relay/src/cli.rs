//! The command line.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{
    auth::Role,
    config::{Config, ConfigError, TargetKind},
    doctor, memory,
    power::gpio,
    relay::{Options, Relay},
    switch,
    target::sim::{self, geometry::Size},
    usb::guard,
};

mod terminal;
mod user;

/// See a computer's screen and be its keyboard and mouse from a web page.
#[derive(Debug, Parser)]
#[command(name = "armchair", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the simulated PC, with a link that signs you in once; nothing of it is kept
    Demo {
        /// Where to listen [default: 127.0.0.1:8443, or the next free port]
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// The size of the simulated screen, as in 1280x720
        #[arg(long, value_name = "WxH")]
        size: Option<Size>,
        /// Four simulated PCs behind a switch, in the place of one
        #[arg(long)]
        rack: bool,
        /// Let tests look at the simulated PC and meddle with it, at this loopback address
        #[arg(long, value_name = "ADDR")]
        sim_control: Option<SocketAddr>,
    },
    /// Serve a machine
    Serve {
        /// The settings; relay/armchair.toml in the sources explains each
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Where to listen, whatever the settings say
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// What to serve, whatever the settings say
        #[arg(long)]
        target: Option<TargetKind>,
        /// Four simulated PCs behind a switch, in the place of one
        #[arg(long)]
        rack: bool,
        /// Let tests look at the simulated PC and meddle with it, at this loopback address
        #[arg(long, value_name = "ADDR")]
        sim_control: Option<SocketAddr>,
    },
    /// Check what a relay needs, and say what to do about what is missing
    Doctor {
        /// The settings [default: /etc/armchair/armchair.toml where it is there]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Manage who can sign in, also while the relay runs
    User {
        #[command(subcommand)]
        act: UserAct,
        /// The settings, for the state folder [default: /etc/armchair/armchair.toml where it is there]
        #[arg(long, value_name = "FILE", global = true)]
        config: Option<PathBuf>,
    },
    /// Unplug the machine when standard input ends; the relay starts this by itself
    #[command(name = guard::COMMAND, hide = true)]
    Guard {
        /// The name of the USB gadget
        gadget: String,
    },
    /// Put lines to rest when standard input ends; the relay starts this by itself
    #[command(name = gpio::guard::COMMAND, hide = true)]
    GuardLines {
        /// The lines, as JSON
        lines: String,
    },
}

#[derive(Debug, Subcommand)]
enum UserAct {
    /// Add somebody; the password is asked for, or read from standard input
    Add {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum, default_value = "operator")]
        role: Role,
    },
    /// Show everybody and what they may do
    List,
    /// Remove somebody; their sessions end at once
    Remove {
        /// The name to sign in with
        name: String,
    },
    /// Give somebody another password; their sessions end at once
    Password {
        /// The name to sign in with
        name: String,
    },
}

/// Runs what the command line asks for. Exit status 2 is for arguments and settings that cannot be used, 1 for all else
/// that fails.
#[must_use]
pub fn main() -> ExitCode {
    memory::give_back_large_blocks();
    let arguments = Arguments::parse();
    log_to_stderr(match arguments.command {
        Command::Demo { .. } | Command::Serve { .. } => "info",
        Command::Doctor { .. }
        | Command::User { .. }
        | Command::Guard { .. }
        | Command::GuardLines { .. } => "warn",
    });
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("armchair: {error:#}");
            let unusable = error.downcast_ref::<ConfigError>().is_some();
            ExitCode::from(if unusable { 2 } else { 1 })
        }
    }
}

/// `ARMCHAIR_LOG` chooses otherwise, as in `ARMCHAIR_LOG=relay=debug`.
fn log_to_stderr(level: &str) {
    let filter = EnvFilter::try_from_env("ARMCHAIR_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo {
            listen,
            size,
            rack,
            sim_control,
        } => {
            let options = Options {
                demo: true,
                listen_given: listen.is_some(),
                sim: size.map_or_else(sim::Options::default, sim::Options::of_size),
                sim_control,
            };
            demo(listen, rack, options)
        }
        Command::Serve {
            config,
            listen,
            target,
            rack,
            sim_control,
        } => {
            let mut settings = Config::read(&config)?;
            settings.listen = listen.unwrap_or(settings.listen);
            settings.target = target.unwrap_or(settings.target);
            let options = Options {
                listen_given: listen.is_some(),
                sim_control,
                ..Options::default()
            };
            serve(settings, rack, options)
        }
        Command::Doctor { config } => Ok(examine(&settings(config)?)),
        Command::User { act, config } => user::run(&settings(config)?, act),
        Command::Guard { gadget } => {
            guard::run(&gadget)
                .with_context(|| format!("cannot guard the USB gadget \"{gadget}\""))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::GuardLines { lines } => {
            gpio::guard::run(&lines).context("cannot guard the lines of the machine's panel")?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn demo(listen: Option<SocketAddr>, rack: bool, options: Options) -> Result<ExitCode> {
    let state = tempfile::Builder::new()
        .prefix("armchair-demo-")
        .tempdir()
        .context("cannot make a temporary folder")?;
    let mut config = Config::demo(state.path());
    config.listen = listen.unwrap_or(config.listen);
    serve(config, rack, options)
}

fn serve(mut config: Config, rack: bool, mut options: Options) -> Result<ExitCode> {
    if let Some(address) = options.sim_control {
        check_sim_control(address, config.target)?;
    }
    if rack {
        check_sim("--rack", config.target)?;
        options.sim.rack = true;
        let named = || switch::settings::Settings::of(&sim::rack::names());
        config.switch.get_or_insert_with(named);
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        Relay::load(config, options).await?.run(stop).await
    })?;
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

fn examine(config: &Config) -> ExitCode {
    let report = doctor::run(config);
    print!("{report}");
    ExitCode::from(u8::from(report.failed()))
}

fn check_sim_control(address: SocketAddr, target: TargetKind) -> Result<(), ConfigError> {
    if !address.ip().is_loopback() {
        let problem = format!("{address} is not a loopback address, and others must not meddle");
        return Err(ConfigError::argument("--sim-control", problem));
    }
    check_sim("--sim-control", target)
}

fn check_sim(argument: &str, target: TargetKind) -> Result<(), ConfigError> {
    if target != TargetKind::Sim {
        let problem = "only the simulated PC has it";
        return Err(ConfigError::argument(argument, problem));
    }
    Ok(())
}

/// The named settings file, or the usual one where it is there.
fn settings(named: Option<PathBuf>) -> Result<Config, ConfigError> {
    let usual = PathBuf::from(crate::config::DEFAULT_PATH);
    match named.or_else(|| usual.exists().then_some(usual)) {
        Some(path) => Config::read(&path),
        None => Ok(Config::default()),
    }
}
