//! Node: the package where it lies, and what runs in it.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Result;
use crate::run::{output, run, watch};
use crate::tally::Tally;
use crate::workspace::{self, read, root};

/// The package, from the root.
pub(crate) const PACKAGE: &str = "bindings-node";

/// The examples, from the root.
const EXAMPLES: &str = "examples/node";

/// Other runtimes, which the package must work in as well.
const RUNTIMES: &[&str] = &["bun@1.4.5", "deno@2.9.6"];

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    develop()?;
    println!("the package is built in {PACKAGE}");
    Ok(())
}

/// Installs the tools of the package, or brings them up to date.
pub(crate) fn setup() -> Result<PathBuf> {
    install(PACKAGE)
}

/// Installs what the lock file of a folder lists, and gives that folder. Nothing is done when it is that of the last time.
pub(crate) fn install(folder: &str) -> Result<PathBuf> {
    let home = root().join(folder);
    let (wanted, stamp) = (read(&format!("{folder}/package-lock.json"))?, home.join("node_modules/installed.json"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(home);
    }
    println!("installing what {folder}/package-lock.json lists");
    run(npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&home))?;
    fs::write(&stamp, wanted).map_err(|error| format!("cannot write {}: {error}", stamp.display()))?;
    Ok(home)
}

/// Builds the package where it lies. Once: what was built stays.
///
/// Cargo builds the native half with everything else, instead of once more, optimised.
pub(crate) fn develop() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf>> = OnceLock::new();
    let build = || {
        let home = setup()?;
        let native = workspace::built()?.join(format!("{DLL_PREFIX}cdp_batch_node{DLL_SUFFIX}"));
        run(Command::new("node").arg(home.join("scripts/build.mjs")).env("CDP_BATCH_NATIVE", native))?;
        Ok(home)
    };
    BUILT.get_or_init(build).clone()
}

pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments);
    npm
}

/// Installs what the examples need, beside the package where it lies.
pub(crate) fn examples() -> Result<PathBuf> {
    let package = develop()?;
    let home = install(EXAMPLES)?;
    let link = home.join("node_modules/cdp-batch");
    if !link.exists() {
        std::os::unix::fs::symlink(&package, &link)
            .map_err(|error| format!("cannot link {}: {error}", link.display()))?;
    }
    Ok(home)
}

/// Whether the examples have a database: its native half is downloaded, or compiled where it is not to be had.
pub(crate) fn has_database() -> bool {
    let home = root().join(EXAMPLES);
    home.join("node_modules/better-sqlite3/build/Release/better_sqlite3.node").exists()
        || run(npm(&["rebuild", "better-sqlite3"]).current_dir(home)).is_ok()
}

/// Compiles an example of TypeScript, and gives what came of it.
pub(crate) fn compiled(name: &str) -> Result<PathBuf> {
    let (home, into) = (root().join(EXAMPLES), workspace::target()?.join("node/examples"));
    let failed = |error: std::io::Error| format!("cannot make {}: {error}", into.display());
    fs::create_dir_all(&into).map_err(failed)?;
    fs::write(into.join("package.json"), "{ \"type\": \"module\" }\n").map_err(failed)?;
    let _ = fs::remove_file(into.join("node_modules"));
    std::os::unix::fs::symlink(home.join("node_modules"), into.join("node_modules")).map_err(failed)?;
    run(tool("tsc").arg("--project").arg(&home).arg("--outDir").arg(&into))?;
    Ok(into.join(name).with_extension("js"))
}

/// A tool of the package.
fn tool(name: &str) -> Command {
    let mut node = Command::new(root().join(PACKAGE).join("node_modules/.bin").join(name));
    node.current_dir(root());
    node
}

/// The package's own tests, against what is published: the packed tarball, installed in a clean folder.
pub(crate) fn tests() -> Result<Tally> {
    let clean = clean("test", &[develop()?])?;
    // The tests of a runtime that could not be installed say so and are skipped.
    let _ = run(npm(&["install", "--no-audit", "--no-fund"]).args(RUNTIMES).current_dir(&clean));
    copy(&root().join(PACKAGE).join("test"), &clean.join("test"))?;
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).current_dir(&clean);
    let files = workspace::listed(&clean.join("test"))?;
    node.args(files.iter().filter(|file| file.to_string_lossy().ends_with(".test.mjs")));
    let mut tally = Tally::default();
    let ended_well = watch(&mut node, |line| tally += Tally::of_node(line).unwrap_or_default())?;
    if !ended_well && tally.failed == 0 {
        tally += Tally::ONE_FAILURE;
    }
    Ok(tally)
}

/// A fresh folder below the target with these packages in it, each packed as for publishing.
pub(crate) fn clean(name: &str, packages: &[PathBuf]) -> Result<PathBuf> {
    let place = workspace::target()?.join("node").join(name);
    let _ = fs::remove_dir_all(&place);
    let failed = |error: std::io::Error| format!("cannot make {}: {error}", place.display());
    fs::create_dir_all(&place).map_err(failed)?;
    fs::write(place.join("package.json"), "{ \"private\": true }\n").map_err(failed)?;
    let mut install = npm(&["install", "--no-audit", "--no-fund"]);
    for package in packages {
        install.arg(pack(package, &place)?);
    }
    run(install.current_dir(&place))?;
    Ok(place)
}

/// Packs what lies in `package` as it is, and gives the tarball.
pub(crate) fn pack(package: &Path, into: &Path) -> Result<PathBuf> {
    let mut pack = npm(&["pack", "--ignore-scripts", "--silent", "--pack-destination"]);
    let name = output(pack.arg(into).current_dir(package))?;
    Ok(into.join(name.trim()))
}

fn copy(from: &Path, into: &Path) -> Result {
    let failed = |error: std::io::Error| format!("cannot copy {}: {error}", from.display());
    fs::create_dir_all(into).map_err(failed)?;
    for file in workspace::listed(from)? {
        fs::copy(&file, into.join(file.file_name().unwrap_or_default())).map_err(failed)?;
    }
    Ok(())
}

/// Format and types of what is JavaScript here; and the packed tarball as others' tools see it.
pub(crate) fn check() -> Result {
    let home = develop()?;
    let mut wrong = Vec::new();
    let mut prettier = tool("prettier");
    prettier.args(["--check", "--log-level", "warn", "--config", "bindings-node/.prettierrc.json"]);
    prettier.args(["--ignore-path", "bindings-node/.prettierignore"]);
    prettier.args([
        "bindings-node/ts",
        "bindings-node/test",
        "bindings-node/scripts",
        "bench/peers",
        "tests/drivers/node",
        "tests/package",
        EXAMPLES,
    ]);
    wrong.extend(run(&mut prettier).err());
    examples()?;
    wrong.extend(run(tool("tsc").args(["--noEmit", "--project", EXAMPLES])).err());
    let place = workspace::target()?.join("node");
    fs::create_dir_all(&place).map_err(|error| format!("cannot make {}: {error}", place.display()))?;
    let tarball = pack(&home, &place)?;
    wrong.extend(run(tool("attw").args(["--no-emoji", "--format", "table-flipped"]).arg(&tarball)).err());
    wrong.extend(run(tool("publint").args(["run", "--strict"]).arg(&tarball)).err());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
