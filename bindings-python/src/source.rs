//! Where records come from, and the writers that feed those which come from Python.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cdp_batch::source::{self, RowWriter};
use cdp_batch::{Error, Kind, Result, Stage};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::gate;
use crate::rows::Lines;

/// Chunks of a stream that may wait.
const QUEUE_CHUNKS: usize = 2;
/// How often a stream whose queue is full is looked at again.
const LOOK: Duration = Duration::from_millis(1);

/// Records to be read, once.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Source(Mutex<Option<source::Source>>);

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

#[pymethods]
impl Source {
    #[staticmethod]
    fn path(path: PathBuf) -> Self {
        Source::new(source::Source::path(path))
    }

    #[staticmethod]
    fn paths(paths: Vec<PathBuf>) -> Self {
        Source::new(source::Source::many(paths.into_iter().map(source::Source::path).collect()))
    }

    #[staticmethod]
    fn glob(py: Python<'_>, pattern: &str) -> PyResult<Self> {
        let found = gate::detach(py, || source::Source::glob(pattern));
        found.map(Source::new).map_err(|error| raised(py, &error))
    }

    #[staticmethod]
    fn bytes(bytes: Vec<u8>) -> Self {
        Source::new(source::Source::bytes("bytes", bytes))
    }

    /// Records pushed as lines of NDJSON.
    #[staticmethod]
    fn rows() -> (Self, Writer) {
        let (writer, source) = source::Source::rows();
        (Source::new(source), Writer::new(Sink::Rows(writer)))
    }

    /// A file of any of the known formats, pushed chunk by chunk.
    #[staticmethod]
    fn stream(name: &str) -> (Self, Writer) {
        let (chunks, queue) = sync_channel(QUEUE_CHUNKS);
        let reader = ChunkReader { queue, chunk: Vec::new(), position: 0, ended: false };
        (Source::new(source::Source::reader(name, Box::new(reader))), Writer::new(Sink::Stream(chunks)))
    }
}

/// Feeds a source. Dropped without [`Writer::finish`], it ends the run with `cancelled`: half is never taken for all.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Writer(Mutex<Option<Sink>>);

enum Sink {
    Rows(RowWriter),
    Stream(SyncSender<Chunk>),
}

enum Chunk {
    Bytes(Vec<u8>),
    End,
}

impl Writer {
    fn new(sink: Sink) -> Self {
        Writer(Mutex::new(Some(sink)))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Sink>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Writer {
    /// Pushes lines of NDJSON, waiting at most this many milliseconds; whether they are in, or `None` when nothing
    /// reads any more. Lines that are in are gone from `lines`.
    fn push_lines(&self, lines: &Bound<'_, Lines>, ms: u64) -> Option<bool> {
        let (py, lines) = (lines.py(), lines.get());
        gate::detach(py, || match &*self.lock() {
            Some(Sink::Rows(writer)) => writer.push_lines(&mut lines.bytes(), Duration::from_millis(ms)).ok(),
            _ => None,
        })
    }

    /// Pushes the next bytes of a stream; otherwise like `push_lines`.
    fn push_bytes(&self, py: Python<'_>, bytes: &[u8], ms: u64) -> Option<bool> {
        let limit = Instant::now() + Duration::from_millis(ms);
        gate::detach(py, || match &*self.lock() {
            Some(Sink::Stream(chunks)) => send(chunks, Chunk::Bytes(bytes.to_vec()), limit),
            _ => None,
        })
    }

    /// Says that everything was pushed, waiting at most this many milliseconds; whether that was said.
    fn finish(&self, py: Python<'_>, ms: u64) -> bool {
        gate::detach(py, || {
            let mut sink = self.lock();
            if let Some(Sink::Stream(chunks)) = &*sink {
                let limit = Instant::now() + Duration::from_millis(ms);
                if !send(chunks, Chunk::End, limit).unwrap_or(true) {
                    return false;
                }
            }
            if let Some(Sink::Rows(writer)) = sink.take() {
                writer.finish();
            }
            true
        })
    }

    /// Gives up: what was pushed is not all.
    fn abandon(&self) {
        self.lock().take();
    }
}

/// Whether the chunk went in before the limit; `None` when nothing reads any more.
fn send(chunks: &SyncSender<Chunk>, mut chunk: Chunk, limit: Instant) -> Option<bool> {
    loop {
        match chunks.try_send(chunk) {
            Ok(()) => return Some(true),
            Err(TrySendError::Disconnected(_)) => return None,
            Err(TrySendError::Full(_)) if Instant::now() >= limit => return Some(false),
            Err(TrySendError::Full(back)) => chunk = back,
        }
        thread::sleep(LOOK);
    }
}

/// The reading end of a stream.
struct ChunkReader {
    queue: Receiver<Chunk>,
    chunk: Vec<u8>,
    position: usize,
    ended: bool,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.chunk.len() && !self.ended {
            match self.queue.recv() {
                Ok(Chunk::Bytes(chunk)) => (self.chunk, self.position) = (chunk, 0),
                Ok(Chunk::End) => self.ended = true,
                Err(_) => return Err(io::Error::other("it was given up before its end")),
            }
        }
        let read = (&self.chunk[self.position..]).read(buffer)?;
        self.position += read;
        Ok(read)
    }
}
