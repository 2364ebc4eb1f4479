//! An error of the core as the Python exception of its kind.

use cdp_batch::{Error, RunReport};
use pyo3::prelude::*;

use crate::results::{Report, json};

/// The exception for this error, with the report if one is attached, and the system's own error as its cause.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failed| failed)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let report = RunReport::of(error).cloned().map(Report);
    let exception =
        py.import("cdp_batch._error")?.call_method1("from_native", (json(error)?, report, error.os_error()))?;
    Ok(PyErr::from_value(exception))
}
