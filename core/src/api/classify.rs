//! What an answer other than success means: one table for the service, one for storage (protocol.md sections 2.4, 2.8).

use std::time::Duration;

use crate::api::answer::{Answer, Head};
use crate::api::detail::Detail;
use crate::error::{Error, Stage};
use crate::kind::Kind;

/// The error that an answer with a status other than 2xx stands for.
pub fn classify(answer: &Answer<'_>) -> Error {
    let detail = Detail::read(answer.body);
    let status = answer.head.status;
    let (kind, meaning) = match answer.stage {
        Stage::Upload | Stage::Log => storage(answer.stage, status, &detail),
        stage => service(stage, status),
    };
    let said = detail.text(answer.redactor);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    let error = answer.error(kind, format!("{meaning} (HTTP {status}{said})"));
    match retry_after(answer.head).filter(|_| kind.retryable()) {
        Some(pause) => error.with_retry_after_ms(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
        None => error,
    }
}

/// What needs no knowledge of who answered.
const fn common(status: u16) -> (Kind, &'static str) {
    match status {
        300..=399 => (
            Kind::Protocol,
            "a redirect is never followed, so that no credential goes astray; check base_url and proxy",
        ),
        // A proxy's question, not the service's: the caller has to change an option before anything can succeed.
        407 => (Kind::InvalidOptions, "the proxy asks for credentials; put them in http.proxy, or change NO_PROXY"),
        408 | 502 | 503 | 504 => (Kind::Unavailable, "the server is busy or down at the moment; try later"),
        425 | 429 => (Kind::RateLimited, "the server asks to slow down; wait, then call again"),
        501 | 505 => (Kind::Protocol, "the server does not support this way of asking; report this"),
        500..=599 => (Kind::Unavailable, "the server failed inside; try later"),
        400..=499 => (Kind::Rejected, "the request was refused; read the reason and fix it"),
        _ => (Kind::Protocol, "the answer has a status that means nothing here; report this"),
    }
}

/// The Batch API itself.
const fn service(stage: Stage, status: u16) -> (Kind, &'static str) {
    match (status, stage) {
        (401, _) => (
            Kind::Unauthorized,
            "the credentials were refused; check the Client Key and the API Token, and that the token is switched on",
        ),
        (403, _) => (
            Kind::Unauthorized,
            "access was denied; check that this Client Key and API Token may use the Batch API, and that the token is switched on",
        ),
        (404, Stage::Status) => {
            (Kind::NotFound, "the service does not know this batch; check the ref, batches are listed for 30 days")
        }
        (404, _) => (Kind::Rejected, "there is no Batch API at this address; check region or base_url"),
        (409, _) => (Kind::Conflict, "the ref is taken by other bytes; use another run id"),
        (413, _) => (Kind::Rejected, "the part is too large; lower max_batch_bytes"),
        _ => common(status),
    }
}

/// S3, which names its errors. An expired link and a wrong signature share a status, so the name decides.
fn storage(stage: Stage, status: u16, detail: &Detail) -> (Kind, &'static str) {
    let said = |words: &str| detail.message.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains(words));
    match (status, detail.code.as_deref().unwrap_or_default()) {
        (_, "ExpiredToken") => (Kind::UploadExpired, "the address has expired; a new one is needed"),
        (403, "AccessDenied") if said("expired") => {
            (Kind::UploadExpired, "the address has expired; a new one is needed")
        }
        // 401 is what the documents of 2022 say of a wrong signature (protocol.md section 8, row 10).
        (401, _) | (_, "SignatureDoesNotMatch") => {
            (Kind::Rejected, "storage refused the signature; something on the way changes the headers or the address")
        }
        (_, "BadDigest" | "IncompleteBody") => (Kind::Integrity, "the bytes changed on the way; send them again"),
        (_, "RequestTimeout") => (Kind::Unavailable, "storage saw no bytes for too long; try again"),
        (_, "SlowDown") => (Kind::RateLimited, "storage asks to slow down; wait, then call again"),
        (_, "EntityTooLarge") => (Kind::Rejected, "the part is too large; lower max_batch_bytes"),
        (404, _) if matches!(stage, Stage::Log) => {
            (Kind::NotFound, "the log is gone; ask for the status to get a new address")
        }
        (403, _) => (Kind::Rejected, "storage denied access; something on the way may add or change headers"),
        (409, _) => (Kind::Unavailable, "storage is busy with the same object; try again"),
        (411, _) => (Kind::Protocol, "the length of the part was lost on the way; report this"),
        _ => common(status),
    }
}

/// The pause asked for, in seconds or as a date. A date is measured against the answer's own `Date`, so that a wrong
/// clock on this machine does no harm.
fn retry_after(head: &Head) -> Option<Duration> {
    let text = head.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text| httpdate::parse_http_date(text).ok();
    Some(date(text)?.duration_since(date(head.header("date")?.trim())?).unwrap_or_default())
}
