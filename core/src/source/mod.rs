//! Where records come from: files, patterns, bytes, readers and pushed rows, cut into blocks of whole records.
//!
//! A block is what one packing worker takes at a time. Its boundaries depend only on the records, never on how they
//! were stored or read, so the same records give the same parts from a file, a `.gz`, a socket or row by row.
//!
//! ```text
//! file  queue       where bytes come from
//!    \  /
//!    text           unpacked, without byte order mark; detect tells its format
//!    /  \
//! lines  reflow     cut into records: one a line | an array or JSON over several lines
//!    \  /
//!    block          gathered into blocks, which blocks hands out
//! ```

mod blocks;
mod builder;
mod detect;
mod file;
mod held;
mod lines;
mod pushed;
mod queue;
mod reflow;
mod text;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::UNIX_EPOCH;

use serde::Serialize;

pub use blocks::{Blocks, Stopper, open};
pub use held::{Feed, Held};
pub use pushed::{RowWriter, StreamWriter, append_row};

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use queue::QueueReader;

/// One or many places that records are read from, in order.
///
/// Each may hold NDJSON with any line endings, one JSON array, or JSON values that run over several lines; plain or
/// gzip; in UTF-8. The content decides, never the name.
pub struct Source {
    inputs: Vec<Input>,
    stopped: Arc<AtomicBool>,
}

/// One file, buffer, stream or queue, with the name that errors and rejects call it by.
struct Input {
    name: Arc<str>,
    origin: Origin,
}

enum Origin {
    Path(PathBuf),
    Bytes(Vec<u8>),
    Reader(Box<dyn Read + Send>),
    Stream(QueueReader),
    Rows(QueueReader),
}

/// What a source is made of, to tell later whether it is still the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Description {
    /// The name that errors and rejects call it by.
    pub name: String,
    /// `path`, `bytes`, `reader` or `rows`.
    pub kind: &'static str,
    /// Length of the file in bytes; none if it is no file or cannot be seen.
    pub len: Option<u64>,
    /// When the file was last written, in nanoseconds since 1970; none as for `len`.
    pub modified_ns: Option<u64>,
}

impl Source {
    /// A file. Opened when its turn comes, never modified; a change while it is being read is an error.
    pub fn path(path: impl Into<PathBuf>) -> Source {
        let path = path.into();
        let name = path.to_string_lossy().into_owned();
        Source::one(&name, Origin::Path(path))
    }

    /// A file that goes by another name than its path.
    #[cfg(feature = "client")]
    pub(crate) fn file(name: &str, path: PathBuf) -> Source {
        Source::one(name, Origin::Path(path))
    }

    /// The files that match a pattern such as `exports/**/*.ndjson.gz`, in the order of their paths. The name of a
    /// file that is there stands for itself, whatever it contains.
    ///
    /// # Errors
    /// `io` if no file matches or a folder cannot be listed, `invalid_options` if the pattern is not one.
    pub fn glob(pattern: &str) -> Result<Source> {
        if Path::new(pattern).is_file() {
            return Ok(Source::path(pattern));
        }
        let matches = glob::glob(pattern).map_err(|reason| {
            let message = format!("{pattern} is no valid pattern: {}", reason.msg);
            Error::new(Kind::InvalidOptions, message).with_stage(Stage::Read)
        })?;
        let mut paths = Vec::new();
        for path in matches {
            let path = path.map_err(|reason| {
                let what = format!("{pattern}: {} cannot be listed", reason.path().display());
                Error::io(what, reason.into()).with_stage(Stage::Read).with_source(pattern)
            })?;
            if !path.is_dir() {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            return Err(unreadable(pattern, format!("no file matches {pattern}: check the path")));
        }
        paths.sort();
        Ok(Source::many(paths.into_iter().map(Source::path).collect()))
    }

    /// Several sources, read one after the other. No block spans two of them.
    pub fn many(sources: Vec<Source>) -> Source {
        Source::of(sources.into_iter().flat_map(|source| source.inputs).collect())
    }

    /// Bytes in memory.
    pub fn bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Source {
        Source::one(name, Origin::Bytes(bytes.into()))
    }

    /// Anything that can be read once: standard input, a socket.
    pub fn reader(name: &str, reader: Box<dyn Read + Send>) -> Source {
        Source::one(name, Origin::Reader(reader))
    }

    /// Records pushed one by one, and the writer that pushes them. Its name is `rows`.
    pub fn rows() -> (RowWriter, Source) {
        let (pusher, reader) = queue::queue();
        (RowWriter(pusher), Source::one("rows", Origin::Rows(reader)))
    }

    /// A file whose bytes are pushed, of any of the known formats, and the writer that pushes them.
    pub fn stream(name: &str) -> (StreamWriter, Source) {
        let (pusher, reader) = queue::queue();
        (StreamWriter(pusher), Source::one(name, Origin::Stream(reader)))
    }

    /// What ends the reading from elsewhere, also before it has begun.
    pub fn stopper(&self) -> Stopper {
        let queues = self.inputs.iter().filter_map(|input| match &input.origin {
            Origin::Stream(reader) | Origin::Rows(reader) => reader.queue(),
            Origin::Path(_) | Origin::Bytes(_) | Origin::Reader(_) => None,
        });
        Stopper { stopped: Arc::clone(&self.stopped), queues: queues.collect() }
    }

    /// What the source is made of, in order.
    pub fn describe(&self) -> Vec<Description> {
        self.inputs.iter().map(Input::describe).collect()
    }

    /// Whether `path` is one of the files that are read, under whatever name: it must not be written to.
    pub fn reads(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        self.files().any(|file| file.canonicalize().is_ok_and(|file| file == path))
    }

    /// A file that is read and lies right in `folder`.
    pub(crate) fn file_in(&self, folder: &Path) -> Option<&Path> {
        let folder = folder.canonicalize().ok()?;
        self.files().find(|file| file.canonicalize().is_ok_and(|file| file.parent() == Some(&folder)))
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().filter_map(|input| match &input.origin {
            Origin::Path(path) => Some(path.as_path()),
            Origin::Bytes(_) | Origin::Reader(_) | Origin::Stream(_) | Origin::Rows(_) => None,
        })
    }

    fn one(name: &str, origin: Origin) -> Source {
        Source::of(vec![Input { name: name.into(), origin }])
    }

    fn of(inputs: Vec<Input>) -> Source {
        Source { inputs, stopped: Arc::default() }
    }
}

impl Input {
    fn describe(&self) -> Description {
        let (kind, metadata) = match &self.origin {
            Origin::Path(path) => ("path", path.metadata().ok()),
            Origin::Bytes(_) => ("bytes", None),
            Origin::Reader(_) | Origin::Stream(_) => ("reader", None),
            Origin::Rows(_) => ("rows", None),
        };
        let since_1970 = |metadata: &std::fs::Metadata| metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok();
        Description {
            name: self.name.to_string(),
            kind,
            len: metadata.as_ref().map(std::fs::Metadata::len),
            modified_ns: metadata.as_ref().and_then(since_1970).and_then(|time| time.as_nanos().try_into().ok()),
        }
    }
}

/// An `io` error about the source `name`. The message names it, so that it can stand alone.
fn unreadable(name: &str, message: String) -> Error {
    Error::new(Kind::Io, message).with_stage(Stage::Read).with_source(name)
}
