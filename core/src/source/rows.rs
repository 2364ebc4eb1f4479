//! Records pushed one by one, through a bounded queue.

use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memchr::memchr2;

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// Bytes that may wait; the record that reaches it still goes in.
const QUEUE_BYTES: usize = 1 << 20;

/// Bytes for which a waiting reader is woken, so that not every record costs a switch of threads.
const WAKE_BYTES: usize = QUEUE_BYTES / 4;

/// Pushes records into a source made by [`Source::rows`](super::Source::rows), from any thread.
///
/// Call [`finish`](RowWriter::finish) after the last record. A writer dropped before that ends the source with
/// `cancelled`, so that half the rows are never taken for all of them.
pub struct RowWriter(Arc<Queue>);

/// The reading end: one line a record.
pub(super) struct RowReader {
    queue: Arc<Queue>,
    rows: Vec<u8>,
    position: usize,
}

/// What both ends share.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    drained: Condvar,
}

#[derive(Default)]
struct State {
    rows: Vec<u8>,
    end: Option<End>,
    stopped: bool,
}

enum End {
    Finished,
    Abandoned,
}

pub(super) fn queue() -> (RowWriter, RowReader) {
    let queue = Arc::new(Queue { state: Mutex::default(), filled: Condvar::new(), drained: Condvar::new() });
    (RowWriter(Arc::clone(&queue)), RowReader { queue, rows: Vec::new(), position: 0 })
}

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
        let full = |state: &mut State| !state.stopped && state.rows.len() >= QUEUE_BYTES;
        let waited = self.0.drained.wait_timeout_while(self.0.lock(), limit, full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            let message = "the run that these rows belong to has ended: its result says why";
            return Err(Error::new(Kind::Closed, message).with_stage(Stage::Read));
        }
        if full(&mut state) {
            return Ok(false);
        }
        append_row(&mut state.rows, record);
        if state.rows.len() >= WAKE_BYTES {
            self.0.filled.notify_one();
        }
        Ok(true)
    }

    /// Says that all records were pushed.
    pub fn finish(self) {
        self.0.end(End::Finished);
    }
}

impl Drop for RowWriter {
    fn drop(&mut self) {
        self.0.end(End::Abandoned);
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

impl Queue {
    /// Ends both sides: pushing and reading fail from now on.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }

    /// Ends the writing side; only the first end counts.
    fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RowReader {
    pub(super) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.queue)
    }

    /// Waits for rows and swaps them in; false at the end.
    fn refill(&mut self) -> Result<bool> {
        let waiting = |state: &mut State| !state.stopped && state.end.is_none() && state.rows.len() < WAKE_BYTES;
        let waited = self.queue.filled.wait_while(self.queue.lock(), waiting);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return Err(cancelled("the run was cancelled while it waited for rows"));
        }
        if matches!(state.end, Some(End::Abandoned)) {
            return Err(cancelled(
                "the rows were given up before they were finished: finish the writer after the last",
            ));
        }
        self.rows.clear();
        self.position = 0;
        std::mem::swap(&mut self.rows, &mut state.rows);
        self.queue.drained.notify_all();
        Ok(!self.rows.is_empty())
    }
}

impl Read for RowReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.rows.len() && !self.refill().map_err(io::Error::other)? {
            return Ok(0);
        }
        let read = (&self.rows[self.position..]).read(buffer)?;
        self.position += read;
        Ok(read)
    }
}

impl Drop for RowReader {
    fn drop(&mut self) {
        self.queue.stop();
    }
}

pub(super) fn cancelled(message: &str) -> Error {
    Error::new(Kind::Cancelled, message).with_stage(Stage::Read)
}
