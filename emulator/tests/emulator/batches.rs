//! Allocate's checks, what a file can be, the list, the clock, and what is kept.

use crate::support::{Bench, guest, gzip, json_of, lines, md5_hex, reference, text};
use cdp_batch_emulator::{Config, Emulator, Reallocate};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn allocate_with(bench: &Bench, path: &str, content_type: &str, body: &str) -> (u16, Value) {
    let request = bench.request(Method::PUT, path).header("content-type", content_type);
    let answer = request.body(body.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), json_of(answer).await)
}

#[tokio::test]
async fn allocate_refuses_what_the_documents_do_not_allow() {
    let bench = Bench::new();
    let path = format!("/v2/batches/{}", reference(1));
    let json = "application/json";
    let md5 = "b1d600dbf7463924e24647e626cd7c1e";
    for (status, path, content_type, body) in [
        (400, "/v2/batches/17", json, format!(r#"{{"checksum":"{md5}","size":1}}"#)),
        (415, &path, "text/plain", format!(r#"{{"checksum":"{md5}","size":1}}"#)),
        (400, &path, json, "checksum=1".into()),
        (400, &path, json, "[]".into()),
        (400, &path, json, format!(r#"{{"checksum":"{md5}"}}"#)),
        (400, &path, json, format!(r#"{{"checksum":"{md5}","size":"1"}}"#)),
        (400, &path, json, format!(r#"{{"checksum":"{md5}","size":0}}"#)),
        (400, &path, json, format!(r#"{{"checksum":"{md5}","size":1.5}}"#)),
        (400, &path, json, format!(r#"{{"checksum":"{md5}","size":50000001}}"#)),
        (400, &path, json, format!(r#"{{"checksum":"{md5}","size":1,"name":"x"}}"#)),
        (400, &path, json, format!(r#"{{"checksum":"{}","size":1}}"#, &md5[1..])),
        (400, &path, json, r#"{"checksum":"QNmhLwo8k8jtZqO283NXkA==01234567","size":1}"#.into()),
    ] {
        let (answered, document) = allocate_with(&bench, path, content_type, &body).await;
        assert_eq!(answered, status, "{path} {content_type} {body}");
        for field in ["status", "code", "message", "developerMessage", "moreInfo"] {
            assert!(!document[field].is_null(), "{field} in {document}");
        }
    }
    assert!(bench.emulator.batches().is_empty());
    let (answered, _) = allocate_with(
        &bench,
        &path,
        "application/json; charset=utf-8",
        &format!(r#"{{"checksum":"{md5}","size":50000000}}"#),
    )
    .await;
    assert_eq!(answered, 201);
}

#[tokio::test]
async fn only_the_right_credentials_and_paths_get_in() {
    let bench = Bench::new();
    let url = |path: &str| format!("{}{path}", bench.emulator.base_url());
    let none = bench.client.get(url("/v2/batches/inspect")).send().await.unwrap();
    assert_eq!(none.status(), 401);
    assert!(none.headers().contains_key("www-authenticate"));
    let wrong = bench.client.get(url("/v2/batches/inspect")).basic_auth(Config::default().client_key, Some("x"));
    assert_eq!(wrong.send().await.unwrap().status(), 401);
    for (method, path, status) in [
        (Method::GET, "/", 404),
        (Method::GET, "/v2/batches", 404),
        (Method::GET, "/v2/batches/", 404),
        (Method::GET, "/v2/batches/a/b", 404),
        (Method::POST, "/v2/batches/inspect", 405),
        (Method::DELETE, "/v2/batches/10000000-0000-4000-8000-000000000001", 405),
        (Method::GET, "/v2/batches/17", 400),
        (Method::GET, "/v2/batches/10000000-0000-4000-8000-000000000001", 404),
        (Method::GET, "/v2/batches/inspect/10000000-0000-4000-8000-000000000001", 404),
    ] {
        let answer = bench.request(method.clone(), path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_ref_is_given_a_new_url_until_its_file_arrived_and_never_another_checksum() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let (md5, size) = (md5_hex(&file), file.len() as u64);
    assert_eq!(bench.allocate(reference(1), &md5, size).await.status(), 201);
    bench.emulator.advance_clock(Duration::from_secs(5));
    assert_eq!(bench.allocate(reference(1), &md5, size).await.status(), 200);
    assert_eq!(bench.allocate(reference(1), &md5, size + 1).await.status(), 409);
    assert_eq!(bench.allocate(reference(1), &md5_hex(b"other"), size).await.status(), 409);
    bench.upload(reference(1), &file).await;
    assert_eq!(bench.allocate(reference(1), &md5, size).await.status(), 409);

    let strict = Bench::with(Config { reallocate: Reallocate::Conflict, allocate_status: 200, ..Config::default() });
    assert_eq!(strict.allocate(reference(1), &md5, size).await.status(), 200);
    assert_eq!(strict.allocate(reference(1), &md5, size).await.status(), 409);
}

#[tokio::test]
async fn another_size_or_an_upper_case_checksum_ends_corrupted() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    for (n, md5, size) in [(1, md5_hex(&file), 5), (2, md5_hex(&file).to_uppercase(), file.len() as u64)] {
        let document = json_of(bench.allocate(reference(n), &md5, size).await).await;
        let url = text(&document["location"]["href"]);
        assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
        assert_eq!(bench.end_of(reference(n)).await["status"], json!({ "code": "corrupted" }));
    }
    assert!(bench.emulator.arrived().is_empty());
}

#[tokio::test]
async fn containers_other_than_one_gzip_member_end_in_error_without_a_log() {
    let bench = Bench::new();
    let good = gzip(&guest(1));
    let files: [(&str, Vec<u8>); 6] = [
        ("second gzip member", [good.clone(), gzip(&guest(2))].concat()),
        ("bytes after the gzip member", [good.clone(), vec![0; 8]].concat()),
        ("zip container instead of gzip", b"PK\x03\x04....".to_vec()),
        ("not gzip", guest(1).into_bytes()),
        ("gzip data is truncated or damaged", good[..good.len() - 4].to_vec()),
        ("gzip data is truncated or damaged", [&good[..20], &[0xff; 30]].concat()),
    ];
    for (n, (violation, file)) in files.into_iter().enumerate() {
        let document = bench.upload(reference(n as u128), &file).await;
        assert_eq!(document["status"], json!({ "code": "error" }), "{violation}");
        assert!(text(&document["location"]["href"]).contains("/import.gz?"));
        assert_eq!(document.get("summaryStats"), None);
        let batch = bench.emulator.batches().remove(n);
        assert!(batch.violations[0].starts_with(violation), "{:?}", batch.violations);
    }
    assert!(bench.emulator.arrived().is_empty());
}

#[tokio::test]
async fn a_file_name_in_the_gzip_header_is_remarked() {
    let bench = Bench::new();
    let mut encoder = flate2::GzBuilder::new().filename("import.json").write(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, guest(1).as_bytes()).unwrap();
    let document = bench.upload(reference(1), &encoder.finish().unwrap()).await;
    assert_eq!(document["status"]["code"], "success");
    assert_eq!(bench.emulator.batches()[0].violations, ["gzip header has a file name"]);
}

#[tokio::test]
async fn the_list_filters_pages_and_refuses_bad_parameters() {
    let bench = Bench::new();
    bench.upload(reference(1), &gzip(&guest(1))).await;
    bench.emulator.advance_clock(Duration::from_secs(60));
    let document = json_of(bench.allocate(reference(2), &md5_hex(b"2"), 1).await).await;
    let created = text(&document["createdAt"]);
    bench.emulator.advance_clock(Duration::from_secs(60));
    bench.upload(reference(3), &gzip("[]")).await;
    let refs = async |query: &str| {
        let page = json_of(bench.get(&format!("/v2/batches/inspect?{query}")).await).await;
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["ref"].as_str().unwrap().chars().last().unwrap()).collect::<String>()
    };
    assert_eq!(refs("").await, "321");
    assert_eq!(refs("status=success,error").await, "31");
    assert_eq!(refs("status=uploading").await, "2");
    assert_eq!(refs(&format!("createdAfter={created}")).await, "3");
    assert_eq!(refs(&format!("createdBefore={created}")).await, "1");
    assert_eq!(refs("offset=1&limit=1").await, "2");
    assert_eq!(refs("offset=9").await, "");
    for query in [
        "status=done",
        "status=",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "offset=-1",
        "createdAfter=2025-05-29",
        "createdBefore=2001-01-01T00:00:00.000Z",
        "sort=asc",
    ] {
        assert_eq!(bench.get(&format!("/v2/batches/inspect?{query}")).await.status(), 400, "{query}");
    }
    bench.emulator.advance_clock(Duration::from_secs(30 * 24 * 3600 - 90));
    assert_eq!(refs("").await, "32", "the first batch has left the window of 30 days");
    assert_eq!(bench.status(reference(1)).await["status"]["code"], "success");
}

#[tokio::test]
async fn processing_keeps_the_pace_set_and_file_uploaded_shows_on_inspect_only() {
    let bench = Bench::with(Config { records_per_second: Some(0.001), ..Config::default() });
    let file = gzip(&lines(&[guest(1), guest(2)]));
    for n in 1..=2 {
        let url = bench.url_for(reference(n), &file).await;
        assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
    }
    while bench.status(reference(1)).await["status"]["code"] != "processing" {
        tokio::task::yield_now().await;
    }
    let inspected = json_of(bench.get(&format!("/v2/batches/inspect/{}", reference(2))).await).await;
    assert_eq!(inspected["status"]["code"], "file_uploaded");
    assert_eq!(bench.status(reference(2)).await["status"]["code"], "uploading");
    bench.emulator.advance_clock(Duration::from_secs(2_000));
    let document = bench.end_of(reference(1)).await;
    assert!(document["summaryStats"]["timeToProcessMillis"].as_u64().unwrap() >= 2_000_000);
}

#[tokio::test]
async fn a_state_folder_brings_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config { state: Some(folder.path().to_owned()), ..Config::default() };
    let file = gzip(&lines(&[guest(1), "{}".into()]));
    let slow = Bench::with(Config { records_per_second: Some(0.001), ..config() });
    let url = slow.url_for(reference(2), &file).await;
    assert_eq!(slow.put(&url, &file).send().await.unwrap().status(), 200);
    slow.emulator.shutdown();

    let first = Bench::with(config());
    let finished = first.end_of(reference(2)).await;
    assert_eq!(finished["summaryStats"]["failedCount"], 1);
    let log = first.log(&finished).await;
    let (batches, arrived) = (serde_json::to_value(first.emulator.batches()).unwrap(), first.emulator.arrived());
    first.emulator.shutdown();

    let second = Bench::with(config());
    assert_eq!(serde_json::to_value(second.emulator.batches()).unwrap(), batches);
    assert_eq!(second.emulator.arrived(), arrived);
    assert_eq!(second.log(&second.status(reference(2)).await).await, log);
    let delete = guest(1).replace("upsert", "delete").replace("abc", "abd");
    let document = second.upload(reference(3), &gzip(&delete)).await;
    assert_eq!(document["status"]["code"], "success", "the guest of the first run is remembered");
    second.emulator.reset().unwrap();
    let left = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["emulator.lock"]);
}

#[test]
fn a_state_folder_is_one_emulators_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config { state: Some(folder.path().to_owned()), ..Config::default() };
    let first = Emulator::start(config()).unwrap();
    let error = Emulator::start(config()).map(drop).unwrap_err();
    assert!(error.to_string().contains("another emulator uses the state folder"), "{error}");
    first.shutdown();
    Emulator::start(config()).unwrap();
}

#[tokio::test]
async fn https_is_served_over_http_2_with_the_authority_given() {
    let bench = Bench::with(Config { tls: true, ..Config::default() });
    assert!(bench.emulator.base_url().starts_with("https://127.0.0.1:"));
    let document = bench.upload(reference(1), &gzip(&guest(1))).await;
    assert_eq!(document["status"]["code"], "success");
    let requests = bench.emulator.requests();
    assert!(requests.iter().all(|entry| entry.http_version == "HTTP/2.0"), "{requests:?}");
    assert!(Bench::new().emulator.ca_pem().is_none());
}

#[test]
fn impossible_settings_are_refused_at_the_start() {
    let taken = Emulator::start(Config::default()).unwrap();
    let listen = taken.base_url().replace("http://", "").parse().unwrap();
    let errors = [
        Config { listen, ..Config::default() },
        Config { records_per_second: Some(0.0), ..Config::default() },
        Config { allocate_status: 404, ..Config::default() },
        Config { state: Some("/dev/null/state".into()), ..Config::default() },
    ];
    for config in errors {
        assert!(Emulator::start(config).is_err());
    }
}
