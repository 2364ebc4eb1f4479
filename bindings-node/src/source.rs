//! Where records come from, and the writers that feed those which come from JavaScript.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cdp_batch::source::{self, RowWriter, StreamWriter};
use cdp_batch::{Error, Kind, Result, Stage};
use napi::bindgen_prelude::{Either, Either8};
use napi_derive::napi;

use crate::bell::{self, JsBell};
use crate::operation::Operation;
use crate::outcome::{IntoValue, Value};

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
        Either8::F(Source::new(self))
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
    sink: Sink,
    source: Mutex<Option<source::Source>>,
}

enum Sink {
    Rows(RowWriter),
    Stream(StreamWriter),
}

impl Writer {
    fn new(sink: Sink, source: source::Source) -> Self {
        Writer { sink, source: Mutex::new(Some(source)) }
    }
}

#[napi]
impl Writer {
    /// Feeds records as lines of NDJSON.
    #[napi(factory, catch_unwind)]
    pub fn rows() -> Writer {
        let (writer, source) = source::Source::rows();
        Writer::new(Sink::Rows(writer), source)
    }

    /// Feeds a file of any of the known formats, chunk by chunk.
    #[napi(factory, catch_unwind)]
    pub fn stream(name: String) -> Writer {
        let (writer, source) = source::Source::stream(&name);
        Writer::new(Sink::Stream(writer), source)
    }

    /// What it feeds, once.
    #[napi(catch_unwind)]
    pub fn source(&self) -> Source {
        Source(Mutex::new(self.source.lock().unwrap_or_else(PoisonError::into_inner).take()))
    }

    /// Takes a chunk, of whole lines where it feeds lines. Whether it is in: otherwise there is no room; none when nothing
    /// reads any more.
    #[napi(catch_unwind)]
    pub fn push(&self, chunk: Either<&[u8], String>) -> Option<bool> {
        let pushed = match (&self.sink, chunk) {
            (Sink::Rows(writer), Either::A(lines)) => writer.push_lines(&mut lines.to_vec(), Duration::ZERO),
            (Sink::Rows(writer), Either::B(lines)) => writer.push_lines(&mut lines.into_bytes(), Duration::ZERO),
            (Sink::Stream(writer), Either::A(bytes)) => writer.push_for(bytes, Duration::ZERO),
            (Sink::Stream(writer), Either::B(text)) => writer.push_for(text.as_bytes(), Duration::ZERO),
        };
        pushed.ok()
    }

    /// Rings when there is room, or when nothing reads any more.
    #[napi(catch_unwind)]
    pub fn on_room(&self, ring: JsBell) {
        match &self.sink {
            Sink::Rows(writer) => writer.on_room(bell::once(ring)),
            Sink::Stream(writer) => writer.on_room(bell::once(ring)),
        }
    }

    /// Says that everything was pushed.
    #[napi(catch_unwind)]
    pub fn finish(&self) {
        match &self.sink {
            Sink::Rows(writer) => writer.finish(),
            Sink::Stream(writer) => writer.finish(),
        }
    }

    /// Gives up: what was pushed is not all.
    #[napi(catch_unwind)]
    pub fn abandon(&self) {
        match &self.sink {
            Sink::Rows(writer) => writer.abandon(),
            Sink::Stream(writer) => writer.abandon(),
        }
    }
}
