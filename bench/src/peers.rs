//! Gets the peers: Debian packages as root; Python packages, npm packages and Rust programs into a folder of the bench.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::packer::Family;
use crate::{Result, home};

/// What a peer is run with.
enum Source {
    /// A program, and the Debian package that has it.
    Program(&'static str, &'static str),
    /// A Python module, and the PyPI package that has it.
    Module(&'static str, &'static str),
    /// A Rust program, and what `cargo install` needs to know.
    Crate(&'static str, &'static [&'static str]),
}

fn source(family: Family) -> Option<Source> {
    Some(match family {
        Family::Ours | Family::Envelope | Family::Model | Family::Verify | Family::Baseline => return None,
        Family::Gzip => Source::Program("gzip", "gzip"),
        Family::Pigz => Source::Program("pigz", "pigz"),
        Family::Gzp => {
            Source::Crate("crabz", &["crabz@0.10.1", "--no-default-features", "--features", "deflate_zlib_ng"])
        }
        Family::Gzippy => Source::Crate("gzippy", &["gzippy@1.0.0"]),
        Family::Igzip => Source::Program("igzip", "isal"),
        Family::Libdeflate => Source::Program("libdeflate-gzip", "libdeflate-tools"),
        Family::Node => Source::Program("node", "nodejs"),
        Family::Python => Source::Module("gzip", "pip"),
        Family::PythonZlibNg => Source::Module("zlib_ng", "zlib-ng"),
        Family::PythonIsal => Source::Module("isal", "isal"),
    })
}

/// Why a family cannot be measured, if it cannot. Tries to install it first.
pub(crate) fn missing(family: Family) -> Option<String> {
    let there = match source(family)? {
        Source::Program(program, package) => has_program(program) || (apt_install(package) && has_program(program)),
        Source::Module(module, package) => has_module(module) || (pip_install(package) && has_module(module)),
        Source::Crate(program, package) => has_program(&tool(program)) || cargo_install(package),
    };
    (!there).then(|| format!("{} is not here and could not be installed", family.name()))
}

/// The interpreter that has the Python peers.
pub(crate) fn python() -> Result<PathBuf> {
    let venv = home().join("data/venv");
    let python = venv.join("bin/python");
    if !python.exists() && !succeeds(Command::new("python3").args(["-m", "venv"]).arg(&venv)) {
        return Err("python3 cannot make a virtual environment".into());
    }
    Ok(python)
}

/// Where a Rust program of the bench is.
pub(crate) fn tool(program: &str) -> String {
    home().join("data/cargo/bin").join(program).display().to_string()
}

fn cargo_install(package: &[&str]) -> bool {
    println!("building {}, once", package.first().copied().unwrap_or_default());
    let mut cargo = Command::new("cargo");
    succeeds(cargo.args(["install", "--locked", "--quiet", "--root"]).arg(home().join("data/cargo")).args(package))
}

fn has_program(program: &str) -> bool {
    succeeds(Command::new("sh").args(["-c", "command -v \"$1\"", "sh", program]))
}

/// Whether the bench's environment has a Python module.
pub(crate) fn has_module(module: &str) -> bool {
    python().is_ok_and(|python| succeeds(Command::new(python).args(["-c", &format!("import {module}")])))
}

fn apt_install(package: &str) -> bool {
    succeeds(Command::new("apt-get").args(["install", "--yes", "--quiet", package]))
}

/// Whether a package could be installed into it.
pub(crate) fn pip_install(package: &str) -> bool {
    python().is_ok_and(|python| succeeds(Command::new(python).args(["-m", "pip", "install", "--quiet", package])))
}

/// Installs an npm package without running its scripts, and gives its folder.
pub(crate) fn npm_package(name: &str, version: &str) -> Result<PathBuf> {
    let home = home().join("data/npm");
    let folder = home.join("node_modules").join(name);
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&home);
    if folder.is_dir() || succeeds(npm.arg(format!("{name}@{version}"))) {
        return Ok(folder);
    }
    Err(format!("npm cannot install {name}@{version}"))
}

fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
