//! What work ends with, on its way to JavaScript: a value or an error, as data. The classes of errors are JavaScript's own.

use cdp_batch::{Error, Result, RunReport};
use napi::bindgen_prelude::Either8;
use napi_derive::napi;
use serde::Serialize;

use crate::client::Client;
use crate::results::{Checked, Packed, Rejects, Report, Run};
use crate::source::Source;

/// Plain values are JSON; what is read lazily or waited for stays behind a handle.
pub(crate) type Value = Either8<String, Report, Run, Rejects, Packed, Source, Client, Checked>;

/// What work ended with: one of both.
#[napi(object, object_from_js = false)]
pub struct Outcome {
    /// What it was to give.
    pub value: Option<Value>,
    /// Why it gives nothing.
    pub error: Option<Failure>,
}

/// An error of the core.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// Its fields, as JSON.
    pub fields: String,
    /// What is known of the run.
    pub report: Option<Report>,
    /// The number of what the operating system said, if it said anything.
    pub errno: Option<i32>,
}

/// Something that work may end with.
pub(crate) trait IntoValue: Send + 'static {
    fn into_value(self) -> Value;
}

impl From<Result<Value>> for Outcome {
    fn from(result: Result<Value>) -> Self {
        match result {
            Ok(value) => Outcome { value: Some(value), error: None },
            Err(error) => Outcome { value: None, error: Some(Failure::of(&error)) },
        }
    }
}

impl Failure {
    fn of(error: &Error) -> Self {
        Failure { fields: json(error), report: RunReport::of(error).cloned().map(Report), errno: error.os_error() }
    }
}

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Only a map whose keys are no text could fail, and none of ours has any.
    serde_json::to_string(value).unwrap_or_default()
}
