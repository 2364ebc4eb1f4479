//! What every trial starts from, and one process at a time that is disturbed and watched.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cdp_batch_emulator::{Config, Emulator};
use tempfile::TempDir;

use crate::Result;
use crate::trial::Blow;

/// A process that takes longer than this hangs.
const HANGS: Duration = Duration::from_secs(120);
/// Longer than any upload URL holds.
const PAST_EXPIRY: Duration = Duration::from_hours(2);

/// The service and the folders of one trial.
pub(crate) struct World {
    emulator: Option<Emulator>,
    config: Config,
    /// Faults met by requests, by name.
    pub(crate) faults: BTreeMap<String, u64>,
    folder: TempDir,
    secrets: Vec<String>,
}

/// How a process ended.
pub(crate) struct Ended {
    /// Exit code; none if it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Whether what was to happen to it happened.
    pub(crate) was_hit: bool,
}

impl Ended {
    /// Names of the places passed, or of the operations on the disk, as the program tells them.
    pub(crate) fn told(&self, what: &str) -> Vec<String> {
        let lines = self.stderr.lines().filter_map(|line| line.strip_prefix(what)?.strip_prefix(' '));
        lines.map(str::to_string).collect()
    }
}

impl World {
    /// A service with this configuration, and empty folders.
    pub(crate) fn new(mut config: Config) -> Result<Self> {
        let folder = scratch()?;
        for name in ["state", "temporary"] {
            fs::create_dir(folder.path().join(name)).map_err(|error| format!("cannot make a folder: {error}"))?;
        }
        fs::remove_dir(folder.path().join("state")).map_err(|error| format!("cannot remove a folder: {error}"))?;
        config.state = config.state.map(|_| folder.path().join("service"));
        config.listen = own_address();
        let emulator = start(&config)?;
        let address = emulator.base_url().trim_start_matches("http://").parse::<SocketAddr>();
        config.listen = address.map_err(|error| format!("the emulator's address: {error}"))?;
        let secrets = vec![
            config.client_key.clone(),
            config.api_token.clone(),
            emulator.tenant(),
            "X-Amz-Signature".to_string(),
            "X-Amz-Credential".to_string(),
            // How the Basic form of the key begins.
            "ZW11bGF0b3JjbGllbnRrZXk".to_string(),
        ];
        Ok(World { emulator: Some(emulator), config, faults: BTreeMap::new(), folder, secrets })
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn emulator(&self) -> Result<&Emulator> {
        self.emulator.as_ref().ok_or_else(|| "the emulator is not running".to_string())
    }

    /// `cdp-batch`, with the environment that reaches the service and makes it tell where it is.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cdp-batch"));
        command.env("CDP_BASE_URL", format!("http://{}", self.config.listen)).env_remove("CDP_REGION");
        command.env("CDP_CLIENT_KEY", &self.config.client_key).env("CDP_API_TOKEN", &self.config.api_token);
        command.env("TMPDIR", self.folder.path().join("temporary")).env("CDP_BATCH_CRASH_LIST", "1");
        command
    }

    /// Runs a process to its end, or to that which is to happen to it, and looks at everything it leaves behind.
    pub(crate) fn run(&mut self, mut command: Command, blow: Option<&Blow>) -> Result<Ended> {
        if let Some(Blow::Full { blocks }) = blow {
            command = limited(&command, *blocks);
        }
        command.envs(blow.and_then(Blow::variable));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("cannot start cdp-batch: {error}"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(child));
        let watchdog = watch(Arc::clone(&child));
        let (mut told, mut passed, mut was_hit) = (String::new(), 0, false);
        for line in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            let line = String::from_utf8_lossy(&line.map_err(|error| format!("stderr: {error}"))?).into_owned();
            told.push_str(&line);
            told.push('\n');
            passed += usize::from(line.starts_with("crash-point "));
            if let Some(blow) = blow.filter(|blow| !was_hit && blow.after() == Some(passed)) {
                was_hit = true;
                self.strike(blow, &child)?;
            }
        }
        let mut out = Vec::new();
        if let Some(mut stdout) = stdout {
            stdout.read_to_end(&mut out).map_err(|error| format!("stdout: {error}"))?;
        }
        let status = lock(&child).wait().map_err(|error| format!("cannot wait for cdp-batch: {error}"))?;
        let hung = watchdog.send(()).is_err();
        let stdout = String::from_utf8_lossy(&out).into_owned();
        let was_hit = was_hit || blow.is_some_and(|blow| blow.shows_in(&told));
        let ended = Ended { code: status.code(), stdout, stderr: told, was_hit };
        match hung {
            true => Err(format!("cdp-batch hangs: {}", ended.stderr)),
            false => self.look_around(&ended).map(|()| ended),
        }
    }

    fn strike(&mut self, blow: &Blow, child: &Mutex<Child>) -> Result {
        match blow {
            Blow::Kill { pause, .. } => {
                thread::sleep(*pause);
                // It may have ended by itself meanwhile.
                let _ = lock(child).kill();
            }
            Blow::Interrupt { .. } => {
                let id = lock(child).id().to_string();
                let _ = Command::new("kill").args(["-INT", &id]).stderr(Stdio::null()).status();
            }
            Blow::Restart { .. } => {
                self.count_faults();
                drop(self.emulator.take());
                self.emulator = Some(start(&self.config)?);
            }
            Blow::Expire { .. } => self.emulator()?.advance_clock(PAST_EXPIRY),
            Blow::Abort(_) | Blow::Panic(_) | Blow::Fail(_) | Blow::Full { .. } => {}
        }
        Ok(())
    }

    /// Adds up the faults that requests have met since the service was started.
    pub(crate) fn count_faults(&mut self) {
        let entries = self.emulator.iter().flat_map(Emulator::requests);
        entries.flat_map(|entry| entry.faults).for_each(|fault| *self.faults.entry(fault).or_default() += 1);
    }

    /// No secret was printed or written, nobody else may read what was written, nothing lies where it should not.
    fn look_around(&self, ended: &Ended) -> Result {
        self.look_for_secrets("its output", &(ended.stdout.clone() + &ended.stderr))?;
        let temporary = names(&self.folder.path().join("temporary"))?;
        if !temporary.is_empty() {
            return Err(format!("left outside the state folder: {temporary:?}"));
        }
        let mut folders: Vec<PathBuf> = Some(self.state()).filter(|state| state.is_dir()).into_iter().collect();
        while let Some(folder) = folders.pop() {
            is_private(&folder, 0o700)?;
            for path in names(&folder)?.into_iter().map(|name| folder.join(name)) {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                is_private(&path, 0o600)?;
                let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                self.look_for_secrets(&path.display().to_string(), &String::from_utf8_lossy(&bytes))?;
            }
        }
        Ok(())
    }

    fn look_for_secrets(&self, place: &str, text: &str) -> Result {
        match self.secrets.iter().find(|secret| text.contains(*secret)) {
            Some(secret) => Err(format!("a secret ({secret}) is in {place}: {text}")),
            None => Ok(()),
        }
    }
}

/// The same program, but no file that it writes may grow beyond so many blocks of 512 bytes.
fn limited(command: &Command, blocks: u64) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh", &blocks.to_string()]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// A folder for a trial: in memory where the system has such a place, as `kill -9` does not empty that.
pub(crate) fn scratch() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.into() } else { std::env::temp_dir() };
    tempfile::tempdir_in(&place).map_err(|error| format!("cannot make a folder in {}: {error}", place.display()))
}

/// Names of what is in a folder.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let read = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(read)?;
    entries.map(|entry| Ok(entry.map_err(read)?.file_name().to_string_lossy().into_owned())).collect()
}

/// An address of this machine that no other trial has: a service that is started again finds its port free.
fn own_address() -> SocketAddr {
    static TRIALS: AtomicU16 = AtomicU16::new(1);
    let [high, low] = TRIALS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    // Elsewhere a machine has but one of these.
    let address = if cfg!(target_os = "linux") { [127, 1, high, low] } else { [127, 0, 0, 1] };
    (address, 0).into()
}

fn start(config: &Config) -> Result<Emulator> {
    Emulator::start(config.clone()).map_err(|error| format!("cannot start the emulator: {error}"))
}

/// Kills a process that hangs. What is returned can be told that it has ended, unless it hung.
fn watch(child: Arc<Mutex<Child>>) -> Sender<()> {
    let (ended, wait) = channel();
    thread::spawn(move || {
        if wait.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
            drop(wait);
            let _ = lock(&child).kill();
        }
    });
    ended
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn is_private(path: &Path, mode: u32) -> Result {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.permissions().mode();
    match found & 0o777 {
        found if found == mode => Ok(()),
        found => Err(format!("{} has the mode {found:o}", path.display())),
    }
}

#[cfg(not(unix))]
fn is_private(_: &Path, _: u32) -> Result {
    Ok(())
}
