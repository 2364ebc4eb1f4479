//! What must hold of any input. The fuzzer calls these functions with what it makes up, a test with the corpus.

use std::io::Read;
use std::path::Path;

use cdp_batch::api::answer::{Answer, Head};
use cdp_batch::api::classify::classify;
use cdp_batch::api::error_log::LogParser;
use cdp_batch::api::redact::Redactor;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::api::{allocate, inspect, status, upload};
use cdp_batch::client::Client;
use cdp_batch::digest::Md5;
use cdp_batch::pack::Input as _;
use cdp_batch::secret::{Credentials, Secret};
use cdp_batch::source::{self, Source};
use cdp_batch::{Options, Stage, journal as state};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What is tried with an input; it panics if something does not hold.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 5] =
    [("lines", lines), ("reflow", reflow), ("answers", answers), ("error_log", error_log), ("journal", journal)];

/// Records with their lines, and how reading ended.
type Records = (Vec<(Vec<u8>, u64)>, Option<String>);

/// NDJSON is split like by hand, in whatever pieces it arrives and is handed on.
pub fn lines(data: &[u8]) {
    // A first record on a line of its own keeps the text from being taken for an array or for records over lines.
    let text = [b"{}\n", data].concat();
    let (records, error) = read(Source::bytes("x", text.clone()), 64);
    same_in_pieces(&text, &records, error.as_deref());
    if text.iter().take(1_024).any(|byte| *byte == 0) {
        assert!(error.is_some());
        return;
    }
    assert_eq!(error, None);
    let mut expected = Vec::new();
    let mut rest = &text[..];
    for line in 1.. {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        if rest[..end].iter().any(|byte| !matches!(byte, b' ' | b'\t')) {
            expected.push((rest[..end].to_vec(), line));
        }
        let break_len = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        match rest.get(end + break_len..) {
            Some(after) => rest = after,
            None => break,
        }
    }
    assert_eq!(records, expected);
}

/// JSON over several lines means the same as a parser reads, each record on one line.
pub fn reflow(data: &[u8]) {
    for text in [[b"[", data].concat(), [b"{\n", data].concat()] {
        let (records, error) = read(Source::bytes("x", text.clone()), 64);
        same_in_pieces(&text, &records, error.as_deref());
        for (record, _) in &records {
            assert!(!record.iter().any(|byte| matches!(byte, b'\n' | b'\r')));
        }
        if let Ok(parsed) = serde_json::from_slice::<Vec<&RawValue>>(&text) {
            assert_eq!(records.len(), parsed.len(), "{error:?}");
            for ((record, _), parsed) in records.iter().zip(parsed) {
                let same = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
                assert_eq!(same(record), same(parsed.get().as_bytes()));
            }
        }
    }
}

/// Any answer is read or refused, and no refusal shows a credential.
pub fn answers(data: &[u8]) {
    let [choice, code, body @ ..] = data else { return };
    let secrets = ["planted-client-key", "planted-api-token", "planted-tenant", "planted-signature"];
    let credentials = Credentials { client_key: Secret::new(secrets[0]), api_token: Secret::new(secrets[1]) };
    let url = "https://s3.example/planted-tenant/batch/import.gz?X-Amz-Signature=planted-signature";
    let redactor = Redactor::new(&credentials).with_url(&url.parse().unwrap());
    let headers = ["retry-after", "content-type", "location", "x-request-id", "date"];
    let value = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
    let head =
        Head { status: 100 + 3 * u16::from(*code), headers: headers.map(|name| (name.into(), value.clone())).into() };
    let stages = [Stage::Allocate, Stage::Upload, Stage::Status, Stage::List, Stage::Log];
    let stage = stages[usize::from(*choice) % stages.len()];
    let answer = Answer { stage, head: &head, body, redactor: &redactor };
    let batch = uuid::Uuid::from_u128(7);
    let error = match (head.is_success(), stage) {
        (false, _) => Some(classify(&answer)),
        (_, Stage::Allocate) => allocate::parse(&answer, batch, Md5::from_bytes([7; 16]), 5).err(),
        (_, Stage::Status) => status::parse(&answer, batch).err(),
        (_, Stage::List) => inspect::parse(&answer).err(),
        (_, _) => upload::parse(&answer).err(),
    };
    let error = error.map_or(String::new(), |error| format!("{error} {error:?} {}", json!(error)));
    let cleaned = redactor.clean(&String::from_utf8_lossy(body));
    for secret in secrets {
        assert!(!error.contains(secret) && !cleaned.contains(secret), "{error} {cleaned}");
    }
}

/// An error log gives the same entries in whatever pieces it arrives.
pub fn error_log(data: &[u8]) {
    let [size, log @ ..] = data else { return };
    let read = |size: usize| {
        let (mut entries, mut parser) = (Vec::new(), LogParser::new());
        for piece in log.chunks(size) {
            parser.push(piece, &mut |entry| entries.push(entry)).map_err(|error| error.to_string())?;
        }
        let summary = parser.finish(&mut |entry| entries.push(entry)).map_err(|error| error.to_string())?;
        assert_eq!(summary.entries, entries.len() as u64);
        Ok::<_, String>((entries, summary))
    };
    assert_eq!(read(log.len().max(1)), read(usize::from(*size).max(1)));
}

/// Any file in the place of a journal is used or refused; nothing beside the state folder changes.
pub fn journal(data: &[u8]) {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.into() } else { std::env::temp_dir() };
    let folder = tempfile::tempdir_in(place).unwrap();
    let outside = folder.path().join("00000.json.gz");
    std::fs::write(&outside, "kept").unwrap();
    let home = folder.path().join("state");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("journal.sqlite"), data).unwrap();
    let known = state::runs(&home);
    let _ = state::clean(&home);
    if known.is_ok_and(|runs| runs.iter().any(|run| run.run_id == "nightly")) {
        let options = json!({"state_dir": home, "retry": {"attempts": 1}, "wait": {"timeout_ms": 1, "min_ms": 1}});
        let options = Options::from_map(options.as_object().unwrap()).unwrap();
        // Nobody listens there.
        let base = BaseUrl::parse("http://127.0.0.1:9").unwrap();
        let client = Client::new(base, Secret::new("key"), Secret::new("token"), options).unwrap();
        client.resume("nightly").join().unwrap_err();
    }
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "kept");
}

fn read(source: Source, block_bytes: usize) -> Records {
    let mut blocks = source::open(source, block_bytes).unwrap();
    let mut records = Vec::new();
    loop {
        match blocks.next(Vec::new()) {
            Ok(Some(block)) => records.extend(block.records().map(|(record, line)| (record.to_vec(), line))),
            Ok(None) => return (records, None),
            Err(error) => return (records, Some(error.message().to_string())),
        }
    }
}

/// The same text a few bytes at a time, in blocks of other sizes. After an error, how much came before is not said.
fn same_in_pieces(text: &[u8], records: &[(Vec<u8>, u64)], error: Option<&str>) {
    let step = 1 + text.len() % 7;
    for block_bytes in [1, 37, 100_000] {
        let drip = Drip { text: text.to_vec(), at: 0, step };
        let (found, ended) = read(Source::reader("x", Box::new(drip)), block_bytes);
        assert_eq!(ended.as_deref(), error);
        if error.is_none() {
            assert_eq!(found, records);
        }
    }
}

/// Gives a few bytes at a time.
struct Drip {
    text: Vec<u8>,
    at: usize,
    step: usize,
}

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.text[self.at..];
        let taken = rest.len().min(self.step).min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.at += taken;
        Ok(taken)
    }
}
