//! Parts: never over the cap, nearly full, one gzip member, the same bytes on any number of threads, nothing lost.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Read;
use std::path::Path;

use cdp_batch::Options;
use cdp_batch::local::{PackReport, pack};
use cdp_batch::options::{Check, OnInvalid};
use cdp_batch::source::Source;
use cdp_batch_sample::{Amount, Guests, Orders, Shorts, write};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn guests(records: u64) -> Vec<u8> {
    let mut text = Vec::new();
    write(&mut text, &mut Guests::new(7), Amount::Records(records)).unwrap();
    text
}

/// Packs into a fresh folder and decodes every part with one-member gzip.
fn packed(text: &[u8], options: &Options) -> (PackReport, Vec<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let report = pack(Source::bytes("test", text), folder.path(), options).unwrap();
    let decoded = report.parts.iter().map(|part| decode(&part.path)).collect();
    (report, decoded)
}

fn decode(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let mut member = flate2::bufread::GzDecoder::new(&bytes[..]);
    let mut text = Vec::new();
    member.read_to_end(&mut text).unwrap();
    assert!(member.into_inner().is_empty(), "a second member or trailing bytes");
    text
}

fn options(max_batch_bytes: u64, threads: usize) -> Options {
    Options { max_batch_bytes, threads: Some(threads), ..Options::default() }
}

#[test]
fn parts_are_full_never_over_and_give_the_input_back() {
    let (mut orders, mut short) = (Vec::new(), Vec::new());
    write(&mut orders, &mut Orders::new(7), Amount::Records(6_000)).unwrap();
    write(&mut short, &mut Shorts::new(7), Amount::Records(30_000)).unwrap();
    for text in [guests(6_000), orders, short] {
        for cap in [64 * 1024, 100_000, 500_000] {
            let (report, decoded) = packed(&text, &options(cap, 2));
            assert!(decoded.concat() == text, "cap {cap}: the parts are not the input");
            let (last, full) = report.parts.split_last().unwrap();
            assert!(last.size <= cap);
            for part in full {
                assert!(part.size <= cap && part.size * 1000 >= cap * 995, "cap {cap}: a part of {}", part.size);
            }
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_files() {
    let text = guests(4_000);
    let (one, _) = packed(&text, &options(200_000, 1));
    for threads in [2, 3, 8] {
        let (many, _) = packed(&text, &options(200_000, threads));
        let digests = |report: &PackReport| report.parts.iter().map(|part| (part.md5, part.size)).collect::<Vec<_>>();
        assert_eq!(digests(&one), digests(&many), "{threads} threads");
    }
}

#[test]
fn a_part_holds_at_most_max_batch_records() {
    let text = guests(1_001);
    let (report, decoded) = packed(&text, &Options { max_batch_records: Some(250), ..options(1_000_000, 2) });
    assert_eq!(report.parts.iter().map(|part| part.records).collect::<Vec<_>>(), [250, 250, 250, 250, 1]);
    assert!(decoded.concat() == text);
}

#[test]
fn a_record_larger_than_any_part_is_rejected_with_its_line_and_the_others_are_packed() {
    let mut rng = fastrand::Rng::with_seed(1);
    let noise: String = std::iter::repeat_with(|| rng.alphanumeric()).take(40_000).collect();
    let record = |ref_: u128, note: &str| {
        let id = uuid::Uuid::from_u128(ref_);
        format!(r#"{{"ref":"{id}","schema":"guest","mode":"upsert","value":{{"firstName":"{note}"}}}}"#)
    };
    let lines = [record(1, "a"), record(2, &noise), record(3, "b"), record(4, "c")];
    let (report, decoded) = packed((lines.join("\n") + "\n").as_bytes(), &options(8_192, 2));
    let rejects: Vec<_> = report.rejects.iter().map(Result::unwrap).collect();
    assert_eq!(rejects.len(), 1);
    assert_eq!((rejects[0].line, rejects[0].code.as_str()), (Some(2), "record_too_large"));
    assert_eq!(rejects[0].record, lines[1].as_bytes());
    assert_eq!(String::from_utf8(decoded.concat()).unwrap(), [&*lines[0], &*lines[2], &*lines[3], ""].join("\n"));
    assert_eq!((report.counts.read, report.counts.packed, report.counts.rejected), (4, 3, 1));
}

#[test]
fn rejects_come_in_input_order_and_a_repeated_ref_is_one_of_them() {
    let good = |n: u128| {
        let id = uuid::Uuid::from_u128(n);
        format!(r#"{{"ref":"{id}","schema":"guest","mode":"upsert","value":{{}}}}"#)
    };
    let lines = [good(1), "nonsense".into(), good(2), good(1), "{}".into(), good(3)];
    let (report, decoded) = packed(lines.join("\n").as_bytes(), &Options::default());
    let rejects: Vec<_> = report.rejects.iter().map(Result::unwrap).collect();
    assert_eq!(rejects.iter().map(|reject| reject.line.unwrap()).collect::<Vec<_>>(), [2, 4, 5]);
    assert_eq!(rejects[1].code, "envelope.ref.repeated");
    assert_eq!(String::from_utf8(decoded.concat()).unwrap(), [&*lines[0], &*lines[2], &*lines[5], ""].join("\n"));
}

#[test]
fn stop_names_the_first_bad_line_whatever_the_threads() {
    let mut text = guests(3_000);
    let middle = text.len() / 2;
    let line = text[..middle].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    text[middle] = b'\x01';
    for threads in [1, 4] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { on_invalid: OnInvalid::Stop, ..options(100_000, threads) };
        let error = pack(Source::bytes("test", text.clone()), folder.path(), &options).err().unwrap();
        assert_eq!((error.kind(), error.line()), (cdp_batch::Kind::InvalidRecord, Some(line)));
    }
}

/// `/dev/full` is a disk without room; a link leads the part's file there.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_io_error_that_names_the_part_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join("00000.json.gz.unfinished")).unwrap();
    let error = pack(Source::bytes("test", guests(2_000)), folder.path(), &Options::default()).err().unwrap();
    assert_eq!((error.kind(), error.stage()), (cdp_batch::Kind::Io, Some(cdp_batch::Stage::Spool)));
    assert!(error.message().contains("00000.json.gz") && error.message().contains("No space left"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        rng_seed: RngSeed::Fixed(4),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_lines_under_any_cap_come_back_in_order(
        seed: u64, lines in 1usize..400, longest in 1usize..3_000, cap in 4_096u64..40_000, threads in 1usize..4,
    ) {
        let mut rng = fastrand::Rng::with_seed(seed);
        // Text that begins like JSON would be read as an array, or as JSON over several lines.
        let mut text = b"first".to_vec();
        for _ in 0..lines {
            let len = rng.usize(1..=longest);
            let compressible = rng.bool();
            text.extend(std::iter::repeat_with(|| if compressible { b'a' } else { rng.u8(33..127) }).take(len));
            text.push(b'\n');
        }
        let options = Options { check: Check::None, ..options(cap, threads) };
        let (report, decoded) = packed(&text, &options);
        prop_assert_eq!(report.counts.rejected, 0);
        prop_assert!(decoded.concat() == text);
        prop_assert!(report.parts.iter().all(|part| part.size <= cap));
    }
}
