//! `check`: everything about the source that is not a test.

mod dependencies;
pub(crate) mod layers;
mod paths;
mod text;

use std::time::Instant;

use crate::run::{cargo, run};
use crate::{Result, r#gen, go, node, python};

type Check = (&'static str, fn() -> Result);

const CHECKS: &[Check] = &[
    ("text", text::check),
    ("layers", layers::check),
    ("dependencies", dependencies::check),
    ("generated", r#gen::check),
    ("format", || run(&mut cargo(&["fmt", "--all", "--check"]))),
    ("lints", || run(&mut clippy(&["--workspace", "--all-targets"]))),
    ("lints without the network", || run(&mut clippy(&["--package", "cdp-batch", "--no-default-features"]))),
    ("node", node::check),
    ("python", python::check),
    ("go", go::check),
    ("documentation", || {
        run(cargo(&["doc", "--quiet", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    }),
];

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        let start = Instant::now();
        let outcome = check();
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("check {name} ... ok in {seconds:.1} s"),
            Err(message) => {
                println!("check {name} ... FAILED in {seconds:.1} s\n{message}");
                failed.push(*name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

fn clippy(of: &[&str]) -> std::process::Command {
    let mut clippy = cargo(&["clippy", "--quiet", "--locked"]);
    clippy.args(of).args(["--", "-D", "warnings"]);
    clippy
}
