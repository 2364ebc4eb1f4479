//! The bounded queue between whoever pushes records and the thread that reads them.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result, Stage};
use crate::home::AtHome;
use crate::kind::Kind;

/// Bytes that may wait; what reaches it still goes in.
const QUEUE_BYTES: usize = 1 << 20;

/// Bytes for which a waiting reader is woken, so that not every record costs a switch of threads.
const WAKE_BYTES: usize = QUEUE_BYTES / 4;

/// Empty buffers kept for what comes next, and the largest of them: one huge record is no reason to keep its memory.
const SPARE_BUFFERS: usize = 4;
const SPARE_BYTES: usize = 2 * WAKE_BYTES;

/// What both ends share.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    drained: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Waiting,
    end: Option<End>,
    stopped: bool,
    bells: Vec<Bell>,
}

/// What is pushed and not yet read, in order.
#[derive(Default)]
pub(super) struct Waiting {
    buffers: VecDeque<Vec<u8>>,
    bytes: usize,
    spare: Vec<Vec<u8>>,
}

type Bell = Box<dyn FnOnce() + Send>;

enum End {
    Finished,
    Abandoned,
}

/// The writing end. Dropped before it is finished, it ends the reading with `cancelled`.
pub(super) struct Pusher(AtHome<Arc<Queue>>);

/// The reading end.
pub(super) struct QueueReader {
    queue: AtHome<Arc<Queue>>,
    taken: VecDeque<Vec<u8>>,
    /// Bytes read of the first of them.
    position: usize,
}

pub(super) fn queue() -> (Pusher, QueueReader) {
    let queue = Arc::new(Queue { state: Mutex::default(), filled: Condvar::new(), drained: Condvar::new() });
    let reader = QueueReader { queue: AtHome::new(Arc::clone(&queue)), taken: VecDeque::new(), position: 0 };
    (Pusher(AtHome::new(queue)), reader)
}

impl Pusher {
    /// Adds to what waits, unless the queue stays full for this long; false if it did.
    pub(super) fn push_with(&self, limit: Duration, add: impl FnOnce(&mut Waiting)) -> Result<bool> {
        let queue = self.0.get("writer")?;
        let waited = queue.drained.wait_timeout_while(queue.lock(), limit, |state| state.is_full());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return Err(closed("the run that this writer feeds has ended: its result says why"));
        }
        if state.end.is_some() {
            return Err(closed("this writer was finished: nothing can be pushed any more"));
        }
        if state.is_full() {
            return Ok(false);
        }
        add(&mut state.waiting);
        if state.waiting.bytes >= WAKE_BYTES {
            queue.filled.notify_one();
        }
        Ok(true)
    }

    /// Calls `bell` once the queue is not full, or is read no more; at once if it is so already.
    pub(super) fn on_room(&self, bell: impl FnOnce() + Send + 'static) {
        let full = self.0.here().map(|queue| queue.lock()).filter(|state| state.is_full());
        let Some(mut state) = full else { return bell() };
        state.bells.push(Box::new(bell));
    }

    /// Says that everything was pushed.
    pub(super) fn finish(&self) {
        self.end(End::Finished);
    }

    /// Says that what was pushed is not all, unless it was said that it is.
    pub(super) fn abandon(&self) {
        self.end(End::Abandoned);
    }

    fn end(&self, end: End) {
        if let Some(queue) = self.0.here() {
            queue.end(end);
        }
    }
}

impl Drop for Pusher {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl State {
    fn is_full(&self) -> bool {
        !self.stopped && self.end.is_none() && self.waiting.bytes >= QUEUE_BYTES
    }
}

impl Waiting {
    /// Adds what `append` appends, which is about so many bytes.
    pub(super) fn add(&mut self, bytes: usize, append: impl FnOnce(&mut Vec<u8>)) {
        match self.buffers.back() {
            Some(last) if last.len() + bytes <= WAKE_BYTES => {}
            _ => self.buffers.push_back(self.spare.pop().unwrap_or_default()),
        }
        let last = self.buffers.len() - 1;
        let before = self.buffers[last].len();
        append(&mut self.buffers[last]);
        self.bytes += self.buffers[last].len() - before;
    }

    /// Adds these bytes and leaves an empty buffer behind; much is taken as it is, without a copy.
    pub(super) fn take(&mut self, bytes: &mut Vec<u8>) {
        if bytes.len() < WAKE_BYTES / 4 {
            return self.add(bytes.len(), |buffer| buffer.append(bytes));
        }
        self.bytes += bytes.len();
        let spare = self.spare.pop().unwrap_or_default();
        self.buffers.push_back(std::mem::replace(bytes, spare));
    }
}

impl Queue {
    /// Ends both sides: pushing and reading fail from now on.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        self.tell_of_room(state);
        self.filled.notify_all();
    }

    /// Ends the writing side; only the first end counts.
    fn end(&self, end: End) {
        let mut state = self.lock();
        state.end.get_or_insert(end);
        self.tell_of_room(state);
        self.filled.notify_all();
    }

    /// Wakes who waits for room, whether there is some or will be none.
    fn tell_of_room(&self, mut state: MutexGuard<'_, State>) {
        let bells = std::mem::take(&mut state.bells);
        drop(state);
        self.drained.notify_all();
        bells.into_iter().for_each(|bell| bell());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueReader {
    pub(super) fn queue(&self) -> Option<Arc<Queue>> {
        self.queue.here().cloned()
    }

    /// Waits for much, or for the end, and takes all there is; nothing at the end.
    fn refill(&mut self) -> Result<()> {
        let little = |state: &mut State| !state.stopped && state.end.is_none() && state.waiting.bytes < WAKE_BYTES;
        let queue = self.queue.get("source")?;
        let waited = queue.filled.wait_while(queue.lock(), little);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return Err(cancelled("the run was cancelled while it waited for records"));
        }
        if matches!(state.end, Some(End::Abandoned)) {
            return Err(cancelled(
                "what was pushed was given up before it was finished: finish the writer after the last record",
            ));
        }
        std::mem::swap(&mut self.taken, &mut state.waiting.buffers);
        state.waiting.bytes = 0;
        queue.tell_of_room(state);
        Ok(())
    }

    /// Gives the memory of what was read back to the writer.
    fn recycle(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let Some(queue) = self.queue.here() else { return };
        let spare = &mut queue.lock().waiting.spare;
        if spare.len() < SPARE_BUFFERS && buffer.capacity() <= SPARE_BYTES {
            spare.push(buffer);
        }
    }
}

impl BufRead for QueueReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken.front().is_some_and(|buffer| self.position == buffer.len()) {
            self.position = 0;
            self.taken.pop_front().into_iter().for_each(|buffer| self.recycle(buffer));
        }
        if self.taken.is_empty() {
            self.refill().map_err(io::Error::other)?;
        }
        Ok(self.taken.front().map_or(&[], |buffer| &buffer[self.position..]))
    }

    fn consume(&mut self, read: usize) {
        self.position += read;
    }
}

impl Read for QueueReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl Drop for QueueReader {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.here() {
            queue.stop();
        }
    }
}

fn closed(message: &str) -> Error {
    Error::new(Kind::Closed, message).with_stage(Stage::Read)
}

pub(super) fn cancelled(message: &str) -> Error {
    Error::new(Kind::Cancelled, message).with_stage(Stage::Read)
}
