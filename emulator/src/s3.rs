//! The S3 side: the presigned PUT of a file and GET of a log, with S3's own errors (protocol.md sections 2.3, 2.4).

use crate::arrived::ArrivedRecord;
use crate::credentials::hex;
use crate::effects::{Dropped, Flow};
use crate::error_log;
use crate::faults::Fault;
use crate::gate::{ErrorText, drain};
use crate::process::Order;
use crate::service::{Answer, Exchange};
use crate::sigv4::{Denied, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::fmt::Write as _;
use std::io;
use tokio::task::block_in_place;

/// Far above anything allocate lets through, far below what would hurt this process.
const MAX_OBJECT: u64 = 100_000_000;

/// An XML error of S3; `details` are further elements.
pub(crate) fn s3_error(
    exchange: &Exchange<'_>,
    status: StatusCode,
    code: &str,
    message: &str,
    details: &[(&str, &str)],
) -> Answer {
    let mut elements = format!("<Code>{code}</Code><Message>{}</Message>", escape(message));
    for (name, value) in details {
        let _ = write!(elements, "<{name}>{}</{name}>", escape(value));
    }
    let id = exchange.request_id;
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}<RequestId>{id}</RequestId><HostId>emulator</HostId></Error>"
    );
    let mut answer = Response::new(Bytes::from(xml));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    answer.extensions_mut().insert(ErrorText(code.to_owned()));
    answer
}

pub(crate) fn no_such_key(exchange: &Exchange<'_>) -> Answer {
    s3_error(exchange, StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.", &[])
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `PUT <location.href>`
pub(crate) async fn upload(exchange: &mut Exchange<'_>, body: Incoming) -> Result<Answer, Dropped> {
    note_upload(exchange);
    let refusal = refuse_framing(exchange).or_else(|| refuse_access(exchange));
    if let Some(refusal) = refusal {
        exchange.notes.received_bytes += drain(body).await;
        return Ok(refusal);
    }
    let flow = Flow::of(exchange.faults);
    let file = match receive(exchange, body, flow).await? {
        Some(file) => file,
        None => {
            let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
            return Ok(s3_error(exchange, StatusCode::BAD_REQUEST, "IncompleteBody", message, &[]));
        }
    };
    // Digest and disk take a while for 50 MB; other requests go on meanwhile.
    let calculated = block_in_place(|| fast_md5::digest(&file));
    let expected = exchange.request.headers.get("content-md5").and_then(|value| value.to_str().ok()).unwrap_or("");
    if STANDARD.decode(expected).ok().as_deref() != Some(&calculated[..]) {
        let message = "The Content-MD5 you specified did not match what we received.";
        let details = [("ExpectedDigest", expected), ("CalculatedDigest", &STANDARD.encode(calculated))];
        return Ok(s3_error(exchange, StatusCode::BAD_REQUEST, "BadDigest", message, &details));
    }
    let Some(reference) = exchange.reference else { return Ok(no_such_key(exchange)) };
    let (service, checksum) = (exchange.service, hex(&calculated));
    let etag = HeaderValue::from_str(&format!("\"{checksum}\""));
    let now = service.clock.now();
    match block_in_place(|| service.store.uploaded(reference, file, checksum, now, exchange.faults)) {
        Ok(true) => service.order(Order::Process(reference, now)),
        Ok(false) => {}
        Err(error) => return Ok(internal_error(exchange, &error)),
    }
    let mut answer = Response::new(Bytes::new());
    let headers = answer.headers_mut();
    headers.insert("x-amz-server-side-encryption", HeaderValue::from_static("AES256"));
    if let Ok(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
    Ok(answer)
}

/// `GET <status.log>`
pub(crate) fn log(exchange: &mut Exchange<'_>) -> Answer {
    if let Some(refusal) = refuse_access(exchange) {
        return refusal;
    }
    let service = exchange.service;
    let quirk = exchange.faults.iter().find_map(|fault| match fault {
        Fault::LogQuirk { quirk } => Some(*quirk),
        _ => None,
    });
    let log = exchange.reference.map_or(Ok(None), |reference| service.store.log(reference));
    let log = match (log, quirk) {
        (Ok(Some(log)), Some(quirk)) => {
            let accepted = || service.arrived(exchange.reference).collect::<Vec<ArrivedRecord>>();
            error_log::quirky(&log, quirk, accepted)
        }
        (Ok(Some(log)), None) => Ok(log),
        (Ok(None), _) => return no_such_key(exchange),
        (Err(error), _) => Err(error),
    };
    match log {
        Ok(log) => {
            let mut answer = Response::new(log);
            let kind = HeaderValue::from_static("binary/octet-stream");
            answer.headers_mut().insert(header::CONTENT_TYPE, kind);
            answer
        }
        Err(error) => internal_error(exchange, &error),
    }
}

/// Remarks on a PUT that S3 itself would let through, or would answer without saying why.
fn note_upload(exchange: &mut Exchange<'_>) {
    let headers = &exchange.request.headers;
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type != Some(b"application/gzip") {
        exchange.notes.violation("Content-Type is not application/gzip");
    }
    let md5 = headers.get("content-md5").and_then(|value| STANDARD.decode(value).ok());
    if md5.is_some_and(|bytes| bytes.len() == 32) {
        exchange.notes.violation("Content-Md5 is the Base64 of the hexadecimal text, not of the 16 bytes");
    }
}

/// What S3 refuses in a PUT before it looks at who asks; other methods have no valid signature here.
fn refuse_framing(exchange: &Exchange<'_>) -> Option<Answer> {
    if exchange.request.method != Method::PUT {
        return None;
    }
    let headers = &exchange.request.headers;
    if headers.contains_key(header::TRANSFER_ENCODING) {
        let message = "A header you provided implies functionality that is not implemented";
        let details = [("Header", "Transfer-Encoding")];
        return Some(s3_error(exchange, StatusCode::NOT_IMPLEMENTED, "NotImplemented", message, &details));
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let Some(length) = length else {
        let message = "You must provide the Content-Length HTTP header.";
        return Some(s3_error(exchange, StatusCode::LENGTH_REQUIRED, "MissingContentLength", message, &[]));
    };
    if length > MAX_OBJECT {
        let message = "Your proposed upload exceeds the maximum allowed object size.";
        return Some(s3_error(exchange, StatusCode::BAD_REQUEST, "EntityTooLarge", message, &[]));
    }
    // Base64 of another length than 16 bytes is left to the signature, which it breaks: a Content-Md5 made from the
    // hexadecimal text is answered SignatureDoesNotMatch (protocol.md section 2.4).
    if headers.get("content-md5").is_some_and(|value| STANDARD.decode(value).is_err()) {
        let message = "The Content-MD5 you specified is not valid.";
        return Some(s3_error(exchange, StatusCode::BAD_REQUEST, "InvalidDigest", message, &[]));
    }
    None
}

/// Signature, expiry and headers.
fn refuse_access(exchange: &Exchange<'_>) -> Option<Answer> {
    let headers = &exchange.request.headers;
    if headers.contains_key(header::AUTHORIZATION) {
        let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                       string parameter or the Authorization header should be specified";
        return Some(s3_error(exchange, StatusCode::BAD_REQUEST, "InvalidArgument", message, &[]));
    }
    let uri = &exchange.request.uri;
    let subject = Subject {
        method: &exchange.request.method,
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        host: exchange.host,
        headers,
    };
    let verified = if exchange.meets(&Fault::ExpireUrl {}) {
        Err(Denied::Expired { after: crate::api::URL_LIFE.as_secs(), at: exchange.now })
    } else {
        exchange.service.credentials.signer.verify(&subject, exchange.now)
    };
    verified.err().map(|denied| denial(exchange, denied))
}

fn denial(exchange: &Exchange<'_>, denied: Denied) -> Answer {
    let forbid = |code, message: &str, details: &[(&str, &str)]| {
        s3_error(exchange, StatusCode::FORBIDDEN, code, message, details)
    };
    match denied {
        Denied::NotSigned => forbid("AccessDenied", "Access Denied", &[]),
        Denied::Malformed(message) => {
            s3_error(exchange, StatusCode::BAD_REQUEST, "AuthorizationQueryParametersError", message, &[])
        }
        Denied::UnknownAccessKey => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            forbid("InvalidAccessKeyId", message, &[])
        }
        Denied::NotYetValid => forbid("AccessDenied", "Request is not valid yet", &[]),
        Denied::Expired { after, at } => {
            let (seconds, at, now) = (after.to_string(), at.iso(), exchange.now.iso());
            let details = [("X-Amz-Expires", seconds.as_str()), ("Expires", &at), ("ServerTime", &now)];
            forbid("AccessDenied", "Request has expired", &details)
        }
        Denied::HeadersNotSigned(names) => {
            let message = "There were headers present in the request which were not signed";
            forbid("AccessDenied", message, &[("HeadersNotSigned", &names.join(", "))])
        }
        Denied::Mismatch { string_to_sign, canonical_request, provided } => {
            let message = "The request signature we calculated does not match the signature you provided. Check your \
                           key and signing method.";
            let details = [
                ("StringToSign", string_to_sign.as_str()),
                ("SignatureProvided", &provided),
                ("CanonicalRequest", &canonical_request),
            ];
            forbid("SignatureDoesNotMatch", message, &details)
        }
    }
}

/// Takes the body in, as slowly and as far as the faults say; none when it was shorter than announced.
async fn receive(exchange: &mut Exchange<'_>, mut body: Incoming, flow: Flow) -> Result<Option<Bytes>, Dropped> {
    let mut file = Vec::new();
    let mut until_pause = flow.drip.map_or(0, |(bytes, _)| bytes);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Ok(None) };
        let Some(data) = frame.data_ref() else { continue };
        file.extend_from_slice(data);
        exchange.notes.received_bytes = file.len() as u64;
        if flow.cut_after.is_some_and(|after| file.len() as u64 > after) {
            return Err(Dropped);
        }
        if let Some((bytes, pause)) = flow.drip {
            let mut left = data.len();
            while left >= until_pause {
                tokio::time::sleep(pause).await;
                left -= until_pause;
                until_pause = bytes;
            }
            until_pause -= left;
        }
    }
    Ok(Some(file.into()))
}

fn internal_error(exchange: &Exchange<'_>, error: &io::Error) -> Answer {
    s3_error(exchange, StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &error.to_string(), &[])
}
