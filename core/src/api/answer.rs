//! An answer as plain data, and lenient readers for what is in it: the documents contradict each other and the service
//! itself is not theirs to the letter (protocol.md section 8).

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::redact::Redactor;
use crate::api::request;
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::secret::SafeUrl;

/// Status and headers of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// Every header that is text.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A whole answer, and what must not be shown of it.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// What was asked.
    pub stage: Stage,
    /// Status and headers.
    pub head: &'a Head,
    /// The body, cut at the caller's limit.
    pub body: &'a [u8],
    /// Cleans every excerpt.
    pub redactor: &'a Redactor,
}

impl Answer<'_> {
    /// The body as a JSON object.
    ///
    /// # Errors
    /// `protocol`, with an excerpt.
    pub fn object(&self) -> Result<Map<String, Value>> {
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(self.unknown("is not a JSON object")),
            Err(_) => Err(self.unknown("is not JSON")),
        }
    }

    /// The error for a successful answer that makes no sense: `trouble` completes "the answer ...".
    pub fn unknown(&self, trouble: &str) -> Error {
        let what = crate::api::detail::Detail::read(self.body).text(self.redactor);
        let what = if what.is_empty() { "nothing".into() } else { what };
        self.error(Kind::Protocol, format!("the answer {trouble} (HTTP {}: {what}); report this", self.head.status))
    }

    /// An error that names the stage, the status and the service's id of the request.
    pub(super) fn error(&self, kind: Kind, reason: impl std::fmt::Display) -> Error {
        let error = Error::new(kind, format!("{}: {reason}", request::failed(self.stage)))
            .with_stage(self.stage)
            .with_http_status(self.head.status);
        let id = ["x-request-id", "x-amz-request-id"].iter().find_map(|name| self.head.header(name));
        match id.map(|id| self.redactor.clean(id)) {
            Some(id) if !id.is_empty() => error.with_request_id(id),
            _ => error,
        }
    }
}

/// A whole number, also as text or as `227.0`.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => {
            let whole = |float: &f64| float.fract() == 0.0 && (0.0..9e15).contains(float);
            number.as_u64().or_else(|| number.as_f64().filter(whole).map(|float| float as u64))
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text that is not empty.
pub(super) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A UUID of any version.
pub(super) fn uuid(value: Option<&Value>) -> Option<Uuid> {
    Uuid::try_parse(text(value)?).ok()
}

/// An absolute URL.
pub(super) fn url(value: Option<&Value>) -> Option<SafeUrl> {
    SafeUrl::parse(text(value)?).ok()
}

/// A point in time like `2025-01-10T09:38:48.910Z`.
pub(super) fn time(value: Option<&Value>) -> Option<Timestamp> {
    text(value)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_may_be_text_or_a_whole_float() {
        for (value, expected) in [
            (json!(227), Some(227)),
            (json!("227"), Some(227)),
            (json!(227.0), Some(227)),
            (json!(5_000_000_000_u64), Some(5_000_000_000)),
            (json!(-1), None),
            (json!(1.5), None),
            (json!(1e300), None),
            (json!("many"), None),
            (json!(null), None),
        ] {
            assert_eq!(number(Some(&value)), expected, "{value}");
        }
    }

    #[test]
    fn a_time_is_read_with_and_without_milliseconds() {
        for text in ["2025-01-10T09:38:48.910Z", "2025-01-10T09:38:48Z", "2025-01-10T10:38:48+01:00"] {
            assert!(time(Some(&json!(text))).is_some(), "{text}");
        }
        assert_eq!(time(Some(&json!("soon"))), None);
    }
}
