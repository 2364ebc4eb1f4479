//! What calls end with. Plain values go to Python as JSON; what is read lazily or waited for stays here behind a handle.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use cdp_batch::Result;
use cdp_batch::api::batch::BatchInfo;
use cdp_batch::client;
use cdp_batch::findings;
use cdp_batch::home::AtHome;
use cdp_batch::local::{Checked, PackReport};
use cdp_batch::reject::{RefusedBy, Reject};
use cdp_batch::rejects;
use cdp_batch::run::{Reconciliation, RunReport};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::errors::raised;
use crate::gate;
use crate::operation::Operation;

/// What a call ends with, on its way to Python.
pub(crate) trait Outcome: Send + 'static {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(malformed)
}

fn malformed(reason: serde_json::Error) -> PyErr {
    PyValueError::new_err(reason.to_string())
}

/// Outcomes that are plain values.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {$(
        impl Outcome for $type {
            fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                Ok(json(&self)?.into_pyobject(py)?.into_any().unbind())
            }
        }
    )+};
}

plain!(BatchInfo, Vec<BatchInfo>, Option<BatchInfo>, Reconciliation);

/// Outcomes that Python holds by a handle.
macro_rules! handles {
    ($($type:ty => $handle:ident),+ $(,)?) => {$(
        impl Outcome for $type {
            fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                Ok(Bound::new(py, $handle(self))?.into_any().unbind())
            }
        }
    )+};
}

handles!(RunReport => Report, rejects::Rejects => Rejects, PackReport => Packed);

impl Outcome for client::Run {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (run_id, refs) = (self.run_id.clone(), self.refs.iter().map(ToString::to_string).collect());
        Ok(Bound::new(py, Run { run_id, refs, run: AtHome::new(self) })?.into_any().unbind())
    }
}

/// What a check found: counts as JSON, and the findings.
impl Outcome for Checked {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok((json(&self.report)?, Findings(self.findings)).into_pyobject(py)?.into_any().unbind())
    }
}

/// A report; its rejects are read from here.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Report(pub(crate) RunReport);

#[pymethods]
impl Report {
    fn json(&self) -> PyResult<String> {
        json(&self.0)
    }

    fn rejects(&self) -> Rejects {
        Rejects(self.0.rejects().clone())
    }
}

/// A run that storage has accepted.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Run {
    #[pyo3(get)]
    run_id: String,
    #[pyo3(get)]
    refs: Vec<String>,
    run: AtHome<client::Run>,
}

#[pymethods]
impl Run {
    fn wait(&self, py: Python<'_>) -> PyResult<Operation> {
        let run = self.run.get("run").map_err(|error| raised(py, &error))?;
        Ok(Operation::of(run.wait()))
    }
}

/// What packing into files made.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Packed(PackReport);

#[pymethods]
impl Packed {
    fn json(&self) -> PyResult<String> {
        json(&json!({"parts": self.0.parts, "counts": self.0.counts}))
    }

    fn rejects(&self) -> Rejects {
        Rejects(self.0.rejects.clone())
    }
}

/// Records that were refused, read as often as wanted.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Rejects(rejects::Rejects);

#[pymethods]
impl Rejects {
    /// Rejects that were read before, perhaps by another process: each as it came from the iterator.
    #[new]
    fn new(py: Python<'_>, known: Vec<(String, Vec<u8>)>) -> PyResult<Self> {
        let read = known.into_iter().map(|(known, record)| Ok(serde_json::from_str::<Known>(&known)?.with(record)));
        let read: Vec<Reject> = read.collect::<serde_json::Result<_>>().map_err(malformed)?;
        rejects::Rejects::of(read).map(Rejects).map_err(|error| raised(py, &error))
    }

    /// Writes the records and, beside them, the reasons; returns how many.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        gate::detach(py, || self.0.write(&path)).map_err(|error| raised(py, &error))
    }

    fn __iter__(&self) -> RejectIterator {
        RejectIterator(Mutex::new(Box::new(self.0.iter())))
    }
}

/// Rejects one by one: everything but the record as JSON, and the record.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct RejectIterator(Mutex<Box<dyn Iterator<Item = Result<Reject>> + Send>>);

#[pymethods]
impl RejectIterator {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<(String, Bound<'py, PyBytes>)>> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some(mut reject) = next.transpose().map_err(|error| raised(py, &error))? else { return Ok(None) };
        let record = PyBytes::new(py, &std::mem::take(&mut reject.record));
        Ok(Some((json(&reject)?, record)))
    }
}

/// Remarks about records, read as often as wanted.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Findings(findings::Findings);

#[pymethods]
impl Findings {
    fn __iter__(&self) -> FindingIterator {
        FindingIterator(Mutex::new(Box::new(self.0.iter())))
    }
}

/// Findings one by one, as JSON.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct FindingIterator(Mutex<Box<dyn Iterator<Item = Result<String>> + Send>>);

#[pymethods]
impl FindingIterator {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        next.transpose().map_err(|error| raised(py, &error))
    }
}

/// What JSON tells of a reject: everything but the record.
#[derive(Deserialize)]
struct Known {
    by: RefusedBy,
    source: Option<Arc<str>>,
    line: Option<u64>,
    r#ref: Option<Uuid>,
    batch: Option<Uuid>,
    byte_range: Option<[u64; 2]>,
    code: String,
    message: String,
}

impl Known {
    fn with(self, record: Vec<u8>) -> Reject {
        Reject {
            by: self.by,
            source: self.source,
            line: self.line,
            record_ref: self.r#ref,
            batch: self.batch,
            byte_range: self.byte_range.map(|[start, end]| start..end),
            code: self.code,
            message: self.message,
            record,
        }
    }
}
