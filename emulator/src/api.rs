//! The Batch API side: allocate and status (protocol.md sections 2.1, 2.2, 2.5 and 2.8).

use crate::batch::{Batch, Declared, Status};
use crate::clock::Moment;
use crate::faults::Fault;
use crate::gate::ErrorText;
use crate::route::{Endpoint, object_path};
use crate::service::{Answer, Exchange};
use crate::store::Allocated;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// Life of an upload URL (protocol.md section 2.2).
pub(crate) const URL_LIFE: Duration = Duration::from_hours(1);
/// The safe reading of "50 MB" (protocol.md section 3.1).
const MAX_SIZE: u64 = 50_000_000;
/// An allocate body has about a hundred bytes.
const MAX_BODY: usize = 65_536;
const MORE_INFO: &str = "https://doc.sitecore.com/cdp/en/developers/api/batch-api.html";

/// An error of the Batch API (protocol.md section 2.8).
pub(crate) fn problem(status: StatusCode, message: &str, developer: &str) -> Answer {
    let document = json!({
        "status": status.as_u16(),
        "code": status.as_u16(),
        "message": message,
        "developerMessage": developer,
        "moreInfo": MORE_INFO,
    });
    let mut answer = json_answer(status, &document);
    answer.extensions_mut().insert(ErrorText(message.to_owned()));
    answer
}

pub(crate) fn bad_request(developer: &str) -> Answer {
    problem(StatusCode::BAD_REQUEST, "Bad request", developer)
}

pub(crate) fn unauthorized() -> Answer {
    let developer = "Basic authentication with Client Key and API Token is missing or wrong";
    let mut answer = problem(StatusCode::UNAUTHORIZED, "Unauthorized", developer);
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"cdp\""));
    answer
}

pub(crate) fn method_not_allowed(allowed: &'static str) -> Answer {
    let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "See the Allow header");
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}

pub(crate) fn json_answer(status: StatusCode, document: &Value) -> Answer {
    let mut answer = Response::new(Bytes::from(document.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A failure of the state folder.
pub(crate) fn broken(error: &std::io::Error) -> Answer {
    problem(StatusCode::INTERNAL_SERVER_ERROR, "Internal error", &error.to_string())
}

/// `PUT /v2/batches/<ref>`
pub(crate) async fn allocate(exchange: &mut Exchange<'_>, body: Incoming) -> Answer {
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return bad_request(&format!("The body could not be read: {error}")),
    };
    exchange.notes.received_bytes = body.len() as u64;
    let Some(reference) = exchange.reference else { return bad_request("batchRef must be a UUID") };
    if !is_json(exchange.request.headers.get(header::CONTENT_TYPE)) {
        let developer = "Make sure to specify Content-Type: application/json";
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", developer);
    }
    let declared = match read_declared(&body) {
        Ok(declared) => declared,
        Err(reason) => return bad_request(reason),
    };
    let service = exchange.service;
    let allocated =
        service.store.allocate(reference, declared, service.config.reallocate, exchange.now, exchange.faults);
    let status = match allocated {
        Ok(Allocated::Created) => StatusCode::from_u16(service.config.allocate_status).unwrap_or(StatusCode::CREATED),
        Ok(Allocated::Again) => StatusCode::OK,
        Ok(Allocated::Conflict) => {
            let developer = "The ref is in use by a batch with another checksum or size, or one that was uploaded";
            return problem(StatusCode::CONFLICT, "Batch already exists", developer);
        }
        Err(error) => return broken(&error),
    };
    let document = service.store.view(reference, |batch| {
        let mut document = document(exchange, reference, batch, Status::Uploading);
        // A URL from the past is refused by its own signature.
        let expired = exchange.now.minus(URL_LIFE + Duration::from_secs(1));
        let signed_at = if exchange.meets(&Fault::ExpireUrl {}) { expired } else { batch.signed_at };
        document["location"] = json!({
            "href": upload_url(exchange, reference, &batch.declared.checksum, signed_at),
            "expiry": signed_at.plus(URL_LIFE).iso(),
        });
        if exchange.meets(&Fault::WrongChecksumEcho {}) {
            let other = if batch.declared.checksum.starts_with('0') { "1" } else { "0" };
            document["checksum"] = format!("{other}{}", batch.declared.checksum.get(1..).unwrap_or_default()).into();
        }
        document
    });
    document.map_or_else(not_found, |document| json_answer(status, &document))
}

/// `GET /v2/batches/<ref>` and `GET /v2/batches/inspect/<ref>`; only the latter knows `file_uploaded`.
pub(crate) fn status(exchange: &Exchange<'_>, endpoint: Endpoint) -> Answer {
    let Some(reference) = exchange.reference else { return bad_request("batchRef must be a UUID") };
    let document = exchange.service.store.view(reference, |batch| {
        let shown = match batch.status() {
            Status::FileUploaded if endpoint == Endpoint::Status => Status::Uploading,
            status => status,
        };
        let mut document = document(exchange, reference, batch, shown);
        // The samples show the URL in an `error` document and leave it out while uploading (protocol.md section 2.5).
        if shown == Status::Error {
            document["location"]["href"] =
                upload_url(exchange, reference, &batch.declared.checksum, batch.signed_at).into();
        }
        document
    });
    document.map_or_else(not_found, |document| json_answer(StatusCode::OK, &document))
}

fn not_found() -> Answer {
    problem(StatusCode::NOT_FOUND, "Not found", "There is no batch with this ref")
}

fn document(exchange: &Exchange<'_>, reference: Uuid, batch: &Batch, shown: Status) -> Value {
    let mut document = json!({
        "href": format!("{}://{}/v2/batches/{reference}", exchange.scheme, exchange.host),
        "ref": batch.reference,
        "checksum": batch.declared.checksum,
        "size": batch.declared.size,
        "location": { "expiry": batch.signed_at.plus(URL_LIFE).iso() },
        "status": { "code": shown.code() },
        "createdAt": batch.created_at().iso(),
        "modifiedAt": batch.modified_at.iso(),
    });
    if batch.has_log() {
        document["status"]["log"] = log_url(exchange, reference).into();
    }
    if let Some(results) = &batch.results {
        document["summaryStats"] = json!(results.stats);
    }
    document
}

/// The presigned PUT of the file (protocol.md section 2.2); the declared checksum is part of the signature.
fn upload_url(exchange: &Exchange<'_>, reference: Uuid, checksum: &str, signed_at: Moment) -> String {
    let digest: Vec<u8> = (0..checksum.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(checksum.get(at..at + 2)?, 16).ok())
        .collect();
    let content_md5 = STANDARD.encode(digest);
    let signed = [("content-md5", content_md5.as_str()), ("x-amz-server-side-encryption", "AES256")];
    presigned(exchange, &Method::PUT, Endpoint::Upload, reference, &signed, signed_at)
}

/// The presigned GET of the error log, fresh with every answer (its life is unknown, protocol.md section 5).
pub(crate) fn log_url(exchange: &Exchange<'_>, reference: Uuid) -> String {
    presigned(exchange, &Method::GET, Endpoint::Log, reference, &[], exchange.now)
}

fn presigned(
    exchange: &Exchange<'_>,
    method: &Method,
    endpoint: Endpoint,
    reference: Uuid,
    signed: &[(&str, &str)],
    at: Moment,
) -> String {
    let credentials = &exchange.service.credentials;
    let path = object_path(endpoint, &credentials.tenant, reference);
    let query = credentials.signer.presign(method, exchange.host, &path, signed, at, URL_LIFE);
    format!("{}://{}{path}?{query}", exchange.scheme, exchange.host)
}

fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Checks the body of an allocate. Upper-case checksums pass, as they evidently do with the service, and end as
/// `corrupted` (protocol.md section 2.1).
fn read_declared(body: &[u8]) -> Result<Declared, &'static str> {
    let document: Value = serde_json::from_slice(body).map_err(|_| "The body must be a JSON object")?;
    let fields = document.as_object().ok_or("The body must be a JSON object")?;
    if fields.keys().any(|name| name != "checksum" && name != "size") {
        return Err("The body may hold checksum and size only");
    }
    let checksum = document["checksum"].as_str().ok_or("checksum must be a string")?;
    if checksum.len() != 32 || !checksum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("checksum must be the MD5 of the file as 32 hexadecimal digits");
    }
    let size = document["size"].as_u64().filter(|size| *size > 0).ok_or("size must be an integer above 0")?;
    if size > MAX_SIZE {
        return Err("size must not exceed 50,000,000 bytes");
    }
    Ok(Declared { checksum: checksum.to_owned(), size })
}
