//! Where records come from, and the writers that feed those which come from JavaScript.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cdp_batch::source::{self, RowWriter};
use cdp_batch::{Error, Kind, Result, Stage};
use napi::bindgen_prelude::{Either, Either7};
use napi_derive::napi;

use crate::bell::{self, JsBell};
use crate::operation::Operation;
use crate::outcome::{IntoValue, Value};
use crate::queue::{End, Queue, QueueReader};

/// How long the core's queue is waited for at a time.
const LONG: Duration = Duration::from_secs(3_600);

/// Records to be read, once.
#[napi]
pub struct Source(Mutex<Option<source::Source>>);

impl Source {
    fn new(source: source::Source) -> Self {
        Source(Mutex::new(Some(source)))
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        let source = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        source.ok_or_else(|| Error::new(Kind::Closed, "this source was already read").with_stage(Stage::Read))
    }
}

impl IntoValue for source::Source {
    fn into_value(self) -> Value {
        Either7::F(Source::new(self))
    }
}

#[napi]
impl Source {
    /// Files, one after the other.
    #[napi(catch_unwind)]
    pub fn paths(paths: Vec<String>) -> Source {
        Source::new(source::Source::many(paths.into_iter().map(source::Source::path).collect()))
    }

    /// Ends with the files that match a pattern.
    #[napi(catch_unwind)]
    pub fn glob(pattern: String) -> Operation {
        Operation::blocking(move || source::Source::glob(&pattern))
    }
}

/// Feeds a source. Dropped without [`Writer::finish`], it ends the run with `cancelled`: half is never taken for all.
#[napi]
pub struct Writer {
    queue: Arc<Queue>,
    source: Mutex<Option<source::Source>>,
}

impl Writer {
    fn new(queue: Arc<Queue>, source: source::Source) -> Self {
        Writer { queue, source: Mutex::new(Some(source)) }
    }
}

#[napi]
impl Writer {
    /// Feeds records as lines of NDJSON.
    #[napi(factory, catch_unwind)]
    pub fn rows() -> Writer {
        let queue = Arc::new(Queue::default());
        let (rows, source) = source::Source::rows();
        let lines = Arc::clone(&queue);
        let pushing = thread::Builder::new().name("cdp-batch-rows".to_string());
        if pushing.spawn(move || push_lines(&lines, rows)).is_err() {
            // The rows are given up with the writer that was moved in, and the run says that they were.
            queue.close();
        }
        Writer::new(queue, source)
    }

    /// Feeds a file of any of the known formats, chunk by chunk.
    #[napi(factory, catch_unwind)]
    pub fn stream(name: String) -> Writer {
        let queue = Arc::new(Queue::default());
        let reader = QueueReader::new(Arc::clone(&queue));
        Writer::new(queue, source::Source::reader(&name, Box::new(reader)))
    }

    /// What it feeds, once.
    #[napi(catch_unwind)]
    pub fn source(&self) -> Source {
        Source(Mutex::new(self.source.lock().unwrap_or_else(PoisonError::into_inner).take()))
    }

    /// Takes a chunk. Whether there is room for more; none when nothing reads any more.
    #[napi(catch_unwind)]
    pub fn push(&self, chunk: Either<&[u8], String>) -> Option<bool> {
        self.queue.push(match chunk {
            Either::A(bytes) => bytes.to_vec(),
            Either::B(text) => text.into_bytes(),
        })
    }

    /// Rings when there is room, or when nothing reads any more.
    #[napi(catch_unwind)]
    pub fn on_room(&self, ring: JsBell) {
        self.queue.on_room(bell::once(ring));
    }

    /// Says that everything was pushed.
    #[napi(catch_unwind)]
    pub fn finish(&self) {
        self.queue.end(End::Finished);
    }

    /// Gives up: what was pushed is not all.
    #[napi(catch_unwind)]
    pub fn abandon(&self) {
        self.queue.end(End::Abandoned);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// Carries lines from the queue into the core's own, which makes its pusher wait.
fn push_lines(queue: &Queue, rows: RowWriter) {
    let end = loop {
        let mut lines = match queue.pop() {
            Ok(lines) => lines,
            Err(end) => break end,
        };
        while let Ok(false) = rows.push_lines(&mut lines, LONG) {}
        if !lines.is_empty() {
            // Nothing reads any more.
            break End::Abandoned;
        }
    };
    queue.close();
    if end == End::Finished {
        rows.finish();
    }
}
