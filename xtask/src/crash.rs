//! `crash`: kills uploads in every way, and takes what the long form counted into `docs/reliability.md`.

use std::process::Command;

use crate::run::{cargo, run};
use crate::workspace::root;
use crate::{Result, r#gen};

/// What the long form counted last.
const RESULTS: &str = "tests/crash/results.md";

pub(crate) fn command(arguments: &[String]) -> Result {
    let (long, rest): (Vec<_>, Vec<_>) = arguments.iter().cloned().partition(|argument| argument == "--long");
    let [seed] = crate::only_flags(&rest, ["--seed"])?;
    let mut crash = test();
    crash.arg("--").args(&long);
    if let Some(seed) = seed {
        crash.args(["--seed", &seed]);
    }
    if long.is_empty() {
        return run(&mut crash);
    }
    run(crash.arg("--report").arg(root().join(RESULTS)))?;
    r#gen::command(&[])
}

/// The test program, in its short form. Programs with kill points are built apart, so that no other test runs one.
pub(crate) fn test() -> Command {
    cargo(&["test", "--locked", "--package", "cdp-batch-cli", "--features", "crash-test", "--test", "crash"])
}
