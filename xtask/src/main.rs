//! Developer commands; people and CI run the same ones: `cargo xtask COMMAND`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to the person who runs it")]

mod bench;
mod c;
mod check;
mod conformance;
mod crash;
mod debian;
mod examples;
mod r#gen;
mod go;
mod kotlin;
mod node;
mod package_test;
mod page;
mod python;
mod ruby;
mod run;
mod setup;
mod support;
mod swift;
mod tally;
mod test;
mod workspace;

use std::process::ExitCode;

/// What went wrong, as a sentence for the person who ran the command.
type Result<T = ()> = std::result::Result<T, String>;

struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "setup",
        usage: "",
        about: "say which tools are missing and how to get them; make the environments for Python and Node",
        run: setup::command,
    },
    Command {
        name: "check",
        usage: "",
        about: "format, lints, types, documentation, import table, dependency guards, generated text",
        run: check::command,
    },
    Command { name: "test", usage: "[--lang L]", about: "every test there is", run: test::command },
    Command {
        name: "conformance",
        usage: "[--lang L] [--case N]",
        about: "the behaviour suite, for each language that has a driver",
        run: conformance::command,
    },
    Command {
        name: "crash",
        usage: "[--long] [--seed N]",
        about: "kill uploads in every way there is, and begin them again",
        run: crash::command,
    },
    Command {
        name: "examples",
        usage: "[--lang L]",
        about: "run the examples against the emulator and compare what they print",
        run: examples::command,
    },
    Command {
        name: "python",
        usage: "",
        about: "make .venv and build the Python package into it",
        run: python::command,
    },
    Command { name: "node", usage: "", about: "build the Node package where it lies", run: node::command },
    Command {
        name: "ruby",
        usage: "",
        about: "build the library that the Ruby gem loads, and see that Ruby is there",
        run: ruby::command,
    },
    Command {
        name: "package-test",
        usage: "python|node",
        about: "build what is published, install it in a clean place and use it there",
        run: package_test::command,
    },
    Command {
        name: "kotlin",
        usage: "",
        about: "build the package for Kotlin and Java, and what uses it here",
        run: kotlin::command,
    },
    Command { name: "c", usage: "", about: "build the C library, and what uses it here", run: c::command },
    Command { name: "go", usage: "", about: "build the Go package and what uses it here", run: go::command },
    Command { name: "package", usage: "c", about: "make the tarball of the C library", run: c::package },
    Command {
        name: "gen",
        usage: "[--check]",
        about: "write the generated parts of the documents anew",
        run: r#gen::command,
    },
    Command {
        name: "bench",
        usage: "[pack|memory|rejects|python|node] [--quick]",
        about: "measure packing against its peers, and memory against its bound",
        run: bench::command,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        println!("{}", usage());
        return ExitCode::from(2);
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("there is no command {name}\n\n{}", usage());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask {name}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let lines = COMMANDS.iter().map(|command| {
        let call = format!("{} {}", command.name, command.usage);
        format!("  cargo xtask {call:<36}{}", command.about)
    });
    lines.fold(String::from("Developer commands:"), |text, line| text + "\n" + &line)
}

/// The value that follows `flag`, if it is there; every other argument is an error.
fn only_flags<const N: usize>(arguments: &[String], flags: [&str; N]) -> Result<[Option<String>; N]> {
    let mut values = [const { None }; N];
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let position = flags.iter().position(|flag| flag == argument);
        let position = position.ok_or_else(|| format!("there is no argument {argument}\n\n{}", usage()))?;
        values[position] = Some(rest.next().ok_or_else(|| format!("{argument} needs a value"))?.clone());
    }
    Ok(values)
}
