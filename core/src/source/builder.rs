//! The rule that decides where a block ends.

use std::sync::Arc;

use crate::pack::{Block, Lines, MAX_RECORD_BYTES, TooLong};

/// How much of a record that is too long is kept, to recognise it by.
const HEAD_BYTES: usize = 200;

/// Room beyond the block's limit for the record that did not fit any more.
const SPARE_BYTES: usize = 16 << 10;

/// Gathers records into blocks.
///
/// A block holds as many records as fit into `limit` bytes, line breaks included, or one record that is longer. It is
/// closed by the first record that does not fit, never earlier, so nothing but the records themselves moves a boundary.
pub(super) struct Builder {
    limit: usize,
    /// Whole records, then what is held of the open one.
    text: Vec<u8>,
    /// The bytes of the whole records.
    whole: usize,
    lines: Lines,
    too_long: Vec<TooLong>,
    open: Open,
}

/// The record being read.
struct Open {
    /// Its bytes so far, also those no longer held because it is too long.
    bytes: u64,
    /// Whether all of them are blanks.
    blank: bool,
    /// Its line, once it has ended but belongs to the next block.
    ended_on: Option<u64>,
}

impl Open {
    const NEW: Open = Open { bytes: 0, blank: true, ended_on: None };
}

impl Builder {
    pub(super) fn new(limit: usize) -> Builder {
        let text = Vec::with_capacity(limit + SPARE_BYTES);
        Builder { limit, text, whole: 0, lines: Lines::default(), too_long: Vec::new(), open: Open::NEW }
    }

    /// Adds bytes to the open record.
    pub(super) fn append(&mut self, piece: &[u8]) {
        self.open.bytes += piece.len() as u64;
        self.open.blank = self.open.blank && piece.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        self.text.extend_from_slice(piece);
        if self.open.bytes > MAX_RECORD_BYTES as u64 {
            self.text.truncate(self.whole + HEAD_BYTES);
        }
    }

    /// Ends the open record, which started on this line. A blank one is dropped.
    pub(super) fn end_record(&mut self, line: u64) {
        if self.is_full() {
            self.open.ended_on = Some(line);
            return;
        }
        if self.open.blank {
            self.text.truncate(self.whole);
        } else if self.open.bytes > MAX_RECORD_BYTES as u64 {
            let head = self.text[self.whole..].to_vec();
            self.text.truncate(self.whole);
            self.too_long.push(TooLong { line, after: self.lines.len(), bytes: self.open.bytes, head });
        } else {
            self.text.push(b'\n');
            self.whole = self.text.len();
            self.lines.push(line);
        }
        self.open = Open::NEW;
    }

    /// Whether the open record belongs to the next block. Once true it stays so until the block is taken.
    pub(super) fn is_full(&self) -> bool {
        // A record that is too long counts as just that, so that it does not matter how much of it was read at once.
        let open = self.open.bytes.min(MAX_RECORD_BYTES as u64 + 1) as usize + 1;
        self.whole > 0 && !self.open.blank && self.whole + open > self.limit
    }

    /// Whether there is nothing to take.
    pub(super) fn is_empty(&self) -> bool {
        self.whole == 0 && self.too_long.is_empty()
    }

    /// Hands out the block and goes on with the next one in `buffer`.
    pub(super) fn take(&mut self, source: Arc<str>, mut buffer: Vec<u8>) -> Block {
        let roomy = self.limit + SPARE_BYTES;
        buffer.clear();
        if buffer.capacity() > 2 * roomy {
            buffer.shrink_to(roomy);
        }
        buffer.reserve(roomy);
        buffer.extend_from_slice(&self.text[self.whole..]);
        let mut text = std::mem::replace(&mut self.text, buffer);
        text.truncate(self.whole);
        self.whole = 0;
        let lines = std::mem::take(&mut self.lines);
        let too_long = std::mem::take(&mut self.too_long);
        if let Some(line) = self.open.ended_on.take() {
            self.end_record(line);
        }
        Block { source, text, lines, too_long }
    }
}
