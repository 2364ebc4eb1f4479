//! Where records come from, and the writers that feed those which come from Python.

use std::path::PathBuf;
use std::time::Duration;

use cdp_batch::Result;
use cdp_batch::source::{self, Feed, Held};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::gate;
use crate::rows::Lines;

/// Records to be read, once.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Source(Held);

impl Source {
    fn new(source: source::Source) -> Self {
        Source(source.into())
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        self.0.take()
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
        (Source::new(source), Writer(Feed::Rows(writer)))
    }

    /// A file of any of the known formats, pushed chunk by chunk.
    #[staticmethod]
    fn stream(name: &str) -> (Self, Writer) {
        let (writer, source) = source::Source::stream(name);
        (Source::new(source), Writer(Feed::Stream(writer)))
    }
}

/// Feeds a source. Dropped without [`Writer::finish`], it ends the run with `cancelled`: half is never taken for all.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Writer(Feed);

#[pymethods]
impl Writer {
    /// Pushes lines of NDJSON, waiting at most this many milliseconds; whether they are in, or `None` when nothing
    /// reads any more. Lines that are in are gone from `lines`.
    fn push_lines(&self, lines: &Bound<'_, Lines>, ms: u64) -> Option<bool> {
        let (py, lines) = (lines.py(), lines.get());
        gate::detach(py, || self.0.push_chunk(&mut lines.bytes(), Duration::from_millis(ms)).ok())
    }

    /// Pushes the next bytes of a stream; otherwise like `push_lines`.
    fn push_bytes(&self, py: Python<'_>, bytes: &[u8], ms: u64) -> Option<bool> {
        gate::detach(py, || self.0.push_for(bytes, Duration::from_millis(ms)).ok())
    }

    /// Calls `bell` once, perhaps from another thread, when there is room again or nothing reads any more.
    fn on_room(&self, bell: Py<PyAny>) {
        self.0.on_room(gate::bell(bell));
    }

    /// Says that everything was pushed.
    fn finish(&self) {
        self.0.finish();
    }

    /// Gives up: what was pushed is not all.
    fn abandon(&self) {
        self.0.abandon();
    }
}
