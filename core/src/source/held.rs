//! What hosts in other languages hold: a source until a call takes it, and one type for writers of both kinds.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::queue::Pusher;
use super::{RowWriter, Source, StreamWriter};
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// A source that can be taken once: its records are read once.
pub struct Held(Mutex<Option<Source>>);

impl From<Source> for Held {
    fn from(source: Source) -> Self {
        Held(Mutex::new(Some(source)))
    }
}

impl Held {
    /// The source.
    ///
    /// # Errors
    /// `closed` if it was taken before.
    pub fn take(&self) -> Result<Source> {
        self.taken().ok_or_else(|| {
            Error::new(Kind::Closed, "this source was already read; make a new one").with_stage(Stage::Read)
        })
    }

    /// Leaves the source to another holder. If it was taken before, that one has nothing to take either.
    pub fn hand_on(&self) -> Held {
        Held(Mutex::new(self.taken()))
    }

    fn taken(&self) -> Option<Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A writer of either kind.
pub enum Feed {
    /// Pushes records.
    Rows(RowWriter),
    /// Pushes the bytes of a file.
    Stream(StreamWriter),
}

impl Feed {
    /// Pushes one record, or the next bytes of a file.
    ///
    /// # Errors
    /// As [`RowWriter::push_for`].
    pub fn push_for(&self, piece: &[u8], limit: Duration) -> Result<bool> {
        match self {
            Feed::Rows(writer) => writer.push_for(piece, limit),
            Feed::Stream(writer) => writer.push_for(piece, limit),
        }
    }

    /// Pushes records as lines, or the next bytes of a file. What was pushed is gone from `chunk`.
    ///
    /// # Errors
    /// As [`RowWriter::push_lines`].
    pub fn push_chunk(&self, chunk: &mut Vec<u8>, limit: Duration) -> Result<bool> {
        match self {
            Feed::Rows(writer) => writer.push_lines(chunk, limit),
            Feed::Stream(writer) => writer.push_chunk(chunk, limit),
        }
    }

    /// As [`RowWriter::on_room`].
    pub fn on_room(&self, bell: impl FnOnce() + Send + 'static) {
        self.pusher().on_room(bell);
    }

    /// As [`RowWriter::finish`].
    pub fn finish(&self) {
        self.pusher().finish();
    }

    /// As [`RowWriter::abandon`].
    pub fn abandon(&self) {
        self.pusher().abandon();
    }

    fn pusher(&self) -> &Pusher {
        match self {
            Feed::Rows(RowWriter(pusher)) | Feed::Stream(StreamWriter(pusher)) => pusher,
        }
    }
}
