//! Opens a source as plain text: unpacks gzip, drops the byte order mark, tells the format, refuses what is no text.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::detect::{self, Format};
use super::file::Unchanged;
use super::{Input, Origin, unreadable};
use crate::error::{Error, Result, Stage};
use crate::pack::MAX_RECORD_BYTES;

/// Bytes asked of a source at a time: large enough to make system calls cheap, small enough to stay in the cache
/// until they are copied.
const READ_BYTES: usize = 256 << 10;

/// Bytes looked at to tell what a source is; more only while its first record is open.
const HEAD_BYTES: usize = 64 << 10;

pub(super) type Text = Box<dyn BufRead + Send>;

/// # Errors
/// `io` if the source cannot be read or is nothing we read.
pub(super) fn open(input: Input) -> Result<(Text, Format)> {
    let name = input.name;
    let mut reader: Box<dyn Read + Send> = match input.origin {
        Origin::Path(path) => Box::new(Unchanged::open(&name, &path)?),
        Origin::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        Origin::Reader(reader) => reader,
        Origin::Stream(reader) => Box::new(reader),
        Origin::Rows(rows) => return Ok((Box::new(rows), Format::Lines)),
    };
    let mut head = Vec::new();
    let mut whole = read_to(HEAD_BYTES, &mut reader, &mut head, &name)?;
    if head.starts_with(detect::GZIP) {
        let packed = Cursor::new(std::mem::take(&mut head)).chain(reader);
        reader = Box::new(Gunzip { name: Arc::clone(&name), text: MultiGzDecoder::new(packed) });
        whole = read_to(HEAD_BYTES, &mut reader, &mut head, &name)?;
    }
    if let Some((what, advice)) = detect::refusal(&head) {
        return Err(unreadable(&name, format!("{name} {what}: {advice}")));
    }
    if head.starts_with(detect::BOM) {
        head.drain(..detect::BOM.len());
    }
    let format = loop {
        match detect::format(&head, whole) {
            Some(format) => break format,
            None => {
                let more = (2 * head.len()).clamp(HEAD_BYTES, MAX_RECORD_BYTES + 1);
                whole = read_to(more, &mut reader, &mut head, &name)?;
            }
        }
    };
    Ok((buffered(Cursor::new(head).chain(reader)), format))
}

/// Why reading failed: our own error if a reader of ours passed one through, the system's otherwise.
pub(super) fn failed(name: &str, reason: io::Error) -> Error {
    match reason.downcast::<Error>() {
        Ok(ours) => ours,
        Err(reason) => Error::io(format!("{name} cannot be read"), reason).with_stage(Stage::Read).with_source(name),
    }
}

fn buffered(reader: impl Read + Send + 'static) -> Text {
    Box::new(BufReader::with_capacity(READ_BYTES, reader))
}

/// Fills `head` up to `length` bytes; true if the text ends before that.
fn read_to(length: usize, reader: &mut dyn Read, head: &mut Vec<u8>, name: &str) -> Result<bool> {
    let missing = (length - head.len()) as u64;
    reader.take(missing).read_to_end(head).map_err(|reason| failed(name, reason))?;
    Ok(head.len() < length)
}

/// Unpacks gzip of any number of members, and says in words what is wrong with it.
struct Gunzip<R> {
    name: Arc<str>,
    text: MultiGzDecoder<R>,
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text.read(buffer).map_err(|reason| {
            let what = match reason.kind() {
                io::ErrorKind::UnexpectedEof => "is truncated: its gzip data ends early",
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => "is corrupt: its gzip data does not unpack",
                _ => return reason,
            };
            let name = &self.name;
            io::Error::other(unreadable(name, format!("{name} {what}, get the file again")).with_cause(reason))
        })
    }
}
