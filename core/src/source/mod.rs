//! Where records come from: files, patterns, bytes and readers, cut into blocks of whole lines.
//!
//! A block is what one packing worker takes at a time. Its boundaries depend only on the records, never on how they
//! were stored or read, so the same records give the same parts from a file or a socket.

mod block;
mod blocks;
mod file;
mod lines;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

pub use block::{Block, Lines, MAX_RECORD_BYTES, TooLong};
pub use blocks::{Blocks, open};

use crate::error::{Error, Stage};
use crate::kind::Kind;

/// One or many places that records are read from, in order.
///
/// The content decides how a source is read, never its name.
pub struct Source(Vec<Input>);

/// One file, buffer or stream, with the name that errors and rejects call it by.
struct Input {
    name: Arc<str>,
    origin: Origin,
}

enum Origin {
    Path(PathBuf),
    Reader(Box<dyn Read + Send>),
}

impl Source {
    /// A file. Opened when its turn comes, never modified; a change while it is being read is an error.
    pub fn path(path: impl Into<PathBuf>) -> Source {
        let path = path.into();
        let name = path.to_string_lossy().into_owned();
        Source::one(&name, Origin::Path(path))
    }

    /// Several sources, read one after the other. No block spans two of them.
    pub fn many(sources: Vec<Source>) -> Source {
        Source(sources.into_iter().flat_map(|source| source.0).collect())
    }

    /// Bytes in memory.
    pub fn bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Source {
        Source::reader(name, Box::new(std::io::Cursor::new(bytes.into())))
    }

    /// Anything that can be read once: standard input, a socket, a decompressor.
    pub fn reader(name: &str, reader: Box<dyn Read + Send>) -> Source {
        Source::one(name, Origin::Reader(reader))
    }

    fn one(name: &str, origin: Origin) -> Source {
        Source(vec![Input { name: name.into(), origin }])
    }
}

/// An `io` error about the source `name`. The message names it, so that it can stand alone.
fn unreadable(name: &str, message: String) -> Error {
    Error::new(Kind::Io, message).with_stage(Stage::Read).with_source(name)
}
