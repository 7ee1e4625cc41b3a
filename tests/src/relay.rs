//! A relay process on a free port of loopback, with the simulated PC as its target.

use std::{
    ffi::{OsStr, OsString},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result, ensure};
use reqwest::Url;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{
    account::Account,
    sim::Sim,
    wait::{DEADLINE, wait_for},
};

/// A running relay; killed when dropped.
pub struct Relay {
    /// Where it serves its page.
    pub url: Url,
    /// Its simulated PC.
    pub sim: Sim,
    wrapper: Vec<OsString>,
    arguments: Vec<OsString>,
    process: Process,
    folder: TempDir,
}

/// A process and all that it has written. What it leaves in its folder for temporary files goes with it, so that one
/// that is killed leaves nothing behind.
pub struct Process {
    child: Child,
    printed: Arc<Mutex<String>>,
    logged: Arc<Mutex<String>>,
    collectors: Vec<JoinHandle<()>>,
    _temporary: TempDir,
}

/// The relay's program: `ARMCHAIR_BIN`, or the release build in the target folder that these tests are in.
///
/// # Errors
/// Where it has not been built.
pub fn program() -> Result<PathBuf> {
    let program = match std::env::var_os("ARMCHAIR_BIN") {
        Some(path) => PathBuf::from(path),
        None => target_folder()?.join("release/armchair"),
    };
    ensure!(
        program.exists(),
        "{} is not there: build it first (just build)",
        program.display()
    );
    Ok(program)
}

/// Cargo's target folder, where the running program was built.
///
/// # Errors
/// Where the running program is not in one.
pub fn target_folder() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here
        .ancestors()
        .find(|folder| folder.ends_with("release"))
        .and_then(Path::parent)
        .context("not built by cargo's release profile")?;
    Ok(folder.to_owned())
}

impl Relay {
    /// `armchair demo`, with its one-time sign-in used.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn demo() -> Result<(Self, Account)> {
        Self::demo_of_size("1280x720").await
    }

    /// `armchair demo` with a screen of this size.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn demo_of_size(size: &str) -> Result<(Self, Account)> {
        let relay = Self::start(&["demo", "--size", size], "127.0.0.1:0").await?;
        let account = Account::open(&relay.sign_in_link()?).await?;
        Ok((relay, account))
    }

    /// `armchair demo` with a rack of PCs behind a switch.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn rack() -> Result<(Self, Account)> {
        let relay = Self::start(&["demo", "--rack"], "127.0.0.1:0").await?;
        let account = Account::open(&relay.sign_in_link()?).await?;
        Ok((relay, account))
    }

    /// `armchair demo`, with its one-time sign-in unused.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn start_demo() -> Result<Self> {
        Self::start(&["demo"], "127.0.0.1:0").await
    }

    /// `armchair serve` with the simulated PC and a state folder of its own, not yet claimed.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn serve() -> Result<Self> {
        Self::serve_on("127.0.0.1:0").await
    }

    /// As [`Relay::serve`], listening on this address.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn serve_on(listen: &str) -> Result<Self> {
        Self::start(&["serve", "--target", "sim"], listen).await
    }

    /// As [`Relay::serve`], with these settings, too.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn serve_with(settings: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let arguments = serve_arguments(folder.path(), settings)?;
        Self::start_in(folder, Vec::new(), arguments, "127.0.0.1:0").await
    }

    /// As [`Relay::serve_with`], with a rack of PCs behind a switch.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn serve_rack_with(settings: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut arguments = serve_arguments(folder.path(), settings)?;
        arguments.push("--rack".into());
        Self::start_in(folder, Vec::new(), arguments, "127.0.0.1:0").await
    }

    /// As [`Relay::serve`], with its images on a disk of so many MiB that only it can see, see [`Relay::inside`].
    ///
    /// # Errors
    /// Where it does not start, or this machine gives no mount namespaces.
    pub async fn serve_on_small_disk(mebibytes: u32) -> Result<Self> {
        Self::serve_on_small_disk_with(mebibytes, "[drives]\n").await
    }

    /// As [`Relay::serve_on_small_disk`], with these settings, too; their last table is that of the drives.
    ///
    /// # Errors
    /// As [`Relay::serve_on_small_disk`].
    pub async fn serve_on_small_disk_with(mebibytes: u32, settings: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let images = folder.path().join("images");
        std::fs::create_dir(&images)?;
        let settings = format!("{settings}images = {images:?}\n");
        let arguments = serve_arguments(folder.path(), &settings)?;
        let mount = format!("mount -t tmpfs -o size={mebibytes}m none \"$0\" && exec \"$@\"");
        let mut wrapper = vec!["unshare".into(), "--mount".into()];
        if !is_root() {
            wrapper.push("--map-root-user".into());
        }
        wrapper.extend(["sh".into(), "-c".into(), mount.into(), images.into()]);
        Self::start_in(folder, wrapper, arguments, "127.0.0.1:0").await
    }

    /// As [`Relay::serve_with`], on a machine that trusts the certificates in this file, and no others.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn serve_trusting(certificates: &Path, settings: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let arguments = serve_arguments(folder.path(), settings)?;
        let mut trust = OsString::from("SSL_CERT_FILE=");
        trust.push(certificates);
        let wrapper = vec!["env".into(), trust];
        Self::start_in(folder, wrapper, arguments, "127.0.0.1:0").await
    }

    async fn start(command: &[&str], listen: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let arguments = match command.contains(&"serve") {
            true => serve_arguments(folder.path(), "")?,
            false => command.iter().map(OsString::from).collect(),
        };
        Self::start_in(folder, Vec::new(), arguments, listen).await
    }

    async fn start_in(
        folder: TempDir,
        wrapper: Vec<OsString>,
        arguments: Vec<OsString>,
        listen: &str,
    ) -> Result<Self> {
        let addressed = with_addresses(&arguments, listen, "127.0.0.1:0");
        let mut process = Process::start_by(&wrapper, &addressed)?;
        let url = process.says("Listening on ").await?.parse()?;
        let sim = Sim::new(process.says("Simulator control ").await?.parse()?)?;
        Ok(Self {
            url,
            sim,
            wrapper,
            arguments,
            process,
            folder,
        })
    }

    /// The one-time sign-in that `demo` prints.
    ///
    /// # Errors
    /// Where it printed none.
    pub fn sign_in_link(&self) -> Result<Url> {
        let line = self.process.line("Open ").context("no sign-in link")?;
        Ok(line.parse()?)
    }

    /// Waits for the one-time code that an unclaimed relay prints.
    ///
    /// # Errors
    /// Where it prints none.
    pub async fn setup_code(&mut self) -> Result<String> {
        self.process.says("Setup code: ").await
    }

    /// Claims it as `ada`.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn claimed(&mut self) -> Result<Account> {
        let code = self.setup_code().await?;
        Account::claim(&self.url, &code, "ada", PASSWORD).await
    }

    /// Adds a user by `armchair user add`, with [`PASSWORD`].
    ///
    /// # Errors
    /// Where the program refuses.
    pub async fn add_user(&self, name: &str, role: &str) -> Result<()> {
        let mut child = Command::new(program()?)
            .args(["user", "add", name, "--role", role, "--config"])
            .arg(self.folder().join(SETTINGS))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut input = child.stdin.take().context("stdin")?;
        input.write_all(PASSWORD.as_bytes()).await?;
        drop(input);
        let status = child.wait().await?;
        ensure!(status.success(), "armchair user add: {status}");
        Ok(())
    }

    /// What it has logged so far.
    #[must_use]
    pub fn logged(&self) -> String {
        self.process.logged()
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.child.id().unwrap_or(0)
    }

    /// The folder of its settings and its state.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a path that it sees is to be found from here.
    #[must_use]
    pub fn inside(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.id()));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Kills it, so that it has no time to do anything.
    ///
    /// # Errors
    /// Where it cannot be killed.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.process.child.kill().await?)
    }

    /// Asks it to end, by SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// Where it does not end within the deadline.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.ask_to_end().await?;
        self.process.ended().await
    }

    /// Asks it to end, by SIGTERM.
    ///
    /// # Errors
    /// Where it cannot be asked.
    pub async fn ask_to_end(&self) -> Result<()> {
        let id = self.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await?;
        ensure!(status.success(), "kill -TERM {id}: {status}");
        Ok(())
    }

    /// Starts it again, after [`Relay::kill`] or [`Relay::terminate`], on the same ports and with the same state.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        let listen = address(&self.url)?.to_string();
        let control = address(self.sim.base())?.to_string();
        let arguments = with_addresses(&self.arguments, &listen, &control);
        self.process = Process::start_by(&self.wrapper, &arguments)?;
        self.process.says("Listening on ").await?;
        Ok(())
    }
}

/// The password of the accounts in the stories.
pub const PASSWORD: &str = "correct horse battery staple";

impl Process {
    /// Starts the relay's program.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(arguments: &[impl AsRef<OsStr>]) -> Result<Self> {
        Self::start_by(&[], arguments)
    }

    /// As [`Process::start`], by another program that becomes it.
    fn start_by(wrapper: &[OsString], arguments: &[impl AsRef<OsStr>]) -> Result<Self> {
        let program = program()?.into_os_string();
        let temporary = tempfile::tempdir()?;
        let mut command = wrapper.iter().chain([&program]);
        let mut child = Command::new(command.next().context("a program")?)
            .args(command)
            .args(arguments)
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (printed, logged) = (Arc::default(), Arc::default());
        let collectors = vec![
            collect(child.stdout.take().context("stdout")?, &printed),
            collect(child.stderr.take().context("stderr")?, &logged),
        ];
        Ok(Self {
            child,
            printed,
            logged,
            collectors,
            _temporary: temporary,
        })
    }

    /// What it has printed so far, on standard output.
    #[must_use]
    pub fn printed(&self) -> String {
        lock(&self.printed).clone()
    }

    /// What it has logged so far, on standard error.
    #[must_use]
    pub fn logged(&self) -> String {
        lock(&self.logged).clone()
    }

    /// Waits until it has ended, and all that it has written is here.
    ///
    /// # Errors
    /// Where it does not within the deadline.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = tokio::time::timeout(DEADLINE, self.child.wait()).await;
        let status = ended.with_context(|| format!("goes on: {}", self.logged()))??;
        for collector in self.collectors.drain(..) {
            collector.await?;
        }
        Ok(status)
    }

    fn line(&self, prefix: &str) -> Option<String> {
        let printed = self.printed();
        let line = printed.lines().find_map(|line| line.strip_prefix(prefix));
        line.map(str::to_owned)
    }

    async fn says(&mut self, prefix: &str) -> Result<String> {
        wait_for(prefix, async || {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("ended with {status}: {}", self.logged());
            }
            Ok(self.line(prefix))
        })
        .await
        .with_context(|| format!("printed: {}, logged: {}", self.printed(), self.logged()))
    }
}

fn collect(
    stream: impl AsyncRead + Send + Unpin + 'static,
    written: &Arc<Mutex<String>>,
) -> JoinHandle<()> {
    let written = written.clone();
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut written = lock(&written);
            written.push_str(&line);
            written.push('\n');
        }
    })
}

fn lock(written: &Mutex<String>) -> MutexGuard<'_, String> {
    written.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name of the settings file in the relay's folder.
const SETTINGS: &str = "armchair.toml";

/// The arguments of `armchair serve` with the simulated PC, for a folder that gets these settings.
fn serve_arguments(folder: &Path, settings: &str) -> Result<Vec<OsString>> {
    let file = folder.join(SETTINGS);
    let state = folder.join("state");
    std::fs::write(&file, format!("state = {state:?}\n{settings}"))?;
    let mut arguments = ["serve", "--target", "sim", "--config"]
        .map(OsString::from)
        .to_vec();
    arguments.push(file.into());
    Ok(arguments)
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

fn with_addresses(arguments: &[OsString], listen: &str, control: &str) -> Vec<OsString> {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--listen", listen, "--sim-control", control].map(OsString::from));
    arguments
}

fn address(url: &Url) -> Result<SocketAddr> {
    let addresses = url.socket_addrs(|| None)?;
    addresses.first().copied().context("an address")
}
