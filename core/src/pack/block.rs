//! A block: whole records of one source, and the line each of them began on.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::record::{Finding, Severity};

/// The longest record read, in bytes of text. A longer one is refused without being held: the service's own limit is
/// unknown (protocol.md section 3.1), and no real guest or order comes near it.
pub const MAX_RECORD_BYTES: usize = 8 * 1024 * 1024;

/// Whole records of one source.
#[derive(Debug, Default)]
pub struct Block {
    /// Name of the source, as rejects give it.
    pub source: Arc<str>,
    /// The records, each ended by one LF.
    pub text: Vec<u8>,
    /// The line each record began on.
    pub lines: Lines,
    /// Records refused for their length, before, among or after those of `text`.
    pub too_long: Vec<TooLong>,
}

/// A record longer than [`MAX_RECORD_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Line it began on, from 1.
    pub line: u64,
    /// Records of the block's `text` before it.
    pub after: u32,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its beginning.
    pub head: Vec<u8>,
}

impl Block {
    /// Each record without its line break, and the line it began on.
    pub fn records(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let lines = self.lines.runs(0..self.lines.len()).flat_map(|(line, count)| line..line + u64::from(count));
        let mut start = 0;
        let records = memchr::memchr_iter(b'\n', &self.text).map(move |end| {
            let record = &self.text[start..end];
            start = end + 1;
            record
        });
        records.zip(lines)
    }
}

impl Block {
    /// The place in `text` of a record counted among all of the block, those that were too long included.
    pub(super) fn number_of(&self, record: usize) -> usize {
        let is_before = |(index, long): &(usize, &TooLong)| index + (long.after as usize) < record;
        record - self.too_long.iter().enumerate().take_while(is_before).count()
    }
}

impl TooLong {
    /// What is wrong with it.
    pub(crate) fn finding(&self) -> Finding {
        Finding {
            path: "$".to_string(),
            rule: Kind::RecordTooLarge.name(),
            severity: Severity::Error,
            message: format!(
                "the record is {} bytes long, but at most {MAX_RECORD_BYTES} are read; shrink it",
                self.bytes
            ),
            section: "protocol 3.1",
        }
    }
}

/// Which line each record of a block began on, as runs of consecutive lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// First record of each run and its line.
    runs: Vec<(u32, u64)>,
    len: u32,
}

impl Lines {
    /// Adds the next record.
    pub fn push(&mut self, line: u64) {
        self.push_run(line, 1);
    }

    /// Adds `records` records that began on `line` and the lines after it.
    pub fn push_run(&mut self, line: u64, records: u32) {
        let continues = self.runs.last().is_some_and(|&(record, first)| first + u64::from(self.len - record) == line);
        if records > 0 && !continues {
            self.runs.push((self.len, line));
        }
        self.len += records;
    }

    /// How many records there are.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The line of a record; 0 for one that is not there.
    pub fn line(&self, record: u32) -> u64 {
        let run = self.runs.partition_point(|&(first, _)| first <= record);
        match run.checked_sub(1).and_then(|run| self.runs.get(run)) {
            Some(&(first, line)) => line + u64::from(record - first),
            None => 0,
        }
    }

    /// The runs of these records: first line and number of records.
    pub fn runs(&self, records: Range<u32>) -> impl Iterator<Item = (u64, u32)> {
        let start = self.runs.partition_point(|&(first, _)| first <= records.start).saturating_sub(1);
        let ends = self.runs.iter().skip(start + 1).map(|&(first, _)| first).chain([self.len]);
        self.runs.iter().skip(start).zip(ends).map_while(move |(&(first, line), end)| {
            let from = first.max(records.start);
            let to = end.min(records.end);
            (from < to).then(|| (line + u64::from(from - first), to - from))
        })
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_runs_and_read_back_one_by_one() {
        let mut lines = Lines::default();
        for line in [1, 2, 3, 5, 6, 9] {
            lines.push(line);
        }
        assert_eq!((0..6).map(|record| lines.line(record)).collect::<Vec<_>>(), [1, 2, 3, 5, 6, 9]);
        assert_eq!(lines.runs(0..6).collect::<Vec<_>>(), [(1, 3), (5, 2), (9, 1)]);
        assert_eq!(lines.runs(2..5).collect::<Vec<_>>(), [(3, 1), (5, 2)]);
        assert_eq!(lines.runs(4..4).count(), 0);
    }
}
