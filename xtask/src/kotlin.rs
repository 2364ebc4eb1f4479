//! Kotlin and Java: the package built by Maven, and what uses it here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::run::{run, watch};
use crate::tally::Tally;
use crate::workspace::{self, root};
use crate::{Result, debian};

/// The package, its examples and the driver, as Maven sees them together.
const PROJECTS: &str = "bindings-ffi/kotlin/develop.xml";

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    println!("the package is built in {}", develop()?.join("lib").display());
    Ok(())
}

/// Builds the package, the examples and the driver, and gives the folder they are in. Once: what was built stays.
pub(crate) fn develop() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf>> = OnceLock::new();
    let build = || {
        tools()?;
        let out = workspace::built()?.join("kotlin");
        bindings("kotlin", &out.join("bindings"))?;
        run(maven(&out).args(["--quiet", "-DskipTests", "package"]))?;
        Ok(out)
    };
    BUILT.get_or_init(build).clone()
}

/// Sees to it that Java and Maven are there. Only root can install what is missing.
fn tools() -> Result {
    let is_there = |tool: &str| {
        let asked = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    let are_there = || ["java", "mvn"].into_iter().all(is_there);
    if are_there() {
        return Ok(());
    }
    match debian::install(&["default-jdk-headless", "maven"]) {
        Ok(()) if are_there() => Ok(()),
        _ => {
            Err("Java 17 or Maven is missing; install them, for example the packages default-jdk-headless and maven"
                .into())
        }
    }
}

/// Writes what calls the UniFFI library from a language.
pub(crate) fn bindings(language: &str, into: &Path) -> Result {
    run(Command::new(workspace::program("cdp-batch-bindgen")?).arg(language).arg(into))
}

/// The package's own tests.
pub(crate) fn tests() -> Result<Tally> {
    let out = develop()?;
    let mut tests = maven(&out);
    tests.args(["--projects", "pom.xml", "surefire:test"]);
    let mut tally = Tally::default();
    let ended_well = watch(&mut tests, |line| tally += Tally::of_surefire(line).unwrap_or_default())?;
    if !ended_well && tally.failed == 0 {
        tally += Tally::ONE_FAILURE;
    }
    Ok(tally)
}

/// An example of Kotlin or Java, by the name of its file.
pub(crate) fn example(name: &str) -> Result<Command> {
    let out = develop()?;
    let is_kotlin = root().join(format!("examples/kotlin/{name}.kt")).exists();
    let mut java = Command::new("java");
    java.arg(format!("-Djna.library.path={}", workspace::built()?.display()));
    java.arg("--class-path").arg(out.join("lib/*"));
    java.arg(if is_kotlin { format!("{name}Kt") } else { name.to_string() });
    Ok(java)
}

fn maven(out: &Path) -> Command {
    let mut maven = Command::new("mvn");
    maven.args(["--batch-mode", "--no-transfer-progress", "--file"]).arg(root().join(PROJECTS));
    // A daemon would outlive the build.
    maven.arg("-Dkotlin.compiler.daemon=false").arg(format!("-Dcdp_batch.out={}", out.display()));
    maven
}
