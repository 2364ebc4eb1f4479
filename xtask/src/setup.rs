//! `setup`: which tools are there. Only the packages of Python and Node are installed, into places of their own; cargo
//! fetches what the build needs by itself.

use std::process::{Command, Stdio};

use crate::{Result, node, python};

struct Tool {
    command: &'static [&'static str],
    /// What cannot be done without it.
    needed_for: &'static str,
    how_to_get: &'static str,
    /// Whether the build and the tests need it.
    is_required: bool,
}

const TOOLS: &[Tool] = &[
    Tool {
        command: &["cargo", "fmt", "--version"],
        needed_for: "check",
        how_to_get: "rustup component add rustfmt",
        is_required: true,
    },
    Tool {
        command: &["cargo", "clippy", "--version"],
        needed_for: "check",
        how_to_get: "rustup component add clippy",
        is_required: true,
    },
    Tool {
        command: &["cc", "--version"],
        needed_for: "the TLS library's assembly",
        how_to_get: "install gcc or clang, for example the package build-essential",
        is_required: true,
    },
    Tool { command: &["git", "--version"], needed_for: "check", how_to_get: "install git", is_required: true },
    Tool {
        command: &["python3", "--version"],
        needed_for: "the Python package",
        how_to_get: "install Python 3.11 or newer with venv, for example the package python3-venv",
        is_required: true,
    },
    Tool {
        command: &["node", "--version"],
        needed_for: "the Node package, tests of the page",
        how_to_get: "install Node.js 20 or newer",
        is_required: true,
    },
    Tool {
        command: &["npm", "--version"],
        needed_for: "the Node package, tests of the page",
        how_to_get: "comes with Node.js",
        is_required: true,
    },
    Tool {
        command: &["chromium", "--version"],
        needed_for: "tests of the page",
        how_to_get: "install chromium, for example the package chromium; the test command does so as root",
        is_required: false,
    },
    Tool {
        command: &["java", "--version"],
        needed_for: "tests of Kotlin",
        how_to_get: "install Java 17 or newer, for example the package default-jdk-headless",
        is_required: false,
    },
    Tool {
        command: &["mvn", "--version"],
        needed_for: "tests of Kotlin",
        how_to_get: "install Maven 3.8 or newer, for example the package maven",
        is_required: false,
    },
    Tool {
        command: &["valgrind", "--version"],
        needed_for: "tests of C and C++",
        how_to_get: "install valgrind",
        is_required: false,
    },
    Tool {
        command: &["ruby", "--version"],
        needed_for: "the Ruby gem",
        how_to_get: "install ruby, ruby-ffi and ruby-minitest, as the tests do for root",
        is_required: false,
    },
    Tool {
        command: &["cmake", "--version"],
        needed_for: "tests of C and C++",
        how_to_get: "install cmake, and pkg-config, libcjson-dev and nlohmann-json3-dev, as the tests do for root",
        is_required: false,
    },
    Tool {
        command: &["go", "version"],
        needed_for: "the Go package",
        how_to_get: "install Go 1.25 or newer, from go.dev for example",
        is_required: false,
    },
];

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    let mut missing = Vec::new();
    for tool in TOOLS {
        let name = tool.command.join(" ");
        let name = name.trim_end_matches(" --version").trim_end_matches(" version");
        match version(tool.command) {
            Some(version) => println!("{name:<13} {version}"),
            None => {
                println!("{name:<13} MISSING, needed for {}: {}", tool.needed_for, tool.how_to_get);
                missing.extend(tool.is_required.then_some(name.to_owned()));
            }
        }
    }
    if !missing.is_empty() {
        return Err(format!("{} must be installed", missing.join(", ")));
    }
    println!("{:<13} {}", "environment", python::setup()?.display());
    println!("{:<13} {}", "packages", node::setup()?.display());
    Ok(())
}

/// The first line of what the tool says about itself; none if it does not run.
fn version(command: &[&str]) -> Option<String> {
    let (program, arguments) = command.split_first()?;
    let done = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&done.stdout);
    done.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}
