//! Ruby: the interpreter with what the gem needs, the gem's tests, and the gem itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{output, run, watch};
use crate::tally::Tally;
use crate::workspace::{self, listed, root};
use crate::{Result, c, debian};

/// The gem, from the root.
const GEM: &str = "bindings-ffi/ruby";

/// Debian's packages: the interpreter, the one gem that ours depends on, and what runs the tests.
const PACKAGES: &[&str] = &["ruby", "ruby-ffi", "ruby-minitest"];
/// Exits with 0 where all of them are, and new enough.
const IS_READY: &str = "require 'ffi'; require 'minitest'; exit RUBY_VERSION >= '3.1'";

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    setup()?;
    println!("the library that the gem loads is in {}", c::prefix()?.display());
    Ok(())
}

/// Sees to it that Ruby is there. Only root can install what is missing.
fn setup() -> Result {
    if is_ready() {
        return Ok(());
    }
    match debian::install(PACKAGES) {
        Ok(()) if is_ready() => Ok(()),
        _ => Err(format!("Ruby 3.1 or newer is missing; install it, for example {}", PACKAGES.join(", "))),
    }
}

fn is_ready() -> bool {
    let mut ask = Command::new("ruby");
    ask.args(["-e", IS_READY]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    ask.status().is_ok_and(|status| status.success())
}

/// Ruby with the gem where it lies and the library that was built here.
pub(crate) fn interpreter() -> Result<Command> {
    setup()?;
    let mut ruby = Command::new("ruby");
    ruby.arg("-w").arg("-I").arg(root().join(GEM).join("lib")).env("CDP_BATCH_LIBRARY", library(&c::prefix()?));
    Ok(ruby)
}

fn library(prefix: &Path) -> PathBuf {
    prefix.join("lib/libcdp_batch.so")
}

/// The gem's own tests, and the gem as it is installed.
pub(crate) fn tests() -> Result<Tally> {
    let mut minitest = interpreter()?;
    minitest.arg("test/all.rb").current_dir(root().join(GEM));
    let mut tally = Tally::default();
    let ended_well = watch(&mut minitest, |line| tally = Tally::of_minitest(line).unwrap_or(tally))?;
    if !ended_well && tally.failed == 0 {
        tally += Tally::ONE_FAILURE;
    }
    for (name, brings_library) in [
        ("an installed gem finds the library that is named", false),
        ("a gem for one platform brings its library", true),
    ] {
        match installed(brings_library) {
            Ok(()) => {
                println!("test {name} ... ok");
                tally.passed += 1;
            }
            Err(reason) => {
                println!("test {name} ... FAILED\n{reason}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

/// Builds the gem, installs it in a clean place, and uploads with it there.
fn installed(brings_library: bool) -> Result {
    let prefix = c::prefix()?;
    let place = workspace::built()?.join("ruby");
    let home = place.join("home");
    let _ = fs::remove_dir_all(&home);
    let gem = pack(&place.join("gem"), brings_library.then_some(prefix.as_path()))?;
    let mut install = Command::new("gem");
    install.args(["install", "--local", "--no-document", "--quiet"]).arg(&gem).env("GEM_HOME", &home);
    output(&mut install)?;
    let mut ruby = Command::new("ruby");
    ruby.arg("-w").arg(root().join(GEM).join("test/installed.rb")).env("GEM_HOME", &home).current_dir(root());
    if !brings_library {
        ruby.env("CDP_BATCH_LIBRARY", library(&prefix));
    }
    run(&mut ruby)
}

/// Builds the gem in `folder`, with the libraries of `prefix` in it if there is one, and gives its file.
fn pack(folder: &Path, prefix: Option<&Path>) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    let copied = |from: &Path, to: &str| {
        let to = folder.join(to);
        let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::copy(from, &to));
        copied.map(|_| ()).map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
    };
    for file in workspace::files()? {
        if let Some(inside) = file.strip_prefix(GEM).and_then(|file| file.strip_prefix('/')) {
            copied(&root().join(&file), inside)?;
        }
    }
    for name in prefix.iter().flat_map(|_| ["libcdp_batch.so", "libcdp_batch_testing.so"]) {
        let from = prefix.map(|prefix| prefix.join("lib").join(name)).unwrap_or_default();
        copied(&from, &format!("lib/cdp_batch/{name}"))?;
    }
    output(Command::new("gem").args(["build", "--quiet", "cdp_batch.gemspec"]).current_dir(folder))?;
    let is_gem = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "gem");
    listed(folder)?.into_iter().find(is_gem).ok_or_else(|| "gem build made no gem".to_string())
}
