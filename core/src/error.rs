//! One error type: a [`Kind`], a sentence, and the same fields in every language.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::kind::Kind;

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Where in a run something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Reading the options.
    Options,
    /// Reading the source.
    Read,
    /// Checking records.
    Check,
    /// Compressing records into a part.
    Pack,
    /// Writing or reading a part at rest.
    Spool,
    /// Asking the service for an upload location.
    Allocate,
    /// Sending a part to its location.
    Upload,
    /// Asking the status of a batch.
    Status,
    /// Listing batches.
    List,
    /// Fetching a batch's error log.
    Log,
    /// Judging the finished run.
    Report,
}

impl Stage {
    /// The stage's name in JSON and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Options => "options",
            Stage::Read => "read",
            Stage::Check => "check",
            Stage::Pack => "pack",
            Stage::Spool => "spool",
            Stage::Allocate => "allocate",
            Stage::Upload => "upload",
            Stage::Status => "status",
            Stage::List => "list",
            Stage::Log => "log",
            Stage::Report => "report",
        }
    }
}

/// What failed and what to do. `Display` is one sentence without URL query, tenant or secret.
pub struct Error(Box<Fields>);

#[derive(Default)]
struct Fields {
    kind: Option<Kind>,
    message: String,
    stage: Option<Stage>,
    attempts: u32,
    http_status: Option<u16>,
    request_id: Option<String>,
    retry_after_ms: Option<u64>,
    run_id: Option<String>,
    refs: Vec<Uuid>,
    source: Option<String>,
    line: Option<u64>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    report: Option<Arc<dyn Any + Send + Sync>>,
}

/// Builds `Error::with_<field>` methods that keep a field already set: the innermost place knows best.
macro_rules! with {
    ($($(#[doc = $doc:literal])+ $method:ident, $field:ident: $type:ty;)+) => {
        $($(#[doc = $doc])+
        #[must_use]
        pub fn $method(mut self, value: $type) -> Self {
            if self.0.$field.is_none() {
                self.0.$field = Some(value.into());
            }
            self
        })+
    };
}

impl Error {
    /// An error of this kind that says `message`: one sentence, what failed and what to do.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Fields { kind: Some(kind), message: message.into(), ..Fields::default() }))
    }

    /// An [`Kind::Io`] error: what could not be done, and why the system says so.
    pub fn io(what: impl fmt::Display, cause: std::io::Error) -> Self {
        let reason = io_reason(&cause);
        Error::new(Kind::Io, format!("{what}: {reason}")).with_cause(cause)
    }

    with! {
        /// Names the stage, unless one is named already.
        with_stage, stage: Stage;
        /// Names the HTTP status of the answer.
        with_http_status, http_status: u16;
        /// Names the service's id of the request.
        with_request_id, request_id: String;
        /// How long the service asks to wait, in milliseconds.
        with_retry_after_ms, retry_after_ms: u64;
        /// Names the run.
        with_run_id, run_id: &str;
        /// Names the source of the record.
        with_source, source: &str;
        /// Names the line of the record, counted from 1.
        with_line, line: u64;
    }

    /// Adds a remark to the sentence.
    #[must_use]
    pub fn with_note(mut self, note: &str) -> Self {
        self.0.message = format!("{} ({note})", self.0.message);
        self
    }

    /// Keeps the underlying error for `source()`.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds the batches this is about.
    #[must_use]
    pub fn with_refs(mut self, refs: impl IntoIterator<Item = Uuid>) -> Self {
        for batch in refs {
            if !self.0.refs.contains(&batch) {
                self.0.refs.push(batch);
            }
        }
        self
    }

    /// Says how often it was tried.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Attaches the report of the run, as `run::RunReport::of` reads it back.
    #[must_use]
    pub fn with_report(mut self, report: Arc<dyn Any + Send + Sync>) -> Self {
        self.0.report = Some(report);
        self
    }

    /// The kind to act on.
    pub fn kind(&self) -> Kind {
        self.0.kind.unwrap_or(Kind::Internal)
    }

    /// The sentence that `Display` prints. Not API: act on [`Error::kind`].
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where in the run it happened.
    pub fn stage(&self) -> Option<Stage> {
        self.0.stage
    }

    /// Whether the same call may succeed later without a change.
    pub fn retryable(&self) -> bool {
        self.kind().retryable()
    }

    /// How often the request was tried; 0 when no request was made.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The HTTP status of the last answer.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The service's id of the request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asked to wait, in milliseconds.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.0.retry_after_ms
    }

    /// The run it belongs to.
    pub fn run_id(&self) -> Option<&str> {
        self.0.run_id.as_deref()
    }

    /// The batches it is about.
    pub fn refs(&self) -> &[Uuid] {
        &self.0.refs
    }

    /// The source of the record it is about.
    pub fn source_name(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// The line of the record it is about, counted from 1.
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The number of what the operating system said, if it said anything.
    pub fn os_error(&self) -> Option<i32> {
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            if let Some(code) = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error) {
                return Some(code);
            }
            next = cause.source();
        }
        None
    }

    /// What [`Error::with_report`] attached.
    pub fn report(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.0.report.as_ref()
    }
}

/// The system's reason in words, without Rust's "(os error N)".
pub(crate) fn io_reason(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    match text.rfind(" (os error") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Kind and sentence; never a field that could hold a secret.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind(), self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

/// The twelve fields of every language.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Error", 12)?;
        fields.serialize_field("code", &self.kind())?;
        fields.serialize_field("message", &self.0.message)?;
        fields.serialize_field("stage", &self.0.stage)?;
        fields.serialize_field("retryable", &self.retryable())?;
        fields.serialize_field("attempts", &self.0.attempts)?;
        fields.serialize_field("http_status", &self.0.http_status)?;
        fields.serialize_field("request_id", &self.0.request_id)?;
        fields.serialize_field("retry_after_ms", &self.0.retry_after_ms)?;
        fields.serialize_field("run_id", &self.0.run_id)?;
        fields.serialize_field("refs", &self.0.refs)?;
        fields.serialize_field("source", &self.0.source)?;
        fields.serialize_field("line", &self.0.line)?;
        fields.end()
    }
}
