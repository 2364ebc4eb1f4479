//! Where records come from, and the writers that feed those which come from Python.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cdp_batch::source::{self, RowWriter, StreamWriter};
use cdp_batch::{Error, Kind, Result, Stage};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::gate;
use crate::rows::Lines;

/// Records to be read, once.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Source(Mutex<Option<source::Source>>);

impl Source {
    fn new(source: source::Source) -> Self {
        Source(Mutex::new(Some(source)))
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        let source = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        source.ok_or_else(|| Error::new(Kind::Closed, "this source was already read").with_stage(Stage::Read))
    }
}

#[pymethods]
impl Source {
    #[staticmethod]
    fn path(path: PathBuf) -> Self {
        Source::new(source::Source::path(path))
    }

    #[staticmethod]
    fn paths(paths: Vec<PathBuf>) -> Self {
        Source::new(source::Source::many(paths.into_iter().map(source::Source::path).collect()))
    }

    #[staticmethod]
    fn glob(py: Python<'_>, pattern: &str) -> PyResult<Self> {
        let found = gate::detach(py, || source::Source::glob(pattern));
        found.map(Source::new).map_err(|error| raised(py, &error))
    }

    #[staticmethod]
    fn bytes(bytes: Vec<u8>) -> Self {
        Source::new(source::Source::bytes("bytes", bytes))
    }

    /// Records pushed as lines of NDJSON.
    #[staticmethod]
    fn rows() -> (Self, Writer) {
        let (writer, source) = source::Source::rows();
        (Source::new(source), Writer(Sink::Rows(writer)))
    }

    /// A file of any of the known formats, pushed chunk by chunk.
    #[staticmethod]
    fn stream(name: &str) -> (Self, Writer) {
        let (writer, source) = source::Source::stream(name);
        (Source::new(source), Writer(Sink::Stream(writer)))
    }
}

/// Feeds a source. Dropped without [`Writer::finish`], it ends the run with `cancelled`: half is never taken for all.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Writer(Sink);

enum Sink {
    Rows(RowWriter),
    Stream(StreamWriter),
}

#[pymethods]
impl Writer {
    /// Pushes lines of NDJSON, waiting at most this many milliseconds; whether they are in, or `None` when nothing
    /// reads any more. Lines that are in are gone from `lines`.
    fn push_lines(&self, lines: &Bound<'_, Lines>, ms: u64) -> Option<bool> {
        let (py, lines) = (lines.py(), lines.get());
        gate::detach(py, || match &self.0 {
            Sink::Rows(writer) => writer.push_lines(&mut lines.bytes(), Duration::from_millis(ms)).ok(),
            Sink::Stream(_) => None,
        })
    }

    /// Pushes the next bytes of a stream; otherwise like `push_lines`.
    fn push_bytes(&self, py: Python<'_>, bytes: &[u8], ms: u64) -> Option<bool> {
        gate::detach(py, || match &self.0 {
            Sink::Rows(_) => None,
            Sink::Stream(writer) => writer.push_for(bytes, Duration::from_millis(ms)).ok(),
        })
    }

    /// Calls `bell` once, perhaps from another thread, when there is room again or nothing reads any more.
    fn on_room(&self, bell: Py<PyAny>) {
        match &self.0 {
            Sink::Rows(writer) => writer.on_room(gate::bell(bell)),
            Sink::Stream(writer) => writer.on_room(gate::bell(bell)),
        }
    }

    /// Says that everything was pushed.
    fn finish(&self) {
        match &self.0 {
            Sink::Rows(writer) => writer.finish(),
            Sink::Stream(writer) => writer.finish(),
        }
    }

    /// Gives up: what was pushed is not all.
    fn abandon(&self) {
        match &self.0 {
            Sink::Rows(writer) => writer.abandon(),
            Sink::Stream(writer) => writer.abandon(),
        }
    }
}
