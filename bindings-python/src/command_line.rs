//! The program `cdp-batch`, for the console script.

use std::ffi::OsString;

use pyo3::prelude::*;

use crate::gate;

/// Runs the program and gives its exit code. It takes the process for its own, Ctrl-C included.
#[pyfunction]
pub(crate) fn command_line(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    gate::detach(py, || cdp_batch_cli::main_with(arguments))
}
