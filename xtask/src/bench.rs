//! `bench`: builds the client optimised, then lets `bench/` measure it.

use crate::Result;
use crate::run::{cargo, run};

pub(crate) fn command(arguments: &[String]) -> Result {
    run(&mut cargo(&["build", "--release", "--locked", "--package", "cdp-batch-cli"]))?;
    let mut bench = cargo(&["run", "--release", "--locked", "--package", "cdp-batch-bench", "--"]);
    run(bench.args(arguments))
}
