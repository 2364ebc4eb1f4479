//! The scanner's verdict equals a strict parser's.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../fuzz/src/records.rs"]
#[expect(unreachable_pub, reason = "also a program of the fuzzer")]
mod records;

use cdp_batch::record::fault::Flaw;
use cdp_batch::record::scan::{MAX_DEPTH, Members, scan};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use records::records;
use serde_json::{Map, Value};

/// Texts to change: records, and every form of number, string and white space.
const SEEDS: &[&str] = &[
    r#"{"ref":"ace73c06-b361-11ed-afa1-0242ac120002","schema":"guest","mode":"upsert","value":{"guestType":"customer","identifiers":[{"provider":"email","id":"a@example.com"}],"extensions":[{"name":"ext","key":"default","loyaltyNumber":"1234"}]}}"#,
    r#"{"a":[0,-0,1.5,-1.25e+10,1E-3,12345678901234567890,true,false,null,"",{},[]],"b":{"c":[[1],[[]]]}}"#,
    r#" { "a" : [ 1 , 2 ] , "\u0062" : "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00" , "ключ" : "Zoë 😀 " } "#,
    "{\"a\":\"0123456\",\"b\":\"01234567\",\"c\":\"012345678\",\"d\":\"012345678901234567890\u{feff}\"}",
    "[\t[],\r\n{}, 1]",
    r#""one string""#,
    "-12.5e7",
];

/// What mutations put in: the bytes and fragments that decide about validity.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"0",
    b"7",
    b"-",
    b"+",
    b".",
    b"e",
    b"E",
    b"a",
    b"u",
    b"\\u",
    b"\\ud83d",
    b"\\ude00",
    b"\\u00",
    b"\\n",
    b"\\x",
    b"true",
    b"false",
    b"null",
    b"nul",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"\"a\"",
    b"\"a\":",
    b"1e400",
    b"\x00",
    b"\x1f",
    b"\x7f",
    b"\x80",
    b"\xc3\xa9",
    b"\xc3",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80",
    b"//",
    b"'",
];

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Compares our verdict, and the members we saw, with `serde_json`'s.
fn compare(text: &[u8]) -> Result<(), TestCaseError> {
    records(text);
    let mut members = Vec::new();
    let ours = scan(text, |member| members.push((member.name().into_owned(), member.value)));
    match serde_json::from_slice::<Value>(text) {
        Ok(theirs) => {
            prop_assert!(ours.is_ok(), "refused: {ours:?}");
            if let Value::Object(theirs) = theirs {
                let ours: Map<String, Value> = members
                    .into_iter()
                    .map(|(name, value)| (String::from_utf8(name).unwrap(), serde_json::from_slice(value).unwrap()))
                    .collect();
                prop_assert_eq!(ours, theirs);
            }
        }
        // The one exception: such a number is JSON, so we go by a parser that does not convert.
        Err(reason) if reason.to_string().starts_with("number out of range") => {
            prop_assert!(ours.is_err() || serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok());
        }
        Err(reason) => prop_assert!(ours.is_err(), "accepted, but serde_json says: {reason}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_changed_text_is_accepted_exactly_if_serde_json_accepts_it(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, 0..PIECES.len(), 0..4_usize), 0..4),
    ) {
        let mut text = SEEDS[seed].as_bytes().to_vec();
        for (at, kind, piece, length) in edits {
            let at = at.index(text.len() + 1);
            let end = text.len().min(at + length);
            match kind {
                0 => drop(text.splice(at..at, PIECES[piece].iter().copied())),
                1 => drop(text.splice(at..end, PIECES[piece].iter().copied())),
                _ => drop(text.drain(at..end)),
            }
        }
        compare(&text)?;
    }

    #[test]
    fn a_row_of_tokens_is_accepted_exactly_if_serde_json_accepts_it(
        tokens in prop::collection::vec(0..PIECES.len(), 1..9),
    ) {
        let text: Vec<u8> = tokens.iter().flat_map(|token| PIECES[*token]).copied().collect();
        compare(&text)?;
        compare(&[b"[".as_slice(), &text, b"]"].concat())?;
        compare(&[b"{\"k\":\"".as_slice(), &text, b"\"}"].concat())?;
        compare(&[b"{\"k\":".as_slice(), &text, b"}"].concat())?;
        compare(&[b"{\"k\":1,".as_slice(), &text, b"}"].concat())?;
        compare(&[b"{\"k\":[{\"k\":[],\"l\":".as_slice(), &text, b",\"m\":{}},2]}"].concat())?;
    }
}

/// Whatever matters at every place of two blocks of 64 bytes, in a string and outside: what comes before is moved along.
#[test]
fn no_place_in_a_block_changes_a_verdict() {
    let ends = [
        "",
        "1",
        "{}",
        "[]",
        "\"",
        "\\",
        "\n",
        "\"b\"",
        ",\"b\"",
        ",\"b\":1",
        ":1",
        "]",
        "}",
        " ",
        "\u{e9}",
        "\u{1f600}",
    ];
    let insides = [
        "",
        "\\\\",
        "\\\\\\",
        "\\\"",
        "\\\\\\\"",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\u{1f600}",
        "\u{1}",
        "\"",
        "{",
        ",",
        ":",
    ];
    for length in 0..130 {
        let long = "x".repeat(length);
        for inside in insides {
            records(format!("{{\"k\":\"{long}{inside}\",\"{long}{inside}\":[1,\"{inside}\"]}}").as_bytes());
        }
        for end in ends {
            records(format!("{{\"{long}\":{{\"a\":0{end}}},\"c\":[\"{long}\"{end}]}}").as_bytes());
            records(format!("[\"{long}\",[true{end}],{{{end}}},{{\"a\":{end}}},-1.5e3{end}]").as_bytes());
        }
        let digits = "7".repeat(length + 1);
        records(format!("[{digits},{{\"a\":{digits},\"b\":-0.{digits}}},0{digits}]").as_bytes());
        records(format!("[{digits},{{\"a\":{digits},\"b\":-0.{digits}}}]").as_bytes());
    }
}

#[test]
fn every_seed_of_the_fuzz_target_holds() {
    let folder = format!("{}/fuzz/corpus/records", env!("CARGO_MANIFEST_DIR"));
    let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().map(|seed| seed.unwrap().path()).collect();
    assert!(seeds.len() >= 3);
    seeds.iter().for_each(|seed| records(&std::fs::read(seed).unwrap()));
}

#[test]
fn every_prefix_of_a_record_is_refused() {
    let record = SEEDS[0].as_bytes();
    for end in 0..record.len() {
        let fault = scan(&record[..end], |_| ()).unwrap_err();
        assert!(matches!(fault.flaw, Flaw::Unfinished | Flaw::Empty), "{end}: {fault:?}");
    }
}

#[test]
fn a_control_character_is_found_at_every_place_of_a_word() {
    for length in 0..20 {
        for special in [b'"', b'\\', 0x00, 0x1f] {
            let text = [b"[\"".as_slice(), &vec![b'x'; length], &[special], b"\"]"].concat();
            assert!(scan(&text, |_| ()).is_err(), "{length} {special}");
        }
        for plain in ["\u{20}", "!", "#", "\u{7f}", "\u{80}", "\u{a2}", "\u{dc}"] {
            let text = format!("[\"{}{plain}{}\"]", "x".repeat(length), "\u{e9}".repeat(length));
            assert!(scan(text.as_bytes(), |_| ()).is_ok(), "{length} {plain:?}");
        }
    }
}

#[test]
fn nesting_is_refused_where_serde_json_refuses_it() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let levels = if open.starts_with("[{") { 2 } else { 1 };
        for repeat in 1..=MAX_DEPTH as usize + 2 {
            let text = format!("{}0{}", open.repeat(repeat), close.repeat(repeat));
            let ours = scan(text.as_bytes(), |_| ());
            assert_eq!(ours.is_ok(), repeat * levels <= MAX_DEPTH as usize, "{open} {repeat}");
            assert_eq!(ours.is_ok(), serde_json::from_str::<Value>(&text).is_ok(), "{open} {repeat}");
        }
    }
}

#[test]
fn nesting_a_hundred_thousand_deep_is_refused_with_a_clear_message() {
    for text in ["[".repeat(100_000), "{\"value\":".repeat(100_000)] {
        let fault = scan(text.as_bytes(), |_| ()).unwrap_err();
        assert_eq!(fault.flaw, Flaw::Depth);
        assert!(fault.to_string().starts_with("objects and arrays nest deeper than 127, at byte "), "{fault}");
    }
}

#[test]
fn each_flaw_is_named_with_its_place() {
    for (text, at, flaw) in [
        (b"".as_slice(), 0, Flaw::Empty),
        (b" \t", 2, Flaw::Empty),
        (b"\xef\xbb\xbf{}", 0, Flaw::Bom),
        (b"{\"a\":\xef\xbb\xbf1}", 5, Flaw::Bom),
        (b"{\"a\":\"b\xff\"}", 7, Flaw::Utf8),
        (b"\xff\xfe{\0", 0, Flaw::Utf8),
        (b"{\"a\":NaN}", 5, Flaw::NotFinite),
        (b"{\"a\":[-Infinity]}", 7, Flaw::NotFinite),
        (b"{\"a\":+1}", 5, Flaw::Value),
        (b"{\"a\":01}", 6, Flaw::Number),
        (b"{\"a\":1.}", 7, Flaw::Number),
        (b"{\"a\":\"b\tc\"}", 7, Flaw::Control),
        (b"{\"a\":\"\\x\"}", 7, Flaw::Escape),
        (b"{\"a\":\"\\ud83d\"}", 7, Flaw::Surrogate),
        (b"{\"a\":\"\\ude00\"}", 7, Flaw::Surrogate),
        (b"{a:1}", 1, Flaw::Name),
        (b"{\"a\":1,}", 7, Flaw::Name),
        (b"{\"a\" 1}", 5, Flaw::Colon),
        (b"[1 2]", 3, Flaw::Comma),
        (b"{\"a\":1]", 6, Flaw::Comma),
        (b"{\"a\":1}{\"a\":2}", 7, Flaw::Trailing),
        (b"[1,", 3, Flaw::Unfinished),
    ] {
        let fault = scan(text, |_| ()).unwrap_err();
        assert_eq!((fault.at, fault.flaw), (at, flaw), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn members_end_after_the_first_fault() {
    let mut members = Members::new(b"{\"a\":1,\"b\":x,\"c\":2}", 0);
    assert!(members.next().unwrap().is_ok());
    assert!(members.next().unwrap().is_err());
    assert!(members.next().is_none());
}

#[test]
fn what_is_no_object_has_no_members() {
    assert!(Members::new(b"[1]", 0).next().is_none());
    assert!(Members::new(b"", 0).next().is_none());
}
