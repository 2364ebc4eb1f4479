//! Sending a part to its presigned location (protocol.md section 2.3).

use crate::api::answer::Answer;
use crate::api::request::{Method, Request};
use crate::digest::Md5;
use crate::error::{Result, Stage};
use crate::secret::SafeUrl;

/// `PUT <location>` with exactly the signed headers, the length, and the content type of the current documents.
/// Storage refuses any other `x-amz-*` header, and a body without a length (protocol.md section 2.4).
pub fn request(location: &SafeUrl, md5: Md5, size: u64) -> Request {
    Request {
        stage: Stage::Upload,
        method: Method::Put,
        url: location.clone(),
        auth: false,
        headers: vec![
            ("content-type", "application/gzip".into()),
            ("content-md5", md5.content_md5()),
            ("x-amz-server-side-encryption", "AES256".into()),
            ("content-length", size.to_string()),
        ],
        body: None,
    }
}

/// Reads the answer, which is empty.
///
/// # Errors
/// `protocol` for a page: it is from something on the way, and storage may have nothing.
pub fn parse(answer: &Answer<'_>) -> Result<()> {
    match answer.body.trim_ascii().starts_with(b"<") {
        true => Err(answer.unknown("is a page, not the empty one of storage")),
        false => Ok(()),
    }
}
