//! The tests of C and C++: the contract, in every way it can be run, and a stranger's program.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::{self, Tool};
use super::{STATIC_LIBS, compile, install};
use crate::Result;
use crate::run::{cargo, output, run, watch};
use crate::tally::Tally;
use crate::workspace::{self, root};

/// Every test of one of the two languages.
pub(crate) fn tests(language: &str) -> Result<Tally> {
    let built = workspace::built()?;
    let place = built.join("c");
    let prefix = place.join("prefix");
    install(&built, &prefix)?;
    let mut tally = contract(&prefix, &place, language)?;
    if language == "c" {
        tally += one("only what begins with cdpb_ is exported", || exports(&prefix));
        tally += one("programs look for the library by its soname", || sonames(&prefix));
        tally += one("the flags to link statically are those that rustc tells", static_flags);
        tally += one("a stranger's program, from the tarball", || stranger(&built, &place));
    }
    Ok(tally)
}

/// The contract's tests, plainly, under valgrind and under AddressSanitizer.
fn contract(prefix: &Path, place: &Path, language: &str) -> Result<Tally> {
    // Several translation units, so that nothing in a header is defined twice.
    let sources: Vec<PathBuf> = workspace::files()?
        .iter()
        .filter(|file| file.starts_with(&format!("bindings-ffi/tests/{language}/")))
        .filter(|file| file.ends_with(&format!(".{language}")))
        .map(|file| root().join(file))
        .collect();
    let (plain, sanitized) =
        (place.join(format!("contract-{language}")), place.join(format!("contract-{language}-asan")));
    compile(prefix, &plain, &sources, &[])?;
    compile(prefix, &sanitized, &sources, &["-fsanitize=address", "-fno-omit-frame-pointer"])?;
    let mut tally = counted("contract", Command::new(&plain).current_dir(root()))?;
    tally += match tools::have(tools::VALGRIND) {
        Ok(()) => {
            let mut valgrind = Command::new("valgrind");
            valgrind.args(["--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect"]);
            valgrind.args(["--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99", "--fair-sched=yes"]);
            counted("contract under valgrind", valgrind.arg(&plain).current_dir(root()))?
        }
        Err(reason) => skipped("contract under valgrind", &reason),
    };
    let symbols = output(Command::new("nm").arg(&sanitized))?;
    if !symbols.contains("__asan_init") {
        return Err("AddressSanitizer is not in the program that should have it".into());
    }
    let mut asan = Command::new(&sanitized);
    asan.env("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:exitcode=99").current_dir(root());
    tally += counted("contract under AddressSanitizer", &mut asan)?;
    Ok(tally)
}

/// Runs a program that ends with a closing line.
fn counted(name: &str, program: &mut Command) -> Result<Tally> {
    println!("-- {name}");
    let mut tally = Tally::default();
    let ended_well = watch(program, |line| tally = Tally::of_closing_line(line).unwrap_or(tally))?;
    if (!ended_well && tally.failed == 0) || tally == Tally::default() {
        println!("{name} ... FAILED: it ended badly");
        tally += Tally::ONE_FAILURE;
    }
    Ok(tally)
}

fn one(name: &str, test: impl FnOnce() -> Result) -> Tally {
    match test() {
        Ok(()) => {
            println!("test {name} ... ok");
            Tally { passed: 1, ..Tally::default() }
        }
        Err(reason) => {
            println!("test {name} ... FAILED\n{reason}");
            Tally::ONE_FAILURE
        }
    }
}

fn skipped(name: &str, reason: &str) -> Tally {
    println!("{name} ... SKIPPED: {reason}");
    Tally { skipped: 1, ..Tally::default() }
}

fn exports(prefix: &Path) -> Result {
    for library in ["cdp_batch", "cdp_batch_testing"] {
        let library = prefix.join(format!("lib/lib{library}.so"));
        let symbols =
            output(Command::new("nm").args(["--dynamic", "--defined-only", "--format=just-symbols"]).arg(library))?;
        let foreign: Vec<_> = symbols.lines().filter(|symbol| !symbol.starts_with("cdpb_")).collect();
        if !foreign.is_empty() || symbols.is_empty() {
            return Err(format!("it also exports {}", foreign.join(", ")));
        }
    }
    // What the header declares is there, and what is there is declared.
    let header = workspace::read("include/cdp_batch.h")?;
    let symbols = output(
        Command::new("nm")
            .args(["--dynamic", "--defined-only", "--format=just-symbols"])
            .arg(prefix.join("lib/libcdp_batch.so")),
    )?;
    match symbols.lines().find(|symbol| !header.contains(&format!("{symbol}("))) {
        Some(hidden) => Err(format!("the header does not declare {hidden}")),
        None => Ok(()),
    }
}

fn sonames(prefix: &Path) -> Result {
    for library in ["cdp_batch", "cdp_batch_testing"] {
        let file = prefix.join(format!("lib/lib{library}.so"));
        let told = output(Command::new("readelf").arg("--dynamic").arg(&file))?;
        let soname = format!("[lib{library}.so.{}]", super::abi());
        if !told.lines().any(|line| line.contains("SONAME") && line.contains(&soname)) {
            return Err(format!("the soname of {} is not {soname}", file.display()));
        }
    }
    Ok(())
}

/// What rustc tells, the package descriptions hold and the README says.
fn static_flags() -> Result {
    let mut rustc = cargo(&["rustc", "--locked", "--package", "cdp-batch-ffi", "--lib", "--crate-type", "staticlib"]);
    let done = rustc.args(["--", "--print", "native-static-libs"]).output();
    let done = done.map_err(|error| format!("cargo cannot be started: {error}"))?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    let flags = told.lines().find_map(|line| line.split_once("native-static-libs: ")).map(|(_, flags)| flags.trim());
    let flags = flags.ok_or_else(|| format!("rustc does not say what to link:\n{told}"))?;
    // A library may be told more than once.
    let mut known: Vec<&str> = Vec::new();
    for flag in flags.split_whitespace().filter(|flag| !flag.is_empty()) {
        if !known.contains(&flag) {
            known.push(flag);
        }
    }
    if known.join(" ") != STATIC_LIBS {
        return Err(format!("rustc tells {}, but xtask/src/c.rs has {STATIC_LIBS}", known.join(" ")));
    }
    match workspace::read("bindings-ffi/README.md")?.contains(STATIC_LIBS) {
        true => Ok(()),
        false => Err(format!("bindings-ffi/README.md does not name {STATIC_LIBS}")),
    }
}

/// Unpacks the tarball in a clean place, and builds a program there with nothing but what it holds.
fn stranger(built: &Path, place: &Path) -> Result {
    let need = |tool: Tool| tools::have(tool);
    need(tools::PKG_CONFIG)?;
    need(tools::CMAKE)?;
    let folder = place.join("stranger");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let tarball = super::pack(built, &folder.join("dist"), "cdp_batch")?;
    run(Command::new("tar").arg("--extract").arg("--file").arg(&tarball).current_dir(&folder))?;
    let prefix = folder.join("cdp_batch");
    run(Command::new("sha256sum").args(["--check", "--quiet", "SHA256SUMS"]).current_dir(&prefix))?;
    let script = root().join("bindings-ffi/tests/stranger/build.sh");
    run(Command::new("sh").arg("-eu").arg(script).arg(&prefix).current_dir(&folder))
}
