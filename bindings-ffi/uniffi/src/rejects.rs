//! Records that were refused, read some at a time.

use std::sync::{Arc, Mutex, PoisonError};

use cdp_batch::reject::{self, RefusedBy};
use cdp_batch::{Result, rejects};

use crate::errors::CdpError;
use crate::operation::blocking;

/// Records that were refused, in the order of the input; read as often as wanted.
#[derive(uniffi::Object)]
pub struct Rejects(rejects::Rejects);

impl Rejects {
    pub(crate) fn new(rejects: rejects::Rejects) -> Self {
        Rejects(rejects)
    }
}

#[uniffi::export]
impl Rejects {
    /// Reads them from the first on.
    pub fn reader(&self) -> Arc<RejectReader> {
        Arc::new(RejectReader(Arc::new(Mutex::new(Box::new(self.0.iter())))))
    }
}

/// The rejects that are left to be read.
type Left = Arc<Mutex<Box<dyn Iterator<Item = Result<reject::Reject>> + Send>>>;

/// Reads rejects, beside the host's thread: those that were too many for memory are on disk.
#[derive(uniffi::Object)]
pub struct RejectReader(Left);

#[uniffi::export]
impl RejectReader {
    /// The next ones, at most so many; none at the end.
    pub async fn next(&self, most: u32) -> std::result::Result<Vec<Reject>, CdpError> {
        let left = Arc::clone(&self.0);
        let read = blocking(move || {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            left.by_ref().take(most as usize).map(|reject| reject.map(Reject::new)).collect::<Result<Vec<_>>>()
        });
        Ok(read.await?)
    }
}

/// A record that was refused.
#[derive(uniffi::Record)]
pub struct Reject {
    /// Whether the service refused it; otherwise we did, before anything was sent.
    pub by_service: bool,
    /// The source it came from; none if only the service's log is at hand.
    pub source: Option<String>,
    /// The line it began on, counted from 1.
    pub line: Option<u64>,
    /// Its ref, if it has one.
    pub record_ref: Option<String>,
    /// The batch it was in, if it was sent.
    pub batch: Option<String>,
    /// Where it begins in the uncompressed text of that batch, in bytes.
    pub start: Option<u64>,
    /// Where it ends there.
    pub end: Option<u64>,
    /// Why: the rule that it broke (`envelope.ref`), or the service's code (`400`).
    pub code: String,
    /// Why, in words.
    pub message: String,
    /// What usually helps, in plain words, where the service refused it.
    pub help: Option<String>,
    /// The record as it was read, without its line break; empty if it is not at hand.
    pub record: Vec<u8>,
}

impl Reject {
    fn new(reject: reject::Reject) -> Self {
        Reject {
            by_service: reject.by == RefusedBy::Service,
            help: reject.help().map(String::from),
            source: reject.source.as_deref().map(String::from),
            line: reject.line,
            record_ref: reject.record_ref.map(|record| record.to_string()),
            batch: reject.batch.map(|batch| batch.to_string()),
            start: reject.byte_range.as_ref().map(|range| range.start),
            end: reject.byte_range.as_ref().map(|range| range.end),
            code: reject.code,
            message: reject.message,
            record: reject.record,
        }
    }
}
