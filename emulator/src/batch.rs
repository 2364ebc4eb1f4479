//! One batch and its way through the states (protocol.md section 2.7).

use crate::clock::Moment;
use crate::faults::Fault;
use crate::rules::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Status codes of a batch (protocol.md section 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Allocated; the file has not arrived.
    Uploading,
    /// The file arrived and waits for its turn; shown by the inspect endpoints only.
    FileUploaded,
    /// Records are being read.
    Processing,
    /// Every record was processed.
    Success,
    /// Size or MD5 differ from what was declared.
    Corrupted,
    /// At least one record was not processed.
    Error,
}

impl Status {
    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::FileUploaded => "file_uploaded",
            Self::Processing => "processing",
            Self::Success => "success",
            Self::Corrupted => "corrupted",
            Self::Error => "error",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Uploading, Self::FileUploaded, Self::Processing, Self::Success, Self::Corrupted, Self::Error];
        all.into_iter().find(|status| status.code() == code)
    }
}

/// `summaryStats` of a processed batch (protocol.md section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryStats {
    /// Milliseconds from the first record to the last, by the emulator's clock.
    pub time_to_process_millis: u64,
    /// Lines read.
    pub total_count: u64,
    /// Lines accepted.
    pub succeeded_count: u64,
    /// Lines refused; each is in the error log.
    pub failed_count: u64,
}

/// What the emulator knows about a batch, as the admin paths show it.
#[derive(Clone, Debug, Serialize)]
pub struct BatchEntry {
    /// The batch ref, lower-case.
    #[serde(rename = "ref")]
    pub batch_ref: String,
    /// Position in the order of allocation, from 0.
    pub index: usize,
    /// Current status.
    pub status: Status,
    /// Checksum as declared.
    pub checksum: String,
    /// Size as declared, bytes.
    pub size: u64,
    /// Each status and when it began.
    pub history: Vec<Change>,
    /// Counts, once processed.
    pub summary_stats: Option<SummaryStats>,
    /// Successful PUTs of the file; more than one is a violation.
    pub uploads: u32,
    /// What the file or the uploads did against the documents.
    pub violations: Vec<String>,
    /// Names of the faults that stay with the batch.
    pub faults: Vec<String>,
}

/// One change of status.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// When, `YYYY-MM-DDTHH:mm:ss.SSSZ` by the emulator's clock.
    pub at: String,
    /// The status from then on.
    pub status: Status,
}

/// A batch as stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) reference: String,
    pub(crate) index: usize,
    pub(crate) declared: Declared,
    /// When the latest upload URL was signed; the URL is made again from it, never kept.
    pub(crate) signed_at: Moment,
    pub(crate) modified_at: Moment,
    /// Never empty.
    pub(crate) history: Vec<(Moment, Status)>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) uploads: u32,
    pub(crate) violations: Vec<String>,
    pub(crate) results: Option<Results>,
    /// Position in the order of processing.
    pub(crate) processed: Option<u64>,
}

/// What allocate was told about the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub(crate) checksum: String,
    pub(crate) size: u64,
}

/// What came of a batch's records.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) stats: SummaryStats,
    /// Verdicts by line index; lines not listed got [`crate::rules::ACCEPTED`].
    pub(crate) verdicts: BTreeMap<u64, Verdict>,
    pub(crate) has_log: bool,
}

impl Batch {
    pub(crate) fn new(reference: Uuid, index: usize, declared: Declared, now: Moment) -> Self {
        Self {
            reference: reference.to_string(),
            index,
            declared,
            signed_at: now,
            modified_at: now,
            history: vec![(now, Status::Uploading)],
            faults: Vec::new(),
            uploads: 0,
            violations: Vec::new(),
            results: None,
            processed: None,
        }
    }

    pub(crate) fn status(&self) -> Status {
        self.history.last().map_or(Status::Uploading, |(_, status)| *status)
    }

    pub(crate) fn created_at(&self) -> Moment {
        self.history.first().map_or(self.modified_at, |(at, _)| *at)
    }

    pub(crate) fn enter(&mut self, status: Status, now: Moment) {
        self.history.push((now, status));
        self.modified_at = now;
    }

    pub(crate) fn suffers(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    pub(crate) fn has_log(&self) -> bool {
        self.results.as_ref().is_some_and(|results| results.has_log)
    }

    pub(crate) fn entry(&self) -> BatchEntry {
        BatchEntry {
            batch_ref: self.reference.clone(),
            index: self.index,
            status: self.status(),
            checksum: self.declared.checksum.clone(),
            size: self.declared.size,
            history: self.history.iter().map(|(at, status)| Change { at: at.iso(), status: *status }).collect(),
            summary_stats: self.results.as_ref().map(|results| results.stats),
            uploads: self.uploads,
            violations: self.violations.clone(),
            faults: self.faults.iter().map(|fault| fault.row().0.to_owned()).collect(),
        }
    }
}
