//! The main road: allocate, upload, process, explain, list.

use crate::support::{Bench, guest, gzip, json_of, lines, md5_hex, reference, text};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_batch_of_good_records_ends_in_success_and_every_record_is_read_back_exactly() {
    let bench = Bench::new();
    let records: Vec<String> = (0..3).map(guest).collect();
    let document = bench.upload(reference(1), &gzip(&lines(&records))).await;
    assert_eq!(document["status"], json!({ "code": "success" }));
    assert_eq!(document["summaryStats"]["totalCount"], 3);
    assert_eq!(document["summaryStats"]["succeededCount"], 3);
    assert_eq!(document["summaryStats"]["failedCount"], 0);
    let arrived = bench.emulator.arrived();
    assert_eq!(arrived.iter().map(|record| record.text.clone()).collect::<Vec<_>>(), records);
    assert_eq!(arrived[2].index, 2);
    assert_eq!(arrived[2].batch_ref, reference(1).to_string());
    assert_eq!(arrived[2].code, "200");
}

#[tokio::test]
async fn allocate_answers_as_documented() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let answer = bench.allocate(reference(1), &md5_hex(&file), file.len() as u64).await;
    assert_eq!(answer.status(), 201);
    assert!(answer.headers().contains_key("x-request-id"));
    let document = json_of(answer).await;
    assert_eq!(document["href"], format!("{}/v2/batches/{}", bench.emulator.base_url(), reference(1)));
    assert_eq!(document["ref"], reference(1).to_string());
    assert_eq!(document["checksum"], md5_hex(&file));
    assert_eq!(document["size"], file.len());
    assert_eq!(document["status"], json!({ "code": "uploading" }));
    assert_eq!(document["createdAt"], document["modifiedAt"]);
    let url = text(&document["location"]["href"]);
    for part in [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Expires=3600",
        "X-Amz-Security-Token=",
        "X-Amz-SignedHeaders=content-md5%3Bhost%3Bx-amz-server-side-encryption",
        &format!("/{}/{}/import.gz?", bench.emulator.tenant(), reference(1)),
    ] {
        assert!(url.contains(part), "{part} is not in {url}");
    }
    let status = bench.status(reference(1)).await;
    assert_eq!(status["location"], json!({ "expiry": document["location"]["expiry"] }));
}

#[tokio::test]
async fn a_refused_record_is_explained_in_the_log_and_the_others_are_kept() {
    let bench = Bench::new();
    let nobody = guest(7).replace("\"provider\":\"CRM\",", "");
    let file = gzip(&lines(&[guest(1), "{\"ref\":".into(), nobody, guest(2)]));
    let document = bench.upload(reference(1), &file).await;
    assert_eq!(document["status"]["code"], "error");
    assert_eq!(document["summaryStats"]["succeededCount"], 2);
    assert_eq!(document["summaryStats"]["failedCount"], 2);
    let expected = format!(
        "{{\"ref\":\"null\",\"code\":\"400\",\"message\":\"Failed to parse import line\"}}\n\
         {{\"ref\":\"{}\",\"code\":\"400\",\"message\":\"Not enough identifying information\"}}\n",
        reference(0xabc_0007)
    );
    assert_eq!(bench.log(&document).await, expected);
    assert_eq!(bench.emulator.arrived().len(), 2);
}

#[tokio::test]
async fn the_list_shows_every_batch_newest_change_first() {
    let bench = Bench::new();
    for n in 1..=3 {
        bench.url_for(reference(n), &gzip(&guest(n))).await;
        bench.emulator.advance_clock(std::time::Duration::from_secs(1));
    }
    bench.upload(reference(9), &gzip("{}")).await;
    let page = json_of(bench.get("/v2/batches/inspect?limit=2&offset=0").await).await;
    assert_eq!(page["totalCount"], 4);
    assert_eq!(page["items"][0]["ref"], reference(9).to_string());
    assert_eq!(page["items"][0]["status"], "error");
    assert!(page["items"][0]["status.log"].is_string());
    assert_eq!(page["items"][1]["ref"], reference(3).to_string());
    assert_eq!(page["items"][1]["href"], format!("{}/v2/batches/inspect/{}", bench.emulator.base_url(), reference(3)));
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_journal_names_what_was_asked_and_no_secret() {
    let bench = Bench::new();
    bench.upload(reference(1), &gzip(&guest(1))).await;
    let requests = bench.emulator.requests();
    let put = requests.iter().find(|entry| entry.path.starts_with("/s3/")).unwrap();
    assert_eq!((put.method.as_str(), put.status), ("PUT", Some(200)));
    assert_eq!(put.received_bytes, gzip(&guest(1)).len() as u64);
    assert!(put.header_names.contains(&"content-md5".to_owned()));
    assert!(put.violations.is_empty(), "{:?}", put.violations);
    let journal = serde_json::to_string(&requests).unwrap();
    for secret in [bench.emulator.tenant().as_str(), "emulator-api-token", "Signature", "Basic "] {
        assert!(!journal.contains(secret), "{secret} is in the journal");
    }
}

#[tokio::test]
async fn the_admin_paths_show_the_same_as_the_library() {
    let bench = Bench::new();
    bench.upload(reference(1), &gzip(&guest(1))).await;
    let admin = |path: &str| bench.client.get(format!("{}{path}", bench.emulator.admin_url())).send();
    assert_eq!(json_of(admin("/health").await.unwrap()).await, json!({ "status": "ok" }));
    let requests = json_of(admin("/requests").await.unwrap()).await;
    assert_eq!(requests, serde_json::to_value(bench.emulator.requests()).unwrap());
    let batch = json_of(admin(&format!("/batches/{}", reference(1))).await.unwrap()).await;
    assert_eq!(batch, serde_json::to_value(&bench.emulator.batches()[0]).unwrap());
    let arrived = admin(&format!("/arrived?ref={}", reference(1))).await.unwrap().text().await.unwrap();
    assert_eq!(arrived, serde_json::to_string(&bench.emulator.arrived()[0]).unwrap() + "\n");
    let post = |path: &str, body: &'static str| {
        bench.client.post(format!("{}{path}", bench.emulator.admin_url())).body(body).send()
    };
    assert_eq!(post("/faults", r#"{"rulez":[]}"#).await.unwrap().status(), 400);
    assert_eq!(post("/clock", r#"{"advance_seconds":60}"#).await.unwrap().status(), 200);
    assert_eq!(post("/reset", "").await.unwrap().status(), 204);
    assert!(bench.emulator.requests().is_empty() && bench.emulator.batches().is_empty());
    let answer = bench.request(Method::GET, &format!("/v2/batches/{}", reference(1))).send().await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn a_mounted_router_answers_what_the_service_does_not_have_and_leaves_no_trace() {
    let bench = Bench::new();
    assert_eq!(bench.get("/").await.status(), 404);
    let asked = bench.emulator.requests().len();
    bench.emulator.mount(axum::Router::new().route("/", axum::routing::get(|| async { "a page" })));
    assert_eq!(bench.get("/").await.text().await.unwrap(), "a page");
    assert_eq!(bench.get("/nothing").await.status(), 404);
    assert_eq!(bench.emulator.requests().len(), asked);
    assert_eq!(json_of(bench.get("/v2/batches/inspect").await).await["totalCount"], 0);
    assert_eq!(bench.emulator.requests().len(), asked + 1);
}
