//! A file that must stay as it is while it is read.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::unreadable;
use crate::crash;
use crate::error::{Error, Result, Stage};

/// An open file that fails at its end, or as soon as it is longer than it was, if it changed since it was opened.
pub(super) struct Unchanged {
    name: Arc<str>,
    file: File,
    read: u64,
    /// Length and time at opening; none for what is no regular file (a pipe, a device).
    before: Option<(u64, Option<SystemTime>)>,
}

impl Unchanged {
    /// # Errors
    /// `io` if the file is missing, a directory or may not be read.
    pub(super) fn open(name: &Arc<str>, path: &Path) -> Result<Unchanged> {
        check(name, path)?;
        let cannot = |reason: io::Error| refusal(name, reason);
        let file = crash::disk("open source").and_then(|()| File::open(path)).map_err(cannot)?;
        let before = state(&file.metadata().map_err(cannot)?);
        Ok(Unchanged { name: Arc::clone(name), file, read: 0, before })
    }

    fn verify(&self, at_end: bool) -> io::Result<()> {
        let Some((length, time)) = self.before else {
            return Ok(());
        };
        let same = if at_end {
            self.read == length && state(&self.file.metadata()?) == Some((length, time))
        } else {
            self.read <= length
        };
        if same {
            return Ok(());
        }
        let name = &self.name;
        let changed = format!("{name} changed while it was being read: run again when nothing writes to it");
        Err(io::Error::other(unreadable(name, changed)))
    }
}

impl Read for Unchanged {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = crash::disk("read source").and_then(|()| self.file.read(buffer))?;
        self.read += read as u64;
        self.verify(read == 0 && !buffer.is_empty())?;
        Ok(read)
    }
}

/// Looks whether a file can be there to read, without opening it.
///
/// # Errors
/// `io` if the file is missing or a directory.
pub(super) fn check(name: &str, path: &Path) -> Result<()> {
    let metadata = path.metadata().map_err(|reason| refusal(name, reason))?;
    if metadata.is_dir() {
        let what = format!("{name} is a directory: name a file in it, or a pattern such as {name}/*.ndjson");
        return Err(unreadable(name, what));
    }
    Ok(())
}

fn state(metadata: &Metadata) -> Option<(u64, Option<SystemTime>)> {
    metadata.is_file().then(|| (metadata.len(), metadata.modified().ok()))
}

fn refusal(name: &str, reason: io::Error) -> Error {
    match reason.kind() {
        io::ErrorKind::NotFound => {
            unreadable(name, format!("{name} does not exist: check the path")).with_cause(reason)
        }
        io::ErrorKind::PermissionDenied => {
            unreadable(name, format!("{name} may not be read: check its permissions")).with_cause(reason)
        }
        _ => Error::io(format!("{name} cannot be opened"), reason).with_stage(Stage::Read).with_source(name),
    }
}
