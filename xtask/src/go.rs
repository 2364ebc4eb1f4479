//! Go: the package on the C library, and what runs with it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::run::{output, run, watch};
use crate::tally::Tally;
use crate::workspace::{self, root};
use crate::{Result, c};

/// The modules, from the root: the package, the driver of the behaviour suite, the examples.
const PACKAGE: &str = "bindings-ffi/go";
const DRIVER: &str = "tests/drivers/go";
const EXAMPLES: &str = "examples/go";

/// The oldest version of Go that the package is for, as its `go.mod` has it.
const OLDEST: (u32, u32) = (1, 25);

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    if let Some(reason) = missing() {
        return Err(reason);
    }
    run(go(DRIVER, &["build", "-o"])?.arg(program("driver")?).arg("."))?;
    println!("the package and the driver are built");
    Ok(())
}

/// What must be installed before anything of Go can be run.
pub(crate) fn missing() -> Option<String> {
    let (major, minor) = OLDEST;
    let asked = Command::new("go").arg("version").env("GOTOOLCHAIN", "local").stdin(Stdio::null()).output();
    let told = asked.ok().and_then(|go| String::from_utf8(go.stdout).ok()).unwrap_or_default();
    let found = told.split_whitespace().find_map(|word| {
        let mut numbers = word.strip_prefix("go")?.split(|c: char| !c.is_ascii_digit());
        Some((numbers.next()?.parse::<u32>().ok()?, numbers.next()?.parse::<u32>().ok()?))
    });
    match found {
        None => Some(format!("Go is missing; install Go {major}.{minor} or newer, from go.dev for example")),
        Some(found) if found < OLDEST => Some(format!(
            "Go {}.{} is too old; install Go {major}.{minor} or newer, from go.dev for example",
            found.0, found.1
        )),
        Some(_) => c::have_pkg_config().err(),
    }
}

/// The package's own tests, with the race detector, and with AddressSanitizer, which also finds what C is not given back.
pub(crate) fn tests() -> Result<Tally> {
    if let Some(reason) = missing() {
        println!("tests of the Go package ... SKIPPED: {reason}");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    let mut tally = Tally::default();
    for sanitizer in ["-race", "-asan"] {
        println!("-- {sanitizer}");
        // What was linked may have changed where Go sees no change.
        let mut tests = go(PACKAGE, &["test", sanitizer, "-count=1", "-v", "./..."])?;
        let mut seen = Tally::default();
        let ended_well = watch(&mut tests, |line| seen += Tally::of_go(line).unwrap_or_default())?;
        if !ended_well && seen.failed == 0 {
            seen += Tally::ONE_FAILURE;
        }
        tally += seen;
    }
    Ok(tally)
}

/// The program of an example, built.
pub(crate) fn example(name: &str) -> Result<PathBuf> {
    let built = program(&format!("example-{name}"))?;
    run(go(EXAMPLES, &["build", "-o"])?.arg(&built).arg(format!("{name}.go")))?;
    Ok(built)
}

/// Format, and what Go's own check finds.
pub(crate) fn check() -> Result {
    if let Some(reason) = missing() {
        println!("Go is not checked: {reason}");
        return Ok(());
    }
    let mut format = Command::new("gofmt");
    let unformatted = output(format.arg("-l").args([PACKAGE, DRIVER, EXAMPLES]).current_dir(root()))?;
    if !unformatted.is_empty() {
        return Err(format!("run gofmt -w on\n{unformatted}"));
    }
    run(&mut go(PACKAGE, &["vet", "./..."])?)?;
    run(&mut go(DRIVER, &["vet", "./..."])?)?;
    for example in workspace::files()?.iter().filter_map(|file| file.strip_prefix("examples/go/")) {
        if example.ends_with(".go") {
            run(&mut go(EXAMPLES, &["vet", example])?)?;
        }
    }
    Ok(())
}

/// Go, in one of the modules, with the C library as it is installed. Nothing is downloaded.
fn go(module: &str, arguments: &[&str]) -> Result<Command> {
    let lib = c::prefix()?.join("lib");
    let mut go = Command::new("go");
    go.args(arguments).current_dir(root().join(module));
    go.env("PKG_CONFIG_PATH", lib.join("pkgconfig")).env("CGO_LDFLAGS", format!("-Wl,-rpath,{}", lib.display()));
    go.env("CGO_ENABLED", "1").env("GOTOOLCHAIN", "local").env("GOPROXY", "off").env("GOWORK", "off");
    Ok(go)
}

/// Where a program goes.
fn program(name: &str) -> Result<PathBuf> {
    Ok(workspace::built()?.join("go").join(name))
}
