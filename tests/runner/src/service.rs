//! The service side of a case: the emulator, and what must be true of it at the end.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cdp_batch_emulator::{Config, Emulator, FaultPlan, Outcome, Reallocate, RequestEntry};
use serde_json::{Value, json};

use crate::case::{Arrived, Expect, Requests, Settings};
use crate::content::Files;
use crate::pattern::{Saved, mismatches};

/// An emulator with credentials of its own.
pub(crate) struct Service {
    emulator: Emulator,
    pub(crate) client_key: String,
    pub(crate) api_token: String,
    pub(crate) proxy_url: Option<String>,
}

impl Service {
    /// Starts the emulator that `case` asks for.
    pub(crate) fn start(case: &str, settings: &Settings) -> Result<Self, String> {
        // 32 letters and digits, so that the Client Key is also the tenant in object paths, as with the real service.
        let client_key = md5_hex(case.as_bytes());
        let api_token = format!("token-{}", md5_hex(client_key.as_bytes()));
        let defaults = Config::default();
        let config = Config {
            client_key: client_key.clone(),
            api_token: api_token.clone(),
            faults: settings.faults.clone(),
            records_per_second: settings.records_per_second,
            tls: settings.tls,
            allocate_status: settings.allocate_status.unwrap_or(defaults.allocate_status),
            reallocate: if settings.reallocate_conflicts { Reallocate::Conflict } else { defaults.reallocate },
            ..defaults
        };
        let emulator = Emulator::start(config).map_err(|error| format!("the emulator does not start: {error}"))?;
        let proxy_url = settings.refusing_proxy.then(refusing_proxy).transpose().map_err(|error| error.to_string())?;
        Ok(Service { emulator, client_key, api_token, proxy_url })
    }

    pub(crate) fn base_url(&self) -> String {
        self.emulator.base_url()
    }

    pub(crate) fn ca_pem(&self) -> Option<String> {
        self.emulator.ca_pem()
    }

    pub(crate) fn set_faults(&self, plan: FaultPlan) {
        self.emulator.set_faults(plan);
    }

    pub(crate) fn advance_clock(&self, by: Duration) {
        self.emulator.advance_clock(by);
    }

    /// How many requests have this label or endpoint.
    pub(crate) fn seen(&self, label: &str) -> usize {
        self.emulator.requests().iter().filter(|entry| has_label(entry, label)).count()
    }

    /// What no output may hold: the credentials in every form, and the tenant.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let basic = STANDARD.encode(format!("{}:{}", self.client_key, self.api_token));
        vec![self.client_key.clone(), self.api_token.clone(), basic, self.emulator.tenant()]
    }

    /// Where the service does not hold what the case expects.
    pub(crate) fn mismatches(&self, expect: &Expect, files: &Files, saved: &mut Saved) -> Result<Vec<String>, String> {
        let mut found = self.arrived(expect.arrived.as_ref(), files, saved)?;
        found.extend(self.requests(&expect.requests, saved));
        let batches = self.emulator.batches();
        if let Some(pattern) = &expect.batches {
            let batches = serde_json::to_value(&batches).map_err(|error| error.to_string())?;
            found.extend(mismatches(pattern, &batches, "batches", saved));
        }
        let of_requests = self.emulator.requests().into_iter().flat_map(|entry| entry.violations);
        let of_batches = batches.into_iter().flat_map(|batch| batch.violations);
        let unexpected = of_requests.chain(of_batches).filter(|text| !expect.violations.contains(text));
        found.extend(unexpected.map(|text| format!("the service notes a violation: {text}")));
        Ok(found)
    }

    fn arrived(&self, expected: Option<&Arrived>, files: &Files, saved: &mut Saved) -> Result<Vec<String>, String> {
        let arrived = self.emulator.arrived();
        match expected {
            Some(Arrived::Records { records }) => {
                let record = |record: &cdp_batch_emulator::ArrivedRecord| {
                    json!({
                        "batch_ref": record.batch_ref,
                        "index": record.index,
                        "ref": record.record_ref,
                        "text": record.text,
                        "json": serde_json::from_str::<Value>(&record.text).unwrap_or_default(),
                    })
                };
                Ok(mismatches(records, &arrived.iter().map(record).collect(), "arrived", saved))
            }
            Some(Arrived::Lines { of, without, any_order }) => {
                let lines = of.lines(files)?.into_iter().enumerate();
                let mut wanted: Vec<String> =
                    lines.filter(|(index, _)| !without.contains(&(index + 1))).map(|(_, line)| line).collect();
                let mut got: Vec<String> = arrived.into_iter().map(|record| record.text).collect();
                if *any_order {
                    wanted.sort();
                    got.sort();
                }
                Ok(first_difference(&wanted, &got))
            }
            None => Ok(first_difference(&[], &arrived.into_iter().map(|record| record.text).collect::<Vec<_>>())),
        }
    }

    fn requests(&self, expected: &Requests, saved: &mut Saved) -> Vec<String> {
        let requests = self.emulator.requests();
        let mut found = Vec::new();
        let mut rest = requests.iter();
        for wanted in &expected.order {
            if !rest.any(|entry| has_label(entry, wanted)) {
                let all: Vec<String> = requests.iter().map(label).collect();
                found.push(format!("requests: expected {:?} in this order, got {all:?}", expected.order));
                break;
            }
        }
        let counted: BTreeMap<&str, usize> =
            expected.count.keys().map(|wanted| (wanted.as_str(), self.seen(wanted))).collect();
        for (wanted, pattern) in &expected.count {
            found.extend(mismatches(pattern, &json!(counted[wanted.as_str()]), &format!("requests: {wanted}"), saved));
        }
        found
    }
}

fn first_difference(wanted: &[String], got: &[String]) -> Vec<String> {
    let longest = wanted.len().max(got.len());
    let differs = (0..longest).find(|index| wanted.get(*index) != got.get(*index));
    let told = |index: usize| {
        let (one, other) = (wanted.get(index), got.get(index));
        let counts = format!("expected {} records, got {}", wanted.len(), got.len());
        format!("arrived: {counts}; record {index} should be {one:?}, but is {other:?}")
    };
    differs.map(told).into_iter().collect()
}

fn endpoint(entry: &RequestEntry) -> String {
    let name = entry.endpoint.and_then(|endpoint| serde_json::to_value(endpoint).ok());
    name.as_ref().and_then(Value::as_str).unwrap_or("unknown").to_owned()
}

fn label(entry: &RequestEntry) -> String {
    let end = match (entry.outcome, entry.status) {
        (Outcome::Answered, Some(status)) => status.to_string(),
        (Outcome::Dropped, _) => "dropped".into(),
        (Outcome::Cut, _) => "cut".into(),
        _ => "open".into(),
    };
    format!("{} {end}", endpoint(entry))
}

fn has_label(entry: &RequestEntry, wanted: &str) -> bool {
    wanted == label(entry) || wanted == endpoint(entry)
}

/// The MD5 in lower-case hex.
pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    fast_md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A proxy that wants credentials it is never given; it lives as long as the runner.
fn refusing_proxy() -> std::io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut request = [0; 4096];
            // Whatever was asked, and whether the asker still listens: the answer is the same.
            let _ = stream.read(&mut request);
            let answer =
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer);
        }
    });
    Ok(format!("http://{address}"))
}
