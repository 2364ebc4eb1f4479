//! What calls end with. Plain values go to the host as JSON; what is read lazily or waited for stays here behind an object.

use std::sync::Arc;

use cdp_batch::api::batch::BatchInfo;
use cdp_batch::journal::RunInfo;
use cdp_batch::local::{Checked, PackReport};
use cdp_batch::run::{Reconciliation, RunReport};
use cdp_batch::{client, rejects};
use serde_json::json as object;

use crate::errors::CdpError;
use crate::operation::{Operation, blocking};
use crate::rejects::Rejects;
use crate::text::json;

/// What an operation ends with; the function that started it says which.
#[derive(uniffi::Enum)]
pub enum Outcome {
    /// What came of a run.
    Report {
        /// The report.
        report: Arc<Report>,
    },
    /// A run that storage has accepted.
    Run {
        /// The run.
        run: Arc<Run>,
    },
    /// Records that were refused.
    Rejects {
        /// The records.
        rejects: Arc<Rejects>,
    },
    /// Files that were packed.
    Packed {
        /// The files.
        packed: Arc<Packed>,
    },
    /// Anything else.
    Json {
        /// The text.
        json: String,
    },
}

/// Something that work may end with.
pub(crate) trait Outcomes: Send + 'static {
    fn outcome(self) -> Outcome;
}

/// Outcomes that are plain values.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {$(
        impl Outcomes for $type {
            fn outcome(self) -> Outcome {
                Outcome::Json { json: json(&self) }
            }
        }
    )+};
}

plain!(BatchInfo, Vec<BatchInfo>, Option<BatchInfo>, Reconciliation, Vec<RunInfo>, Checked);

impl Outcomes for RunReport {
    fn outcome(self) -> Outcome {
        Outcome::Report { report: Arc::new(Report::new(self)) }
    }
}

impl Outcomes for client::Run {
    fn outcome(self) -> Outcome {
        Outcome::Run { run: Arc::new(Run(self)) }
    }
}

impl Outcomes for rejects::Rejects {
    fn outcome(self) -> Outcome {
        Outcome::Rejects { rejects: Arc::new(Rejects::new(self)) }
    }
}

impl Outcomes for PackReport {
    fn outcome(self) -> Outcome {
        Outcome::Packed { packed: Arc::new(Packed(self)) }
    }
}

/// What came of a run.
#[derive(uniffi::Object)]
pub struct Report(RunReport);

impl Report {
    pub(crate) fn new(report: RunReport) -> Self {
        Report(report)
    }
}

#[uniffi::export]
impl Report {
    /// Everything but the rejects: `tests/report.schema.json`.
    pub fn json(&self) -> String {
        json(&self.0)
    }

    /// The refused records.
    pub fn rejects(&self) -> Arc<Rejects> {
        Arc::new(Rejects::new(self.0.rejects().clone()))
    }

    /// Writes the refused records to a file as they were read, and the reasons beside it; gives how many were written.
    pub async fn write_rejects(&self, path: String) -> std::result::Result<u64, CdpError> {
        let report = self.0.clone();
        Ok(blocking(move || report.write_rejects(path)).await?)
    }
}

/// A run whose parts storage has all accepted.
#[derive(uniffi::Object)]
pub struct Run(client::Run);

#[uniffi::export]
impl Run {
    /// The run's name.
    pub fn run_id(&self) -> String {
        self.0.run_id.clone()
    }

    /// Its batches.
    pub fn refs(&self) -> Vec<String> {
        self.0.refs.iter().map(ToString::to_string).collect()
    }

    /// Starts to wait until every batch is processed; ends with a report, or with `Closed` when it was called before.
    pub fn finish(&self) -> Arc<Operation> {
        Operation::going_on(self.0.wait())
    }
}

/// What packing into files made.
#[derive(uniffi::Object)]
pub struct Packed(PackReport);

#[uniffi::export]
impl Packed {
    /// Files and counts: `{"parts": [{"path", "size", "md5", "content_md5", "records"}], "counts"}`.
    pub fn json(&self) -> String {
        json(&object!({"parts": self.0.parts, "counts": self.0.counts}))
    }

    /// The records that are in no file.
    pub fn rejects(&self) -> Arc<Rejects> {
        Arc::new(Rejects::new(self.0.rejects.clone()))
    }
}
