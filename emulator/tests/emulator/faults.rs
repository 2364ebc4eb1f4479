//! Every fault, where it strikes and what it leaves behind.

use crate::support::{Bench, guest, gunzip, gzip, json_of, lines, md5_hex, plan, reference, text};
use cdp_batch_emulator::{Config, FaultPlan, Outcome, Status};
use serde_json::{Value, json};

fn rule(on: &str, fault: Value) -> Value {
    json!([{ "on": on, "match": { "try": [1] }, "do": fault }])
}

fn outcome(bench: &Bench) -> Outcome {
    bench.emulator.requests().last().unwrap().outcome
}

async fn allocate(bench: &Bench, n: u128) -> reqwest::Response {
    let file = gzip(&guest(1));
    bench.allocate(reference(n), &md5_hex(&file), file.len() as u64).await
}

/// A batch with one good and one bad record, whose log then shows the quirk.
async fn log_with(quirk: &str) -> Vec<u8> {
    let bench = Bench::faulty(json!([{ "on": "log", "do": { "type": "log_quirk", "quirk": quirk } }]));
    let file = gzip(&lines(&[guest(1), "x".into(), guest(2).replace("upsert", "insert")]));
    let document = bench.upload(reference(1), &file).await;
    bench.raw_log(&document).await
}

#[tokio::test]
async fn a_status_takes_the_place_of_the_work_for_the_tries_named() {
    let fault = json!({ "type": "status", "status": 429, "headers": { "retry-after": "7" }, "body": "slow down" });
    let bench = Bench::faulty(json!([{ "on": "allocate", "match": { "try": [1, 3] }, "do": fault }]));
    let answer = allocate(&bench, 1).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(answer.text().await.unwrap(), "slow down");
    assert!(bench.emulator.batches().is_empty());
    assert_eq!(allocate(&bench, 1).await.status(), 201);
    assert_eq!(allocate(&bench, 2).await.status(), 429, "tries are counted per ref");
    assert_eq!(allocate(&bench, 1).await.status(), 429);
    assert_eq!(bench.emulator.requests()[0].faults, ["status"]);
}

#[tokio::test]
async fn a_status_without_a_body_gets_the_error_form_of_its_side() {
    let fault = json!({ "type": "status", "status": 503 });
    let bench = Bench::faulty(json!([{ "on": "any", "match": { "try": [1] }, "do": fault }]));
    assert_eq!(json_of(allocate(&bench, 1).await).await["status"], 503);
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    let answer = bench.put(&url, &file).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("<Code>SlowDown</Code>"));
}

#[tokio::test]
async fn conditions_count_per_ref_or_per_endpoint_and_all_must_hold() {
    let bench = Bench::new();
    let failed = async |when: Value| {
        let fault = json!({ "type": "status", "status": 500 });
        bench.emulator.set_faults(plan(json!([{ "on": "list", "match": when, "do": fault }])));
        let mut failed = Vec::new();
        for n in 1..=6 {
            if bench.get("/v2/batches/inspect").await.status() == 500 {
                failed.push(n);
            }
        }
        failed
    };
    assert_eq!(failed(json!({})).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(failed(json!({ "from": 5 })).await, [5, 6]);
    assert_eq!(failed(json!({ "every": 2 })).await, [2, 4, 6]);
    assert_eq!(failed(json!({ "every": 2, "from": 3 })).await, [4, 6]);
    assert_eq!(failed(json!({ "probability": 0.0 })).await, [0; 0]);
    let by_chance = failed(json!({ "probability": 0.5 })).await;
    assert!(!by_chance.is_empty() && by_chance.len() < 6, "{by_chance:?}");
    assert_eq!(failed(json!({ "probability": 0.5 })).await, by_chance, "the seed decides");

    let fault = json!({ "type": "status", "status": 500 });
    let bench = Bench::faulty(json!([
        { "on": "allocate", "match": { "ref_index": 1 }, "do": fault },
        { "on": "allocate", "match": { "try": [3], "per": "endpoint" }, "do": fault },
    ]));
    let mut answers = Vec::new();
    for n in 1..=4 {
        answers.push(allocate(&bench, n).await.status().as_u16());
    }
    assert_eq!(answers, [201, 500, 500, 201]);
}

#[tokio::test]
async fn a_drop_before_does_nothing_and_a_drop_after_does_all() {
    let bench = Bench::faulty(rule("allocate", json!({ "type": "drop_before" })));
    let url = format!("{}/v2/batches/{}", bench.emulator.base_url(), reference(1));
    let config = Config::default();
    let send = || {
        let request = bench.client.put(&url).basic_auth(&config.client_key, Some(&config.api_token));
        let body = json!({ "checksum": md5_hex(b"1"), "size": 1 }).to_string();
        request.header("content-type", "application/json").body(body).send()
    };
    assert!(send().await.is_err());
    assert!(bench.emulator.batches().is_empty());
    assert_eq!(outcome(&bench), Outcome::Dropped);
    bench.emulator.set_faults(plan(rule("allocate", json!({ "type": "drop_after" }))));
    assert!(send().await.is_err());
    assert_eq!(bench.emulator.batches().len(), 1);
    assert_eq!(bench.emulator.requests().last().unwrap().status, None);
    assert_eq!(send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_status_after_does_all_and_says_something_else() {
    let bench = Bench::faulty(rule("allocate", json!({ "type": "status_after", "status": 500 })));
    assert_eq!(allocate(&bench, 1).await.status(), 500);
    assert_eq!(bench.emulator.batches().len(), 1);
    bench.emulator.set_faults(plan(json!([])));
    assert_eq!(allocate(&bench, 1).await.status(), 200);
}

#[tokio::test]
async fn a_drop_resets_the_stream_on_http_2() {
    let faults = plan(json!([{ "on": "list", "match": { "try": [1] }, "do": { "type": "drop_after" } }]));
    let bench = Bench::with(Config { tls: true, faults, ..Config::default() });
    assert!(bench.request(http::Method::GET, "/v2/batches/inspect").send().await.is_err());
    assert_eq!(bench.get("/v2/batches/inspect").await.status(), 200);
    assert_eq!(bench.emulator.requests().len(), 2);
}

#[tokio::test]
async fn a_dropped_upload_may_have_arrived() {
    let bench = Bench::faulty(rule("upload", json!({ "type": "drop_after" })));
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    assert!(bench.put(&url, &file).send().await.is_err());
    assert_eq!(bench.end_of(reference(1)).await["status"]["code"], "success");
}

#[tokio::test]
async fn a_hanging_request_stays_open_until_the_emulator_ends() {
    let Bench { emulator, client } = Bench::faulty(rule("any", json!({ "type": "hang" })));
    let config = Config::default();
    let request = client.get(format!("{}/v2/batches/inspect", emulator.base_url()));
    let request = request.basic_auth(config.client_key, Some(config.api_token));
    let hanging = tokio::spawn(request.send());
    while emulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(emulator.requests()[0].outcome, Outcome::Open);
    emulator.shutdown();
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn a_delay_and_a_slow_drip_change_nothing_but_the_time() {
    let bench = Bench::faulty(json!([
        { "on": "any", "do": { "type": "delay", "ms": 1 } },
        { "on": "any", "do": { "type": "slow_drip", "bytes": 100, "every_ms": 1 } },
    ]));
    let document = bench.upload(reference(1), &gzip(&lines(&[guest(1), "x".into()]))).await;
    assert_eq!(document["summaryStats"]["totalCount"], 2);
    assert!(bench.log(&document).await.contains("Failed to parse"));
    assert!(bench.emulator.requests().iter().all(|entry| entry.faults == ["delay", "slow_drip"]));
}

#[tokio::test]
async fn a_cut_body_ends_early_in_either_direction() {
    let bench =
        Bench::faulty(json!([{ "on": "any", "match": { "try": [2] }, "do": { "type": "cut_body", "after": 10 } }]));
    allocate(&bench, 1).await;
    assert!(allocate(&bench, 1).await.bytes().await.is_err());
    assert_eq!(outcome(&bench), Outcome::Cut);
    bench.emulator.set_faults(plan(
        json!([{ "on": "upload", "match": { "try": [1] }, "do": { "type": "cut_body", "after": 10 } }]),
    ));
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    assert!(bench.put(&url, &file).send().await.is_err());
    assert_eq!(bench.emulator.batches()[0].uploads, 0);
    assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_expired_url_is_handed_out_or_a_good_one_treated_so() {
    let bench = Bench::faulty(rule("allocate", json!({ "type": "expire_url" })));
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 403);
    let url = bench.url_for(reference(1), &file).await;
    bench.emulator.set_faults(plan(rule("upload", json!({ "type": "expire_url" }))));
    let answer = bench.put(&url, &file).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("Request has expired"));
    assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_wrong_checksum_echo_changes_the_answer_only() {
    let bench = Bench::faulty(rule("allocate", json!({ "type": "wrong_checksum_echo" })));
    let document = json_of(allocate(&bench, 1).await).await;
    assert_eq!(text(&document["checksum"]).len(), 32);
    assert_ne!(document["checksum"], md5_hex(&gzip(&guest(1))));
    assert_eq!(bench.status(reference(1)).await["checksum"], md5_hex(&gzip(&guest(1))));
}

#[tokio::test]
async fn faults_that_stay_with_a_batch_decide_its_end() {
    let file = gzip(&lines(&[guest(1), "x".into()]));
    for (fault, code) in [("corrupted", "corrupted"), ("error_without_log", "error")] {
        let bench = Bench::faulty(json!([{ "on": "upload", "do": { "type": fault } }]));
        assert_eq!(bench.upload(reference(1), &file).await["status"], json!({ "code": code }));
        assert!(bench.emulator.arrived().is_empty());
    }
    let bench =
        Bench::faulty(json!([{ "on": "any", "match": { "ref_index": 0 }, "do": { "type": "stuck_uploading" } }]));
    let url = bench.url_for(reference(1), &file).await;
    assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
    bench.upload(reference(2), &file).await;
    assert_eq!(bench.emulator.batches()[0].status, Status::Uploading);
    assert_eq!(bench.emulator.batches()[0].faults, ["stuck_uploading"]);
}

#[tokio::test]
async fn a_whole_log_tells_of_records_that_were_taken() {
    let bench = Bench::faulty(json!([{ "on": "upload", "do": { "type": "whole_log" } }]));
    let document = bench.upload(reference(1), &gzip(&guest(1))).await;
    assert_eq!(document["status"]["code"], "success");
    let log = gunzip(&bench.raw_log(&document).await);
    assert!(log.contains("\"code\":\"200\""), "{log}");
}

#[tokio::test]
async fn records_are_rejected_at_will() {
    let fault = json!({ "type": "reject_records", "every": 2, "code": 409, "message": "Identity already exists" });
    let bench = Bench::faulty(json!([{ "on": "upload", "do": fault }]));
    let records: Vec<String> = (1..=4).map(guest).collect();
    let document = bench.upload(reference(1), &gzip(&lines(&records))).await;
    assert_eq!(document["summaryStats"]["failedCount"], 2);
    let log = gunzip(&bench.raw_log(&document).await);
    assert_eq!(log.lines().count(), 2);
    assert!(log.starts_with(&format!("{{\"ref\":\"{}\",\"code\":\"409\"", reference(0xabc_0002))), "{log}");
}

#[tokio::test]
async fn a_known_batch_flickers_and_the_list_lags() {
    let bench = Bench::faulty(json!([
        { "on": "any", "match": { "try": [1] }, "do": { "type": "not_found_flicker" } },
        { "on": "list", "match": { "try": [1, 2] }, "do": { "type": "lag", "seconds": 60 } },
    ]));
    allocate(&bench, 1).await;
    assert_eq!(bench.get(&format!("/v2/batches/{}", reference(1))).await.status(), 404);
    assert_eq!(bench.get(&format!("/v2/batches/{}", reference(1))).await.status(), 200);
    assert_eq!(bench.get(&format!("/v2/batches/inspect/{}", reference(1))).await.status(), 404);
    assert_eq!(json_of(bench.get("/v2/batches/inspect").await).await["totalCount"], 0);
    bench.emulator.advance_clock(std::time::Duration::from_secs(60));
    bench.upload(reference(1), &gzip(&guest(1))).await;
    let lagging = json_of(bench.get("/v2/batches/inspect").await).await;
    assert_eq!(lagging["items"][0]["status"], "uploading");
    let current = json_of(bench.get("/v2/batches/inspect").await).await;
    assert_eq!(current["items"][0]["status"], "success");
}

#[tokio::test]
async fn answers_can_be_broken_json_or_a_page() {
    let bench = Bench::faulty(rule("allocate", json!({ "type": "bad_json" })));
    let broken = allocate(&bench, 1).await;
    assert_eq!(broken.status(), 201);
    assert!(serde_json::from_slice::<Value>(&broken.bytes().await.unwrap()).is_err());
    bench.emulator.set_faults(plan(rule("allocate", json!({ "type": "html_page" }))));
    let page = allocate(&bench, 1).await;
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
}

#[tokio::test]
async fn logs_come_in_every_odd_form() {
    let plain = |log: Vec<u8>| gunzip(&log);
    let good = plain({
        let bench = Bench::new();
        let file = gzip(&lines(&[guest(1), "x".into(), guest(2).replace("upsert", "insert")]));
        let document = bench.upload(reference(1), &file).await;
        bench.raw_log(&document).await
    });
    assert_eq!(good.lines().count(), 2);
    assert_eq!(plain(log_with("crlf").await), good.replace('\n', "\r\n"));
    assert_eq!(plain(log_with("cr").await), good.replace('\n', "\r"));
    assert_eq!(plain(log_with("no_final_newline").await), good.trim_end());
    assert_eq!(plain(log_with("number_codes").await), good.replace("\"400\"", "400").replace("\"402\"", "402"));
    assert_eq!(plain(log_with("null_refs").await).matches("\"ref\":\"null\"").count(), 2);
    let with_success = plain(log_with("success_lines").await);
    assert!(with_success.starts_with(&format!("{{\"ref\":\"{}\",\"code\":\"200\"", reference(0xabc_0001))));
    assert!(with_success.ends_with(&good));
    assert_eq!(log_with("not_gzip").await, good.as_bytes());
    assert!(log_with("empty").await.is_empty());
    assert!(log_with("html").await.starts_with(b"<!DOCTYPE html>"));
}

#[test]
fn a_plan_that_makes_no_sense_is_refused() {
    for (bad, said) in [
        (r#"{"rulez":[]}"#, "unknown field `rulez`"),
        (r#"{"rules":[{"on":"put","do":{"type":"hang"}}]}"#, "unknown variant `put`"),
        (r#"{"rules":[{"on":"any","do":{"type":"explode"}}]}"#, "unknown variant `explode`"),
        (r#"{"rules":[{"on":"any","do":{"type":"hang","ms":1}}]}"#, "unknown field `ms`"),
        (r#"{"rules":[{"on":"any","match":{"tries":[1]},"do":{"type":"hang"}}]}"#, "unknown field `tries`"),
        (r#"{"rules":[{"on":"any","match":{"every":0},"do":{"type":"hang"}}]}"#, "every must be at least 1"),
        (r#"{"rules":[{"on":"any","match":{"probability":2},"do":{"type":"hang"}}]}"#, "probability must lie"),
        (r#"{"rules":[{"on":"any","do":{"type":"status","status":99}}]}"#, "99 is not a final HTTP status"),
        (r#"{"rules":[{"on":"any","do":{"type":"status","status":500,"headers":{"a b":"c"}}}]}"#, "not a valid header"),
        (r#"{"rules":[{"on":"list","do":{"type":"corrupted"}}]}"#, "rule 0: corrupted has no meaning"),
    ] {
        let error = bad.parse::<FaultPlan>().unwrap_err().to_string();
        assert!(error.contains(said), "{bad}: {error}");
    }
}
