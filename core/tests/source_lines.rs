//! NDJSON in, blocks out: every line ending, every boundary, every way of reading.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{self, Read};

use cdp_batch::source::{Block, MAX_RECORD_BYTES, Source, open};

const BLOCK: usize = 512 << 10;

fn blocks(source: Source, block_bytes: usize) -> Vec<Block> {
    let mut blocks = open(source, block_bytes).unwrap();
    std::iter::from_fn(|| blocks.next(Vec::new()).unwrap()).collect()
}

/// Every record with its line.
fn records(text: impl Into<Vec<u8>>) -> Vec<(u64, String)> {
    let all = blocks(Source::bytes("test", text), BLOCK);
    all.iter().flat_map(listed).collect()
}

fn listed(block: &Block) -> Vec<(u64, String)> {
    let records: Vec<_> = block.text.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(records.len(), block.lines.records());
    let line = |(index, text): (usize, &[u8])| {
        (block.lines.line_of(index), String::from_utf8(text.strip_suffix(b"\n").unwrap().to_vec()).unwrap())
    };
    records.into_iter().enumerate().map(line).collect()
}

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
        ("oops\n{\"a\":1}", vec![(1, "oops"), (2, "{\"a\":1}")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(line, text)| (line, text.to_string())).collect();
        assert_eq!(records(text), expected, "{text:?}");
    }
}

#[test]
fn a_block_is_as_full_as_whole_records_allow() {
    let texts = |text: &str, limit| -> Vec<String> {
        let all = blocks(Source::bytes("test", text), limit);
        all.into_iter().map(|block| String::from_utf8(block.text).unwrap()).collect()
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
    let lines: Vec<Vec<u64>> = all
        .iter()
        .map(|block| (0..block.lines.records()).map(|record| block.lines.line_of(record)).collect())
        .collect();
    assert_eq!(lines, [vec![1], vec![4], vec![5]]);
    let too_long: Vec<_> = all.iter().flat_map(|block| &block.too_long).collect();
    assert_eq!(too_long.len(), 1);
    assert_eq!((too_long[0].line, too_long[0].bytes), (2, MAX_RECORD_BYTES as u64 + 1));
    assert_eq!(too_long[0].head, vec![b'y'; 200]);
    assert_eq!(blocks(Source::bytes("test", over), BLOCK)[0].too_long.len(), 1, "also when there is no other record");
}

/// Reads a few bytes at a time, as sockets do, and is interrupted now and then.
struct Trickle {
    text: Vec<u8>,
    position: usize,
    random: fastrand::Rng,
}

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.random.u8(..) < 20 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(self.text.len() - self.position);
        let size = if most == 0 { 0 } else { self.random.usize(1..=most.min(40)) };
        buffer[..size].copy_from_slice(&self.text[self.position..self.position + size]);
        self.position += size;
        Ok(size)
    }
}

#[test]
fn neither_reads_nor_line_endings_nor_blank_lines_move_a_boundary() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let records: Vec<Vec<u8>> = (0..random.usize(0..60))
            .map(|_| {
                let blanks = random.usize(0..3);
                let length = random.usize(1..50);
                let mut record = vec![b' '; blanks];
                record.extend(std::iter::repeat_with(|| random.u8(b'!'..=255)).take(length));
                record
            })
            .collect();
        let limit = random.usize(1..200);
        let mut plain = Vec::new();
        let mut odd = Vec::new();
        for record in &records {
            plain.extend_from_slice(record);
            plain.push(b'\n');
            odd.extend_from_slice(record);
            odd.extend_from_slice(random.choice(["\n", "\r\n", "\r", "\n\n", "\r\n   \r\n"]).unwrap().as_bytes());
        }
        let expected: Vec<Vec<u8>> =
            blocks(Source::bytes("test", plain.clone()), limit).into_iter().map(|block| block.text).collect();
        assert_eq!(expected.concat(), plain);
        let trickle = Trickle { text: odd, position: 0, random };
        let found = blocks(Source::reader("test", Box::new(trickle)), limit);
        let found: Vec<Vec<u8>> = found.into_iter().map(|block| block.text).collect();
        assert_eq!(found, expected, "seed {seed}");
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
