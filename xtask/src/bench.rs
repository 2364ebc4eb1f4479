//! `bench`: builds the client optimised, lets `bench/` measure it, and takes the figures into the documents.

use crate::run::{cargo, run};
use crate::{Result, r#gen};

pub(crate) fn command(arguments: &[String]) -> Result {
    run(&mut cargo(&["build", "--release", "--locked", "--package", "cdp-batch-cli"]))?;
    let mut bench = cargo(&["run", "--release", "--locked", "--package", "cdp-batch-bench", "--"]);
    run(bench.args(arguments))?;
    r#gen::command(&[])
}
