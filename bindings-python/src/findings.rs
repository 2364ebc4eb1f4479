//! What a check found, at rest: any number of findings in flat memory, read back in input order as lines of JSON.

use std::io::{self, BufRead, BufReader, BufWriter, Lines, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use cdp_batch::local::Located;
use cdp_batch::{Error, Result};
use pyo3::prelude::*;
use tempfile::SpooledTempFile;

use crate::errors::raised;

/// Held in memory before the rest goes to an unnamed temporary file, which no crash can leave behind.
const IN_MEMORY: usize = 4 << 20;

/// Takes findings while records are checked.
pub(crate) struct FindingsWriter {
    file: BufWriter<SpooledTempFile>,
    written: io::Result<()>,
}

impl FindingsWriter {
    pub(crate) fn new() -> Self {
        FindingsWriter { file: BufWriter::new(SpooledTempFile::new(IN_MEMORY)), written: Ok(()) }
    }

    /// Adds a finding at the end; after a failure there is nothing more to add.
    pub(crate) fn append(&mut self, finding: &Located) {
        if self.written.is_ok() {
            let written = serde_json::to_writer(&mut self.file, finding);
            self.written = written.map_err(io::Error::from).and_then(|()| self.file.write_all(b"\n"));
        }
    }

    /// # Errors
    /// `io` if the temporary file cannot be written.
    pub(crate) fn finish(self) -> Result<Findings> {
        let file = self.written.and_then(|()| self.file.into_inner().map_err(io::IntoInnerError::into_error));
        Ok(Findings(Arc::new(Mutex::new(file.map_err(failed)?))))
    }
}

/// Findings, read as often as wanted.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Findings(Arc<Mutex<SpooledTempFile>>);

#[pymethods]
impl Findings {
    fn __iter__(&self) -> FindingIterator {
        let window = Window { file: Arc::clone(&self.0), position: 0 };
        FindingIterator(Mutex::new(BufReader::new(window).lines()))
    }
}

/// Findings one by one, as JSON.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct FindingIterator(Mutex<Lines<BufReader<Window>>>);

#[pymethods]
impl FindingIterator {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        next.transpose().map_err(|cause| raised(py, &failed(cause)))
    }
}

/// The file as a stream of its own.
struct Window {
    file: Arc<Mutex<SpooledTempFile>>,
    position: u64,
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

fn failed(cause: io::Error) -> Error {
    Error::io("cannot keep the findings in a temporary file", cause)
}
