//! The Batch uploads page in a real browser: Debian's chromium, driven from Node.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::run::{run, watch};
use crate::tally::Tally;
use crate::workspace::{program, read, root, target};
use crate::{Result, python};

/// The tests, from the root.
const TESTS: &str = "tests/page";
/// Where a chromium is, the usual place first.
const BROWSERS: &[&str] = &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Runs the tests; screenshots stay in `page-screenshots` of the target folder.
pub(crate) fn tests() -> Result<Tally> {
    let (program, chromium) = (program("cdp-batch")?, browser()?);
    packages()?;
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).current_dir(root().join(TESTS));
    node.env("CDP_BATCH_PROGRAM", program).env("CDP_BATCH_CHROMIUM", chromium);
    // The code that the page offers for Python is run as it is.
    node.env("CDP_BATCH_PYTHON", python::develop()?);
    node.env("CDP_BATCH_SCREENSHOTS", target()?.join("page-screenshots"));
    let mut tally = Tally::default();
    let ended_well = watch(&mut node, |line| tally += Tally::of_node(line).unwrap_or_default())?;
    if !ended_well && tally.failed == 0 {
        tally += Tally::ONE_FAILURE;
    }
    Ok(tally)
}

/// The browser; where Debian's packages can be installed, it is.
fn browser() -> Result<PathBuf> {
    let found = || BROWSERS.iter().map(PathBuf::from).find(|path| path.exists());
    if let Some(path) = found() {
        return Ok(path);
    }
    if is_root() {
        println!("installing chromium");
        let mut install = Command::new("apt-get");
        run(install.args(["install", "--yes", "--quiet", "--no-install-recommends", "chromium", "fonts-dejavu-core"]))?;
    }
    let missing = "there is no chromium; install it, for example with `apt-get install chromium`";
    found().ok_or_else(|| missing.into())
}

fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    asked.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// What the tests import; nothing is installed when the list is that of the last time.
fn packages() -> Result {
    let (wanted, stamp) =
        (read(&format!("{TESTS}/package-lock.json"))?, root().join(TESTS).join("node_modules/installed.json"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(root().join(TESTS)))?;
    fs::write(&stamp, wanted).map_err(|error| format!("cannot write {}: {error}", stamp.display()))
}
