//! Packing goes on after any part as if it had never stopped: the same records, rejects and counts.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Read;

use cdp_batch::pack::{self, Done, Output, Part, Settings};
use cdp_batch::reject::Reject;
use cdp_batch::source::{self, Source};
use cdp_batch::{Options, Result};
use flate2::read::GzDecoder;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

/// Everything that packing puts out, and where a journal would say that each part ends.
#[derive(Default)]
struct All {
    read: u64,
    rejects: Vec<Reject>,
    records: String,
    lines: Vec<(String, u64)>,
    bytes: Vec<u8>,
    packed: u64,
    parts: Vec<u64>,
    ends: Vec<End>,
}

/// What was out when a part ended.
#[derive(Clone, Copy)]
struct End {
    done: Done,
    rejects: usize,
    records: usize,
    lines: usize,
}

impl Output for All {
    fn read(&mut self, records: u64) {
        self.read += records;
    }

    fn reject(&mut self, reject: Reject, _after: u64) -> Result<()> {
        self.rejects.push(reject);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn seal(&mut self, part: Part) -> Result<()> {
        GzDecoder::new(&self.bytes[..]).read_to_string(&mut self.records).unwrap();
        self.bytes.clear();
        let origins = (0..part.records as u32).map(|record| part.origins.of(record).unwrap());
        self.lines.extend(origins.map(|(source, line)| (source.to_string(), line)));
        self.packed += part.records;
        self.parts.push(part.index);
        let done = Done { parts: part.index + 1, records: self.packed + self.rejects.len() as u64 };
        let (rejects, records, lines) = (self.rejects.len(), self.records.len(), self.lines.len());
        self.ends.push(End { done, rejects, records, lines });
        Ok(())
    }
}

fn packed(text: &[String], settings: &Settings, done: Done) -> All {
    let sources = text.iter().enumerate().map(|(index, text)| Source::bytes(&format!("{index}.json"), text.as_bytes()));
    let mut input = source::open(Source::many(sources.collect()), settings.block_bytes()).unwrap();
    let mut all = All::default();
    pack::pack_on(&mut input, settings, done, &mut all).unwrap();
    all
}

/// A record, a broken one, one that repeats an earlier ref, or one that no part can hold.
fn record(number: u64, kind: u8) -> String {
    let noise = |bytes: usize| -> String {
        let mut random = fastrand::Rng::with_seed(number);
        (0..bytes).map(|_| random.alphanumeric()).collect()
    };
    let of = |number: u64, bytes: usize| {
        let value = json!({"email": noise(bytes)});
        let record_ref = uuid::Uuid::from_u128(u128::from(number) + 1).to_string();
        json!({"ref": record_ref, "schema": "guest", "mode": "upsert", "value": value}).to_string()
    };
    match kind {
        0 => "{\"broken\": 1}".to_string(),
        1 => of(number / 2, 20),
        2 => of(number, 9_000),
        _ => of(number, 100),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8,
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn packing_goes_on_after_any_part_as_if_it_had_not_stopped(
        kinds in proptest::collection::vec(0..24_u8, 200..900),
        array in any::<bool>(),
        split in 0.0..1.0_f64,
        threads in 1..4_usize,
    ) {
        let records: Vec<String> = (0..).zip(&kinds).map(|(number, &kind)| record(number, kind)).collect();
        let (first, second) = records.split_at(1 + (split * (records.len() - 2) as f64) as usize);
        // Records of an array on one line all have the same line.
        let text = [first, second].map(|records| match array {
            true => format!("[{}]", records.join(",")),
            false => records.join("\n"),
        });
        let options = Options { max_batch_bytes: 5_000, threads: Some(threads), ..Options::default() };
        let settings = Settings::new(&options).unwrap();
        let whole = packed(&text, &settings, Done::default());
        prop_assert!(whole.ends.len() > 2);
        for end in &whole.ends {
            let rest = packed(&text, &settings, end.done);
            prop_assert_eq!(&rest.records, &whole.records[end.records..]);
            prop_assert_eq!(&rest.lines, &whole.lines[end.lines..]);
            prop_assert_eq!(&rest.rejects, &whole.rejects[end.rejects..]);
            prop_assert_eq!(rest.read, whole.read - end.done.records);
            prop_assert!(rest.parts.iter().copied().eq(end.done.parts..end.done.parts + rest.parts.len() as u64));
        }
    }
}
