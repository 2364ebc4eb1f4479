//! `cdp-batch`: upload guests and orders to Sitecore CDP from the command line.
//!
//! This program has no rule of its own: it turns arguments into options, and events and reports into text.

#![expect(clippy::print_stderr, reason = "a command line program speaks to people on stderr")]

mod args;
mod commands;
mod connect;
mod failure;
mod interrupt;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Demo(demo) => commands::demo::run(&demo),
        Command::Upload(upload) => commands::upload::run(&upload),
        Command::Runs(state) => commands::runs::list(&state),
        Command::Resume(resume) => commands::runs::resume(&resume),
        Command::Reconcile(reconcile) => commands::runs::reconcile(&reconcile),
        Command::Clean(state) => commands::runs::clean(&state),
        Command::Pack(pack) => commands::pack::run(&pack),
        Command::Validate(validate) => commands::validate::run(&validate),
        Command::Status(batches) => commands::batches::status(&batches),
        Command::Wait(wait) => commands::batches::wait(&wait),
        Command::List(list) => commands::list::run(&list),
        Command::Errors(errors) => commands::errors::run(&errors),
        Command::Emulator(emulator) => commands::emulator::run(&emulator),
        Command::Completions { shell } => commands::completions::run(shell),
    };
    match done {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
