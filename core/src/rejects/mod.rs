//! Rejects at rest: any number of them, in flat memory, read back in input order.

mod write;

use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result, Stage};
use crate::reject::{RefusedBy, Reject};
use crate::tape::{self, Tape};

pub use write::reasons_path;

/// Rejects, appended once and read many times.
#[derive(Clone, Default)]
pub(crate) struct RejectStore(Tape);

/// What stands before a record's bytes: everything else there is to know of the reject.
#[derive(Serialize, Deserialize)]
struct Header<'a> {
    by: RefusedBy,
    source: Option<Arc<str>>,
    line: Option<u64>,
    record_ref: Option<Uuid>,
    batch: Option<Uuid>,
    /// Where its text begins in the batch's.
    #[serde(default)]
    at: Option<u64>,
    #[serde(borrow)]
    code: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    message: std::borrow::Cow<'a, str>,
    after: u64,
    bytes: usize,
}

/// Everything but the record of a reject, as one line of JSON.
pub(crate) fn header(reject: &Reject, after: u64) -> io::Result<String> {
    let header = Header {
        by: reject.by,
        source: reject.source.clone(),
        line: reject.line,
        record_ref: reject.record_ref,
        batch: reject.batch,
        at: reject.byte_range.as_ref().map(|range| range.start),
        code: reject.code.as_str().into(),
        message: reject.message.as_str().into(),
        after,
        bytes: reject.record.len(),
    };
    Ok(serde_json::to_string(&header)?)
}

/// The reject with this header and record.
#[cfg(feature = "client")]
pub(crate) fn placed(header: &[u8], record: Vec<u8>) -> io::Result<Placed> {
    let header: Header<'_> = serde_json::from_slice(header)?;
    Ok(header.into_placed(record))
}

impl Header<'_> {
    fn into_placed(self, record: Vec<u8>) -> Placed {
        let reject = Reject {
            by: self.by,
            source: self.source,
            line: self.line,
            record_ref: self.record_ref,
            batch: self.batch,
            byte_range: self.at.map(|start| start..start + record.len() as u64),
            code: self.code.into_owned(),
            message: self.message.into_owned(),
            record,
        };
        Placed { reject, after: self.after }
    }
}

/// A reject, and how many records of its part come before it.
pub(crate) struct Placed {
    pub(crate) reject: Reject,
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only a run joins rejects with a log"))]
    pub(crate) after: u64,
}

impl RejectStore {
    /// Adds a reject at the end.
    ///
    /// # Errors
    /// `io` if the temporary file cannot be written.
    pub(crate) fn append(&self, reject: &Reject, after: u64) -> Result<()> {
        let mut entry = header(reject, after).map_err(failed)?.into_bytes();
        entry.push(b'\n');
        entry.extend_from_slice(&reject.record);
        self.0.append(&entry).map_err(failed)
    }

    /// Where the next reject will begin.
    pub(crate) fn end(&self) -> u64 {
        self.0.end()
    }

    /// Reads the rejects that lie in this range of positions.
    pub(crate) fn read(&self, range: Range<u64>) -> Reader {
        Reader(self.0.read(range))
    }
}

/// Reads rejects back one by one.
pub(crate) struct Reader(tape::Reader);

impl Reader {
    fn next_placed(&mut self) -> io::Result<Option<Placed>> {
        let mut line = Vec::new();
        if self.0.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let header: Header<'_> = serde_json::from_slice(&line)?;
        let mut record = vec![0; header.bytes];
        self.0.read_exact(&mut record)?;
        Ok(Some(header.into_placed(record)))
    }
}

impl Iterator for Reader {
    type Item = Result<Placed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_placed().map_err(failed).transpose()
    }
}

/// Rejects of a run, in input order. Cheap to clone; every clone reads from the start.
#[derive(Clone, Default)]
pub struct Rejects {
    /// Where each part's rejects lie, parts in order.
    ranges: Arc<Vec<(RejectStore, Range<u64>)>>,
    /// Whether these are the records to repeat, and not those refused.
    repeats: bool,
}

impl Rejects {
    pub(crate) fn new(ranges: Vec<(RejectStore, Range<u64>)>) -> Self {
        Rejects { ranges: Arc::new(ranges), repeats: false }
    }

    /// Rejects that are known already, such as those of a report that another process made.
    ///
    /// # Errors
    /// `io` if they are many and the temporary file cannot be written.
    pub fn of(rejects: impl IntoIterator<Item = Reject>) -> Result<Self> {
        let store = RejectStore::default();
        rejects.into_iter().try_for_each(|reject| store.append(&reject, 0))?;
        let end = store.end();
        Ok(Rejects::new(vec![(store, 0..end)]))
    }

    /// Those of the same run or batch that were not refused, but must be sent again.
    #[cfg(feature = "client")]
    pub fn repeats(&self) -> Rejects {
        Rejects { repeats: true, ..self.clone() }
    }

    /// Reads them one by one, from the first.
    pub fn iter(&self) -> impl Iterator<Item = Result<Reject>> + Send + use<> {
        let repeats = self.repeats;
        self.all().filter(move |reject| reject.as_ref().map_or(true, |reject| reject.must_repeat() == repeats))
    }

    /// Reads both kinds, from the first.
    pub fn all(&self) -> impl Iterator<Item = Result<Reject>> + Send + use<> {
        let ranges = Arc::clone(&self.ranges);
        (0..ranges.len())
            .filter_map(move |index| ranges.get(index).map(|(store, range)| store.read(range.clone())))
            .flatten()
            .map(|placed| placed.map(|placed| placed.reject))
    }
}

fn failed(cause: io::Error) -> Error {
    Error::io("cannot keep the rejects in a temporary file", cause).with_stage(Stage::Report)
}
