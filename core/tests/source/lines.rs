//! NDJSON: every line ending, every boundary.

use cdp_batch::pack::{Input, MAX_RECORD_BYTES};
use cdp_batch::source::{Source, open};

use crate::{BLOCK, HEAD, Trickle, blocks, listed, owned, records, texts, texts_and_lines};

#[test]
fn every_line_ending_gives_the_same_records_and_their_lines() {
    for (text, expected) in [
        ("", vec![]),
        ("\n\r\n \t\n\r", vec![]),
        ("{}", vec![(1, "{}")]),
        ("{\"a\":1}\n{\"b\":2}\n", vec![(1, "{\"a\":1}"), (2, "{\"b\":2}")]),
        ("{\"a\":1}\r\n{\"b\":2}\r\n", vec![(1, "{\"a\":1}"), (2, "{\"b\":2}")]),
        ("{\"a\":1}\r{\"b\":2}\r", vec![(1, "{\"a\":1}"), (2, "{\"b\":2}")]),
        ("{\"a\":1}\r\n{\"b\":2}\n{\"c\":3}", vec![(1, "{\"a\":1}"), (2, "{\"b\":2}"), (3, "{\"c\":3}")]),
        ("\n\n{\"a\":1}\n\n  \n{\"b\":2}\r\n\r\n{\"c\":3}", vec![(3, "{\"a\":1}"), (6, "{\"b\":2}"), (8, "{\"c\":3}")]),
        ("{\"a\":1}\r\r{\"b\":2}", vec![(1, "{\"a\":1}"), (3, "{\"b\":2}")]),
        (" {\"a\": 1 } \n\t{\"b\" :2}", vec![(1, " {\"a\": 1 } "), (2, "\t{\"b\" :2}")]),
        ("\u{FEFF}{\"a\":1}\n", vec![(1, "{\"a\":1}")]),
        ("{\"a\":1}\n\u{FEFF}{\"b\":2}", vec![(1, "{\"a\":1}"), (2, "\u{FEFF}{\"b\":2}")]),
        ("oops\n{\"a\":1}", vec![(1, "oops"), (2, "{\"a\":1}")]),
    ] {
        assert_eq!(records(text), owned(&expected), "{text:?}");
    }
}

#[test]
fn a_block_is_as_full_as_whole_records_allow() {
    let texts = |text: &str, limit| -> Vec<String> {
        let all = texts(Source::bytes("test", text), limit);
        all.into_iter().map(|text| String::from_utf8(text).unwrap()).collect()
    };
    assert_eq!(texts("1234\n123\n", 9), ["1234\n123\n"]);
    assert_eq!(texts("1234\r\n123", 9), ["1234\n123\n"]);
    assert_eq!(texts("1234\n1234\n", 9), ["1234\n", "1234\n"]);
    assert_eq!(texts("1234\n          \n123\n", 9), ["1234\n123\n"], "a blank line takes no room");
    assert_eq!(texts("1\n123456789012\n1\n", 9), ["1\n", "123456789012\n", "1\n"], "a long record stands alone");
}

#[test]
fn a_block_never_spans_two_sources_and_lines_start_again() {
    let source = Source::many(vec![
        Source::bytes("one", "{\"a\":1}\n{\"b\":2}"),
        Source::bytes("empty", "\n"),
        Source::bytes("two", "\n{\"c\":3}"),
    ]);
    let all = blocks(source, BLOCK);
    let found: Vec<_> = all.iter().map(|block| (&*block.source, listed(block))).collect();
    assert_eq!(
        found,
        [
            ("one", vec![(1, "{\"a\":1}".to_string()), (2, "{\"b\":2}".to_string())]),
            ("two", vec![(2, "{\"c\":3}".to_string())]),
        ]
    );
}

#[test]
fn a_record_over_the_longest_is_passed_over_and_named() {
    let exactly = vec![b'x'; MAX_RECORD_BYTES];
    let over = vec![b'y'; MAX_RECORD_BYTES + 1];
    let blank = vec![b' '; MAX_RECORD_BYTES + 1];
    let text = [b"{}".as_slice(), &over, &blank, &exactly, b"{}"].join(&b'\n');
    let all = blocks(Source::bytes("test", text), BLOCK);
    let lines: Vec<Vec<u64>> =
        all.iter().map(|block| (0..block.lines.len()).map(|record| block.lines.line(record)).collect()).collect();
    assert_eq!(lines, [vec![1], vec![4], vec![5]]);
    let too_long: Vec<_> = all.iter().flat_map(|block| &block.too_long).collect();
    assert_eq!(too_long.len(), 1);
    assert_eq!((too_long[0].line, too_long[0].bytes), (2, MAX_RECORD_BYTES as u64 + 1));
    assert_eq!(too_long[0].head, vec![b'y'; 200]);
    assert_eq!(blocks(Source::bytes("test", over), BLOCK)[0].too_long.len(), 1, "also when there is no other record");
}

#[test]
fn neither_reads_nor_line_endings_nor_blank_lines_move_a_boundary() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        // The first line says that this is NDJSON; the others are any bytes but line breaks.
        let mut plain = b"{}\n".to_vec();
        let mut odd = [b"\xEF\xBB\xBF{}\r\n".as_slice(), &[b'\n'; HEAD]].concat();
        for _ in 0..random.usize(0..60) {
            let mut record = vec![b' '; random.usize(0..3)];
            let length = random.usize(1..50);
            record.extend(std::iter::repeat_with(|| random.u8(b'!'..)).take(length));
            plain.extend_from_slice(&record);
            plain.push(b'\n');
            odd.extend_from_slice(&record);
            odd.extend_from_slice(random.choice(["\n", "\r\n", "\r", "\n\n", "\r\n   \r\n"]).unwrap().as_bytes());
        }
        let limit = random.usize(1..200);
        let expected = texts(Source::bytes("test", plain.clone()), limit);
        assert_eq!(expected.concat(), plain);
        assert_eq!(texts(Source::bytes("test", odd.clone()), limit), expected, "seed {seed}");
        let trickled = texts_and_lines(Trickle::source(odd.clone(), seed), limit);
        assert_eq!(trickled, texts_and_lines(Source::bytes("test", odd), limit), "seed {seed}");
    }
}

#[test]
fn a_spent_buffer_is_used_again_and_its_content_forgotten() {
    let text = "0123456789\n".repeat(50);
    let mut blocks = open(Source::bytes("test", text.clone()), 64).unwrap();
    let mut buffer = b"stale".to_vec();
    let mut all = Vec::new();
    while let Some(block) = blocks.next(buffer).unwrap() {
        all.extend_from_slice(&block.text);
        buffer = block.text;
    }
    assert_eq!(all, text.as_bytes());
}
