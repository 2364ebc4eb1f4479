//! `package-test`: builds what is published, installs it in a clean place and uses it there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::node::npm;
use crate::python::{PACKAGE, interpreter};
use crate::run::{output, run};
use crate::workspace::{self, root, target};
use crate::{Result, node};

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
/// What the npm package must hold, and beginnings and ends of all that it may hold.
const WANTED_IN_PACKAGE: &[&str] =
    &["/dist/index.mjs", "/dist/index.d.mts", "/dist/index.d.ts", "/dist/testing.js", "/dist/cli.js", "/LICENSE-MIT"];
const IN_PACKAGE: &[&str] = &["package/dist/", "package/package.json", "package/README.md", "package/LICENSE"];
/// The same for a platform's package, and the largest size of either in MB.
const WANTED_IN_PLATFORM: &[&str] = &[".node", "/package.json"];
const IN_PLATFORM: &[&str] = &["package/cdp-batch.", "package/package.json", "package/README.md"];
const PLATFORM_MB: f64 = 12.0;
/// What the installed npm package is used with, where it can be installed.
const BESIDES: &[&str] = &["fastify@5.12.8", "vitest@3", "jest@30"];

/// What neither may hold.
const UNWANTED: &[&str] = &["__pycache__", ".venv", "/tests/cases/", "/target/", ".so.", "/.git/"];

pub(crate) fn command(arguments: &[String]) -> Result {
    match arguments {
        [language] if language == "python" => python(),
        [language] if language == "node" => node(),
        _ => Err(format!("name a language: python or node\n\n{}", crate::usage())),
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

fn node() -> Result {
    let home = root().join(node::PACKAGE);
    let place = target()?.join("package-test/node");
    step("install from the checkout", || {
        let folder = fresh(&place.join("checkout"))?;
        run(npm(&["install", "--no-audit", "--no-fund"]).arg(&home).current_dir(folder))
    })?;
    step("use what was installed from the checkout", || use_node(&place.join("checkout"), &[]))?;
    let staged = place.join("staged");
    step("stage what is published", || run(Command::new("node").arg(home.join("scripts/stage.mjs")).arg(&staged)))?;
    let packages: Vec<_> = workspace::listed(&staged)?;
    let tarballs = packages.iter().map(|package| node::pack(package, &staged)).collect::<Result<Vec<_>>>()?;
    for tarball in &tarballs {
        let held = output(Command::new("tar").arg("-tzf").arg(tarball))?;
        let held: Vec<_> = held.lines().map(String::from).collect();
        let is_main = held.iter().any(|name| name == "package/dist/index.js");
        holds(&held, if is_main { WANTED_IN_PACKAGE } else { WANTED_IN_PLATFORM })?;
        let allowed = if is_main { IN_PACKAGE } else { IN_PLATFORM };
        if let Some(foreign) = held.iter().find(|name| !allowed.iter().any(|known| name.contains(known))) {
            return Err(format!("{} holds {foreign}", name(tarball)));
        }
        let megabytes = fs::metadata(tarball).map_or(0.0, |tarball| tarball.len() as f64 / 1e6);
        println!("   {} is {megabytes:.1} MB", name(tarball));
        if megabytes > PLATFORM_MB {
            return Err(format!("a package of at most {PLATFORM_MB} MB is wanted"));
        }
    }
    let clean = fresh(&place.join("clean"))?;
    step("install the packages", || {
        run(npm(&["install", "--no-audit", "--no-fund"]).args(&tarballs).current_dir(&clean))
    })?;
    let mut besides = Vec::new();
    for package in BESIDES {
        if run(npm(&["install", "--no-audit", "--no-fund"]).arg(package).current_dir(&clean)).is_ok() {
            besides.push(package.split('@').next().unwrap_or_default());
        }
    }
    step("use the packages", || use_node(&clean, &besides))
}

/// An empty folder for packages.
fn fresh(folder: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    let failed = |error: std::io::Error| format!("cannot make {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(folder.join("package.json"), "{ \"private\": true }\n").map_err(failed)?;
    Ok(folder.to_path_buf())
}

fn use_node(folder: &Path, besides: &[&str]) -> Result {
    let script = folder.join("use.mjs");
    fs::copy(root().join("tests/package/node.mjs"), &script)
        .map_err(|error| format!("cannot write {}: {error}", script.display()))?;
    run(Command::new("node").arg(script).arg(root()).args(besides).current_dir(folder))
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
