//! What is known of each part of a run, from the moment it is packed; also on disk, if the run has a journal.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::api::batch::{BatchInfo, Status};
use crate::digest::Md5;
use crate::error::{Error, Result};
use crate::journal::{self, KnownPart, Settled, State};
use crate::kind::Kind;
use crate::pack::Part;
use crate::rejects::{RejectStore, Rejects};
use crate::spool::Stored;

/// One batch in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Records that its error log refuses; `None` without a log. It may disagree with `failed`.
    #[serde(default)]
    pub logged: Option<u64>,
    /// When it was allocated.
    pub created_at: Option<String>,
    /// When it last changed.
    pub modified_at: Option<String>,
}

impl BatchReport {
    /// A part before the service knows of it.
    fn packed(part: &Part, batch_ref: Uuid) -> Self {
        BatchReport {
            batch_ref,
            status: State::Packed.name().to_string(),
            size: Some(part.size),
            md5: Some(part.md5.hex()),
            records: Some(part.records),
            total: None,
            succeeded: None,
            failed: None,
            logged: None,
            created_at: None,
            modified_at: None,
        }
    }

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
            logged: None,
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

    /// Whether the service's count of refused records and its error log tell different stories.
    pub fn disagrees(&self) -> bool {
        matches!((self.failed, self.logged), (Some(failed), Some(logged)) if failed != logged)
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
    /// Whether the service may know the batch.
    announced: bool,
    sent: bool,
    outcome: Outcome,
    rejects: (RejectStore, Range<u64>),
    /// Where the local rejects of the next part begin.
    local_end: u64,
}

/// What is known of every part. Cheap to clone; all clones are one.
///
/// What changes a part is written to the journal first. Each of these waits for the disk.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    entries: Arc<Mutex<BTreeMap<u64, Entry>>>,
    journal: Option<Arc<journal::Entry>>,
}

impl Ledger {
    /// An empty ledger that writes through to this journal.
    pub(crate) fn new(journal: Option<Arc<journal::Entry>>) -> Self {
        Ledger { entries: Arc::default(), journal }
    }

    /// A part was packed by an earlier process, which left it like this.
    pub(crate) fn recalled(&self, known: &KnownPart, rejects: (RejectStore, Range<u64>)) -> Result<()> {
        let batch = match &known.report {
            None => BatchReport::packed(&known.part, known.batch),
            Some(report) => serde_json::from_str(report).map_err(|_| {
                let message = format!("the journal's report of part {} is damaged", known.part.index);
                Error::new(Kind::Journal, message)
            })?,
        };
        let entry = Entry {
            batch,
            announced: known.state > State::Packed,
            sent: known.state.is_final(),
            outcome: Outcome { confirmed: known.confirmed, rejected: known.rejected },
            local_end: rejects.1.end,
            rejects,
        };
        self.lock().insert(known.part.index, entry);
        Ok(())
    }

    /// A part is about to be packed.
    pub(crate) fn planned(&self, part: u64) -> Result<()> {
        self.write(|journal| journal.planned(part))
    }

    /// A part is packed, and these records were refused meanwhile. `end_record` counts the records of all sources up to
    /// its end.
    pub(crate) fn packed(
        &self,
        part: &Part,
        batch_ref: Uuid,
        stored: &Stored,
        end_record: u64,
        rejects: (RejectStore, Range<u64>),
    ) -> Result<()> {
        if let Some(path) = stored.path() {
            let (store, range) = &rejects;
            self.write(|journal| journal.packed(part, batch_ref, path, end_record, store.read(range.clone())))?;
        }
        let entry = Entry {
            batch: BatchReport::packed(part, batch_ref),
            announced: false,
            sent: false,
            outcome: Outcome::default(),
            local_end: rejects.1.end,
            rejects,
        };
        self.lock().insert(part.index, entry);
        Ok(())
    }

    /// Everything is packed: so many records were read, and those in `local` after the last part's were refused.
    pub(crate) fn packed_all(&self, parts: u64, read: u64, local: &RejectStore) -> Result<()> {
        let taken = self.local_end();
        self.write(|journal| journal.packed_all(parts, read, local.read(taken..local.end())))
    }

    /// The part goes under another ref now, its `take`-th after the first; the old one is given up in this state.
    pub(crate) fn renamed(&self, part: u64, from: (Uuid, State), to: Uuid, take: u32) -> Result<()> {
        self.write(|journal| journal.renamed(part, from, to, take))?;
        self.change(part, |entry| entry.batch.batch_ref = to);
        Ok(())
    }

    /// The part is about to be allocated or sent, or that is done.
    pub(crate) fn moved(&self, part: u64, state: State, batch: Uuid) -> Result<()> {
        self.write(|journal| journal.moved(part, state, batch))?;
        self.change(part, |entry| entry.announced = true);
        Ok(())
    }

    /// Storage has the part; `true` the first time.
    pub(crate) fn sent(&self, part: u64, batch: Uuid) -> Result<bool> {
        self.moved(part, State::Sent, batch)?;
        let mut first = false;
        self.change(part, |entry| first = !std::mem::replace(&mut entry.sent, true));
        Ok(first)
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

    /// The error log of the part's batch refuses so many records.
    pub(crate) fn logged(&self, part: u64, records: u64) {
        self.change(part, |entry| entry.batch.logged = Some(records));
    }

    /// The part is done with; its rejects, if the service added some, lie here.
    pub(crate) fn settled(
        &self,
        part: u64,
        state: State,
        outcome: Outcome,
        rejects: Option<(RejectStore, Range<u64>)>,
    ) -> Result<()> {
        let batch = self.lock().get(&part).map(|entry| entry.batch.clone());
        if let Some(batch) = batch {
            let report = serde_json::to_string(&batch)
                .map_err(|_| Error::new(Kind::Internal, "a batch's report cannot be written as JSON"))?;
            let Outcome { confirmed, rejected } = outcome;
            let settled = Settled { state, batch: batch.batch_ref, confirmed, rejected, report };
            let rejects = rejects.as_ref().map(|(store, range)| store.read(range.clone()));
            self.write(|journal| journal.settled(part, settled, rejects))?;
        }
        self.change(part, |entry| {
            entry.outcome = outcome;
            if let Some(rejects) = rejects {
                entry.rejects = rejects;
            }
        });
        Ok(())
    }

    /// Every part is settled.
    pub(crate) fn finished(&self) -> Result<()> {
        self.write(|journal| journal.finished())
    }

    /// All refs so far that the service may know.
    pub(crate) fn refs(&self) -> Vec<Uuid> {
        self.lock().values().filter(|entry| entry.announced).map(|entry| entry.batch.batch_ref).collect()
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
        drop(entries);
        ranges.push((local.clone(), self.local_end()..local.end()));
        Rejects::new(ranges)
    }

    /// Where local rejects begin that belong to no part yet.
    fn local_end(&self) -> u64 {
        self.lock().values().map(|entry| entry.local_end).max().unwrap_or(0)
    }

    fn write(&self, step: impl FnOnce(&journal::Entry) -> Result<()>) -> Result<()> {
        match &self.journal {
            Some(journal) => block_in_place(|| step(journal)),
            None => Ok(()),
        }
    }

    fn change(&self, part: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().get_mut(&part) {
            change(entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
