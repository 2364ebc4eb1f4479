//! Writers that feed a source: records one by one or many at a time, or the bytes of a file.

use std::time::Duration;

use memchr::memchr2;

use super::queue::Pusher;
use crate::error::Result;

/// Pushes records into a source made by [`Source::rows`](super::Source::rows), from any thread.
///
/// Call [`finish`](RowWriter::finish) after the last record. A writer dropped before that ends the source with
/// `cancelled`, so that half the rows are never taken for all of them.
pub struct RowWriter(pub(super) Pusher);

/// Pushes the bytes of a file into a source made by [`Source::stream`](super::Source::stream), from any thread. The
/// same holds for its end as for that of a [`RowWriter`].
pub struct StreamWriter(pub(super) Pusher);

impl RowWriter {
    /// Pushes one record, JSON text in UTF-8; waits while the queue is full. Line breaks inside it become tabs, which
    /// means the same between tokens and is as invalid inside a string. A blank record is dropped. The record's line
    /// is its number among those pushed.
    ///
    /// # Errors
    /// `closed` if nothing reads any more: the result of the run says why.
    pub fn push(&self, record: &[u8]) -> Result<()> {
        while !self.push_for(record, Duration::MAX)? {}
        Ok(())
    }

    /// Pushes one record unless the queue stays full for this long; false if it did. Zero does not wait.
    ///
    /// # Errors
    /// As [`push`](RowWriter::push).
    pub fn push_for(&self, record: &[u8], limit: Duration) -> Result<bool> {
        self.0.push_with(limit, |waiting| waiting.add(record.len(), |lines| append_row(lines, record)))
    }

    /// Pushes records as lines of NDJSON, unless the queue stays full for this long; false if it did. They are taken as
    /// they are, without a copy where there are many, and `lines` is empty afterwards. Each is one record, the last one
    /// with or without its line break, and counts as one line.
    ///
    /// # Errors
    /// As [`push`](RowWriter::push).
    pub fn push_lines(&self, lines: &mut Vec<u8>, limit: Duration) -> Result<bool> {
        if lines.last().is_some_and(|last| *last != b'\n') {
            lines.push(b'\n');
        }
        self.0.push_with(limit, |waiting| waiting.take(lines))
    }

    /// Calls `bell` once when the queue has room, or when nothing reads any more; at once if it is so already. For a
    /// host that must not wait. Called on one of our threads: it must not block.
    pub fn on_room(&self, bell: impl FnOnce() + Send + 'static) {
        self.0.on_room(bell);
    }

    /// Says that all records were pushed. Pushing another is an error of kind `closed`.
    pub fn finish(&self) {
        self.0.finish();
    }

    /// Gives up, as dropping does: what was pushed is not all. After [`finish`](RowWriter::finish) it is.
    pub fn abandon(&self) {
        self.0.abandon();
    }
}

impl StreamWriter {
    /// Pushes the next bytes, unless the queue stays full for this long; false if it did. Zero does not wait.
    ///
    /// # Errors
    /// `closed` if nothing reads any more: the result of the run says why.
    pub fn push_for(&self, bytes: &[u8], limit: Duration) -> Result<bool> {
        self.0.push_with(limit, |waiting| waiting.add(bytes.len(), |buffer| buffer.extend_from_slice(bytes)))
    }

    /// The same for bytes that are no longer needed: they are taken without a copy where there are many, and `bytes` is
    /// empty afterwards.
    ///
    /// # Errors
    /// As [`push_for`](StreamWriter::push_for).
    pub fn push_chunk(&self, bytes: &mut Vec<u8>, limit: Duration) -> Result<bool> {
        self.0.push_with(limit, |waiting| waiting.take(bytes))
    }

    /// As [`RowWriter::on_room`].
    pub fn on_room(&self, bell: impl FnOnce() + Send + 'static) {
        self.0.on_room(bell);
    }

    /// As [`RowWriter::finish`].
    pub fn finish(&self) {
        self.0.finish();
    }

    /// As [`RowWriter::abandon`].
    pub fn abandon(&self) {
        self.0.abandon();
    }
}

/// Appends one record as a line, with the line breaks of [`RowWriter::push`].
pub fn append_row(rows: &mut Vec<u8>, record: &[u8]) {
    let end = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    let mut record = &record[..end];
    while let Some(at) = memchr2(b'\n', b'\r', record) {
        rows.extend_from_slice(&record[..at]);
        rows.push(b'\t');
        record = &record[at + 1..];
    }
    rows.extend_from_slice(record);
    rows.push(b'\n');
}
