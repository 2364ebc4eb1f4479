//! What is asked and what is read: exact requests, lenient answers (protocol.md sections 2.1 to 2.7).
#![expect(clippy::unwrap_used, reason = "tests")]

use cdp_batch::api::allocate::{self, Allocation};
use cdp_batch::api::answer::{Answer, Head};
use cdp_batch::api::batch::{BatchInfo, Stats, Status};
use cdp_batch::api::inspect::{self, ListQuery, Page, Sort};
use cdp_batch::api::redact::Redactor;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::api::request::{Method, Request};
use cdp_batch::api::{error_log, status, upload};
use cdp_batch::digest::Md5;
use cdp_batch::secret::SafeUrl;
use cdp_batch::{Kind, Result, Stage};
use serde_json::{Value, json};
use uuid::Uuid;

const REF: &str = "12af3453-62da-4b31-b646-631b7b5f3009";
const OTHER: &str = "3ee694e5-0b77-2d1e-8a91-0242ac120002";
const MD5: &str = "40d9a12f0a3c93c8ed66a3b6f3735790";
const LOCATION: &str = "https://s3.example/tenant/12af3453/import.gz?X-Amz-Signature=f00&X-Amz-Date=1";

fn batch() -> Uuid {
    REF.parse().unwrap()
}

fn md5() -> Md5 {
    Md5::from_hex(MD5).unwrap()
}

fn base() -> BaseUrl {
    BaseUrl::of_region("eu").unwrap()
}

fn answered<T>(stage: Stage, body: &str, read: impl FnOnce(&Answer<'_>) -> Result<T>) -> Result<T> {
    let head = Head { status: 200, headers: vec![("X-Request-Id".into(), "req-1".into())] };
    read(&Answer { stage, head: &head, body: body.as_bytes(), redactor: &Redactor::default() })
}

fn allocation(body: Value) -> Result<Allocation> {
    answered(Stage::Allocate, &body.to_string(), |answer| allocate::parse(answer, batch(), md5(), 227))
}

fn info(body: Value) -> Result<BatchInfo> {
    answered(Stage::Status, &body.to_string(), |answer| status::parse(answer, batch()))
}

fn page(body: Value) -> Result<Page> {
    answered(Stage::List, &body.to_string(), inspect::parse)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

#[test]
fn allocating_sends_hex_checksum_and_size_as_json_with_basic() {
    let request = allocate::request(&base(), batch(), md5(), 227);
    assert_eq!((request.method, request.auth), (Method::Put, true));
    assert_eq!(request.url.expose().path(), format!("/v2/batches/{REF}"));
    assert_eq!(request.body.as_deref(), Some(&*format!(r#"{{"checksum":"{MD5}","size":227}}"#)));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "accept"), Some("application/json"));
    assert_eq!(request.headers.len(), 2);
}

#[test]
fn uploading_sends_the_signed_headers_the_type_the_length_and_nothing_else() {
    let location = SafeUrl::parse(LOCATION).unwrap();
    let request = upload::request(&location, md5(), 227);
    assert_eq!((request.method, request.auth, &request.url), (Method::Put, false, &location));
    let headers: Vec<(&str, &str)> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        headers,
        [
            ("content-type", "application/gzip"),
            ("content-md5", "QNmhLwo8k8jtZqO283NXkA=="),
            ("x-amz-server-side-encryption", "AES256"),
            ("content-length", "227"),
        ]
    );
}

#[test]
fn questions_carry_basic_and_the_error_log_does_not() {
    let request = status::request(&base(), batch());
    assert_eq!((request.method, request.auth), (Method::Get, true));
    assert_eq!(request.url.expose().path(), format!("/v2/batches/inspect/{REF}"));
    let log = error_log::request(&SafeUrl::parse(LOCATION).unwrap());
    assert_eq!((log.method, log.auth, log.headers.len()), (Method::Get, false, 0));
    assert!(!format!("{log:?}").contains("f00"), "{log:?}");
}

#[test]
fn a_list_query_becomes_the_documented_parameters() {
    let url = |query: &ListQuery| inspect::request(&base(), query).map(|request| request.url.expose().clone());
    assert_eq!(url(&ListQuery::default()).unwrap().query(), None);
    let full = url(&ListQuery {
        status: vec![Status::Success, Status::FileUploaded],
        created_after: Some("2025-05-29T07:41:51.244Z".parse().unwrap()),
        created_before: Some("2025-06-01T00:00:00Z".parse().unwrap()),
        offset: Some(10),
        limit: Some(100),
        // Not the service's: applied to what it lists.
        ref_prefix: Some("12af".into()),
        sort: Some("-modified".parse().unwrap()),
        ..ListQuery::default()
    });
    let pairs: Vec<(String, String)> = full.unwrap().query_pairs().into_owned().collect();
    let expected = [
        ("status", "success,file_uploaded"),
        ("createdAfter", "2025-05-29T07:41:51.244Z"),
        ("createdBefore", "2025-06-01T00:00:00.000Z"),
        ("offset", "10"),
        ("limit", "100"),
    ];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_string(), value.to_string())));
    for query in [
        ListQuery { limit: Some(0), ..ListQuery::default() },
        ListQuery { limit: Some(1001), ..ListQuery::default() },
        ListQuery { status: vec![Status::from("failed")], ..ListQuery::default() },
    ] {
        assert_eq!(url(&query).unwrap_err().kind(), Kind::InvalidOptions);
    }
}

fn listed(batch: &str, created: &str, modified: &str) -> BatchInfo {
    let item = json!({"ref": batch, "status": "success", "createdAt": created, "modifiedAt": modified});
    let page = json!({"totalCount": 1, "items": [item]}).to_string();
    answered(Stage::List, &page, inspect::parse).unwrap().items.remove(0)
}

#[test]
fn the_list_is_sorted_and_filtered_by_what_the_service_cannot() {
    let mut batches = [
        listed("aaaaaaaa-0000-4000-8000-000000000001", "2026-01-01T00:00:00.000Z", "2026-01-05T00:00:00.000Z"),
        listed("bbbbbbbb-0000-4000-8000-000000000002", "2026-01-02T00:00:00.000Z", "no time at all"),
        listed("abcdabcd-0000-4000-8000-000000000003", "2026-01-03T00:00:00.000Z", "2026-01-04T00:00:00.000Z"),
    ];
    let mut order = |sort: &str| {
        sort.parse::<Sort>().unwrap().sort(&mut batches);
        batches.each_ref().map(|batch| batch.batch_ref.to_string()[..2].to_string()).join(" ")
    };
    assert_eq!(order("created"), "aa bb ab");
    assert_eq!([order("modified"), order("-modified")], ["ab aa bb", "aa ab bb"]);
    assert!("size".parse::<Sort>().is_err());
    let of_prefix = ListQuery { ref_prefix: Some("ABCD".into()), ..ListQuery::default() };
    assert_eq!(batches.iter().filter(|batch| of_prefix.takes(batch)).count(), 1);
    let late = Some("2026-01-04T12:00:00Z".parse().unwrap());
    let late = ListQuery { modified_after: late, ..ListQuery::default() };
    assert_eq!(batches.iter().filter(|batch| late.takes(batch)).count(), 1);
}

#[test]
fn an_allocation_is_read_with_and_without_its_echo() {
    let full = allocation(json!({
        "href": "https://x/v2/batches/1", "ref": REF, "checksum": MD5.to_uppercase(), "size": "227",
        "location": {"href": LOCATION, "expiry": "2025-01-10T09:38:48.910Z"}, "status": {"code": "uploading"}, "new": 1,
    }));
    let full = full.unwrap();
    assert_eq!(full.location.expose().as_str(), LOCATION);
    assert_eq!(full.expiry, Some("2025-01-10T09:38:48.910Z".parse().unwrap()));
    let bare = allocation(json!({"location": {"href": "http://127.0.0.1:1/b/import.gz?s=1"}})).unwrap();
    assert_eq!((bare.batch_ref, bare.expiry), (batch(), None));
}

#[test]
fn a_wrong_echo_is_an_integrity_error_that_names_the_batch() {
    for (field, value) in [("ref", json!(OTHER)), ("checksum", json!("0".repeat(32))), ("size", json!(228))] {
        let error = allocation(json!({field: value, "location": {"href": LOCATION}})).unwrap_err();
        assert_eq!((error.kind(), error.refs()), (Kind::Integrity, &[batch()][..]));
        assert!(error.message().contains(&format!("noted another {field}")), "{error}");
        assert_eq!((error.stage(), error.request_id()), (Some(Stage::Allocate), Some("req-1")));
    }
}

#[test]
fn an_allocation_without_a_usable_location_is_a_protocol_error() {
    for body in [json!({}), json!([]), json!({"location": LOCATION}), json!({"location": {"href": "not a url"}})] {
        assert_eq!(allocation(body).unwrap_err().kind(), Kind::Protocol);
    }
}

#[test]
fn a_page_instead_of_json_is_named() {
    let html = "<!doctype html><html><head><title>Sign in to the network</title>";
    let error = answered(Stage::Status, html, |answer| status::parse(answer, batch())).unwrap_err();
    assert_eq!(
        error.message(),
        "could not ask for the status of the batch: the answer is not JSON \
         (HTTP 200: an HTML page titled \"Sign in to the network\"); report this"
    );
    let empty = answered(Stage::List, "", inspect::parse).unwrap_err();
    assert!(empty.message().contains("(HTTP 200: nothing)"), "{empty}");
    let deep = answered(Stage::List, &"[".repeat(100_000), inspect::parse).unwrap_err();
    assert!(deep.kind() == Kind::Protocol && deep.message().len() < 400, "{deep}");
}

#[test]
fn a_batch_is_read_in_full() {
    let info = info(json!({
        "href": "x", "ref": REF, "checksum": MD5, "size": 5_000_000_000_u64,
        "location": {"href": LOCATION, "expiry": "2025-01-10T09:38:48.910Z"},
        "status": {"code": "error", "log": LOCATION},
        "summaryStats": {"timeToProcessMillis": 614_867, "totalCount": "121776", "succeededCount": 121_460, "failedCount": 316.0},
        "createdAt": "2025-01-10T08:38:48.910Z", "modifiedAt": "2025-01-10T08:51:51.123Z",
    }));
    let info = info.unwrap();
    let stats =
        Stats { time_to_process_ms: Some(614_867), total: Some(121_776), succeeded: Some(121_460), failed: Some(316) };
    assert_eq!(
        (info.batch_ref, &info.status, info.size, info.checksum),
        (batch(), &Status::Error, Some(5_000_000_000), Some(md5()))
    );
    assert_eq!((info.stats, info.log.is_some(), info.location.is_some()), (Some(stats), true, true));
    let text = serde_json::to_string(&info).unwrap();
    assert!(!text.contains("tenant") && !text.contains("X-Amz"), "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["ref"], REF);
    assert_eq!((&value["status"], &value["checksum"], &value["has_log"]), (&json!("error"), &json!(MD5), &json!(true)));
    assert_eq!((&value["expiry"], &value["stats"]["failed"]), (&json!("2025-01-10T09:38:48.91Z"), &json!(316)));
}

#[test]
fn every_shape_of_status_is_understood() {
    let log = "https://s3.example/log.gz?x=1";
    for (body, expected, has_log) in [
        (
            json!({"status": {"code": "uploading"}, "location": {"expiry": "2025-01-10T09:38:48.910Z"}}),
            Status::Uploading,
            false,
        ),
        (json!({"status": "file_uploaded"}), Status::FileUploaded, false),
        (json!({"status": {"code": "fileprocessing"}}), Status::Processing, false),
        (json!({"status": "Success", "ref": "not a uuid"}), Status::Success, false),
        (json!({"status": "error", "status.log": log}), Status::Error, true),
        (json!({"status.code": "error", "status.log": log}), Status::Error, true),
        (json!({"status": {"code": "error", "log": null}}), Status::Error, false),
        (json!({"status": "corrupted", "summaryStats": null, "size": null}), Status::Corrupted, false),
        (json!({"status": {"code": "quarantined"}}), Status::Unknown("quarantined".into()), false),
    ] {
        let info = info(body.clone()).unwrap();
        assert_eq!((&info.status, info.log.is_some(), info.batch_ref), (&expected, has_log, batch()), "{body}");
    }
    for body in [json!({}), json!({"status": {}}), json!({"status": 3}), json!({"status": ""})] {
        assert_eq!(info(body.clone()).unwrap_err().kind(), Kind::Protocol, "{body}");
    }
}

#[test]
fn only_three_statuses_are_final() {
    let finals: Vec<Status> = Status::KNOWN.into_iter().filter(Status::is_terminal).collect();
    assert_eq!(finals, [Status::Success, Status::Corrupted, Status::Error]);
    assert!(!Status::from("quarantined").is_terminal());
    assert_eq!(Status::from(&*"\u{7}x".repeat(500)).name().len(), 64);
}

#[test]
fn the_status_of_another_batch_is_not_taken_for_ours() {
    let error = info(json!({"ref": OTHER, "status": "success"})).unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity);
}

#[test]
fn a_page_of_the_list_is_read_and_foreign_items_are_counted() {
    let page = page(json!({"totalCount": 225, "offset": 0, "limit": 100, "items": [
        {"href": "x", "ref": REF, "status": "success", "createdAt": "a", "modifiedAt": "b"},
        {"ref": OTHER, "status": {"code": "error", "log": LOCATION}},
        {"ref": "import-2019-05", "status": "success"},
        "?",
    ]}));
    let page = page.unwrap();
    let refs: Vec<String> = page.items.iter().map(|item| item.batch_ref.to_string()).collect();
    assert_eq!((page.total_count, refs, page.skipped, page.len()), (Some(225), vec![REF.into(), OTHER.into()], 2, 4));
    assert!(page.items[1].log.is_some());
}

#[test]
fn a_list_without_items_is_a_protocol_error_and_an_empty_one_is_the_end() {
    assert_eq!(page(json!({"totalCount": 1})).unwrap_err().kind(), Kind::Protocol);
    assert!(page(json!({"items": []})).unwrap().is_empty());
}
