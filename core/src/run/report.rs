//! What came of a run.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::ledger::BatchReport;
use super::summary::{Reason, Summary};
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::options::RaiseOn;
use crate::rejects::Rejects;

/// How many records went which way. `read = confirmed + rejected + unknown`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Records read from the source, bad ones included.
    pub read: u64,
    /// Records put into parts.
    pub packed: u64,
    /// Records in parts that storage accepted.
    pub sent: u64,
    /// Records the service confirmed.
    pub confirmed: u64,
    /// Records refused, by us or by the service.
    pub rejected: u64,
    /// Records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole.
    pub unknown: u64,
}

/// What came of a run. Cheap to clone.
#[derive(Clone)]
pub struct RunReport {
    /// The run's name.
    pub run_id: String,
    /// Whether this run found parts that were sent before.
    pub resumed: bool,
    /// How many records went which way.
    pub counts: Counts,
    /// Every batch, in order.
    pub batches: Vec<BatchReport>,
    /// Why records were refused: equal reasons together, the most frequent first.
    pub summary: Vec<Reason>,
    /// Records the service took, but wants again, by reason: deletions that matched several guests and deleted one.
    pub repeats: Vec<Reason>,
    rejects: Rejects,
}

impl RunReport {
    /// Reads all rejects once, to group them.
    ///
    /// # Errors
    /// `io` if the temporary file of rejects cannot be read.
    pub(crate) fn new(
        run_id: String,
        resumed: bool,
        counts: Counts,
        batches: Vec<BatchReport>,
        rejects: Rejects,
    ) -> Result<Self> {
        let (mut summary, mut repeats) = (Summary::default(), Summary::default());
        for reject in rejects.all() {
            let reject = reject?;
            if reject.must_repeat() { &mut repeats } else { &mut summary }.add(reject);
        }
        let (summary, repeats) = (summary.finish(), repeats.finish());
        Ok(RunReport { run_id, resumed, counts, batches, summary, repeats, rejects })
    }

    /// Whether every record read was confirmed.
    pub fn ok(&self) -> bool {
        self.counts.confirmed == self.counts.read
    }

    /// Every record that was refused, in input order; read lazily, as often as wanted.
    pub fn rejects(&self) -> &Rejects {
        &self.rejects
    }

    /// Every record that must be sent again although it was taken, in input order.
    pub fn records_to_repeat(&self) -> Rejects {
        self.rejects.repeats()
    }

    /// Writes the refused records to `path` as NDJSON, each exactly as it was read, so that the file can be fixed and
    /// uploaded again. The reasons go to [`reasons_path`](crate::rejects::reasons_path), a line of JSON for each line of `path`. Returns how many were
    /// written; rejects whose record is not at hand are left out.
    ///
    /// # Errors
    /// `io` if one of the files cannot be written.
    pub fn write_rejects(&self, path: impl AsRef<Path>) -> Result<u64> {
        self.rejects.write(path.as_ref())
    }

    /// The report that is attached to an error, if one is.
    pub fn of(error: &Error) -> Option<&RunReport> {
        error.report().and_then(|report| report.downcast_ref())
    }

    /// The report, or the error that `raise_on` makes of it.
    pub(crate) fn judged(self, raise_on: RaiseOn) -> Result<Self> {
        let failed = self.batches.iter().filter(|batch| batch.failed_whole()).map(|batch| batch.batch_ref);
        let failed: Vec<_> = failed.collect();
        let error = match raise_on {
            RaiseOn::Never => return Ok(self),
            RaiseOn::Any | RaiseOn::Failed if !failed.is_empty() => {
                let message = format!(
                    "{} of {} batches could not be read by the service, and their records were not loaded; run again, \
                     and report it if it repeats",
                    failed.len(),
                    self.batches.len()
                );
                Error::new(Kind::BatchCorrupted, message).with_refs(failed)
            }
            RaiseOn::Any if !self.ok() => {
                let refs: Vec<_> = self.batches.iter().map(|batch| batch.batch_ref).collect();
                Error::new(Kind::RecordsRejected, self.complaint()).with_refs(refs)
            }
            _ => return Ok(self),
        };
        Err(error.with_stage(Stage::Report).with_run_id(&self.run_id.clone()).with_report(self.into_any()))
    }

    fn complaint(&self) -> String {
        let Counts { read, rejected, unknown, .. } = self.counts;
        let mut complaint = format!("{rejected} of {read} records were rejected");
        if unknown > 0 {
            complaint.push_str(&format!(" and {unknown} are unexplained"));
        }
        if let Some(reason) = self.summary.first() {
            complaint.push_str(&format!("; most often ({}): {} {}", reason.count, reason.code, reason.message));
        }
        complaint.push_str("; fix and send the rejects of the report");
        complaint
    }

    pub(crate) fn into_any(self) -> Arc<dyn Any + Send + Sync> {
        Arc::new(self)
    }
}

impl Serialize for RunReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("RunReport", 7)?;
        report.serialize_field("run_id", &self.run_id)?;
        report.serialize_field("ok", &self.ok())?;
        report.serialize_field("resumed", &self.resumed)?;
        report.serialize_field("counts", &self.counts)?;
        report.serialize_field("batches", &self.batches)?;
        report.serialize_field("summary", &self.summary)?;
        report.serialize_field("repeats", &self.repeats)?;
        report.end()
    }
}

/// Counts and the most frequent reasons: never a record.
impl std::fmt::Debug for RunReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut report = f.debug_struct("RunReport");
        report.field("run_id", &self.run_id).field("ok", &self.ok()).field("counts", &self.counts);
        report.field("batches", &self.batches.len()).finish_non_exhaustive()
    }
}
