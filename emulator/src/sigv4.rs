//! AWS Signature Version 4 in the query string: making presigned URLs and verifying them, signed headers included.
//!
//! Own code because no maintained server-side crate checks all of it (measured: unsigned `x-amz-*` headers pass, or the
//! crate brings a whole object store). Held against botocore's URLs by the tests beside this file.

use crate::clock::Moment;
use crate::credentials::hex;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

const REGION: &str = "eu-west-1";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far a signature's date may lie in the future, as S3 allows.
const SKEW: Duration = Duration::from_mins(15);

/// Temporary credentials, as the service's own URLs carry them.
pub(crate) struct Signer {
    access_key: String,
    secret: String,
    token: String,
}

/// The request parts a signature covers.
pub(crate) struct Subject<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) host: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// Why a presigned request is refused; one variant per answer of `s3`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    NotSigned,
    Malformed(&'static str),
    UnknownAccessKey,
    NotYetValid,
    Expired { after: u64, at: Moment },
    HeadersNotSigned(Vec<String>),
    Mismatch { string_to_sign: String, canonical_request: String, provided: String },
}

impl Signer {
    pub(crate) fn new(access_key: &str, secret: &str, token: &str) -> Self {
        Self { access_key: access_key.into(), secret: secret.into(), token: token.into() }
    }

    /// The query of a presigned URL. `signed` holds the headers the caller must send besides `host`, lower-case.
    pub(crate) fn presign(
        &self,
        method: &Method,
        host: &str,
        path: &str,
        signed: &[(&str, &str)],
        at: Moment,
        valid: Duration,
    ) -> String {
        let mut headers: BTreeMap<&str, String> =
            signed.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        headers.insert("host", host.to_owned());
        let names: Vec<&str> = headers.keys().copied().collect();
        let date = at.amz();
        let query = vec![
            ("X-Amz-Algorithm".to_owned(), ALGORITHM.to_owned()),
            ("X-Amz-Credential".to_owned(), format!("{}/{}", self.access_key, scope(&date))),
            ("X-Amz-Date".to_owned(), date.clone()),
            ("X-Amz-Expires".to_owned(), valid.as_secs().to_string()),
            ("X-Amz-Security-Token".to_owned(), self.token.clone()),
            ("X-Amz-SignedHeaders".to_owned(), names.join(";")),
        ];
        let canonical = canonical_request(method, path, &query, &headers);
        let signature = self.signature(&date, &string_to_sign(&date, &canonical));
        format!("{}&X-Amz-Signature={signature}", canonical_query(&query))
    }

    /// Checks a request against its own query; `now` decides on expiry.
    pub(crate) fn verify(&self, subject: &Subject<'_>, now: Moment) -> Result<(), Denied> {
        let mut query: Vec<(String, String)> =
            url::form_urlencoded::parse(subject.query.replace('+', "%2B").as_bytes()).into_owned().collect();
        let mut provided = String::new();
        query.retain(|(name, value)| {
            let is_signature = name == "X-Amz-Signature";
            if is_signature {
                provided.clone_from(value);
            }
            !is_signature
        });
        let field = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some(algorithm) = field("X-Amz-Algorithm") else { return Err(Denied::NotSigned) };
        let (Some(credential), Some(date), Some(expires), Some(signed)) =
            (field("X-Amz-Credential"), field("X-Amz-Date"), field("X-Amz-Expires"), field("X-Amz-SignedHeaders"))
        else {
            return Err(Denied::Malformed("Query-string authentication version 4 requires all of its parameters"));
        };
        if algorithm != ALGORITHM {
            return Err(Denied::Malformed("X-Amz-Algorithm only supports AWS4-HMAC-SHA256"));
        }
        let at = Moment::from_amz(date).ok_or(Denied::Malformed("X-Amz-Date must be in the ISO8601 basic format"))?;
        let valid: u64 = expires.parse().map_err(|_| Denied::Malformed("X-Amz-Expires should be a number"))?;
        if credential.split_once('/') != Some((&self.access_key, &scope(date))) {
            return Err(Denied::UnknownAccessKey);
        }
        if at > now.plus(SKEW) {
            return Err(Denied::NotYetValid);
        }
        if now > at.plus(Duration::from_secs(valid)) {
            return Err(Denied::Expired { after: valid, at: at.plus(Duration::from_secs(valid)) });
        }
        let names: Vec<&str> = signed.split(';').collect();
        let unsigned: Vec<String> = subject
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| name.starts_with("x-amz-") && !names.contains(name))
            .map(str::to_owned)
            .collect();
        if !unsigned.is_empty() {
            return Err(Denied::HeadersNotSigned(unsigned));
        }
        let headers: BTreeMap<&str, String> = names.iter().map(|name| (*name, subject.header(name))).collect();
        let canonical_request = canonical_request(subject.method, subject.path, &query, &headers);
        let string_to_sign = string_to_sign(date, &canonical_request);
        if !names.contains(&"host") || self.signature(date, &string_to_sign) != provided {
            return Err(Denied::Mismatch { string_to_sign, canonical_request, provided });
        }
        Ok(())
    }

    fn signature(&self, date: &str, string_to_sign: &str) -> String {
        let day = date.get(..8).unwrap_or_default();
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [day, REGION, "s3", "aws4_request"] {
            key = hmac(&key, part);
        }
        hex(&hmac(&key, string_to_sign))
    }
}

impl Subject<'_> {
    /// A header's canonical value: all values joined, each trimmed, inner spaces collapsed; empty when absent.
    fn header(&self, name: &str) -> String {
        if name == "host" {
            return self.host.to_owned();
        }
        let values = self.headers.get_all(name).iter().map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        values.collect::<Vec<_>>().join(",")
    }
}

fn scope(date: &str) -> String {
    format!("{}/{REGION}/s3/aws4_request", date.get(..8).unwrap_or_default())
}

fn canonical_request(
    method: &Method,
    path: &str,
    query: &[(String, String)],
    headers: &BTreeMap<&str, String>,
) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<&str> = headers.keys().copied().collect();
    format!("{method}\n{path}\n{}\n{lines}\n{}\nUNSIGNED-PAYLOAD", canonical_query(query), names.join(";"))
}

fn canonical_query(query: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn string_to_sign(date: &str, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{}\n{}", scope(date), hex(&Sha256::digest(canonical_request)))
}

/// Percent-encoding as AWS wants it: everything but RFC 3986's unreserved characters, upper-case digits.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    // HMAC takes keys of any length, so the error of this constructor cannot occur.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
