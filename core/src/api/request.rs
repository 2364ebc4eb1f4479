//! A request as plain data.

use crate::api::region::BaseUrl;
use crate::error::Stage;
use crate::secret::SafeUrl;

/// The methods the Batch API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes.
    Put,
}

/// One request, ready to send. It holds no secret but the URL, which cannot print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is for.
    pub stage: Stage,
    /// Its method.
    pub method: Method,
    /// Where it goes.
    pub url: SafeUrl,
    /// Whether HTTP Basic goes with it: to the service always, to storage never (protocol.md section 1.3).
    pub auth: bool,
    /// Every header beyond those of HTTP itself, `Authorization` and `User-Agent`.
    pub headers: Vec<(&'static str, String)>,
    /// A JSON body. The bytes of a part travel beside the request, not in it.
    pub body: Option<String>,
}

impl Request {
    /// A question to the service: GET with Basic auth, answered in JSON.
    pub(super) fn ask(stage: Stage, base: &BaseUrl, segments: &[&str]) -> Self {
        Request {
            stage,
            method: Method::Get,
            url: base.batches(segments).into(),
            auth: true,
            headers: vec![("accept", "application/json".into())],
            body: None,
        }
    }
}

/// The opening of every message about a request of this stage that failed.
pub(crate) const fn failed(stage: Stage) -> &'static str {
    match stage {
        Stage::Allocate => "could not allocate the batch",
        Stage::Upload => "could not send the part to storage",
        Stage::Status => "could not ask for the status of the batch",
        Stage::List => "could not list the batches",
        Stage::Log => "could not fetch the error log",
        _ => "the request failed",
    }
}
