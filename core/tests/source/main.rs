//! Sources in, blocks out: every format, every way of reading, every refusal.
#![expect(clippy::unwrap_used, reason = "tests")]

mod files;
mod gzip;
mod lines;
mod reflow;
mod refusals;
mod rows;

use std::io::{self, Read, Write};

use cdp_batch::pack::{Block, Input, Lines};
use cdp_batch::source::{Source, open};
use cdp_batch::{Error, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

const BLOCK: usize = 512 << 10;

fn try_blocks(source: Source, block_bytes: usize) -> Result<Vec<Block>> {
    let mut blocks = open(source, block_bytes)?;
    std::iter::from_fn(|| blocks.next(Vec::new()).transpose()).collect()
}

/// Blocks; none at all for a source that is refused for holding no records.
fn blocks(source: Source, block_bytes: usize) -> Vec<Block> {
    let nothing = |error: &Error| error.message().ends_with("holds no records; nothing was sent");
    try_blocks(source, block_bytes).or_else(|error| if nothing(&error) { Ok(vec![]) } else { Err(error) }).unwrap()
}

/// The text of every block.
fn texts(source: Source, block_bytes: usize) -> Vec<Vec<u8>> {
    blocks(source, block_bytes).into_iter().map(|block| block.text).collect()
}

/// The text of every block, and where its records start.
fn texts_and_lines(source: Source, block_bytes: usize) -> Vec<(Vec<u8>, Lines)> {
    blocks(source, block_bytes).into_iter().map(|block| (block.text, block.lines)).collect()
}

/// The error that reading ends in, and after which nothing comes.
fn error(source: Source) -> Error {
    let mut blocks = open(source, BLOCK).unwrap();
    let error = std::iter::from_fn(|| blocks.next(Vec::new()).transpose()).find_map(Result::err).unwrap();
    assert!(blocks.next(Vec::new()).unwrap().is_none(), "after: {error}");
    error
}

/// Every record with its line.
fn records(text: impl Into<Vec<u8>>) -> Vec<(u64, String)> {
    blocks(Source::bytes("test", text), BLOCK).iter().flat_map(listed).collect()
}

fn listed(block: &Block) -> Vec<(u64, String)> {
    let records: Vec<_> = block.text.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(records.len(), block.lines.len() as usize);
    let line = |(index, text): (usize, &[u8])| {
        (block.lines.line(index as u32), String::from_utf8(text.strip_suffix(b"\n").unwrap().to_vec()).unwrap())
    };
    records.into_iter().enumerate().map(line).collect()
}

fn owned(records: &[(u64, &str)]) -> Vec<(u64, String)> {
    records.iter().map(|(line, text)| (*line, text.to_string())).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// More than is looked at first to tell a format: what follows so many bytes arrives as it is read.
const HEAD: usize = 70_000;

/// Reads a few bytes at a time, as sockets do, and is interrupted now and then.
struct Trickle {
    text: Vec<u8>,
    position: usize,
    random: fastrand::Rng,
}

impl Trickle {
    fn source(text: impl Into<Vec<u8>>, seed: u64) -> Source {
        let random = fastrand::Rng::with_seed(seed);
        Source::reader("test", Box::new(Trickle { text: text.into(), position: 0, random }))
    }
}

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.random.u8(..) < 20 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(self.text.len() - self.position);
        let few = if self.position < HEAD { 4_000 } else { 40 };
        let size = if most == 0 { 0 } else { self.random.usize(1..=most.min(few)) };
        buffer[..size].copy_from_slice(&self.text[self.position..self.position + size]);
        self.position += size;
        Ok(size)
    }
}

#[test]
fn a_source_without_one_record_is_refused_by_name_but_no_pushed_rows_are_fine() {
    for text in ["", "\n \n", "[]", "\u{feff}\r\n"] {
        assert_eq!(error(Source::bytes("test", text)).message(), "test holds no records; nothing was sent");
    }
    let (writer, rows) = Source::rows();
    writer.finish();
    assert!(blocks(rows, BLOCK).is_empty());
}
