//! What came of a run.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;

use cdp_batch::RunReport;

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, given, plain};
use crate::rejects::Rejects;
use crate::text::{Owned, Text, pointer, terminated};

/// What came of a run. Text that its functions give lives as long as the report.
pub struct Report {
    report: RunReport,
    run_id: CString,
    batches: Vec<Batch>,
    reasons: Vec<Reason>,
}

/// The texts of a batch.
struct Batch {
    batch_ref: CString,
    status: CString,
}

/// The texts of a reason.
struct Reason {
    code: CString,
    message: CString,
}

/// How many records went which way: `read = confirmed + rejected + unknown`.
#[repr(C)]
pub struct Counts {
    /// Records read from the source, bad ones included.
    pub read: u64,
    /// Records put into parts.
    pub packed: u64,
    /// Records in parts that storage accepted.
    pub sent: u64,
    /// Records the service confirmed.
    pub confirmed: u64,
    /// Records refused, before they were sent or by the service.
    pub rejected: u64,
    /// Records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole.
    pub unknown: u64,
}

impl Report {
    pub(crate) fn new(report: RunReport) -> Self {
        let batches = report.batches.iter().map(|batch| Batch {
            batch_ref: terminated(&batch.batch_ref.to_string()),
            status: terminated(&batch.status),
        });
        let reasons = report
            .summary
            .iter()
            .map(|reason| Reason { code: terminated(&reason.code), message: terminated(&reason.message) });
        Report { run_id: terminated(&report.run_id), batches: batches.collect(), reasons: reasons.collect(), report }
    }
}

/// The run's name.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_run_id(report: Option<&Report>) -> *const c_char {
    pointer(report.map(|report| &report.run_id))
}

/// Whether every record that was read is confirmed.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_ok(report: Option<&Report>) -> bool {
    report.is_some_and(|report| report.report.ok())
}

/// Whether parts of the run were sent before.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_resumed(report: Option<&Report>) -> bool {
    report.is_some_and(|report| report.report.resumed)
}

/// How many records went which way; all 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_counts(report: Option<&Report>) -> Counts {
    let counts = report.map(|report| report.report.counts).unwrap_or_default();
    Counts {
        read: counts.read,
        packed: counts.packed,
        sent: counts.sent,
        confirmed: counts.confirmed,
        rejected: counts.rejected,
        unknown: counts.unknown,
    }
}

/// The ref of the batch of this index, in order, or NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_batch_ref(report: Option<&Report>, index: usize) -> *const c_char {
    pointer(report.and_then(|report| report.batches.get(index)).map(|batch| &batch.batch_ref))
}

/// The service's last word on that batch; `packed` before it was sent, NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_batch_status(report: Option<&Report>, index: usize) -> *const c_char {
    pointer(report.and_then(|report| report.batches.get(index)).map(|batch| &batch.status))
}

/// The records that were packed into that batch; 0 if another process did, or after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_batch_records(report: Option<&Report>, index: usize) -> u64 {
    report.and_then(|report| report.report.batches.get(index)).and_then(|batch| batch.records).unwrap_or(0)
}

/// The code of the reason of this index for which records were refused, the most frequent first, or NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_reason_code(report: Option<&Report>, index: usize) -> *const c_char {
    pointer(report.and_then(|report| report.reasons.get(index)).map(|reason| &reason.code))
}

/// The message of that reason, with `...` for what differs from record to record, or NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_reason_message(report: Option<&Report>, index: usize) -> *const c_char {
    pointer(report.and_then(|report| report.reasons.get(index)).map(|reason| &reason.message))
}

/// How many records were refused for that reason; 0 after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_reason_count(report: Option<&Report>, index: usize) -> u64 {
    report.and_then(|report| report.report.summary.get(index)).map_or(0, |reason| reason.count)
}

/// The whole report but its rejects, as JSON. The caller frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_json(report: Option<&Report>) -> Owned {
    plain(Owned::NONE, || report.map_or(Owned::NONE, |report| Owned::json(&report.report)))
}

/// Every record that was refused, from the first, in input order.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_rejects(
    report: Option<&Report>,
    rejects: Option<&mut MaybeUninit<Box<Rejects>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(rejects, error, || Ok(Box::new(Rejects::new(given(report, "report")?.report.rejects()))))
}

/// Every record that must be sent again although it was taken, in input order: a deletion that matched several guests
/// deletes one of them.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_records_to_repeat(
    report: Option<&Report>,
    records: Option<&mut MaybeUninit<Box<Rejects>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(records, error, || Ok(Box::new(Rejects::new(&given(report, "report")?.report.records_to_repeat()))))
}

/// Writes the refused records to the file `path` as NDJSON, each exactly as it was read, so that they can be fixed and
/// uploaded again; the reasons go to a file beside it whose name ends in `.reasons.jsonl`. `written` is how many.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_write_rejects(
    report: Option<&Report>,
    path: Text,
    written: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(written, error, || given(report, "report")?.report.write_rejects(path.path("path")?))
}

/// Frees a report. NULL is fine; its rejects can still be read.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_report_free(report: Option<Box<Report>>) {
    plain((), || drop(report));
}
