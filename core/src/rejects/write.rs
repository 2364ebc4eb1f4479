//! Rejects written for people to fix, and to upload again.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use uuid::Uuid;

use super::{Rejects, failed};
use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::reject::{RefusedBy, Reject};

impl Rejects {
    /// Writes the records to `path` as NDJSON, each exactly as it was read, and a line of reasons for each to
    /// [`reasons_path`]. Returns how many there are; records that are not at hand are left out.
    ///
    /// # Errors
    /// `io` if one of the files cannot be written.
    pub fn write(&self, path: &Path) -> Result<u64> {
        let reasons = reasons_path(path);
        let [mut records_file, mut reasons_file] = [Sink::create(path)?, Sink::create(&reasons)?];
        let mut written = 0;
        for reject in self.iter() {
            let reject = reject?;
            if !reject.record.is_empty() {
                records_file.line(&reject.record)?;
                reasons_file.line(Why::of(&reject).to_json()?.as_bytes())?;
                written += 1;
            }
        }
        records_file.finish()?;
        reasons_file.finish()?;
        Ok(written)
    }
}

/// Where the reasons are written for rejects that are written to `path`: beside them, under a name that no pattern for
/// records matches.
pub fn reasons_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".reasons.jsonl");
    name.into()
}

/// A line of reasons: everything but the record.
#[derive(Serialize)]
struct Why<'a> {
    by: RefusedBy,
    source: Option<&'a str>,
    line: Option<u64>,
    #[serde(rename = "ref")]
    record_ref: Option<Uuid>,
    batch: Option<Uuid>,
    code: &'a str,
    message: &'a str,
    help: Option<&'static str>,
}

impl<'a> Why<'a> {
    fn of(reject: &'a Reject) -> Self {
        Why {
            by: reject.by,
            source: reject.source.as_deref(),
            line: reject.line,
            record_ref: reject.record_ref,
            batch: reject.batch,
            code: &reject.code,
            message: &reject.message,
            help: reject.help(),
        }
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|cause| failed(cause.into()))
    }
}

/// A file of lines that is being written.
struct Sink<'a>(BufWriter<File>, &'a Path);

impl<'a> Sink<'a> {
    fn create(path: &'a Path) -> Result<Self> {
        match crash::disk("create rejects file").and_then(|()| File::create(path)) {
            Ok(file) => Ok(Sink(BufWriter::new(file), path)),
            Err(cause) => Err(unwritten(path, cause)),
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<()> {
        self.0.write_all(line).and_then(|()| self.0.write_all(b"\n")).map_err(|cause| unwritten(self.1, cause))
    }

    fn finish(mut self) -> Result<()> {
        crash::disk("write rejects file").and_then(|()| self.0.flush()).map_err(|cause| unwritten(self.1, cause))
    }
}

fn unwritten(path: &Path, cause: io::Error) -> Error {
    Error::io(format_args!("cannot write the rejects to {}", path.display()), cause).with_stage(Stage::Report)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::rejects::RejectStore;
    use std::fs;

    fn reject(line: u64, code: &str, message: &str, record: &[u8]) -> Reject {
        Reject {
            by: RefusedBy::Service,
            source: Some("guests.ndjson".into()),
            line: Some(line),
            record_ref: None,
            batch: None,
            byte_range: None,
            code: code.to_string(),
            message: message.to_string(),
            record: record.to_vec(),
        }
    }

    #[cfg(feature = "client")]
    #[test]
    fn each_line_of_the_rejects_has_its_line_of_reasons() {
        let store = RejectStore::default();
        for reject in [
            reject(3, "400", "Validation error", b"{\"a\":1}"),
            reject(5, "200", "2 matches found for this guest, 1st match deleted", b"{\"taken\":1}"),
            reject(7, "404", "Guest not found", b""),
            reject(9, "499", "never seen before", b"{\"b\":2}"),
        ] {
            store.append(&reject, 0).unwrap();
        }
        let rejects = Rejects::new(vec![(store.clone(), 0..store.end())]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.ndjson");
        assert_eq!(rejects.write(&path).unwrap(), 2);
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"b\":2}\n");
        let reasons = fs::read_to_string(reasons_path(&path)).unwrap();
        let [first, second] = reasons.lines().collect::<Vec<_>>()[..] else { unreachable!("{reasons}") };
        assert!(first.contains("\"line\":3") && first.contains("an attribute has a wrong type"), "{first}");
        assert!(second.contains("\"line\":9") && second.contains("\"help\":null"), "{second}");
        assert_eq!(rejects.repeats().iter().map(|repeat| repeat.unwrap().line).collect::<Vec<_>>(), [Some(5)]);
    }
}
