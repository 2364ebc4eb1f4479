//! Reading back what arrived, record by record, from the stored files.

use crate::batch::Results;
use crate::lines::Lines;
use crate::rules::ACCEPTED;
use crate::shape::Object;
use crate::store::Store;
use bytes::{Buf as _, Bytes};
use flate2::read::GzDecoder;
use serde::Serialize;
use std::io::{self, BufReader};
use std::sync::Arc;
use uuid::Uuid;

/// A record the emulator accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArrivedRecord {
    /// The batch it came in.
    pub batch_ref: String,
    /// Its line in the batch file, from 0; refused lines count too.
    pub index: u64,
    /// Its own `ref`.
    #[serde(rename = "ref")]
    pub record_ref: Option<String>,
    /// The line exactly as it arrived, without its ending.
    pub text: String,
    /// Code of the outcome, always `2xx`.
    pub code: String,
    /// Message of the outcome.
    pub message: String,
}

/// Accepted records of all processed batches, or of one, in the order they were processed. Streams: one batch file is
/// held at a time. A file the state folder no longer gives back ends its batch.
pub(crate) fn arrived(store: Arc<Store>, only: Option<Uuid>) -> impl Iterator<Item = ArrivedRecord> + Send {
    let batches =
        store.processed().into_iter().filter(move |(reference, _)| only.is_none_or(|only| only == *reference));
    batches.flat_map(move |(reference, results)| {
        let file = store.file(reference).ok().flatten().unwrap_or_default();
        Records { lines: lines(file), batch_ref: reference.to_string(), results, index: 0 }
    })
}

/// The lines of a stored gzip file.
pub(crate) fn lines(file: Bytes) -> Lines<BufReader<GzDecoder<bytes::buf::Reader<Bytes>>>> {
    Lines::new(BufReader::with_capacity(128 * 1024, GzDecoder::new(file.reader())))
}

struct Records<R> {
    lines: Lines<R>,
    batch_ref: String,
    results: Results,
    index: u64,
}

impl<R: io::BufRead> Iterator for Records<R> {
    type Item = ArrivedRecord;

    fn next(&mut self) -> Option<ArrivedRecord> {
        let mut line = Vec::new();
        while self.lines.next_into(&mut line).ok()? {
            let index = self.index;
            self.index += 1;
            let verdict = self.results.verdicts.get(&index).cloned().unwrap_or(ACCEPTED);
            if !verdict.is_success() {
                continue;
            }
            let text = String::from_utf8(line).ok()?;
            return Some(ArrivedRecord {
                batch_ref: self.batch_ref.clone(),
                index,
                record_ref: Object::parse(&text).and_then(|record| record.text("ref").map(Into::into)),
                text,
                code: verdict.code.to_string(),
                message: verdict.message.to_string(),
            });
        }
        None
    }
}
