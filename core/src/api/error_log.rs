//! A batch's error log: which records were refused, and why (protocol.md section 5).
//!
//! The documents promise gzip with one JSON object a line; what comes may also be plain, empty, an HTML page, or end
//! its lines in any way. The parser takes bytes as they arrive and holds one line at most.

use std::io::{self, Write as _};

use flate2::write::MultiGzDecoder;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::answer::{text, uuid};
use crate::api::request::{Method, Request};
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::secret::SafeUrl;

/// Longest line accepted, in bytes; the longest one published has 103.
const MAX_LINE: usize = 1 << 20;
/// Longest log accepted, in bytes before or after decompression: 80 bytes for each of 50 million records.
const MAX_LOG: u64 = 4 << 30;
/// Bytes taken at a time. Deflate grows at most 1032 times, so about a megabyte of entries waits for the caller.
const SLICE: usize = 1_024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// `GET <status.log>` without Basic auth: the URL carries its own signature.
pub fn request(url: &SafeUrl) -> Request {
    let url = url.clone();
    Request { stage: Stage::Log, method: Method::Get, url, auth: false, headers: Vec::new(), body: None }
}

/// One line of the log: a record and what the service says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The record; `None` when the service could not read the line it stood on.
    #[serde(rename = "ref")]
    pub record_ref: Option<Uuid>,
    /// The service's code, such as `400`; empty when missing.
    pub code: String,
    /// The service's words; empty when missing.
    pub message: String,
}

impl LogEntry {
    /// Whether the line tells of a record that was taken (a code like `200`): some logs hold those too.
    pub fn is_success(&self) -> bool {
        self.code.len() == 3 && self.code.starts_with('2')
    }

    fn read(line: &[u8]) -> Option<Self> {
        let fields: Map<String, Value> = serde_json::from_str(&String::from_utf8_lossy(line)).ok()?;
        let code = words(fields.get("code"));
        let message = words(fields.get("message"));
        if code.is_none() && message.is_none() {
            return None;
        }
        let [code, message] = [code, message].map(Option::unwrap_or_default);
        Some(LogEntry { record_ref: uuid(fields.get("ref")), code, message })
    }
}

/// A text as it is, anything else as its JSON.
fn words(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        value @ Value::String(_) => text(Some(value)).map(String::from),
        other => Some(other.to_string()),
    }
}

/// What was in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSummary {
    /// Lines that were understood.
    pub entries: u64,
    /// Lines that were not: an HTML page, `No logs available`, garbage.
    pub unreadable: u64,
}

/// Reads a log as it arrives.
pub struct LogParser {
    /// The first bytes, until they tell gzip from text.
    head: Vec<u8>,
    input: Option<Input>,
    received: u64,
    limits: Limits,
}

enum Input {
    Gzip(Box<MultiGzDecoder<Lines>>),
    Plain(Lines),
}

#[derive(Clone, Copy)]
struct Limits {
    line: usize,
    log: u64,
}

impl Default for LogParser {
    fn default() -> Self {
        LogParser::with_limits(Limits { line: MAX_LINE, log: MAX_LOG })
    }
}

impl LogParser {
    /// A parser for one log.
    pub fn new() -> Self {
        LogParser::default()
    }

    fn with_limits(limits: Limits) -> Self {
        LogParser { head: Vec::new(), input: None, received: 0, limits }
    }

    /// Takes the next bytes and hands over the lines that are complete.
    ///
    /// # Errors
    /// `integrity` for damaged gzip, `protocol` for a log or a line without end. Entries handed over until then are
    /// not the whole log.
    pub fn push(&mut self, bytes: &[u8], on_entry: &mut impl FnMut(LogEntry)) -> Result<()> {
        self.received += bytes.len() as u64;
        if self.received > self.limits.log {
            return Err(too_long(self.limits.log));
        }
        for slice in bytes.chunks(SLICE) {
            self.feed(slice).map_err(damaged)?;
            match &mut self.input {
                Some(Input::Gzip(decoder)) => decoder.get_mut().ready.drain(..).for_each(&mut *on_entry),
                Some(Input::Plain(lines)) => lines.ready.drain(..).for_each(&mut *on_entry),
                None => {}
            }
        }
        Ok(())
    }

    /// Hands over what is left, once every byte was pushed.
    ///
    /// # Errors
    /// `integrity` when the gzip stream is cut off or does not match its checksum.
    pub fn finish(mut self, on_entry: &mut impl FnMut(LogEntry)) -> Result<LogSummary> {
        let mut lines = match self.input.take() {
            Some(Input::Gzip(decoder)) => decoder.finish().map_err(damaged)?,
            Some(Input::Plain(lines)) => lines,
            None => Lines::new(self.limits),
        };
        // A log of a single byte never told what it is.
        lines.write_all(&self.head).map_err(damaged)?;
        lines.end_line();
        lines.ready.drain(..).for_each(on_entry);
        Ok(lines.summary)
    }

    fn feed(&mut self, slice: &[u8]) -> io::Result<()> {
        match &mut self.input {
            Some(Input::Gzip(decoder)) => return decoder.write_all(slice),
            Some(Input::Plain(lines)) => return lines.write_all(slice),
            None => self.head.extend_from_slice(slice),
        }
        if self.head.len() < GZIP.len() {
            return Ok(());
        }
        let lines = Lines::new(self.limits);
        let head = std::mem::take(&mut self.head);
        self.input = Some(match head.starts_with(&GZIP) {
            true => Input::Gzip(Box::new(MultiGzDecoder::new(lines))),
            false => Input::Plain(lines),
        });
        self.feed(&head)
    }
}

/// Cuts text into lines and reads each. CR and LF both end a line, so CRLF is a line and an empty one, which is skipped.
struct Lines {
    partial: Vec<u8>,
    ready: Vec<LogEntry>,
    summary: LogSummary,
    written: u64,
    limits: Limits,
}

impl Lines {
    fn new(limits: Limits) -> Self {
        Lines { partial: Vec::new(), ready: Vec::new(), summary: LogSummary::default(), written: 0, limits }
    }

    fn end_line(&mut self) {
        let line = self.partial.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.partial).trim_ascii();
        if !line.is_empty() {
            match LogEntry::read(line) {
                Some(entry) => {
                    self.summary.entries += 1;
                    self.ready.push(entry);
                }
                None => self.summary.unreadable += 1,
            }
        }
        self.partial.clear();
    }

    fn extend_line(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.partial.len() + bytes.len() > self.limits.line {
            let limit = self.limits.line;
            let message = format!("the error log has a line of more than {limit} bytes and was not read; report this");
            return Err(io::Error::other(Error::new(Kind::Protocol, message).with_stage(Stage::Log)));
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written += bytes.len() as u64;
        if self.written > self.limits.log {
            return Err(io::Error::other(too_long(self.limits.log)));
        }
        let mut rest = bytes;
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            self.extend_line(&rest[..end])?;
            self.end_line();
            rest = &rest[end + 1..];
        }
        self.extend_line(rest)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn too_long(limit: u64) -> Error {
    let message = format!("the error log is longer than {limit} bytes and was not read to its end; report this");
    Error::new(Kind::Protocol, message).with_stage(Stage::Log)
}

/// Our own errors come back out of the decoder as they went in; anything else is its complaint about the bytes.
fn damaged(cause: io::Error) -> Error {
    cause.downcast::<Error>().unwrap_or_else(|cause| {
        let message = "the error log is damaged or cut off; fetch it again";
        Error::new(Kind::Integrity, message).with_stage(Stage::Log).with_cause(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    const SMALL: Limits = Limits { line: 200, log: 100_000 };

    fn zip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let _ = encoder.write_all(bytes);
        encoder.finish().unwrap_or_default()
    }

    fn kind_of(bytes: &[u8]) -> Option<Kind> {
        let mut parser = LogParser::with_limits(SMALL);
        parser.push(bytes, &mut |_| {}).err().map(|error| error.kind())
    }

    #[test]
    fn a_decompression_bomb_ends_at_the_limit() {
        let bomb = zip(&b"{}\n".repeat(1_000_000));
        assert!(bomb.len() < 20_000, "{}", bomb.len());
        assert_eq!(kind_of(&bomb), Some(Kind::Protocol));
        assert_eq!(kind_of(&zip(&vec![b'\n'; 1_000_000])), Some(Kind::Protocol));
    }

    #[test]
    fn an_endless_line_ends_at_the_limit_and_a_line_at_the_limit_does_not() {
        assert_eq!(kind_of(&[b'x'; 201]), Some(Kind::Protocol));
        assert_eq!(kind_of(&[b'x'; 200]), None);
    }

    #[test]
    fn members_that_hold_nothing_end_at_the_limit_too() {
        assert_eq!(kind_of(&zip(b"").repeat(10_000)), Some(Kind::Protocol));
    }
}
