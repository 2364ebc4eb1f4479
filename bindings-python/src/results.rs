//! What calls end with. Plain values go to Python as JSON; what is read lazily or waited for stays here behind a handle.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cdp_batch::Result;
use cdp_batch::api::batch::BatchInfo;
use cdp_batch::client;
use cdp_batch::local::{CheckReport, PackReport};
use cdp_batch::record::Finding;
use cdp_batch::reject::Reject;
use cdp_batch::rejects;
use cdp_batch::run::{Reconciliation, RunReport};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use serde_json::{Value, json};

use crate::errors::raised;
use crate::gate;
use crate::operation::Operation;

/// What a call ends with, on its way to Python.
pub(crate) trait Outcome: Send + 'static {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|reason| pyo3::exceptions::PyValueError::new_err(reason.to_string()))
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

plain!(BatchInfo, Vec<BatchInfo>, Option<BatchInfo>, Reconciliation, Checked);

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

handles!(RunReport => Report, client::Run => Run, rejects::Rejects => Rejects, PackReport => Packed);

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

    fn write_rejects(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        gate::detach(py, || self.0.write_rejects(&path)).map_err(|error| raised(py, &error))
    }
}

/// A run that storage has accepted.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Run(client::Run);

#[pymethods]
impl Run {
    #[getter]
    fn run_id(&self) -> &str {
        &self.0.run_id
    }

    #[getter]
    fn refs(&self) -> Vec<String> {
        self.0.refs.iter().map(ToString::to_string).collect()
    }

    fn wait(&self) -> Operation {
        Operation::of(self.0.wait())
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

/// What a check found.
pub(crate) struct Checked {
    pub(crate) report: CheckReport,
    pub(crate) findings: Vec<Located>,
}

/// A finding with its place.
#[derive(Serialize)]
pub(crate) struct Located {
    pub(crate) source: String,
    pub(crate) line: u64,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

impl Serialize for Checked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut fields = json!(self.report);
        if let Value::Object(fields) = &mut fields {
            fields.insert("findings".to_string(), json!(self.findings));
        }
        fields.serialize(serializer)
    }
}

/// Records that were refused, read as often as wanted.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Rejects(rejects::Rejects);

#[pymethods]
impl Rejects {
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
