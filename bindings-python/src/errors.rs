//! An error of the core as the Python exception of its kind.

use std::error::Error as _;
use std::io;

use cdp_batch::{Error, RunReport};
use pyo3::prelude::*;

use crate::results::{Report, json};

/// The exception for this error, with the report if one is attached, and the system's own error as its cause.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failed| failed)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let report = RunReport::of(error).cloned().map(Report);
    let exception = py.import("cdp_batch._error")?.call_method1("from_native", (json(error)?, report, errno(error)))?;
    Ok(PyErr::from_value(exception))
}

/// The number of what the operating system said, if it said anything.
fn errno(error: &Error) -> Option<i32> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(code) = cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(code);
        }
        next = cause.source();
    }
    None
}
