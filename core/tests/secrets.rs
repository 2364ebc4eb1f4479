//! No `Debug`, `Display` or JSON of any public value shows a credential, the query of a URL, or the tenant.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Debug;

use cdp_batch::api::answer::{Answer, Head};
use cdp_batch::api::classify::classify;
use cdp_batch::api::redact::Redactor;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::api::{allocate, error_log, inspect, status, upload};
use cdp_batch::client::Client;
use cdp_batch::digest::Md5;
use cdp_batch::event::Event;
use cdp_batch::options::Http;
use cdp_batch::secret::{Credentials, SafeUrl, Secret};
use cdp_batch::source::Source;
use cdp_batch::{Options, RunReport, Stage};
use cdp_batch_emulator::{Config, Emulator};
use serde_json::json;
use uuid::Uuid;

const KEY: &str = "planted-client-key";
const TOKEN: &str = "planted-api-token";
const URL: &str = "https://s3.example/planted-tenant/batch/import.gz?X-Amz-Signature=planted-signature";

fn clean(what: &str, text: &str) {
    let basic = Credentials { client_key: Secret::new(KEY), api_token: Secret::new(TOKEN) }.basic();
    let pair = basic.expose().trim_start_matches("Basic ");
    assert!(!text.contains("planted-") && !text.contains("X-Amz-Signature") && !text.contains(pair), "{what}: {text}");
}

fn shows_nothing(what: &str, value: &impl Debug) {
    clean(what, &format!("{value:?} {value:#?}"));
}

#[test]
fn values_show_no_secret() {
    let credentials = Credentials { client_key: Secret::new(KEY), api_token: Secret::new(TOKEN) };
    let (base, batch, md5) = (BaseUrl::of_region("eu").unwrap(), Uuid::from_u128(7), Md5::from_bytes([7; 16]));
    let url = SafeUrl::parse(URL).unwrap();
    shows_nothing("secret", &credentials.api_token);
    shows_nothing("credentials", &credentials);
    shows_nothing("basic", &credentials.basic());
    shows_nothing("url", &url);
    shows_nothing("allocate", &allocate::request(&base, batch, md5, 5));
    shows_nothing("upload", &upload::request(&url, md5, 5));
    shows_nothing("log", &error_log::request(&url));
    let proxy = Http { proxy: Some("http://planted-user:planted-password@proxy.example:1".into()), ..Http::default() };
    shows_nothing("http", &proxy);
    let options = Options { http: Http { proxy: None, ..proxy.clone() }, ..Options::default() };
    shows_nothing("options", &Options { http: proxy, ..Options::default() });
    let client = Client::new(base, credentials.client_key.clone(), credentials.api_token.clone(), options).unwrap();
    shows_nothing("client", &client);
}

#[test]
fn answers_and_errors_show_no_secret() {
    let credentials = Credentials { client_key: Secret::new(KEY), api_token: Secret::new(TOKEN) };
    let url = SafeUrl::parse(URL).unwrap();
    let redactor = Redactor::new(&credentials).with_url(url.expose());
    let (batch, md5) = (Uuid::from_u128(7), Md5::from_bytes([7; 16]));
    let body = json!({
        "ref": batch, "checksum": md5.hex(), "size": 5, "status": {"code": "error", "log": URL},
        "location": {"href": URL, "expiry": "2026-11-22T00:00:00.000Z"}, "createdAt": "2026-11-22T00:00:00.000Z",
    });
    let list = json!({"totalCount": 1, "items": [body]}).to_string();
    let body = body.to_string();
    let head = |status| Head { status, headers: vec![] };
    fn answer<'a>(stage: Stage, head: &'a Head, body: &'a str, redactor: &'a Redactor) -> Answer<'a> {
        Answer { stage, head, body: body.as_bytes(), redactor }
    }
    let ok = head(200);
    shows_nothing(
        "allocation",
        &allocate::parse(&answer(Stage::Allocate, &ok, &body, &redactor), batch, md5, 5).unwrap(),
    );
    let info = status::parse(&answer(Stage::Status, &ok, &body, &redactor), batch).unwrap();
    shows_nothing("batch", &info);
    clean("batch", &json!(info).to_string());
    shows_nothing("page", &inspect::parse(&answer(Stage::List, &ok, &list, &redactor)).unwrap());
    let said = format!("{KEY} and {TOKEN} do not fit {URL} nor {}", credentials.basic().expose());
    for status in [300, 400, 401, 403, 404, 409, 429, 500, 503] {
        for stage in [Stage::Allocate, Stage::Upload, Stage::Status, Stage::List, Stage::Log] {
            let error = classify(&answer(stage, &head(status), &said, &redactor));
            shows_nothing("error", &error);
            clean("error", &format!("{error} {}", json!(error)));
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                clean("cause", &format!("{inner} {inner:?}"));
                cause = inner.source();
            }
        }
    }
}

#[test]
fn a_run_shows_no_secret_in_events_report_or_error() {
    let config = Config { client_key: KEY.into(), api_token: TOKEN.into(), ..Config::default() };
    let emulator = Emulator::start(config).unwrap();
    let tenant = emulator.tenant();
    let base = BaseUrl::parse(&emulator.base_url()).unwrap();
    let options = json!({"wait": {"min_ms": 2, "max_ms": 10}, "retry": {"base_ms": 1, "attempts": 2}});
    let options = Options::from_map(options.as_object().unwrap()).unwrap();
    let client = Client::new(base, Secret::new(KEY), Secret::new(TOKEN), options.clone()).unwrap();
    let rule = |on: &str, what: serde_json::Value| json!({"on": on, "do": what});
    for rules in [
        json!([]),
        json!([rule("upload", json!({"type": "status", "status": 403}))]),
        json!([rule("upload", json!({"type": "expire_url"}))]),
        json!([rule("log", json!({"type": "status", "status": 500}))]),
        json!([rule("allocate", json!({"type": "bad_json"}))]),
        json!([rule("any", json!({"type": "drop_after"}))]),
    ] {
        emulator.set_faults(serde_json::from_value(json!({"rules": rules})).unwrap());
        let record = r#"{"ref":"1e20d1e1-07f0-4863-92f1-4d2e15c86a59","schema":"guest","mode":"upsert","value":{"guestType":"customer"}}"#;
        let upload = client.upload(
            Source::bytes("rows", record),
            Options { check: cdp_batch::options::Check::None, ..options.clone() },
        );
        let mut told = String::new();
        while let Some(event) = upload.next_event(std::time::Duration::from_secs(60)) {
            told += &format!("{event:?} {}", json!(event));
            if matches!(event, Event::Done { .. }) {
                break;
            }
        }
        let error = upload.join().unwrap_err();
        told += &format!("{error} {error:?} {}", json!(error));
        if let Some(report) = RunReport::of(&error) {
            let rejects: Vec<_> = report.rejects().iter().map(Result::unwrap).collect();
            told += &format!("{report:?} {} {rejects:?}", json!(report));
        }
        clean("run", &told);
        assert!(!told.contains(&tenant), "{told}");
    }
}
