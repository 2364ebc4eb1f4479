//! Runs other programs.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::Result;
use crate::workspace::root;

/// So many lines are kept of what comes before a failure: a test runner names at its end what failed.
const KEPT: usize = 60;
/// What [`failures`] gives.
static FAILURES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The last lines of every watched program that ended badly, and those before each `test result: FAILED`.
pub(crate) fn failures() -> Vec<String> {
    std::mem::take(&mut FAILURES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Cargo, in the workspace, with the toolchain that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    // What `cargo run` says of this package is not true of another, and would make build scripts run again.
    let is_of_this =
        |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|start| name.starts_with(start));
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| is_of_this(name)) {
        command.env_remove(name);
    }
    command
}

/// Runs to the end; what it prints is shown.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

/// Runs to the end and gives what it prints on standard output; its errors are shown.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let done = done.map_err(|error| not_started(command, &error))?;
    if !done.status.success() {
        return Err(format!("{} ended with {}", shown(command), done.status));
    }
    String::from_utf8(done.stdout).map_err(|_| format!("{} did not print UTF-8", shown(command)))
}

/// Runs to the end, shows each line of standard output as it comes, and hands it to `look`. Gives whether the program
/// ended well.
pub(crate) fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<bool> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| not_started(command, &error))?;
    let mut last = VecDeque::with_capacity(KEPT);
    let failed = |last: &mut VecDeque<String>| {
        FAILURES.lock().unwrap_or_else(PoisonError::into_inner).extend(last.drain(..));
    };
    if let Some(stdout) = child.stdout.take() {
        // A line that is not UTF-8 is shown all the same: it may be what a failing test printed.
        for line in BufReader::new(stdout).split(b'\n').map_while(std::result::Result::ok) {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            look(&line);
            if last.len() == KEPT {
                last.pop_front();
            }
            last.push_back(line.into_owned());
            if last.back().is_some_and(|line| line.starts_with("test result: FAILED")) {
                failed(&mut last);
            }
        }
    }
    let status = child.wait().map_err(|error| format!("cannot wait for {}: {error}", shown(command)))?;
    if !status.success() {
        failed(&mut last);
    }
    Ok(status.success())
}

/// The command as a person would type it, its folder aside.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start {}: {error}; `cargo xtask setup` says what is missing", shown(command))
}
