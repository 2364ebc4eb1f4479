//! What an answer other than success means (protocol.md sections 2.4 and 2.8).

use cdp_batch::api::answer::{Answer, Head};
use cdp_batch::api::classify::classify;
use cdp_batch::api::redact::Redactor;
use cdp_batch::secret::{Credentials, Secret};
use cdp_batch::{Error, Kind, Stage};

fn judge(stage: Stage, status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let credentials = Credentials { client_key: Secret::new("tenant0123456789"), api_token: Secret::new("token-5678") };
    let head = Head { status, headers };
    classify(&Answer { stage, head: &head, body: body.as_bytes(), redactor: &Redactor::new(&credentials) })
}

fn s3(code: &str, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <Resource>/tenant0123456789/ref/import.gz</Resource><StringToSign>AWS4-HMAC-SHA256</StringToSign></Error>"
    )
}

#[test]
fn the_service_answers_become_kinds() {
    use Stage::{Allocate, List, Status};
    for (stage, status, kind) in [
        (Allocate, 400, Kind::Rejected),
        (Status, 401, Kind::Unauthorized),
        (List, 403, Kind::Unauthorized),
        (Status, 404, Kind::NotFound),
        (Allocate, 404, Kind::Rejected),
        (List, 404, Kind::Rejected),
        (Allocate, 407, Kind::InvalidOptions),
        (Allocate, 408, Kind::Unavailable),
        (Allocate, 409, Kind::Conflict),
        (Allocate, 413, Kind::Rejected),
        (Allocate, 415, Kind::Rejected),
        (Allocate, 422, Kind::Rejected),
        (List, 429, Kind::RateLimited),
        (Status, 500, Kind::Unavailable),
        (Status, 501, Kind::Protocol),
        (Status, 502, Kind::Unavailable),
        (Status, 503, Kind::Unavailable),
        (Status, 504, Kind::Unavailable),
        (Status, 301, Kind::Protocol),
        (Allocate, 307, Kind::Protocol),
        (Status, 100, Kind::Protocol),
        (Status, 999, Kind::Protocol),
    ] {
        let error = judge(stage, status, &[], "");
        assert_eq!((error.kind(), error.http_status(), error.stage()), (kind, Some(status), Some(stage)), "{status}");
        assert!(error.message().ends_with(&format!("(HTTP {status})")), "{error}");
    }
}

#[test]
fn the_answers_of_storage_become_kinds_by_their_name() {
    use Stage::{Log, Upload};
    for (stage, status, code, message, kind) in [
        (Upload, 403, "AccessDenied", "Request has expired", Kind::UploadExpired),
        (Log, 403, "AccessDenied", "Request has expired", Kind::UploadExpired),
        (Upload, 400, "ExpiredToken", "The provided token has expired.", Kind::UploadExpired),
        (
            Upload,
            403,
            "AccessDenied",
            "There were headers present in the request which were not signed",
            Kind::Rejected,
        ),
        (Upload, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match", Kind::Rejected),
        (Upload, 401, "", "", Kind::Rejected),
        (Upload, 400, "BadDigest", "The Content-MD5 you specified did not match what we received", Kind::Integrity),
        (Upload, 400, "IncompleteBody", "You did not provide the number of bytes specified", Kind::Integrity),
        (Upload, 400, "InvalidDigest", "The Content-Md5 you specified is not valid", Kind::Rejected),
        (Upload, 400, "RequestTimeout", "Your socket connection was not read from", Kind::Unavailable),
        (Upload, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum", Kind::Rejected),
        (Upload, 404, "NoSuchBucket", "The specified bucket does not exist", Kind::Rejected),
        (Log, 404, "NoSuchKey", "The specified key does not exist.", Kind::NotFound),
        (Upload, 409, "OperationAborted", "A conflicting operation is in progress", Kind::Unavailable),
        (Upload, 411, "MissingContentLength", "You must provide the Content-Length header", Kind::Protocol),
        (Upload, 501, "NotImplemented", "A header you provided implies functionality", Kind::Protocol),
        (Upload, 500, "InternalError", "We encountered an internal error.", Kind::Unavailable),
        (Upload, 503, "SlowDown", "Please reduce your request rate.", Kind::RateLimited),
        (Upload, 503, "ServiceUnavailable", "Reduce your request rate.", Kind::Unavailable),
        (Upload, 307, "TemporaryRedirect", "Please re-send this request", Kind::Protocol),
    ] {
        let body = if code.is_empty() { String::new() } else { s3(code, message) };
        let error = judge(stage, status, &[("x-amz-request-id", "4442587FB7D0A2F9")], &body);
        assert_eq!(error.kind(), kind, "{status} {code}");
        assert_eq!(error.request_id(), Some("4442587FB7D0A2F9"));
        let said =
            if code.is_empty() { format!("(HTTP {status})") } else { format!("(HTTP {status}: {code}: {message})") };
        assert!(error.message().ends_with(&said), "{error}");
    }
}

#[test]
fn refused_credentials_say_what_to_look_at() {
    let error =
        judge(Stage::Allocate, 401, &[], r#"{"status":401,"code":10001,"message":"Unauthorized","moreInfo":"u"}"#);
    assert_eq!(
        error.message(),
        "could not allocate the batch: the credentials were refused; check the Client Key and the API Token, \
         and that the token is switched on (HTTP 401: 10001: Unauthorized)"
    );
}

#[test]
fn a_proxy_that_asks_for_credentials_names_the_option() {
    let error = judge(Stage::Status, 407, &[], "<html><title>Proxy Authentication Required</title></html>");
    assert!(error.message().contains("http.proxy"), "{error}");
    assert!(error.message().contains("titled \"Proxy Authentication Required\""), "{error}");
}

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date_of_the_answers_own_clock() {
    let date = ("Date", "Tue, 29 Oct 2024 16:56:00 GMT");
    for (headers, expected) in [
        (&[("Retry-After", "7")][..], Some(7_000)),
        (&[("retry-after", " 0 ")], Some(0)),
        (&[("Retry-After", "Tue, 29 Oct 2024 16:56:32 GMT"), date], Some(32_000)),
        (&[("Retry-After", "Tue, 29 Oct 2024 16:00:00 GMT"), date], Some(0)),
        (&[("Retry-After", "Tue, 29 Oct 2024 16:56:32 GMT")], None),
        (&[("Retry-After", "99999999999999999999")], None),
        (&[("Retry-After", "18446744073709551615")], Some(u64::MAX)),
        (&[("Retry-After", "-1")], None),
        (&[("Retry-After", "soon"), date], None),
        (&[], None),
    ] {
        for status in [429, 503] {
            assert_eq!(judge(Stage::List, status, headers, "").retry_after_ms(), expected, "{headers:?}");
        }
    }
    assert_eq!(judge(Stage::List, 400, &[("Retry-After", "7")], "").retry_after_ms(), None);
}

#[test]
fn no_message_holds_a_credential_a_tenant_or_a_signature() {
    let planted = "tenant0123456789 token-5678 https://s3.example/tenant0123456789/r/import.gz?X-Amz-Signature=deadbeef \
                   X-Amz-Security-Token=deadbeef";
    for stage in [Stage::Allocate, Stage::Upload, Stage::Log] {
        for body in [
            planted.to_string(),
            s3("AccessDenied", planted),
            format!("<html><title>{planted}</title></html>"),
            serde_json::json!({"message": planted}).to_string(),
            serde_json::json!({"code": planted}).to_string(),
            format!("{{\"broken\": \"{planted}"),
        ] {
            let error = judge(stage, 403, &[("x-request-id", "token-5678")], &body);
            let shown = format!("{error} {error:?} {:?}", error.request_id());
            for secret in ["tenant0123456789", "token-5678", "deadbeef"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}

#[test]
fn a_long_body_is_cut() {
    let error = judge(Stage::Status, 500, &[], &"x".repeat(60_000));
    assert!(error.message().len() < 400, "{error}");
}
