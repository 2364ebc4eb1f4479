//! The program `cdp-batch`, for `npx`.

use napi_derive::napi;

/// Runs the program and gives its exit code. It takes the process for its own, Ctrl-C included.
#[napi(catch_unwind)]
pub fn command_line(arguments: Vec<String>) -> u8 {
    cdp_batch_cli::main_with(arguments.into_iter().map(Into::into))
}
