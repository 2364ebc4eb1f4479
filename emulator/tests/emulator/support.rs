//! A small client for the emulator's tests; it knows the documents, not the emulator.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cdp_batch_emulator::{Config, Emulator, FaultPlan};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::Method;
use reqwest::{Client, RequestBuilder, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    /// An emulator that starts with these rules.
    pub(crate) fn faulty(rules: Value) -> Self {
        Self::with(Config { faults: plan(rules), ..Config::default() })
    }

    pub(crate) fn with(config: Config) -> Self {
        let emulator = Emulator::start(config).unwrap();
        let mut roots = RootCertStore::empty();
        if let Some(pem) = emulator.ca_pem() {
            roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
        }
        let mut tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
        Self { emulator, client }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let config = Config::default();
        let url = format!("{}{path}", self.emulator.base_url());
        self.client.request(method, url).basic_auth(config.client_key, Some(config.api_token))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn allocate(&self, reference: Uuid, checksum: &str, size: u64) -> Response {
        let body = json!({ "checksum": checksum, "size": size }).to_string();
        let request = self.request(Method::PUT, &format!("/v2/batches/{reference}"));
        request.header("content-type", "application/json").body(body).send().await.unwrap()
    }

    /// Allocates for `file`; gives the upload URL.
    pub(crate) async fn url_for(&self, reference: Uuid, file: &[u8]) -> String {
        let answer = self.allocate(reference, &md5_hex(file), file.len() as u64).await;
        assert!(answer.status().is_success(), "{}", answer.status());
        text(&json_of(answer).await["location"]["href"])
    }

    /// A PUT exactly as the documents want it.
    pub(crate) fn put(&self, url: &str, file: &[u8]) -> RequestBuilder {
        self.client
            .put(url)
            .header("content-type", "application/gzip")
            .header("content-md5", md5_base64(file))
            .header("x-amz-server-side-encryption", "AES256")
            .body(file.to_vec())
    }

    /// Allocates, uploads, waits for the end; gives the status document.
    pub(crate) async fn upload(&self, reference: Uuid, file: &[u8]) -> Value {
        let url = self.url_for(reference, file).await;
        assert_eq!(self.put(&url, file).send().await.unwrap().status(), 200);
        self.end_of(reference).await
    }

    pub(crate) async fn status(&self, reference: Uuid) -> Value {
        json_of(self.get(&format!("/v2/batches/{reference}")).await).await
    }

    pub(crate) async fn end_of(&self, reference: Uuid) -> Value {
        loop {
            let document = self.status(reference).await;
            if ["success", "error", "corrupted"].contains(&document["status"]["code"].as_str().unwrap()) {
                return document;
            }
            tokio::task::yield_now().await;
        }
    }

    /// The error log, unpacked.
    pub(crate) async fn log(&self, document: &Value) -> String {
        gunzip(&self.raw_log(document).await)
    }

    pub(crate) async fn raw_log(&self, document: &Value) -> Vec<u8> {
        let answer = self.client.get(text(&document["status"]["log"])).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }
}

pub(crate) fn plan(rules: Value) -> FaultPlan {
    json!({ "seed": 1, "rules": rules }).to_string().parse().unwrap()
}

pub(crate) async fn json_of(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    fast_md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn md5_base64(bytes: &[u8]) -> String {
    STANDARD.encode(fast_md5::digest(bytes))
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

/// The n-th reference of the tests.
pub(crate) fn reference(n: u128) -> Uuid {
    Uuid::from_u128(0x1000_0000_0000_4000_8000_0000_0000_0000 + n)
}

/// A guest record that is fine.
pub(crate) fn guest(n: u128) -> String {
    let reference = reference(0xabc_0000 + n);
    format!(
        r#"{{"ref":"{reference}","schema":"guest","mode":"upsert","value":{{"guestType":"customer","identifiers":[{{"provider":"CRM","id":"G{n}"}}],"extensions":[{{"name":"ext","key":"default","score":1.50,"member":true}}]}}}}"#
    )
}

/// Lines, each ended by LF.
pub(crate) fn lines(records: &[String]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}
