//! What a check found, at rest: any number of findings in flat memory, read back in input order as lines of JSON.

use std::io::{self, BufRead};
use std::sync::Arc;

use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, Result, Stage};
use crate::record::Finding;
use crate::tape::Tape;

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
pub struct Findings(Tape);

impl Findings {
    /// Reads them one by one, from the first: each a JSON object with the fields of [`Located`], of
    /// [`Finding`] and no other.
    pub fn iter(&self) -> impl Iterator<Item = Result<String>> + Send + use<> {
        self.0.read(0..self.0.end()).lines().map(|line| line.map_err(failed))
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
    tape: Tape,
    line: Vec<u8>,
    written: io::Result<()>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Writer { tape: Tape::default(), line: Vec::new(), written: Ok(()) }
    }

    /// Adds a finding at the end; after a failure there is nothing more to add.
    pub(crate) fn append(&mut self, finding: &Located) {
        if self.written.is_ok() {
            self.written = self.write(finding);
        }
    }

    fn write(&mut self, finding: &Located) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, finding)?;
        self.line.push(b'\n');
        self.tape.append(&self.line)
    }

    /// # Errors
    /// `io` if the temporary file could not be written.
    pub(crate) fn finish(self) -> Result<Findings> {
        self.written.map(|()| Findings(self.tape)).map_err(failed)
    }
}

fn failed(cause: io::Error) -> Error {
    Error::io("cannot keep the findings in a temporary file", cause).with_stage(Stage::Report)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::record::Severity;

    #[test]
    fn findings_are_read_back_in_their_order_any_number_of_times() {
        let finding = |line: u64| Located {
            source: "guests.ndjson".into(),
            line,
            finding: Finding {
                path: "$.ref".to_string(),
                rule: "envelope.ref.missing",
                severity: Severity::Error,
                message: "\u{201c}quoted\u{201d}\nand broken".to_string(),
                section: "protocol 3.2",
            },
        };
        let mut writer = Writer::new();
        (1..=50_000).for_each(|line| writer.append(&finding(line)));
        let findings = writer.finish().unwrap();
        let expected: Vec<_> = (1..=50_000).map(|line| serde_json::to_value(finding(line)).unwrap()).collect();
        for findings in [&findings, &findings.clone()] {
            let read = findings.iter().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
            assert_eq!(read.collect::<Vec<serde_json::Value>>(), expected);
        }
        assert_eq!(serde_json::to_value(&findings).unwrap(), serde_json::Value::Array(expected));
    }
}
