//! A reject: a record that was refused, by us or by the service, with everything needed to fix it.

use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::advice;

/// Who refused a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBy {
    /// The check, before anything was sent.
    Us,
    /// The service, in a batch's error log.
    Service,
}

/// A record that was refused, or taken in part only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Who refused it.
    pub by: RefusedBy,
    /// The source it came from; `None` if only the service's log is at hand.
    pub source: Option<Arc<str>>,
    /// The line it began on, from 1.
    pub line: Option<u64>,
    /// Its ref, if it has one.
    #[serde(rename = "ref")]
    pub record_ref: Option<Uuid>,
    /// The batch it was in, if it was sent.
    pub batch: Option<Uuid>,
    /// Where it lies in the uncompressed text of that batch, in bytes without its line break; `None` if it was not sent,
    /// or if the batch is not at hand. JSON has `[start, end]`.
    #[serde(serialize_with = "as_pair")]
    pub byte_range: Option<Range<u64>>,
    /// Why: the rule that it broke (`envelope.ref`), or the service's code (`400`).
    pub code: String,
    /// Why, in words.
    pub message: String,
    /// The record as it was read, without its line break; empty if it is not at hand.
    #[serde(serialize_with = "as_text")]
    pub record: Vec<u8>,
}

impl Reject {
    /// What usually helps, in plain words, where the service refused it; our own messages say what to do.
    pub fn help(&self) -> Option<&'static str> {
        (self.by == RefusedBy::Service).then(|| advice::help(&self.message)).flatten()
    }

    /// Whether the service took the record and yet wants it again: a deletion that matched several guests deletes one
    /// of them (protocol.md section 4.5). A code of success says so; no other record of success is kept.
    pub fn must_repeat(&self) -> bool {
        self.by == RefusedBy::Service && self.code.len() == 3 && self.code.starts_with('2')
    }
}

fn as_pair<S: Serializer>(range: &Option<Range<u64>>, serializer: S) -> Result<S::Ok, S::Error> {
    range.as_ref().map(|range| [range.start, range.end]).serialize(serializer)
}

/// Records are text; a broken one may not be, and then its broken bytes show as U+FFFD.
fn as_text<S: Serializer>(record: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(record))
}
