//! Asking for one batch. The inspect endpoint is asked, because only it tells `file_uploaded` (protocol.md section 2.5).

use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::batch::BatchInfo;
use crate::api::region::BaseUrl;
use crate::api::request::Request;
use crate::error::{Result, Stage};
use crate::kind::Kind;

/// `GET /v2/batches/inspect/<ref>`.
pub fn request(base: &BaseUrl, batch: Uuid) -> Request {
    Request::ask(Stage::Status, base, &["inspect", &batch.to_string()])
}

/// Reads the answer.
///
/// # Errors
/// `protocol` without a status; `integrity` when the answer is about another batch.
pub fn parse(answer: &Answer<'_>, batch: Uuid) -> Result<BatchInfo> {
    let info = BatchInfo::read(&answer.object()?, Some(batch)).ok_or_else(|| answer.unknown("has no status"))?;
    if info.batch_ref != batch {
        let reason = "the answer is about another batch; run again, and report it if it repeats";
        return Err(answer.error(Kind::Integrity, reason).with_refs([batch]));
    }
    Ok(info)
}
