//! The error log is read whatever its shape (protocol.md section 5).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;

use cdp_batch::api::error_log::{LogEntry, LogParser, LogSummary};
use cdp_batch::{Kind, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const REF: &str = "1e20d1e1-07f0-4863-92f1-4d2e15c86a59";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(Vec<LogEntry>, LogSummary)> {
    let mut entries = Vec::new();
    let mut parser = LogParser::new();
    for chunk in chunks {
        parser.push(chunk, &mut |entry| entries.push(entry))?;
    }
    let summary = parser.finish(&mut |entry| entries.push(entry))?;
    assert_eq!(summary.entries, entries.len() as u64);
    Ok((entries, summary))
}

fn entry(record_ref: Option<&str>, code: &str, message: &str) -> LogEntry {
    LogEntry { record_ref: record_ref.map(|text| text.parse().unwrap()), code: code.into(), message: message.into() }
}

#[test]
fn every_quirk_of_a_line_is_read() {
    for (line, expected) in [
        (
            r#"{"ref":"1e20d1e1-07f0-4863-92f1-4d2e15c86a59","code":"400","message":"Not enough identifying information"}"#,
            entry(Some(REF), "400", "Not enough identifying information"),
        ),
        (
            r#"{"ref":"null","code":"400","message":"Failed to parse import line"}"#,
            entry(None, "400", "Failed to parse import line"),
        ),
        (
            r#"{"ref":"1E20D1E107F0486392F14D2E15C86A59","code":402,"message":"m","more":[1]}"#,
            entry(Some(REF), "402", "m"),
        ),
        (r#"{"ref":null,"code":"","message":" Guest not found "}"#, entry(None, "", "Guest not found")),
        (r#"{"code":"403"}"#, entry(None, "403", "")),
        (r#"{"ref":7,"message":{"field":"email"}}"#, entry(None, "", r#"{"field":"email"}"#)),
        ("\u{feff}{\"code\":\"200\",\"message\":\"\u{e4}\u{1f600}\"}", entry(None, "200", "\u{e4}\u{1f600}")),
    ] {
        for log in [line.as_bytes().to_vec(), gzip(line.as_bytes())] {
            let (entries, summary) = read([&log[..]]).unwrap();
            assert_eq!((entries, summary.unreadable), (vec![expected.clone()], 0), "{line}");
        }
    }
}

#[test]
fn only_codes_of_three_digits_from_two_hundred_are_successes() {
    for (code, success) in [("200", true), ("204", true), ("400", false), ("2", false), ("2001", false), ("", false)] {
        assert_eq!(entry(None, code, "").is_success(), success, "{code}");
    }
}

#[test]
fn what_is_no_log_line_is_counted_and_passed_over() {
    let html = "<html>\n<body>Access denied</body>\n</html>\n";
    for (log, unreadable) in [
        ("", 0),
        ("\n", 0),
        ("\r\n \t\r\n\r", 0),
        ("x", 1),
        ("No logs available", 1),
        ("null\n[]\n{}\n\"x\"\n7\n", 5),
        (html, 3),
    ] {
        for bytes in [log.as_bytes().to_vec(), gzip(log.as_bytes())] {
            let (entries, summary) = read([&bytes[..]]).unwrap();
            assert_eq!((entries.len(), summary.unreadable), (0, unreadable), "{log:?}");
        }
    }
    assert_eq!(read([]).unwrap().1, LogSummary::default());
}

#[test]
fn a_line_that_is_not_utf8_is_still_read() {
    let (entries, _) = read([&b"{\"code\":\"400\",\"message\":\"caf\xe9\"}"[..]]).unwrap();
    assert_eq!(entries[0].message, "caf\u{fffd}");
}

#[test]
fn members_of_gzip_follow_each_other() {
    let log = [gzip(b"{\"code\":\"400\"}\n{\"co"), gzip(b"de\":\"401\"}\n")].concat();
    let (entries, _) = read([&log[..]]).unwrap();
    assert_eq!(entries, [entry(None, "400", ""), entry(None, "401", "")]);
}

#[test]
fn damaged_gzip_is_an_integrity_error() {
    let whole = gzip(b"{\"code\":\"400\",\"message\":\"one\"}\n{\"code\":\"400\",\"message\":\"two\"}\n");
    for cut in 2..whole.len() {
        assert_eq!(read([&whole[..cut]]).unwrap_err().kind(), Kind::Integrity, "cut at {cut}");
    }
    let mut flipped = whole.clone();
    let checksum = whole.len() - 6;
    flipped[checksum] ^= 1;
    assert_eq!(read([&flipped[..]]).unwrap_err().kind(), Kind::Integrity);
    assert!(read([&whole[..]]).is_ok());
}

/// Entries, the text of the log, and where it is cut into chunks.
fn logs() -> impl Strategy<Value = (Vec<LogEntry>, String, Vec<usize>)> {
    let line = (any::<Option<[u8; 16]>>(), "[1-5][0-9]{2}", "\\PC{0,40}");
    let ends = prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", " \n"]);
    let lines = prop::collection::vec((line, ends), 0..20);
    (lines, any::<bool>(), prop::collection::vec(0..2_000_usize, 0..12)).prop_map(|(lines, ended, cuts)| {
        let mut text = String::new();
        let mut entries = Vec::new();
        let count = lines.len();
        for (index, ((bytes, code, message), end)) in lines.into_iter().enumerate() {
            let record_ref = bytes.map(uuid::Uuid::from_bytes);
            text += &serde_json::json!({"ref": record_ref, "code": code, "message": message}).to_string();
            text += if index + 1 < count || ended { end } else { "" };
            entries.push(LogEntry { record_ref, code, message: message.trim().into() });
        }
        (entries, text, cuts)
    })
}

fn cut<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        rng_seed: RngSeed::Fixed(6),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn cuts_and_line_ends_change_nothing((expected, text, cuts) in logs()) {
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
            let (entries, summary) = read(cut(&bytes, &cuts)).unwrap();
            prop_assert_eq!(&entries, &expected);
            prop_assert_eq!(summary.unreadable, 0);
            let (bytewise, _) = read(bytes.chunks(1)).unwrap();
            prop_assert_eq!(&bytewise, &expected);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, gzipped: bool) {
        let bytes = if gzipped { [&[0x1f, 0x8b][..], &bytes].concat() } else { bytes };
        let _ = read(bytes.chunks(7));
    }
}
