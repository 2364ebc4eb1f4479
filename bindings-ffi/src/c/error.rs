//! Errors: a code, a sentence, and the same fields as in every language.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;

use cdp_batch::RunReport;
use serde_json::Value;

use crate::code::{Code, OK};
use crate::guard::plain;
use crate::report::Report;
use crate::text::{Owned, pointer, terminated};

/// Why a call failed. Text that its functions give lives as long as the error.
pub struct Error {
    error: cdp_batch::Error,
    name: CString,
    message: CString,
    stage: Option<CString>,
    request_id: Option<CString>,
    run_id: Option<CString>,
    refs: Vec<CString>,
    source: Option<CString>,
}

impl Error {
    pub(crate) fn new(error: cdp_batch::Error) -> Self {
        let stage = serde_json::to_value(error.stage()).ok();
        Error {
            name: terminated(error.kind().name()),
            message: terminated(error.message()),
            stage: stage.as_ref().and_then(Value::as_str).map(terminated),
            request_id: error.request_id().map(terminated),
            run_id: error.run_id().map(terminated),
            refs: error.refs().iter().map(|batch| terminated(&batch.to_string())).collect(),
            source: error.source_name().map(terminated),
            error,
        }
    }

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &cdp_batch::Error {
        &self.error
    }
}

/// The code that the call returned; `CDPB_OK` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_code(error: Option<&Error>) -> Code {
    error.map_or(OK, |error| Code::from(error.error.kind().number()))
}

/// The code's name, such as `invalid_options`: the `code` of every language.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_name(error: Option<&Error>) -> *const c_char {
    pointer(error.map(|error| &error.name))
}

/// One sentence: what failed, and what to do. Its words may change: act on the code.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_message(error: Option<&Error>) -> *const c_char {
    pointer(error.map(|error| &error.message))
}

/// Where in the run it happened, such as `upload`, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_stage(error: Option<&Error>) -> *const c_char {
    pointer(error.and_then(|error| error.stage.as_ref()))
}

/// Whether the same call may succeed later without a change.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_retryable(error: Option<&Error>) -> bool {
    error.is_some_and(|error| error.error.retryable())
}

/// How often the request was tried; 0 when no request was made.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_attempts(error: Option<&Error>) -> u32 {
    error.map_or(0, |error| error.error.attempts())
}

/// The HTTP status of the last answer, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_http_status(error: Option<&Error>) -> u16 {
    error.and_then(|error| error.error.http_status()).unwrap_or(0)
}

/// The service's id of the request, for its support, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_request_id(error: Option<&Error>) -> *const c_char {
    pointer(error.and_then(|error| error.request_id.as_ref()))
}

/// How long the service asks to wait, in milliseconds, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_retry_after_ms(error: Option<&Error>) -> i64 {
    error.and_then(|error| error.error.retry_after_ms()).and_then(|ms| i64::try_from(ms).ok()).unwrap_or(-1)
}

/// The run it belongs to, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_run_id(error: Option<&Error>) -> *const c_char {
    pointer(error.and_then(|error| error.run_id.as_ref()))
}

/// The batch of this index it is about, or NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_ref(error: Option<&Error>, index: usize) -> *const c_char {
    pointer(error.and_then(|error| error.refs.get(index)))
}

/// The source of the record it is about, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_source(error: Option<&Error>) -> *const c_char {
    pointer(error.and_then(|error| error.source.as_ref()))
}

/// The line of the record it is about, from 1, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_line(error: Option<&Error>) -> u64 {
    error.and_then(|error| error.error.line()).unwrap_or(0)
}

/// Every field as JSON. The caller frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_json(error: Option<&Error>) -> Owned {
    plain(Owned::NONE, || error.map_or(Owned::NONE, |error| Owned::json(&error.error)))
}

/// What is known of the run that failed: true, and a report that the caller frees, if anything is.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_report(error: Option<&Error>, report: Option<&mut MaybeUninit<Box<Report>>>) -> bool {
    plain(false, || {
        let attached = error.and_then(|error| RunReport::of(&error.error));
        let (Some(attached), Some(report)) = (attached, report) else { return false };
        report.write(Box::new(Report::new(attached.clone())));
        true
    })
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_error_free(error: Option<Box<Error>>) {
    plain((), || drop(error));
}
