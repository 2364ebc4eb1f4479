//! `cdp-batch completions`.

use std::io;

use clap::CommandFactory;

use crate::args::Arguments;
use crate::failure::{Outcome, SUCCESS};

/// Prints the completion script of a shell.
pub(crate) fn run(shell: clap_complete::Shell) -> Outcome {
    clap_complete::generate(shell, &mut Arguments::command(), "cdp-batch", &mut io::stdout());
    Ok(SUCCESS)
}
