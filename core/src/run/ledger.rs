//! What is known of each part of a run, from the moment it is packed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use crate::api::batch::{BatchInfo, Status};
use crate::digest::Md5;
use crate::pack::Part;
use crate::rejects::{RejectStore, Rejects};

/// One batch in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchReport {
    /// Its ref.
    #[serde(rename = "ref")]
    pub batch_ref: Uuid,
    /// The service's last word on it; `packed` before it was sent.
    pub status: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its MD5 in hex.
    pub md5: Option<String>,
    /// Records we packed into it; `None` if another process did.
    pub records: Option<u64>,
    /// Records the service read.
    pub total: Option<u64>,
    /// Records the service took.
    pub succeeded: Option<u64>,
    /// Records the service refused.
    pub failed: Option<u64>,
    /// When it was allocated.
    pub created_at: Option<String>,
    /// When it last changed.
    pub modified_at: Option<String>,
}

impl BatchReport {
    /// A batch as the service tells of it.
    pub(crate) fn of(info: &BatchInfo) -> Self {
        let mut report = BatchReport {
            batch_ref: info.batch_ref,
            status: String::new(),
            size: info.size,
            md5: info.checksum.as_ref().map(Md5::hex),
            records: None,
            total: None,
            succeeded: None,
            failed: None,
            created_at: None,
            modified_at: None,
        };
        report.update(info);
        report
    }

    fn update(&mut self, info: &BatchInfo) {
        let stats = info.stats.unwrap_or_default();
        self.status = info.status.name().to_string();
        self.total = stats.total.or(self.total);
        self.succeeded = stats.succeeded.or(self.succeeded);
        self.failed = stats.failed.or(self.failed);
        self.created_at = info.created_at.clone().or_else(|| self.created_at.take());
        self.modified_at = info.modified_at.clone().or_else(|| self.modified_at.take());
    }

    /// Whether the service could not read the batch at all.
    pub(crate) fn failed_whole(&self) -> bool {
        self.status == Status::Corrupted.name() || (self.status == Status::Error.name() && self.failed.is_none())
    }
}

/// What came of a part's records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) confirmed: u64,
    pub(crate) rejected: u64,
}

/// Everything known of one part.
struct Entry {
    batch: BatchReport,
    sent: bool,
    outcome: Outcome,
    rejects: (RejectStore, Range<u64>),
    /// Where the local rejects of the next part begin.
    local_end: u64,
}

/// What is known of every part. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<BTreeMap<u64, Entry>>>);

impl Ledger {
    /// A part is packed, and these records were refused meanwhile.
    pub(crate) fn packed(&self, part: &Part, batch_ref: Uuid, rejects: (RejectStore, Range<u64>)) {
        let batch = BatchReport {
            batch_ref,
            status: "packed".to_string(),
            size: Some(part.size),
            md5: Some(part.md5.hex()),
            records: Some(part.records),
            total: None,
            succeeded: None,
            failed: None,
            created_at: None,
            modified_at: None,
        };
        let local_end = rejects.1.end;
        self.lock().insert(part.index, Entry { batch, sent: false, outcome: Outcome::default(), rejects, local_end });
    }

    /// The part goes under another ref now.
    pub(crate) fn renamed(&self, part: u64, batch_ref: Uuid) {
        self.change(part, |entry| entry.batch.batch_ref = batch_ref);
    }

    /// Storage has the part; `true` the first time.
    pub(crate) fn sent(&self, part: u64) -> bool {
        let mut first = false;
        self.change(part, |entry| first = !std::mem::replace(&mut entry.sent, true));
        first
    }

    /// The service said this of the part's batch; returns what it had said before.
    pub(crate) fn heard(&self, part: u64, info: &BatchInfo) -> Option<String> {
        let mut before = None;
        self.change(part, |entry| {
            before = Some(entry.batch.status.clone());
            entry.batch.update(info);
        });
        before
    }

    /// The part is done with; its rejects, if the service added some, lie here.
    pub(crate) fn settled(&self, part: u64, outcome: Outcome, rejects: Option<(RejectStore, Range<u64>)>) {
        self.change(part, |entry| {
            entry.outcome = outcome;
            if let Some(rejects) = rejects {
                entry.rejects = rejects;
            }
        });
    }

    /// All refs so far.
    pub(crate) fn refs(&self) -> Vec<Uuid> {
        self.lock().values().map(|entry| entry.batch.batch_ref).collect()
    }

    /// All batches so far.
    pub(crate) fn batches(&self) -> Vec<BatchReport> {
        self.lock().values().map(|entry| entry.batch.clone()).collect()
    }

    /// Records of parts that storage has, and what came of all records.
    pub(crate) fn totals(&self) -> (u64, Outcome) {
        let entries = self.lock();
        let sent = entries.values().filter(|entry| entry.sent).filter_map(|entry| entry.batch.records).sum();
        let outcome = entries.values().fold(Outcome::default(), |sum, entry| Outcome {
            confirmed: sum.confirmed + entry.outcome.confirmed,
            rejected: sum.rejected + entry.outcome.rejected,
        });
        (sent, outcome)
    }

    /// All rejects so far, in input order. `local` holds those that were refused after the last part.
    pub(crate) fn rejects(&self, local: &RejectStore) -> Rejects {
        let entries = self.lock();
        let mut ranges: Vec<_> = entries.values().map(|entry| entry.rejects.clone()).collect();
        let taken = entries.values().map(|entry| entry.local_end).max().unwrap_or(0);
        ranges.push((local.clone(), taken..local.end()));
        Rejects::new(ranges)
    }

    fn change(&self, part: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().get_mut(&part) {
            change(entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
