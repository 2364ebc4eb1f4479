//! What calls end with. Plain values go to JavaScript as JSON; what is read lazily or waited for stays here behind a
//! handle.

use std::sync::{Arc, Mutex, PoisonError};

use cdp_batch::Result;
use cdp_batch::api::batch::BatchInfo;
use cdp_batch::client;
use cdp_batch::findings;
use cdp_batch::journal::RunInfo;
use cdp_batch::local::{self, PackReport};
use cdp_batch::reject::Reject;
use cdp_batch::rejects;
use cdp_batch::run::{Reconciliation, RunReport};
use napi::bindgen_prelude::{Buffer, Either8};
use napi_derive::napi;
use serde_json::json as object;

use crate::operation::Operation;
use crate::outcome::{IntoValue, Value, json};

/// Outcomes that are plain values.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {$(
        impl IntoValue for $type {
            fn into_value(self) -> Value {
                Either8::A(json(&self))
            }
        }
    )+};
}

plain!(BatchInfo, Vec<BatchInfo>, Option<BatchInfo>, Reconciliation, Vec<RunInfo>, u64);

impl IntoValue for RunReport {
    fn into_value(self) -> Value {
        Either8::B(Report(self))
    }
}

impl IntoValue for client::Run {
    fn into_value(self) -> Value {
        Either8::C(Run(self))
    }
}

impl IntoValue for rejects::Rejects {
    fn into_value(self) -> Value {
        Either8::D(Rejects(self))
    }
}

impl IntoValue for PackReport {
    fn into_value(self) -> Value {
        Either8::E(Packed(self))
    }
}

impl IntoValue for local::Checked {
    fn into_value(self) -> Value {
        Either8::H(Checked(self))
    }
}

/// A report; its rejects are read from here.
#[napi]
pub struct Report(pub(crate) RunReport);

#[napi]
impl Report {
    /// Everything but the rejects.
    #[napi(catch_unwind)]
    pub fn json(&self) -> String {
        json(&self.0)
    }

    /// The refused records.
    #[napi(catch_unwind)]
    pub fn rejects(&self) -> Rejects {
        Rejects(self.0.rejects().clone())
    }

    /// Writes them to a file; ends with how many.
    #[napi(catch_unwind)]
    pub fn write_rejects(&self, path: String) -> Operation {
        let report = self.0.clone();
        Operation::blocking(move || report.write_rejects(path))
    }
}

/// A run that storage has accepted.
#[napi]
pub struct Run(client::Run);

#[napi]
impl Run {
    /// The run's name.
    #[napi(catch_unwind)]
    pub fn run_id(&self) -> String {
        self.0.run_id.clone()
    }

    /// Its batches.
    #[napi(catch_unwind)]
    pub fn refs(&self) -> Vec<String> {
        self.0.refs.iter().map(ToString::to_string).collect()
    }

    /// Waits until every batch is processed.
    #[napi(catch_unwind)]
    pub fn wait(&self) -> Operation {
        Operation::of(self.0.wait())
    }
}

/// What packing into files made.
#[napi]
pub struct Packed(PackReport);

#[napi]
impl Packed {
    /// Everything but the rejects.
    #[napi(catch_unwind)]
    pub fn json(&self) -> String {
        json(&object!({"parts": self.0.parts, "counts": self.0.counts}))
    }

    /// The refused records.
    #[napi(catch_unwind)]
    pub fn rejects(&self) -> Rejects {
        Rejects(self.0.rejects.clone())
    }
}

/// What a check found.
#[napi]
pub struct Checked(local::Checked);

#[napi]
impl Checked {
    /// The counts.
    #[napi(catch_unwind)]
    pub fn json(&self) -> String {
        json(&self.0.report)
    }

    /// Each error and warning.
    #[napi(catch_unwind)]
    pub fn findings(&self) -> Findings {
        Findings(self.0.findings.clone())
    }
}

/// Remarks about records, read as often as wanted.
#[napi]
pub struct Findings(findings::Findings);

#[napi]
impl Findings {
    /// Reads them from the first on.
    #[napi(catch_unwind)]
    pub fn reader(&self) -> FindingReader {
        FindingReader(Arc::new(Mutex::new(Box::new(self.0.iter()))))
    }
}

/// Reads findings some at a time, beside JavaScript's thread.
#[napi]
pub struct FindingReader(Arc<Mutex<Box<dyn Iterator<Item = Result<String>> + Send>>>);

/// A JSON array.
struct Array(String);

impl IntoValue for Array {
    fn into_value(self) -> Value {
        Either8::A(self.0)
    }
}

#[napi]
impl FindingReader {
    /// Ends with the next ones, at most so many; with none at the end.
    #[napi(catch_unwind)]
    pub fn next(&self, most: u32) -> Operation {
        let left = Arc::clone(&self.0);
        Operation::blocking(move || {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let next = left.by_ref().take(most as usize).collect::<Result<Vec<_>>>()?;
            Ok(Array(format!("[{}]", next.join(","))))
        })
    }
}

/// Records that were refused, read as often as wanted.
#[napi]
pub struct Rejects(rejects::Rejects);

#[napi]
impl Rejects {
    /// Reads them from the first on.
    #[napi(catch_unwind)]
    pub fn reader(&self) -> RejectReader {
        RejectReader { left: Arc::new(Mutex::new(Box::new(self.0.iter()))), read: Arc::default() }
    }
}

/// The rejects that are left to be read.
type Left = Arc<Mutex<Box<dyn Iterator<Item = Result<Reject>> + Send>>>;

/// Reads rejects some at a time, beside JavaScript's thread.
#[napi]
pub struct RejectReader {
    left: Left,
    read: Arc<Mutex<Vec<Reject>>>,
}

/// A refused record.
#[napi(object, object_from_js = false)]
pub struct Refused {
    /// Everything but the record, as JSON.
    pub fields: String,
    /// The record exactly as it was read.
    pub record: Buffer,
}

#[napi]
impl RejectReader {
    /// Reads the next ones, at most so many; ends with how many there were.
    #[napi(catch_unwind)]
    pub fn next(&self, most: u32) -> Operation {
        let (left, read) = (Arc::clone(&self.left), Arc::clone(&self.read));
        Operation::blocking(move || {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let next = left.by_ref().take(most as usize).collect::<Result<Vec<_>>>()?;
            let count = next.len() as u64;
            *read.lock().unwrap_or_else(PoisonError::into_inner) = next;
            Ok(count)
        })
    }

    /// Those that were read last, once.
    #[napi(catch_unwind)]
    pub fn take(&self) -> Vec<Refused> {
        let read = std::mem::take(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner));
        let refused = |mut reject: Reject| {
            let record = Buffer::from(std::mem::take(&mut reject.record));
            Refused { fields: json(&reject), record }
        };
        read.into_iter().map(refused).collect()
    }
}
