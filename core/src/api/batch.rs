//! A batch as the service tells of it, read leniently (protocol.md sections 2.5 to 2.7).

use std::fmt::Display;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::answer::{number, text, time, url, uuid};
use crate::digest::Md5;
use crate::error::{self, Error, Stage};
use crate::kind::Kind;
use crate::secret::SafeUrl;

/// Where a batch is on its way (protocol.md section 2.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Allocated; the file is awaited, or being checked.
    Uploading,
    /// The file waits in the queue; told by the inspect endpoints alone.
    FileUploaded,
    /// The records are being read. The 2022 documents spell it `fileprocessing`.
    Processing,
    /// Every record was taken.
    Success,
    /// The file does not match its checksum or size; nothing was taken.
    Corrupted,
    /// At least one record was refused, or the file could not be read.
    Error,
    /// A code the documents do not know, taken for unfinished: `file_uploaded` itself came without notice.
    Unknown(String),
}

/// Reads the ref of a batch.
///
/// # Errors
/// `invalid_options` for what is no UUID.
pub fn parse_ref(text: &str) -> error::Result<Uuid> {
    text.parse().map_err(|_| {
        let message = format!("{text:?} is no ref: a ref is a UUID");
        Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
    })
}

/// Reads the refs of batches.
///
/// # Errors
/// `invalid_options` for what is no UUID.
pub fn parse_refs(texts: &[String]) -> error::Result<Vec<Uuid>> {
    texts.iter().map(|text| parse_ref(text)).collect()
}

impl Status {
    /// The statuses that the list can be filtered by.
    pub const KNOWN: [Status; 6] = [
        Status::Uploading,
        Status::FileUploaded,
        Status::Processing,
        Status::Success,
        Status::Corrupted,
        Status::Error,
    ];

    /// The service's own name.
    pub fn name(&self) -> &str {
        match self {
            Status::Uploading => "uploading",
            Status::FileUploaded => "file_uploaded",
            Status::Processing => "processing",
            Status::Success => "success",
            Status::Corrupted => "corrupted",
            Status::Error => "error",
            Status::Unknown(name) => name,
        }
    }

    /// Whether it will not change any more.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Status::Success | Status::Corrupted | Status::Error)
    }
}

impl From<&str> for Status {
    fn from(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase();
        if name == "fileprocessing" {
            return Status::Processing;
        }
        let known = Status::KNOWN.into_iter().find(|status| status.name() == name);
        known.unwrap_or_else(|| Status::Unknown(name.chars().filter(|c| !c.is_control()).take(64).collect()))
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What came of the records, by the service's count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Time the service took, in milliseconds.
    pub time_to_process_ms: Option<u64>,
    /// Records read.
    pub total: Option<u64>,
    /// Records taken.
    pub succeeded: Option<u64>,
    /// Records refused.
    pub failed: Option<u64>,
}

/// A batch as the service tells of it. It serialises without its presigned URLs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchInfo {
    /// Its name, given by whoever allocated it.
    #[serde(rename = "ref")]
    pub batch_ref: Uuid,
    /// Where it is on its way.
    pub status: Status,
    /// Its declared size in bytes; absent from lists.
    pub size: Option<u64>,
    /// Its declared MD5; absent from lists.
    #[serde(serialize_with = "as_text")]
    pub checksum: Option<Md5>,
    /// What came of its records, once processed; absent from lists.
    pub stats: Option<Stats>,
    /// When it was allocated, as the service spells it.
    pub created_at: Option<String>,
    /// When it last changed, as the service spells it.
    pub modified_at: Option<String>,
    /// When its upload location stops working.
    #[serde(serialize_with = "as_text")]
    pub expiry: Option<Timestamp>,
    /// Its upload location; usually told by the allocation alone.
    #[serde(skip)]
    pub location: Option<SafeUrl>,
    /// Where its error log is. An `error` without one means a file the service could not read at all.
    #[serde(rename = "has_log", serialize_with = "is_there")]
    pub log: Option<SafeUrl>,
}

impl BatchInfo {
    /// Reads a batch; `None` without a status, or without a UUID `ref` when none is `known`.
    pub(super) fn read(fields: &Map<String, Value>, known: Option<Uuid>) -> Option<Self> {
        let status = fields.get("status");
        let (code, log) = match status {
            Some(Value::Object(status)) => (text(status.get("code")), url(status.get("log"))),
            status => (text(status), None),
        };
        let location = fields.get("location").and_then(Value::as_object);
        let part = |name: &str| location.and_then(|location| location.get(name));
        Some(BatchInfo {
            batch_ref: uuid(fields.get("ref")).or(known)?,
            status: Status::from(code.or_else(|| text(fields.get("status.code")))?),
            size: number(fields.get("size")),
            checksum: text(fields.get("checksum")).and_then(Md5::from_hex),
            stats: fields.get("summaryStats").and_then(Value::as_object).map(Stats::read),
            created_at: text(fields.get("createdAt")).map(String::from),
            modified_at: text(fields.get("modifiedAt")).map(String::from),
            expiry: time(part("expiry")),
            location: url(part("href")),
            log: log.or_else(|| url(fields.get("status.log"))),
        })
    }
}

impl BatchInfo {
    /// How many records the service read in a second; `None` before it has read them all.
    pub fn records_per_second(&self) -> Option<f64> {
        let stats = self.stats?;
        let milliseconds = stats.time_to_process_ms.filter(|&time| time > 0)?;
        Some(stats.total? as f64 * 1_000.0 / milliseconds as f64)
    }
}

impl Stats {
    fn read(fields: &Map<String, Value>) -> Self {
        Stats {
            time_to_process_ms: number(fields.get("timeToProcessMillis")),
            total: number(fields.get("totalCount")),
            succeeded: number(fields.get("succeededCount")),
            failed: number(fields.get("failedCount")),
        }
    }
}

fn as_text<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn is_there<S: Serializer>(url: &Option<SafeUrl>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(url.is_some())
}
