//! Where records come from, and the writers that feed those which come from JavaScript.

use std::time::Duration;

use cdp_batch::Result;
use cdp_batch::source::{self, Feed, Held};
use napi::bindgen_prelude::{Either, Either8};
use napi_derive::napi;

use crate::bell::{self, JsBell};
use crate::operation::Operation;
use crate::outcome::{IntoValue, Value};

/// Records to be read, once.
#[napi]
pub struct Source(Held);

impl Source {
    fn new(source: impl Into<Held>) -> Self {
        Source(source.into())
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        self.0.take()
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
    feed: Feed,
    source: Held,
}

#[napi]
impl Writer {
    /// Feeds records as lines of NDJSON.
    #[napi(factory, catch_unwind)]
    pub fn rows() -> Writer {
        let (writer, source) = source::Source::rows();
        Writer { feed: Feed::Rows(writer), source: source.into() }
    }

    /// Feeds a file of any of the known formats, chunk by chunk.
    #[napi(factory, catch_unwind)]
    pub fn stream(name: String) -> Writer {
        let (writer, source) = source::Source::stream(&name);
        Writer { feed: Feed::Stream(writer), source: source.into() }
    }

    /// What it feeds, once.
    #[napi(catch_unwind)]
    pub fn source(&self) -> Source {
        Source::new(self.source.hand_on())
    }

    /// Takes a chunk, of whole lines where it feeds lines. Whether it is in: otherwise there is no room; none when nothing
    /// reads any more.
    #[napi(catch_unwind)]
    pub fn push(&self, chunk: Either<&[u8], String>) -> Option<bool> {
        let mut chunk = match chunk {
            Either::A(bytes) => bytes.to_vec(),
            Either::B(text) => text.into_bytes(),
        };
        self.feed.push_chunk(&mut chunk, Duration::ZERO).ok()
    }

    /// Rings when there is room, or when nothing reads any more.
    #[napi(catch_unwind)]
    pub fn on_room(&self, ring: JsBell) {
        self.feed.on_room(bell::once(ring));
    }

    /// Says that everything was pushed.
    #[napi(catch_unwind)]
    pub fn finish(&self) {
        self.feed.finish();
    }

    /// Gives up: what was pushed is not all.
    #[napi(catch_unwind)]
    pub fn abandon(&self) {
        self.feed.abandon();
    }
}
