//! What a check found, at rest: any number of findings in flat memory, read back in input order as lines of JSON.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use tempfile::SpooledTempFile;

use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::record::Finding;

/// Held in memory before the rest goes to an unnamed temporary file, which no crash can leave behind.
const IN_MEMORY: usize = 4 * 1024 * 1024;

/// A finding, and the record it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located {
    /// Name of the record's source.
    pub source: Arc<str>,
    /// Its line, counted from 1.
    pub line: u64,
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// Findings in input order. Cheap to clone; every clone reads from the start. As JSON it is an array of all.
#[derive(Clone, Debug)]
pub struct Findings(Arc<Mutex<SpooledTempFile>>);

impl Findings {
    /// Reads them one by one, from the first: each a JSON object with the fields of [`Located`], of
    /// [`Finding`] and no other.
    pub fn iter(&self) -> impl Iterator<Item = Result<String>> + Send + use<> {
        let window = Window { file: Arc::clone(&self.0), position: 0 };
        BufReader::new(window).lines().map(|line| line.map_err(failed))
    }
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for finding in self.iter() {
            let finding = RawValue::from_string(finding.map_err(S::Error::custom)?);
            all.serialize_element(&finding.map_err(S::Error::custom)?)?;
        }
        all.end()
    }
}

/// Takes findings while records are checked.
pub(crate) struct Writer {
    file: BufWriter<SpooledTempFile>,
    written: io::Result<()>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Writer { file: BufWriter::new(SpooledTempFile::new(IN_MEMORY)), written: Ok(()) }
    }

    /// Adds a finding at the end; after a failure there is nothing more to add.
    pub(crate) fn append(&mut self, finding: &Located) {
        if self.written.is_ok() {
            self.written = self.write(finding);
        }
    }

    fn write(&mut self, finding: &Located) -> io::Result<()> {
        crash::disk("write finding")?;
        serde_json::to_writer(&mut self.file, finding)?;
        self.file.write_all(b"\n")
    }

    /// # Errors
    /// `io` if the temporary file cannot be written.
    pub(crate) fn finish(self) -> Result<Findings> {
        let file = self.written.and_then(|()| self.file.into_inner().map_err(io::IntoInnerError::into_error));
        Ok(Findings(Arc::new(Mutex::new(file.map_err(failed)?))))
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
        crash::disk("read findings")?;
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

fn failed(cause: io::Error) -> Error {
    Error::io("cannot keep the findings in a temporary file", cause).with_stage(Stage::Report)
}
