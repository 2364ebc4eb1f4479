//! Records pushed one by one or many at a time, through a bounded queue.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memchr::memchr2;

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// Bytes that may wait; what reaches it still goes in.
const QUEUE_BYTES: usize = 1 << 20;

/// Bytes for which a waiting reader is woken, so that not every record costs a switch of threads.
const WAKE_BYTES: usize = QUEUE_BYTES / 4;

/// Empty buffers kept for the next lines, and the largest of them: one huge record is no reason to keep its memory.
const SPARE_BUFFERS: usize = 4;
const SPARE_BYTES: usize = 2 * WAKE_BYTES;

/// Pushes records into a source made by [`Source::rows`](super::Source::rows), from any thread.
///
/// Call [`finish`](RowWriter::finish) after the last record. A writer dropped before that ends the source with
/// `cancelled`, so that half the rows are never taken for all of them.
pub struct RowWriter(Arc<Queue>);

/// The reading end: one line a record.
pub(super) struct RowReader {
    queue: Arc<Queue>,
    taken: VecDeque<Vec<u8>>,
    /// Bytes read of the first of them.
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
    /// Whole lines, in order.
    waiting: VecDeque<Vec<u8>>,
    /// Bytes of all that waits.
    bytes: usize,
    spare: Vec<Vec<u8>>,
    end: Option<End>,
    stopped: bool,
}

enum End {
    Finished,
    Abandoned,
}

pub(super) fn queue() -> (RowWriter, RowReader) {
    let queue = Arc::new(Queue { state: Mutex::default(), filled: Condvar::new(), drained: Condvar::new() });
    (RowWriter(Arc::clone(&queue)), RowReader { queue, taken: VecDeque::new(), position: 0 })
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
        self.push_with(limit, |state| {
            let lines = state.open(record.len());
            let before = lines.len();
            append_row(lines, record);
            let added = lines.len() - before;
            state.bytes += added;
        })
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
        self.push_with(limit, |state| {
            state.bytes += lines.len();
            if lines.len() < WAKE_BYTES / 4 {
                state.open(lines.len()).append(lines);
            } else {
                let spare = state.spare.pop().unwrap_or_default();
                state.waiting.push_back(std::mem::replace(lines, spare));
            }
        })
    }

    /// Adds to the queue once it is not full.
    fn push_with(&self, limit: Duration, add: impl FnOnce(&mut State)) -> Result<bool> {
        let full = |state: &mut State| !state.stopped && state.bytes >= QUEUE_BYTES;
        let waited = self.0.drained.wait_timeout_while(self.0.lock(), limit, full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            let message = "the run that these rows belong to has ended: its result says why";
            return Err(Error::new(Kind::Closed, message).with_stage(Stage::Read));
        }
        if full(&mut state) {
            return Ok(false);
        }
        add(&mut state);
        if state.bytes >= WAKE_BYTES {
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

impl State {
    /// Lines that have room for so many bytes more.
    fn open(&mut self, bytes: usize) -> &mut Vec<u8> {
        match self.waiting.back() {
            Some(last) if last.len() + bytes <= WAKE_BYTES => {}
            _ => self.waiting.push_back(self.spare.pop().unwrap_or_default()),
        }
        let last = self.waiting.len() - 1;
        &mut self.waiting[last]
    }
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

    /// Waits for rows and takes all there are; none at the end.
    fn refill(&mut self) -> Result<()> {
        let waiting = |state: &mut State| !state.stopped && state.end.is_none() && state.bytes < WAKE_BYTES;
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
        std::mem::swap(&mut self.taken, &mut state.waiting);
        state.bytes = 0;
        self.queue.drained.notify_all();
        Ok(())
    }

    /// Gives the memory of lines that were read back to the writer.
    fn recycle(&self, mut lines: Vec<u8>) {
        lines.clear();
        let mut state = self.queue.lock();
        if state.spare.len() < SPARE_BUFFERS && lines.capacity() <= SPARE_BYTES {
            state.spare.push(lines);
        }
    }
}

impl BufRead for RowReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken.front().is_some_and(|lines| self.position == lines.len()) {
            self.position = 0;
            self.taken.pop_front().into_iter().for_each(|lines| self.recycle(lines));
        }
        if self.taken.is_empty() {
            self.refill().map_err(io::Error::other)?;
        }
        Ok(self.taken.front().map_or(&[], |lines| &lines[self.position..]))
    }

    fn consume(&mut self, read: usize) {
        self.position += read;
    }
}

impl Read for RowReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
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
