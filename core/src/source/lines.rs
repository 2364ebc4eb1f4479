//! NDJSON: one record a line, byte for byte.

use memchr::memchr2;

use super::builder::Builder;

/// Splits text at LF, CRLF and CR.
pub(super) struct LineSplitter {
    /// The line being read, counted from 1.
    line: u64,
    /// Whether the last byte was a CR, whose LF may come next.
    after_cr: bool,
}

impl LineSplitter {
    pub(super) fn new() -> LineSplitter {
        LineSplitter { line: 1, after_cr: false }
    }

    /// Takes lines from the start of `chunk` until the block is full; returns the number of bytes taken.
    pub(super) fn split(&mut self, chunk: &[u8], block: &mut Builder) -> usize {
        let mut start = usize::from(self.after_cr && chunk.first() == Some(&b'\n'));
        self.after_cr = false;
        while let Some(length) = memchr2(b'\n', b'\r', &chunk[start..]) {
            let end = start + length;
            block.append(&chunk[start..end]);
            block.end_record(self.line);
            self.line += 1;
            start = end + 1;
            if chunk[end] == b'\r' {
                match chunk.get(start) {
                    Some(b'\n') => start += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            if block.is_full() {
                return start;
            }
        }
        block.append(&chunk[start..]);
        chunk.len()
    }

    /// Ends the last line, which needs no line break.
    pub(super) fn finish(&mut self, block: &mut Builder) {
        block.end_record(self.line);
    }
}
