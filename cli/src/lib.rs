//! The command line `cdp-batch`: upload guests and orders to Sitecore CDP.
//!
//! It has no rule of its own: it turns arguments into options, and events and reports into text. It is a library so that
//! the package for Python brings the same program along.

#![expect(clippy::print_stderr, reason = "a command line program speaks to people on stderr")]

mod args;
mod commands;
mod connect;
mod failure;
mod interrupt;
mod output;
mod progress;

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser;

use args::{Arguments, Command};
use failure::{Outcome, USAGE};

/// Does what the arguments say, the program's own name being the first, and gives the exit code.
///
/// It takes the process for its own: it prints, and may handle Ctrl-C and exit at the second one.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let code = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => run(&arguments.command).unwrap_or_else(|failure| failure.report()),
        Err(usage) => {
            // There is nowhere else to say that this cannot be printed.
            let _ = usage.print();
            u8::try_from(usage.exit_code()).unwrap_or(USAGE)
        }
    };
    // A host may end without what Rust does at the end of a program of its own.
    let _ = std::io::stdout().flush();
    code
}

fn run(command: &Command) -> Outcome {
    match command {
        Command::Demo(demo) => commands::demo::run(demo),
        Command::Upload(upload) => commands::upload::run(upload),
        Command::Runs(state) => commands::runs::list(state),
        Command::Resume(resume) => commands::runs::resume(resume),
        Command::Reconcile(reconcile) => commands::runs::reconcile(reconcile),
        Command::Clean(state) => commands::runs::clean(state),
        Command::Pack(pack) => commands::pack::run(pack),
        Command::Validate(validate) => commands::validate::run(validate),
        Command::Status(batches) => commands::batches::status(batches),
        Command::Wait(wait) => commands::batches::wait(wait),
        Command::List(list) => commands::list::run(list),
        Command::Errors(errors) => commands::errors::run(errors),
        Command::Ui(ui) => commands::ui::run(ui),
        Command::Emulator(emulator) => commands::emulator::run(emulator),
        Command::Completions { shell } => commands::completions::run(*shell),
    }
}
