//! The program `cdp-batch`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cdp_batch_cli::main_with(std::env::args_os()))
}
