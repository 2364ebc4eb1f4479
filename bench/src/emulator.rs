//! The service that uploads are measured against.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{Result, client};

/// A `cdp-batch emulator` process; ends when dropped.
pub(crate) struct Emulator {
    process: Child,
    /// Kept open: a program that prints to a closed pipe fails.
    stdout: Option<BufReader<ChildStdout>>,
    url: String,
}

impl Emulator {
    const KEY: &str = "bench-client-key";
    const TOKEN: &str = "bench-api-token";

    pub(crate) fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, &[])
    }

    /// With further arguments.
    pub(crate) fn start_with(folder: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(client()?);
        command.args(["emulator", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        command.args(["--client-key", Self::KEY, "--api-token", Self::TOKEN]).args(arguments);
        command.current_dir(folder);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = child.map_err(|error| format!("cannot start the emulator: {error}"))?;
        let stdout = process.stdout.take().map(BufReader::new);
        let mut emulator = Emulator { process, stdout, url: String::new() };
        let mut lines = emulator.stdout.iter_mut().flat_map(BufRead::lines).map_while(std::result::Result::ok);
        let url = lines.find_map(|line| Some(line.strip_prefix("listening on ")?.to_owned()));
        emulator.url = url.ok_or("the emulator did not say where it listens")?;
        Ok(emulator)
    }

    /// Lets a program find it.
    pub(crate) fn name_to(&self, command: &mut Command) {
        command.env("CDP_BASE_URL", &self.url).env("CDP_CLIENT_KEY", Self::KEY).env("CDP_API_TOKEN", Self::TOKEN);
        command.env_remove("CDP_REGION");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
