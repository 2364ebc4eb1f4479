//! The Batch uploads page in a real browser: Debian's chromium, driven from Node.

use std::path::PathBuf;
use std::process::Command;

use crate::run::watch;
use crate::tally::Tally;
use crate::workspace::{program, target};
use crate::{Result, debian, node, python};

/// The tests, from the root.
const TESTS: &str = "tests/page";
/// Where a chromium is, the usual place first.
const BROWSERS: &[&str] = &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Runs the tests; screenshots stay in `page-screenshots` of the target folder.
pub(crate) fn tests() -> Result<Tally> {
    let (program, chromium) = (program("cdp-batch")?, browser()?);
    let mut tests = Command::new("node");
    tests.args(["--test", "--test-reporter=spec"]).current_dir(node::install(TESTS)?);
    tests.env("CDP_BATCH_PROGRAM", program).env("CDP_BATCH_CHROMIUM", chromium);
    // The code that the page offers for these is run as it is.
    tests.env("CDP_BATCH_PYTHON", python::develop()?).env("CDP_BATCH_NODE", node::develop()?);
    tests.env("CDP_BATCH_SCREENSHOTS", target()?.join("page-screenshots"));
    let mut tally = Tally::default();
    let ended_well = watch(&mut tests, |line| tally += Tally::of_node(line).unwrap_or_default())?;
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
    // Where it cannot be installed, the sentence below says what to do.
    let _ = debian::install(&["chromium", "fonts-dejavu-core"]);
    let missing = "there is no chromium; install it, for example with `apt-get install chromium`";
    found().ok_or_else(|| missing.into())
}
