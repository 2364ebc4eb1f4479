//! What a run tells while it works: pulled by the host from a bounded queue.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use uuid::Uuid;

use crate::error::Stage;
use crate::kind::Kind;

/// Events kept for a host that does not pull them.
const CAPACITY: usize = 4_096;

/// How far a run is. Every number only grows, and none is ever more than the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Records read from the source, bad ones included.
    pub read: u64,
    /// Records in finished parts.
    pub packed: u64,
    /// Bytes of finished parts.
    pub packed_bytes: u64,
    /// Bytes handed to the network, counted once also when a part is sent again.
    pub sent_bytes: u64,
    /// Records in parts that storage has accepted.
    pub sent: u64,
    /// Records the service has confirmed.
    pub confirmed: u64,
    /// Records refused, by us or by the service.
    pub rejected: u64,
}

/// One thing that happened. `progress` is cumulative, so a dropped event loses no count.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run has a name.
    Started {
        /// The run's name.
        run_id: String,
    },
    /// A part is finished and waits to be sent.
    Packed {
        /// Number of the part, from 0.
        part: u64,
        /// Its records.
        records: u64,
        /// Its size in bytes.
        size: u64,
        /// Its MD5 in hex.
        md5: String,
    },
    /// The service has a location for a part.
    Allocated {
        /// Number of the part.
        part: u64,
        /// The batch.
        #[serde(rename = "ref")]
        batch: Uuid,
    },
    /// Storage has accepted a part.
    Uploaded {
        /// Number of the part.
        part: u64,
        /// The batch.
        #[serde(rename = "ref")]
        batch: Uuid,
    },
    /// The service says a batch is in another state.
    Status {
        /// The batch.
        #[serde(rename = "ref")]
        batch: Uuid,
        /// Its state before, if one was known.
        from: Option<String>,
        /// Its state now.
        to: String,
    },
    /// A request failed and is tried again after a pause.
    Retry {
        /// What was tried.
        stage: Stage,
        /// The batch, if it was about one.
        #[serde(rename = "ref")]
        batch: Option<Uuid>,
        /// Tries so far.
        attempt: u32,
        /// The pause in milliseconds.
        delay_ms: u64,
        /// Why it failed.
        code: Kind,
    },
    /// Numbers moved.
    Progress {
        /// The numbers.
        #[serde(flatten)]
        progress: Progress,
    },
    /// The run is over; the last event.
    Done {
        /// The final numbers.
        #[serde(flatten)]
        progress: Progress,
    },
}

/// A bounded queue of events. When it is full the oldest event makes room and is counted.
#[derive(Clone, Default)]
pub struct Events(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    progress: Progress,
    dropped: u64,
    closed: bool,
}

impl Queue {
    fn push(&mut self, event: Event) {
        if self.events.len() == CAPACITY {
            self.events.pop_front();
            self.dropped += 1;
        }
        self.events.push_back(event);
    }
}

impl Events {
    /// Those of work that is over and told nothing.
    pub(crate) fn ended() -> Self {
        let events = Self::default();
        events.close();
        events
    }

    /// Adds an event.
    pub(crate) fn emit(&self, event: Event) {
        self.lock().push(event);
        self.0.arrived.notify_all();
    }

    /// Moves the numbers, and tells the host unless it has not yet pulled the last such event.
    pub(crate) fn advance(&self, change: impl FnOnce(&mut Progress)) {
        // All under one lock: between two, another thread could queue newer numbers first.
        let mut queue = self.lock();
        change(&mut queue.progress);
        let progress = queue.progress;
        match queue.events.back_mut() {
            Some(Event::Progress { progress: last }) => *last = progress,
            _ => {
                queue.push(Event::Progress { progress });
                self.0.arrived.notify_all();
            }
        }
    }

    /// The numbers as they are now.
    pub fn progress(&self) -> Progress {
        self.lock().progress
    }

    /// Events that were dropped because nobody pulled them.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Ends the stream: what is queued can still be pulled.
    pub(crate) fn close(&self) {
        let progress = self.progress();
        self.emit(Event::Done { progress });
        self.lock().closed = true;
        self.0.arrived.notify_all();
    }

    /// Goes on after an end.
    pub(crate) fn reopen(&self) {
        self.lock().closed = false;
    }

    /// The next event, waiting at most `limit` for it. `None` when none came, or when the run is over and all are pulled.
    pub fn next(&self, limit: Duration) -> Option<Event> {
        let deadline = Instant::now() + limit;
        let mut queue = self.lock();
        loop {
            if let Some(event) = queue.events.pop_front() {
                return Some(event);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if queue.closed || left.is_zero() {
                return None;
            }
            queue = self.0.arrived.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the run is over and every event pulled.
    pub fn finished(&self) -> bool {
        let queue = self.lock();
        queue.closed && queue.events.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_that_nobody_pulls_stays_one_event_with_the_newest_numbers() {
        let events = Events::default();
        (0..10).for_each(|_| events.advance(|progress| progress.read += 1));
        let first = events.next(Duration::ZERO);
        assert_eq!(first, Some(Event::Progress { progress: Progress { read: 10, ..Progress::default() } }));
        assert_eq!(events.next(Duration::ZERO), None);
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_it() {
        let events = Events::default();
        for part in 0..=CAPACITY as u64 {
            events.emit(Event::Uploaded { part, batch: Uuid::nil() });
        }
        assert_eq!(events.dropped(), 1);
        assert_eq!(events.next(Duration::ZERO), Some(Event::Uploaded { part: 1, batch: Uuid::nil() }));
    }
}
