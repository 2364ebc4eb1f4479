//! Every endpoint over real HTTP against the emulator: the good road, its faults, and what goes over the wire.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cdp_batch::api::batch::{BatchInfo, Status};
use cdp_batch::api::error_log::{LogEntry, LogSummary};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::digest::{Md5, Md5Stream};
use cdp_batch::http::body::{OnSent, PartBody};
use cdp_batch::http::service::Service;
use cdp_batch::options::Http;
use cdp_batch::secret::{Credentials, SafeUrl, Secret};
use cdp_batch::{Kind, Result, Stage};
use cdp_batch_emulator::{Config, Emulator, RequestEntry};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use uuid::Uuid;

fn emulator(faults: Value) -> Emulator {
    Emulator::start(Config { faults: faults.to_string().parse().unwrap(), ..Config::default() }).unwrap()
}

fn with_fault(on: &str, fault: Value) -> Emulator {
    emulator(json!({"rules": [{"on": on, "do": fault}]}))
}

fn service_with(emulator: &Emulator, options: &Http) -> Service {
    let config = Config::default();
    let credentials =
        Credentials { client_key: Secret::new(config.client_key), api_token: Secret::new(config.api_token) };
    Service::new(BaseUrl::parse(&emulator.base_url()).unwrap(), &credentials, options).unwrap()
}

fn service(emulator: &Emulator) -> Service {
    service_with(emulator, &Http { stall_timeout_ms: 5_000, ..Http::default() })
}

fn ignore() -> OnSent {
    Arc::new(|_| ())
}

struct Part {
    batch: Uuid,
    md5: Md5,
    bytes: Bytes,
}

impl Part {
    fn of(lines: &str) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(lines.as_bytes()).unwrap();
        let bytes = Bytes::from(encoder.finish().unwrap());
        Part { batch: Uuid::new_v4(), md5: md5(&bytes), bytes }
    }

    fn guests(count: usize) -> Self {
        Part::of(&(0..count).map(guest).collect::<String>())
    }

    fn body(&self) -> PartBody {
        PartBody::Bytes(self.bytes.clone())
    }

    async fn allocate(&self, service: &Service) -> Result<SafeUrl> {
        let size = self.bytes.len() as u64;
        service.allocate(self.batch, self.md5, size).await.map(|allocation| allocation.location)
    }

    async fn send(&self, service: &Service) -> Result<()> {
        let location = self.allocate(service).await?;
        service.upload(&location, self.md5, self.body(), ignore()).await
    }

    /// Sends the part and asks until the service is done with it.
    async fn finish(&self, service: &Service) -> BatchInfo {
        self.send(service).await.unwrap();
        loop {
            let info = service.status(self.batch).await.unwrap();
            if info.status.is_terminal() {
                return info;
            }
        }
    }
}

fn md5(bytes: &[u8]) -> Md5 {
    let mut stream = Md5Stream::default();
    stream.update(bytes);
    stream.finish()
}

fn guest(index: usize) -> String {
    let id = Uuid::from_u128(index as u128);
    let identifiers = json!([{"provider": "email", "id": format!("{id}@example.com")}]);
    let value = json!({"guestType": "customer", "identifiers": identifiers});
    format!("{}\n", json!({"ref": id, "schema": "guest", "mode": "upsert", "value": value}))
}

fn last(emulator: &Emulator) -> RequestEntry {
    emulator.requests().pop().unwrap()
}

async fn read_log(service: &Service, info: &BatchInfo) -> Result<(Vec<LogEntry>, LogSummary)> {
    let mut entries = Vec::new();
    let summary = service.log(info.log.as_ref().unwrap(), |entry| entries.push(entry)).await?;
    Ok((entries, summary))
}

#[tokio::test]
async fn a_part_is_allocated_sent_processed_and_listed() {
    let emulator = emulator(json!({}));
    let service = service(&emulator);
    let part = Part::guests(100);
    let info = part.finish(&service).await;
    assert_eq!(
        (info.status, info.checksum, info.size),
        (Status::Success, Some(part.md5), Some(part.bytes.len() as u64))
    );
    assert_eq!(info.stats.unwrap().succeeded, Some(100));
    assert_eq!(emulator.arrived().len(), 100);
    let page = service.list(&ListQuery { status: vec![Status::Success], ..ListQuery::default() }).await.unwrap();
    assert_eq!((page.total_count, page.items[0].batch_ref), (Some(1), part.batch));
    let none = ListQuery {
        created_after: Some("2020-01-01T00:00:00Z".parse().unwrap()),
        offset: Some(1),
        ..ListQuery::default()
    };
    let page = service.list(&none).await;
    assert!(page.is_err() || page.unwrap().is_empty());
    let violations: Vec<String> = emulator.requests().into_iter().flat_map(|request| request.violations).collect();
    assert_eq!(violations, Vec::<String>::new());
}

#[tokio::test]
async fn refused_records_are_read_from_the_error_log() {
    let emulator = emulator(json!({}));
    let service = service(&emulator);
    let info = Part::of(&format!("{}not json\n{}", guest(1), guest(2))).finish(&service).await;
    assert_eq!((&info.status, info.stats.unwrap().failed), (&Status::Error, Some(1)));
    let (entries, summary) = read_log(&service, &info).await.unwrap();
    assert_eq!((entries.len(), summary.unreadable), (1, 0));
    assert_eq!((entries[0].record_ref, entries[0].code.as_str()), (None, "400"));
}

#[tokio::test]
async fn storage_gets_the_signed_headers_and_no_authorization() {
    let emulator = emulator(json!({}));
    let service = service(&emulator);
    Part::guests(1).send(&service).await.unwrap();
    let upload = last(&emulator);
    let expected = [
        "accept",
        "content-length",
        "content-md5",
        "content-type",
        "host",
        "user-agent",
        "x-amz-server-side-encryption",
    ];
    assert_eq!(upload.header_names, expected);
    assert_eq!(upload.http_version, "HTTP/1.1");
    let allocate = emulator.requests().swap_remove(0);
    let expected = ["accept", "authorization", "content-length", "content-type", "host", "user-agent"];
    assert_eq!(allocate.header_names, expected);
}

#[tokio::test]
async fn tls_with_a_ca_file_speaks_http2_and_without_it_says_what_to_set() {
    let emulator = Emulator::start(Config { tls: true, ..Config::default() }).unwrap();
    let mut ca_file = tempfile::NamedTempFile::new().unwrap();
    ca_file.write_all(emulator.ca_pem().unwrap().as_bytes()).unwrap();
    let options = Http { ca_file: Some(ca_file.path().into()), ..Http::default() };
    let info = Part::guests(2_000).finish(&service_with(&emulator, &options)).await;
    assert_eq!(info.status, Status::Success);
    assert!(emulator.requests().iter().all(|request| request.http_version == "HTTP/2.0"));
    let untrusting = service_with(&emulator, &Http::default());
    let error = untrusting.status(Uuid::nil()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Tls,
            "could not ask for the status of the batch: the TLS connection to 127.0.0.1 failed: \
             its certificate is from an authority this machine does not trust; set http.ca_file"
        )
    );
}

/// Linux alone answers on all of 127.0.0.0/8 unasked.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let everywhere = Config { tls: true, listen: "0.0.0.0:0".parse().unwrap(), ..Config::default() };
    let emulator = Emulator::start(everywhere).unwrap();
    let mut ca_file = tempfile::NamedTempFile::new().unwrap();
    ca_file.write_all(emulator.ca_pem().unwrap().as_bytes()).unwrap();
    let options = Http { ca_file: Some(ca_file.path().into()), ..Http::default() };
    let base = BaseUrl::parse(&emulator.base_url().replace("0.0.0.0", "127.0.0.2")).unwrap();
    let nobody = Credentials { client_key: Secret::new("k"), api_token: Secret::new("t") };
    let error = Service::new(base, &nobody, &options).unwrap().status(Uuid::nil()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Tls);
    assert!(error.message().contains("its certificate is for another host name"), "{error}");
}

#[tokio::test]
async fn a_file_is_sent_like_its_bytes_and_progress_reaches_its_size_in_steps() {
    let mut random = fastrand::Rng::with_seed(7);
    let lines: String = (0..600_000).map(|_| random.alphanumeric()).collect();
    let part = Part::of(&lines);
    let size = part.bytes.len() as u64;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&part.bytes).unwrap();
    for body in [part.body(), PartBody::File(file.path().into(), size)] {
        let emulator = emulator(json!({}));
        let service = service(&emulator);
        let location = part.allocate(&service).await.unwrap();
        let steps = Arc::new(Mutex::new(Vec::new()));
        let seen = steps.clone();
        let on_sent: OnSent = Arc::new(move |sent| seen.lock().unwrap().push(sent));
        service.upload(&location, part.md5, body, on_sent).await.unwrap();
        let steps = steps.lock().unwrap();
        assert!(steps.len() >= 4 && steps.is_sorted(), "{steps:?}");
        assert_eq!((steps.last(), last(&emulator).received_bytes), (Some(&size), size));
    }
}

#[tokio::test]
async fn a_part_file_that_is_gone_or_has_shrunk_is_an_io_error() {
    let emulator = emulator(json!({}));
    let service = service(&emulator);
    let part = Part::guests(10);
    let location = part.allocate(&service).await.unwrap();
    let mut short = tempfile::NamedTempFile::new().unwrap();
    short.write_all(&part.bytes[..10]).unwrap();
    let size = part.bytes.len() as u64;
    for (path, reason) in [(PathBuf::from("/no/such/part.gz"), "No such file"), (short.path().into(), "it is shorter")]
    {
        let error = service.upload(&location, part.md5, PartBody::File(path, size), ignore()).await.unwrap_err();
        assert_eq!((error.kind(), error.stage()), (Kind::Io, Some(Stage::Upload)));
        assert!(error.message().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn wrong_credentials_an_unknown_batch_and_a_taken_ref_have_their_kinds() {
    let emulator = emulator(json!({}));
    let stranger = Credentials { client_key: Secret::new("someone"), api_token: Secret::new("somewhere") };
    let base = BaseUrl::parse(&emulator.base_url()).unwrap();
    let error = Service::new(base, &stranger, &Http::default()).unwrap().list(&ListQuery::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.request_id().is_some()), (Kind::Unauthorized, true));
    let service = service(&emulator);
    let error = service.status(Uuid::nil()).await.unwrap_err();
    assert_eq!((error.kind(), error.refs()), (Kind::NotFound, &[Uuid::nil()][..]));
    let part = Part::guests(1);
    part.allocate(&service).await.unwrap();
    let other = Part { batch: part.batch, ..Part::guests(2) };
    assert_eq!(other.allocate(&service).await.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn an_expired_location_and_bytes_other_than_promised_are_told_apart() {
    let emulator = emulator(json!({}));
    let service = service(&emulator);
    let part = Part::guests(3);
    let location = part.allocate(&service).await.unwrap();
    let changed = PartBody::Bytes(Bytes::from(vec![7; part.bytes.len()]));
    let error = service.upload(&location, part.md5, changed, ignore()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (Kind::Integrity, Some(400)));
    let error = service.upload(&location, md5(b"other"), part.body(), ignore()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (Kind::Rejected, Some(403)));
    emulator.advance_clock(Duration::from_secs(3_601));
    let error = service.upload(&location, part.md5, part.body(), ignore()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (Kind::UploadExpired, Some(403)));
    assert!(!format!("{error} {error:?}").contains(&emulator.tenant()));
}

#[tokio::test]
async fn faults_of_allocating_become_kinds() {
    for (fault, kind) in [
        (json!({"type": "status", "status": 429, "headers": {"Retry-After": "3"}}), Kind::RateLimited),
        (json!({"type": "status", "status": 500}), Kind::Unavailable),
        (json!({"type": "status", "status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}), Kind::Protocol),
        (json!({"type": "drop_before"}), Kind::Unavailable),
        (json!({"type": "drop_after"}), Kind::Unavailable),
        (json!({"type": "cut_body", "after": 20}), Kind::Unavailable),
        (json!({"type": "wrong_checksum_echo"}), Kind::Integrity),
        (json!({"type": "bad_json"}), Kind::Protocol),
        (json!({"type": "html_page"}), Kind::Protocol),
    ] {
        let emulator = with_fault("allocate", fault.clone());
        let part = Part::guests(1);
        let error = part.allocate(&service(&emulator)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.stage(), error.refs()),
            (kind, Some(Stage::Allocate), &[part.batch][..]),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn faults_of_uploading_become_kinds() {
    for (fault, kind) in [
        (json!({"type": "status", "status": 500}), Kind::Unavailable),
        (json!({"type": "status", "status": 503}), Kind::RateLimited),
        (json!({"type": "drop_before"}), Kind::Unavailable),
        (json!({"type": "drop_after"}), Kind::Unavailable),
        (json!({"type": "cut_body", "after": 100}), Kind::Unavailable),
        (json!({"type": "expire_url"}), Kind::UploadExpired),
        (json!({"type": "html_page"}), Kind::Protocol),
    ] {
        let emulator = with_fault("upload", fault.clone());
        let error = Part::guests(5_000).send(&service(&emulator)).await.unwrap_err();
        assert_eq!((error.kind(), error.stage()), (kind, Some(Stage::Upload)), "{fault}");
    }
}

#[tokio::test]
async fn faults_of_asking_become_kinds() {
    for (fault, kind) in [
        (json!({"type": "not_found_flicker"}), Kind::NotFound),
        (json!({"type": "bad_json"}), Kind::Protocol),
        (json!({"type": "html_page"}), Kind::Protocol),
        (json!({"type": "cut_body", "after": 20}), Kind::Unavailable),
    ] {
        let emulator = with_fault("inspect", fault.clone());
        let service = service(&emulator);
        let part = Part::guests(1);
        part.send(&service).await.unwrap();
        assert_eq!(service.status(part.batch).await.unwrap_err().kind(), kind, "{fault}");
    }
}

#[tokio::test]
async fn silence_is_a_timeout_and_a_slow_drip_is_not() {
    let options = Http { stall_timeout_ms: 300, ..Http::default() };
    for on in ["allocate", "upload", "inspect"] {
        let emulator = with_fault(on, json!({"type": "hang"}));
        let service = service_with(&emulator, &options);
        let part = Part::guests(1);
        let error = match part.send(&service).await {
            Err(error) => error,
            Ok(()) => service.status(part.batch).await.unwrap_err(),
        };
        assert_eq!(error.kind(), Kind::Timeout, "{on}");
        assert!(error.message().contains("http.stall_timeout_ms"), "{error}");
    }
    // In all it takes longer than the limit, but never stands still for as long.
    let emulator = with_fault("allocate", json!({"type": "slow_drip", "bytes": 64, "every_ms": 25}));
    Part::guests(1).allocate(&service_with(&emulator, &options)).await.unwrap();
}

#[tokio::test]
async fn every_quirk_of_the_log_is_read() {
    for (quirk, entries, unreadable) in [
        ("crlf", 2, false),
        ("cr", 2, false),
        ("number_codes", 2, false),
        ("null_refs", 2, false),
        ("success_lines", 4, false),
        ("not_gzip", 2, false),
        ("no_final_newline", 2, false),
        ("empty", 0, false),
        ("html", 0, true),
    ] {
        let fault = json!({"on": "log", "do": {"type": "log_quirk", "quirk": quirk}});
        let reject = json!({"on": "upload", "do": {"type": "reject_records", "every": 2}});
        let emulator = emulator(json!({"rules": [fault, reject]}));
        let service = service(&emulator);
        let info = Part::guests(4).finish(&service).await;
        let (log, summary) = read_log(&service, &info).await.unwrap();
        assert_eq!((log.len(), summary.unreadable > 0), (entries, unreadable), "{quirk}");
        assert_eq!(log.iter().filter(|entry| !entry.is_success()).count(), entries.min(2), "{quirk}");
    }
}

#[tokio::test]
async fn faults_of_the_log_become_kinds() {
    for (fault, kind) in [
        (json!({"type": "expire_url"}), Kind::UploadExpired),
        (json!({"type": "not_found_flicker"}), Kind::NotFound),
        (json!({"type": "cut_body", "after": 30}), Kind::Unavailable),
        (json!({"type": "status", "status": 500}), Kind::Unavailable),
    ] {
        let reject = json!({"on": "upload", "do": {"type": "reject_records", "every": 1}});
        let emulator = emulator(json!({"rules": [{"on": "log", "do": fault.clone()}, reject]}));
        let service = service(&emulator);
        let info = Part::guests(4).finish(&service).await;
        let error = read_log(&service, &info).await.unwrap_err();
        assert_eq!((error.kind(), error.stage()), (kind, Some(Stage::Log)), "{fault}");
        assert!(!format!("{error}").contains(&emulator.tenant()), "{error}");
    }
}
