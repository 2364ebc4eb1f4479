//! `package-test`: builds what is published, installs it in a clean place and uses it there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::python::{PACKAGE, interpreter};
use crate::run::{output, run};
use crate::workspace::{root, target};

/// The build tool, as `pyproject.toml` asks for it.
const MATURIN: &str = "maturin>=1.16,<2";
/// What the clean environment needs besides the package, for its pytest plugin.
const PYTEST: &str = "pytest==9.2.0";

/// The wheel's largest size in MB.
const WHEEL_MB: f64 = 12.0;

/// Beginnings of what the wheel holds, `dist-info` aside.
const IN_WHEEL: &[&str] = &["cdp_batch/"];
/// What the wheel must hold.
const WANTED_IN_WHEEL: &[&str] =
    &["/_native.abi3.so", "/_native.pyi", "/py.typed", "/testing.py", "/METADATA", "/entry_points.txt"];
/// What the sdist must hold: enough to build the wheel anywhere.
const WANTED_IN_SDIST: &[&str] = &[
    "/PKG-INFO",
    "/pyproject.toml",
    "/Cargo.lock",
    "/README.md",
    "/core/Cargo.toml",
    "/emulator/Cargo.toml",
    "/py.typed",
];
/// What neither may hold.
const UNWANTED: &[&str] = &["__pycache__", ".venv", "/tests/cases/", "/target/", ".so.", "/.git/"];

pub(crate) fn command(arguments: &[String]) -> Result {
    match arguments {
        [language] if language == "python" => python(),
        _ => Err(format!("name a language: python\n\n{}", crate::usage())),
    }
}

fn python() -> Result {
    let place = target()?.join("package-test/python");
    let dist = place.join("dist");
    // What an earlier run left would be taken for what this one made.
    let _ = fs::remove_dir_all(&dist);
    let builder = environment(&place.join("builder"))?;
    step("install the build tool", || pip(&builder, &[MATURIN]))?;
    step("sdist", || {
        let mut maturin = Command::new(&builder);
        maturin.args(["-m", "maturin", "sdist", "--manifest-path"]).arg(root().join(PACKAGE).join("Cargo.toml"));
        run(maturin.arg("--out").arg(&dist))
    })?;
    let sdist = only(&dist, "tar.gz")?;
    let held = step("contents of the sdist", || listed(&builder, "tarfile", &sdist))?;
    holds(&held, WANTED_IN_SDIST)?;
    step("wheel from the sdist", || {
        let mut pip = Command::new(&builder);
        pip.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]).arg(&dist).arg(&sdist);
        // The same for every run, so that only the first one compiles what others have written.
        run(pip.env("CARGO_TARGET_DIR", place.join("target")))
    })?;
    let wheel = only(&dist, "whl")?;
    let held = step("contents of the wheel", || listed(&builder, "zipfile", &wheel))?;
    holds(&held, WANTED_IN_WHEEL)?;
    let is_foreign =
        |name: &&String| !name.contains(".dist-info/") && !IN_WHEEL.iter().any(|start| name.starts_with(start));
    if let Some(foreign) = held.iter().find(is_foreign) {
        return Err(format!("the wheel holds {foreign}"));
    }
    let megabytes = fs::metadata(&wheel).map_or(0.0, |wheel| wheel.len() as f64 / 1e6);
    println!("   {} is {megabytes:.1} MB", name(&wheel));
    if !name(&wheel).contains("-cp311-abi3-") || megabytes > WHEEL_MB {
        return Err(format!("a wheel for every CPython from 3.11 of at most {WHEEL_MB} MB is wanted"));
    }
    use_it("the wheel", &place, &wheel)?;
    use_it("the checkout", &place, &root().join(PACKAGE))
}

/// Installs the package in a fresh environment and uses it there.
fn use_it(what: &str, place: &Path, package: &Path) -> Result {
    let folder = place.join("clean");
    let _ = fs::remove_dir_all(&folder);
    let python = environment(&folder)?;
    step(&format!("install {what}"), || {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", PYTEST]).arg(package);
        run(pip.env("CARGO_TARGET_DIR", place.join("target")))
    })?;
    step(&format!("use {what}"), || run(Command::new(&python).arg(root().join("tests/package/python.py"))))
}

fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let start = Instant::now();
    let done = work()?;
    println!("   {name}: ok in {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}

/// A virtual environment with nothing in it; gives its interpreter.
fn environment(folder: &Path) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new(interpreter()?).args(["-m", "venv"]).arg(folder))?;
    }
    Ok(python)
}

fn pip(python: &Path, packages: &[&str]) -> Result {
    run(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(packages))
}

/// The names in an archive, by the module of Python's library that reads it.
fn listed(python: &Path, module: &str, archive: &Path) -> Result<Vec<String>> {
    let names = output(Command::new(python).args(["-m", module, "-l"]).arg(archive))?;
    // The listing of a wheel is a table.
    let names = names.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|name| *name != "File").map(|name| name.to_owned()).collect())
}

fn holds(held: &[String], wanted: &[&str]) -> Result {
    if let Some(unwanted) = held.iter().find(|name| UNWANTED.iter().any(|part| name.contains(part))) {
        return Err(format!("it holds {unwanted}"));
    }
    match wanted.iter().find(|end| !held.iter().any(|name| name.ends_with(*end))) {
        None => Ok(()),
        Some(missing) => Err(format!("it does not hold {missing}")),
    }
}

/// The one file of a folder that ends so.
fn only(folder: &Path, end: &str) -> Result<PathBuf> {
    let files = fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut found =
        files.filter_map(std::result::Result::ok).map(|file| file.path()).filter(|path| name(path).ends_with(end));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(format!("there is not exactly one .{end} in {}", folder.display())),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
