//! Which endpoint a request is for (protocol.md section 2, the table of six).

use http::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The six endpoints, by the names fault plans and the request journal use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `PUT /v2/batches/<ref>`
    Allocate,
    /// `PUT <location.href>`
    Upload,
    /// `GET /v2/batches/<ref>`
    Status,
    /// `GET /v2/batches/inspect/<ref>`
    Inspect,
    /// `GET /v2/batches/inspect`
    List,
    /// `GET <status.log>`
    Log,
}

/// The bucket in every object path; the name follows the real ones (protocol.md section 1.2).
pub(crate) const BUCKET: &str = "sitecore-batch-service-emulator-eu-west-1";
/// Object name of what is uploaded, whatever the local file was called (protocol.md section 1.2).
const UPLOAD_OBJECT: &str = "import.gz";
/// Object name of an error log; the real one is unknown (protocol.md section 5).
const LOG_OBJECT: &str = "error-log.gz";

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One of the endpoints; `reference` is none for the list, and for a path segment that is not a UUID.
    Endpoint {
        endpoint: Endpoint,
        reference: Option<Uuid>,
    },
    /// A path under the object store that names no object.
    NoSuchObject,
    /// A known path with another method; the allowed ones.
    MethodNotAllowed(&'static str),
    NotFound,
}

pub(crate) fn route(method: &Method, path: &str) -> Target {
    if path.starts_with("/s3/") {
        return object(path);
    }
    let Some(rest) = path.strip_prefix("/v2/batches/") else { return Target::NotFound };
    let (endpoint, segment) = match rest.strip_prefix("inspect") {
        Some("") => (Endpoint::List, None),
        Some(tail) if tail.starts_with('/') => (Endpoint::Inspect, Some(&tail[1..])),
        _ if method == Method::PUT => (Endpoint::Allocate, Some(rest)),
        _ => (Endpoint::Status, Some(rest)),
    };
    if segment.is_some_and(|segment| segment.is_empty() || segment.contains('/')) {
        return Target::NotFound;
    }
    match endpoint {
        Endpoint::List | Endpoint::Inspect if method != Method::GET => Target::MethodNotAllowed("GET"),
        Endpoint::Status if method != Method::GET => Target::MethodNotAllowed("GET, PUT"),
        _ => Target::Endpoint { endpoint, reference: segment.and_then(uuid) },
    }
}

/// `/s3/<bucket>/<tenant>/<ref>/<object>`; the method is left to the signature check, as with S3.
fn object(path: &str) -> Target {
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    let [BUCKET, _tenant, reference, object] = segments[..] else { return Target::NoSuchObject };
    let endpoint = match object {
        UPLOAD_OBJECT => Endpoint::Upload,
        LOG_OBJECT => Endpoint::Log,
        _ => return Target::NoSuchObject,
    };
    uuid(reference).map_or(Target::NoSuchObject, |reference| Target::Endpoint { endpoint, reference: Some(reference) })
}

/// The path of a batch's object; `endpoint` is [`Endpoint::Log`] for the error log.
pub(crate) fn object_path(endpoint: Endpoint, tenant: &str, reference: Uuid) -> String {
    let object = if endpoint == Endpoint::Log { LOG_OBJECT } else { UPLOAD_OBJECT };
    format!("/s3/{BUCKET}/{tenant}/{reference}/{object}")
}

/// A UUID of any version in its 36-character form (protocol.md section 2.1).
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}
