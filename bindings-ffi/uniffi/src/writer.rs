//! Writers that feed a source from the host.

use std::sync::Arc;
use std::time::Duration;

use cdp_batch::source::{self, Feed, Held};
use tokio::sync::oneshot;

use crate::source::Source;

/// Feeds a source, from any thread. Let go without `finish`, it ends the run with `Cancelled`: half is never taken for all.
#[derive(uniffi::Object)]
pub struct Writer {
    feed: Feed,
    source: Held,
}

/// What became of a chunk.
#[derive(uniffi::Enum)]
pub enum Pushed {
    /// It is in.
    Taken,
    /// There is no room for it: push it again after `room`.
    Full,
    /// Nothing reads any more: the outcome of the operation says why.
    Unread,
}

#[uniffi::export]
impl Writer {
    /// Feeds records as lines of NDJSON.
    #[uniffi::constructor]
    pub fn rows() -> Arc<Self> {
        let (writer, source) = source::Source::rows();
        Arc::new(Writer { feed: Feed::Rows(writer), source: source.into() })
    }

    /// Feeds a file of any of the known formats, which goes by this name.
    #[uniffi::constructor]
    pub fn stream(name: String) -> Arc<Self> {
        let (writer, source) = source::Source::stream(&name);
        Arc::new(Writer { feed: Feed::Stream(writer), source: source.into() })
    }

    /// What it feeds, once.
    pub fn source(&self) -> Arc<Source> {
        Source::new(self.source.hand_on())
    }

    /// Takes a chunk, of whole lines where it feeds lines, and returns at once.
    pub fn push(&self, mut chunk: Vec<u8>) -> Pushed {
        match self.feed.push_chunk(&mut chunk, Duration::ZERO) {
            Ok(true) => Pushed::Taken,
            Ok(false) => Pushed::Full,
            Err(_) => Pushed::Unread,
        }
    }

    /// Waits until there is room, or until nothing reads any more.
    pub async fn room(&self) {
        let (ring, rung) = oneshot::channel();
        let bell = move || {
            // Nobody hears it when the host has stopped waiting.
            let _ = ring.send(());
        };
        self.feed.on_room(bell);
        // A bell that was lost means that nothing reads any more.
        let _ = rung.await;
    }

    /// Says that everything was pushed.
    pub fn finish(&self) {
        self.feed.finish();
    }

    /// Gives up: what was pushed is not all. After `finish` it is.
    pub fn abandon(&self) {
        self.feed.abandon();
    }
}
