//! `bench`: builds the client optimised, lets `bench/` measure it, and takes the figures into the documents.

use crate::run::{cargo, run};
use crate::{Result, r#gen};

pub(crate) fn command(arguments: &[String]) -> Result {
    let client = ["--package", "cdp-batch-cli", "--package", "cdp-batch-node", "--package", "cdp-batch-python"];
    run(cargo(&["build", "--release", "--locked"]).args(client))?;
    let mut bench = cargo(&["run", "--release", "--locked", "--package", "cdp-batch-bench", "--"]);
    run(bench.args(arguments))?;
    r#gen::command(&[])
}
