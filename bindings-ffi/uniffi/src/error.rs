//! The fields of an error, the same for every kind.

use std::sync::Arc;

use cdp_batch::{Error, RunReport};

use crate::results::Report;

/// What is known of a failure.
#[derive(uniffi::Record)]
pub struct ErrorFields {
    /// What failed and what to do, in one sentence.
    pub message: String,
    /// Where in the run it happened.
    pub stage: Option<String>,
    /// Whether the same call may succeed later without a change.
    pub retryable: bool,
    /// How often the request was tried; 0 when none was made.
    pub attempts: u32,
    /// The HTTP status of the last answer.
    pub http_status: Option<u16>,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// How long the service asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The run it belongs to.
    pub run_id: Option<String>,
    /// The batches it is about.
    pub refs: Vec<String>,
    /// The source of the record it is about.
    pub source: Option<String>,
    /// The line of the record it is about, counted from 1.
    pub line: Option<u64>,
    /// What is known of the run.
    pub report: Option<Arc<Report>>,
}

impl ErrorFields {
    pub(crate) fn of(error: &Error) -> Self {
        ErrorFields {
            message: error.message().to_string(),
            stage: error.stage().map(|stage| stage.name().to_string()),
            retryable: error.retryable(),
            attempts: error.attempts(),
            http_status: error.http_status(),
            request_id: error.request_id().map(String::from),
            retry_after_ms: error.retry_after_ms(),
            run_id: error.run_id().map(String::from),
            refs: error.refs().iter().map(ToString::to_string).collect(),
            source: error.source_name().map(String::from),
            line: error.line(),
            report: RunReport::of(error).map(|report| Arc::new(Report::new(report.clone()))),
        }
    }
}

/// The sentence; never a field that could hold a secret.
impl std::fmt::Debug for ErrorFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
