//! Packages of the system, where it is Debian's and we may install them.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::Result;
use crate::run::run;

/// Installs these packages.
///
/// # Errors
/// Where this is not Debian, not online, or not root: who calls knows what to tell the person.
pub(crate) fn install(packages: &[&str]) -> Result {
    static UPDATED: OnceLock<Result> = OnceLock::new();
    if !is_root() {
        return Err("only root can install packages".into());
    }
    println!("installing {}", packages.join(", "));
    // A fresh machine knows of no packages yet.
    UPDATED.get_or_init(|| apt(&["update"])).clone()?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

fn apt(arguments: &[&str]) -> Result {
    run(Command::new("apt-get").arg("--quiet").args(arguments).stdout(Stdio::null()))
}

fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    asked.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}
