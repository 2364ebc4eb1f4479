//! The request journal: what was asked and what became of it, without a secret.

use crate::route::{Endpoint, Target};
use crate::sync::lock;
use http::request::Parts;
use serde::Serialize;
use std::sync::Mutex;
use uuid::Uuid;

/// One request to the Batch API or the S3 endpoint. Header values, queries and the tenant segment are never kept.
#[derive(Clone, Debug, Serialize)]
pub struct RequestEntry {
    /// Counted from 1 since the start or the last reset.
    pub number: u64,
    /// When it came, by the emulator's clock, `YYYY-MM-DDTHH:mm:ss.SSSZ`.
    pub at: String,
    /// The endpoint; none for unknown paths and wrong methods.
    pub endpoint: Option<Endpoint>,
    /// The batch in the path.
    #[serde(rename = "ref")]
    pub batch_ref: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Path without query; the tenant segment of object paths is replaced by `-`.
    pub path: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http_version: String,
    /// Names of the request's headers, lower-case, sorted.
    pub header_names: Vec<String>,
    /// Bytes of the request body that were read.
    pub received_bytes: u64,
    /// Bytes of the answer's body, before a fault cut it.
    pub sent_bytes: u64,
    /// HTTP status of the answer; none when there was none.
    pub status: Option<u16>,
    /// How the exchange ended.
    pub outcome: Outcome,
    /// The `<Code>` of an S3 error, the message of a Batch API error.
    pub error: Option<String>,
    /// Names of the faults the request met.
    pub faults: Vec<String>,
    /// What the request did against the documents, also where the answer was a success.
    pub violations: Vec<String>,
    /// The answer's `x-request-id` or `x-amz-request-id`.
    pub request_id: String,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Not answered (yet): in progress, hanging, or given up by the client.
    Open,
    /// Answered in full.
    Answered,
    /// The connection was closed without an answer.
    Dropped,
    /// The connection was closed inside the answer.
    Cut,
}

/// What a handler notes about a request besides its answer.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) received_bytes: u64,
    pub(crate) violations: Vec<String>,
}

impl Notes {
    pub(crate) fn violation(&mut self, text: impl Into<String>) {
        self.violations.push(text.into());
    }
}

/// All entries, in order of arrival.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    list: Vec<RequestEntry>,
    /// Grows with every reset, so that a request begun before it cannot write into a later one's entry.
    epoch: u64,
}

/// A place in the journal.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    index: usize,
    epoch: u64,
}

impl Journal {
    pub(crate) fn begin(&self, at: String, request: &Parts, target: Target, request_id: String) -> Ticket {
        let (endpoint, reference) = match target {
            Target::Endpoint { endpoint, reference } => (Some(endpoint), reference),
            _ => (None, None),
        };
        let mut header_names: Vec<String> = request.headers.keys().map(ToString::to_string).collect();
        header_names.sort();
        let mut entries = lock(&self.0);
        let ticket = Ticket { index: entries.list.len(), epoch: entries.epoch };
        entries.list.push(RequestEntry {
            number: ticket.index as u64 + 1,
            at,
            endpoint,
            batch_ref: reference.as_ref().map(Uuid::to_string),
            method: request.method.to_string(),
            path: without_tenant(request.uri.path()),
            http_version: format!("{:?}", request.version),
            header_names,
            received_bytes: 0,
            sent_bytes: 0,
            status: None,
            outcome: Outcome::Open,
            error: None,
            faults: Vec::new(),
            violations: Vec::new(),
            request_id,
        });
        ticket
    }

    /// Changes an entry, unless a reset has removed it.
    pub(crate) fn note(&self, ticket: Ticket, change: impl FnOnce(&mut RequestEntry)) {
        let mut entries = lock(&self.0);
        if entries.epoch == ticket.epoch
            && let Some(entry) = entries.list.get_mut(ticket.index)
        {
            change(entry);
        }
    }

    pub(crate) fn entries(&self) -> Vec<RequestEntry> {
        lock(&self.0).list.clone()
    }

    pub(crate) fn reset(&self) {
        let mut entries = lock(&self.0);
        entries.list.clear();
        entries.epoch += 1;
    }
}

fn without_tenant(path: &str) -> String {
    if !path.starts_with("/s3/") {
        return path.to_owned();
    }
    let masked = |(index, segment)| if index == 3 { "-" } else { segment };
    path.split('/').enumerate().map(masked).collect::<Vec<_>>().join("/")
}
