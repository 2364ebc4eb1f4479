//! Rows of Python become lines of NDJSON.
//!
//! Values are read where they are, on the caller's thread; nothing of a row is kept but its text.

mod convert;
mod number;
mod text;
mod types;
mod value;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cdp_batch::error::Stage;
use cdp_batch::source::append_row;
use cdp_batch::{Error, Kind};
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyList, PyMemoryView, PyString};

use crate::errors::raised;
use types::Types;
use value::{Encoder, Fault, Nan};

/// Serialises rows; holds what is the same for every one of them.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct RowEncoder {
    types: Types,
    nan: Nan,
    default: Option<Py<PyAny>>,
    /// Memory of earlier lines, for the next ones.
    spare: Spare,
}

type Spare = Arc<Mutex<Vec<u8>>>;

/// Rows as lines of NDJSON, on their way into the core.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Lines {
    bytes: Mutex<Vec<u8>>,
    spare: Spare,
}

impl Lines {
    /// The lines; the core takes them out and may leave memory for others.
    pub(crate) fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        lock(&self.bytes)
    }
}

#[pymethods]
impl Lines {
    fn __len__(&self) -> usize {
        self.bytes().len()
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut *self.bytes());
        let mut spare = lock(&self.spare);
        if spare.capacity() < bytes.capacity() {
            *spare = bytes;
        }
    }
}

#[pymethods]
impl RowEncoder {
    /// `nan` is "error", "null" or "omit"; `default` is called with what is none of the known types.
    #[new]
    #[pyo3(signature = (nan = "error", default = None))]
    fn new(py: Python<'_>, nan: &str, default: Option<Py<PyAny>>) -> PyResult<Self> {
        let Some(nan) = Nan::named(nan) else {
            return Err(PyValueError::new_err(format!("nan is \"error\", \"null\" or \"omit\", but not {nan:?}")));
        };
        Ok(RowEncoder { types: Types::import(py)?, nan, default, spare: Spare::default() })
    }

    /// The rows as NDJSON, one line each. `first_index` is how many rows came before the first of these.
    fn encode(&self, rows: &Bound<'_, PyList>, first_index: u64) -> PyResult<Lines> {
        let default = self.default.as_ref().map(|default| default.bind(rows.py()));
        let mut out = std::mem::take(&mut *lock(&self.spare));
        out.clear();
        let mut encoder = Encoder::new(&self.types, self.nan, default, out);
        for (number, row) in (first_index + 1..).zip(rows.iter()) {
            append(&mut encoder, &row).map_err(|fault| exception(rows.py(), number, &fault))?;
        }
        Ok(Lines { bytes: Mutex::new(encoder.out), spare: Arc::clone(&self.spare) })
    }
}

fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Appends one row. Text and bytes are taken for JSON already and go through as they are.
fn append(encoder: &mut Encoder<'_, '_>, row: &Bound<'_, PyAny>) -> Result<(), Fault> {
    if let Ok(row) = row.cast::<PyString>() {
        append_row(&mut encoder.out, text::utf8(row)?.as_bytes());
    } else if let Ok(row) = row.cast::<PyBytes>() {
        append_row(&mut encoder.out, row.as_bytes());
    } else if let Ok(row) = row.cast::<PyByteArray>() {
        append_row(&mut encoder.out, &row.to_vec());
    } else if row.is_instance_of::<PyMemoryView>() {
        let row = row.call_method0("tobytes")?;
        append_row(&mut encoder.out, row.extract()?);
    } else {
        encoder.row(row)?;
        encoder.out.push(b'\n');
    }
    Ok(())
}

/// The exception for a fault in a row. What the caller's own code raised is its cause, or itself if it is no `Exception`,
/// as with Ctrl-C.
fn exception(py: Python<'_>, number: u64, fault: &Fault) -> PyErr {
    let cause = match &fault.cause {
        Some(cause) if !cause.is_instance_of::<PyException>(py) => return cause.clone_ref(py),
        cause => cause.as_ref().map(|cause| cause.clone_ref(py)),
    };
    let place = fault.place();
    let message = if place.is_empty() { format!("row {number}") } else { format!("row {number}: {place}") };
    let error = Error::new(Kind::InvalidRecord, format!("{message}: {}", fault.what));
    let error = error.with_stage(Stage::Read).with_source("rows").with_line(number);
    let raised = raised(py, &error);
    raised.set_cause(py, cause);
    raised
}
