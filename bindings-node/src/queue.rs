//! The bounded queue between JavaScript, which must not wait, and a thread that may.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::bell::Bell;

/// Bytes that may wait; the chunk that reaches it still goes in.
const QUEUE_BYTES: usize = 1 << 20;
/// Bytes below which whoever feeds the queue is told that there is room.
const ROOM_BYTES: usize = QUEUE_BYTES / 2;

/// Both ends share it.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    chunks: VecDeque<Vec<u8>>,
    bytes: usize,
    end: Option<End>,
    /// Nothing reads any more.
    closed: bool,
    bells: Vec<Bell>,
}

/// How the feeding ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything was pushed.
    Finished,
    /// What was pushed is not all.
    Abandoned,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a chunk, however full the queue is. Whether there is room for more; none when nothing reads any more.
    pub(crate) fn push(&self, chunk: Vec<u8>) -> Option<bool> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        state.bytes += chunk.len();
        state.chunks.push_back(chunk);
        self.filled.notify_one();
        Some(state.bytes < QUEUE_BYTES)
    }

    /// Rings once when there is room, or when nothing reads any more; at once if it is so already.
    pub(crate) fn on_room(&self, bell: Bell) {
        let mut state = self.lock();
        if state.closed || state.bytes < ROOM_BYTES {
            drop(state);
            bell();
        } else {
            state.bells.push(bell);
        }
    }

    /// Ends the feeding; only the first end counts.
    pub(crate) fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.filled.notify_all();
    }

    /// Ends the reading.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.chunks.clear();
        let bells = std::mem::take(&mut state.bells);
        drop(state);
        bells.into_iter().for_each(|bell| bell());
    }

    /// Waits for a chunk, or for the end.
    pub(crate) fn pop(&self) -> Result<Vec<u8>, End> {
        let empty = |state: &mut State| state.chunks.is_empty() && state.end.is_none();
        let mut state = self.filled.wait_while(self.lock(), empty).unwrap_or_else(PoisonError::into_inner);
        if state.end == Some(End::Abandoned) {
            return Err(End::Abandoned);
        }
        let Some(chunk) = state.chunks.pop_front() else { return Err(End::Finished) };
        state.bytes -= chunk.len();
        let bells = if state.bytes < ROOM_BYTES { std::mem::take(&mut state.bells) } else { Vec::new() };
        drop(state);
        bells.into_iter().for_each(|bell| bell());
        Ok(chunk)
    }
}

/// Reads what was pushed, as one text.
pub(crate) struct QueueReader {
    queue: Arc<Queue>,
    chunk: Vec<u8>,
    position: usize,
    ended: bool,
}

impl QueueReader {
    pub(crate) fn new(queue: Arc<Queue>) -> Self {
        QueueReader { queue, chunk: Vec::new(), position: 0, ended: false }
    }
}

impl Read for QueueReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.chunk.len() && !self.ended {
            match self.queue.pop() {
                Ok(chunk) => (self.chunk, self.position) = (chunk, 0),
                Err(End::Finished) => self.ended = true,
                Err(End::Abandoned) => return Err(io::Error::other("it was given up before its end")),
            }
        }
        let read = (&self.chunk[self.position..]).read(buffer)?;
        self.position += read;
        Ok(read)
    }
}

impl Drop for QueueReader {
    fn drop(&mut self) {
        self.queue.close();
    }
}
