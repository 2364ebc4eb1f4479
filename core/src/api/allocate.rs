//! Registering a batch: its checksum and size go in, a presigned upload location comes out (protocol.md sections 2.1
//! and 2.2).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::api::answer::{Answer, number, text, time, url, uuid};
use crate::api::region::BaseUrl;
use crate::api::request::{Method, Request};
use crate::digest::Md5;
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::secret::SafeUrl;

/// Where to send a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The batch.
    pub batch_ref: Uuid,
    /// The presigned upload URL: a credential, valid for an hour.
    pub location: SafeUrl,
    /// When `location` stops working, if the service says so.
    pub expiry: Option<Timestamp>,
}

/// `PUT /v2/batches/<ref>` with the hex checksum and the size of the packed part.
pub fn request(base: &BaseUrl, batch: Uuid, md5: Md5, size: u64) -> Request {
    let mut request = Request::ask(Stage::Allocate, base, &[&batch.to_string()]);
    request.method = Method::Put;
    request.headers.push(("content-type", "application/json".into()));
    request.body = Some(json!({"checksum": md5.hex(), "size": size}).to_string());
    request
}

/// Reads the answer. What the service leaves out of its echo is taken for right.
///
/// # Errors
/// `integrity` when the service has noted another ref, checksum or size; `protocol` without a usable location.
pub fn parse(answer: &Answer<'_>, batch: Uuid, md5: Md5, size: u64) -> Result<Allocation> {
    let fields = answer.object()?;
    check_echo(answer, &fields, batch, md5, size)?;
    let place = fields.get("location").and_then(Value::as_object);
    let part = |name: &str| place.and_then(|place| place.get(name));
    let location = url(part("href")).ok_or_else(|| answer.unknown("has no upload location"))?;
    Ok(Allocation { batch_ref: batch, location, expiry: time(part("expiry")) })
}

fn check_echo(answer: &Answer<'_>, fields: &Map<String, Value>, batch: Uuid, md5: Md5, size: u64) -> Result<()> {
    let other = |what: &str| -> Result<()> {
        let reason =
            format!("the service noted another {what} than it was told; run again, and report it if it repeats");
        let error: Error = answer.error(Kind::Integrity, reason);
        Err(error.with_refs([batch]))
    };
    match uuid(fields.get("ref")) {
        Some(echo) if echo != batch => return other("ref"),
        _ => {}
    }
    match text(fields.get("checksum")) {
        Some(echo) if Md5::from_hex(echo) != Some(md5) => return other("checksum"),
        _ => {}
    }
    match number(fields.get("size")) {
        Some(echo) if echo != size => other("size"),
        _ => Ok(()),
    }
}
