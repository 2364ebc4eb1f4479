//! A block on its way to a part: checked, told what came before it, deflated.

use std::sync::Arc;

use uuid::Uuid;

use super::engine::Engine;
use super::seen::Seen;
use super::{Block, Lines, Settings};
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::options::OnInvalid;
use crate::record::{Finding, Keep, Scratch, Severity, record_ref};
use crate::reject::{RefusedBy, Reject};

/// How far back deflate can refer.
pub(super) const DICTIONARY: usize = 32 * 1024;

/// The records of a block that go into parts, and those that do not.
pub(super) struct Chunk {
    pub(super) source: Arc<str>,
    /// Room for a whole dictionary, then the text, so that both lie together when they are deflated.
    buffer: Vec<u8>,
    /// Bytes of the dictionary that are set, at the end of its room.
    dictionary: usize,
    pub(super) lines: Lines,
    /// The ref of each record, when refs are checked.
    refs: Vec<Uuid>,
    /// In the order of their lines.
    pub(super) rejects: Vec<Reject>,
    /// Records read, refused ones included.
    pub(super) read: u64,
    pub(super) deflated: Vec<u8>,
    pub(super) crc: crc32fast::Hasher,
}

impl Chunk {
    /// Checks a block's records and keeps the good ones in `buffer`.
    ///
    /// # Errors
    /// The first record refused, when `on_invalid` is `stop`.
    pub(super) fn check(
        block: &Block,
        settings: &Settings,
        scratch: &mut Scratch,
        mut buffer: Vec<u8>,
    ) -> Result<Self> {
        buffer.clear();
        buffer.resize(DICTIONARY, 0);
        let mut chunk = Chunk {
            source: Arc::clone(&block.source),
            buffer,
            dictionary: 0,
            lines: Lines::default(),
            refs: Vec::new(),
            rejects: Vec::new(),
            read: u64::from(block.lines.len()) + block.too_long.len() as u64,
            deflated: Vec::new(),
            crc: crc32fast::Hasher::new(),
        };
        if settings.checker.passes_everything() {
            chunk.buffer.extend_from_slice(&block.text);
            chunk.lines = block.lines.clone();
        } else {
            chunk.check_each(block, settings, scratch);
        }
        chunk.rejects.extend(
            block.too_long.iter().map(|long| refused(&block.source, long.line, None, &long.head, &[long.finding()])),
        );
        chunk.rejects.sort_by_key(|reject| reject.line);
        chunk.stop_at_reject(settings)?;
        Ok(chunk)
    }

    fn check_each(&mut self, block: &Block, settings: &Settings, scratch: &mut Scratch) {
        self.buffer.reserve(block.text.len());
        for (record, line) in block.records() {
            let verdict = settings.checker.check(record, scratch);
            match verdict.keep {
                Keep::AsIs => self.buffer.extend_from_slice(record),
                Keep::Replaced => self.buffer.extend_from_slice(&scratch.replacement),
                Keep::Refused => {
                    self.rejects.push(refused(&block.source, line, verdict.record_ref, record, &scratch.findings));
                    continue;
                }
            }
            self.buffer.push(b'\n');
            self.lines.push(line);
            self.refs.extend(verdict.record_ref);
        }
    }

    /// Refuses every record whose ref was seen before. Must be called chunk by chunk in input order.
    ///
    /// # Errors
    /// The first of them, when `on_invalid` is `stop`.
    pub(super) fn refuse_repeats(&mut self, block: &Block, seen: &mut Seen, settings: &Settings) -> Result<()> {
        // A record without a known ref (check is `none`) leaves nothing to compare.
        if !settings.checks || self.refs.len() != self.records() as usize {
            return Ok(());
        }
        let repeats: Vec<bool> = self.refs.iter().map(|record_ref| !seen.insert(*record_ref)).collect();
        if !repeats.contains(&true) {
            return Ok(());
        }
        let text = self.buffer.split_off(DICTIONARY);
        let lines = std::mem::take(&mut self.lines);
        let mut as_read = block.records();
        for (index, record) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let line = lines.line(index as u32);
            if repeats.get(index) == Some(&true) {
                let given = as_read.find(|(_, other)| *other == line).map_or(record, |(given, _)| given);
                let record_ref = self.refs.get(index).copied();
                self.rejects.push(refused(&self.source, line, record_ref, given, &[Seen::finding()]));
            } else {
                self.buffer.extend_from_slice(record);
                self.lines.push(line);
            }
        }
        self.rejects.sort_by_key(|reject| reject.line);
        self.stop_at_reject(settings)
    }

    fn stop_at_reject(&self, settings: &Settings) -> Result<()> {
        match self.rejects.first() {
            Some(first) if settings.on_invalid == OnInvalid::Stop => Err(stopped(first)),
            _ => Ok(()),
        }
    }

    /// Takes what came right before this chunk as its dictionary, and leaves in `tail` what comes right before the next.
    pub(super) fn follow(&mut self, tail: &mut Vec<u8>) {
        self.dictionary = tail.len();
        self.buffer[DICTIONARY - tail.len()..DICTIONARY].copy_from_slice(tail);
        let known = &self.buffer[DICTIONARY - tail.len()..];
        let keep = known.len().saturating_sub(DICTIONARY);
        tail.clear();
        tail.extend_from_slice(&known[keep..]);
    }

    /// Deflates the whole text, the dictionary before it in reach.
    pub(super) fn deflate(&mut self, engine: &mut dyn Engine, mut out: Vec<u8>) {
        out.clear();
        if !self.text().is_empty() {
            engine.deflate(&self.buffer[DICTIONARY - self.dictionary..], self.dictionary, &mut out);
            self.crc.update(&self.buffer[DICTIONARY..]);
        }
        self.deflated = out;
    }

    /// The records that are kept, each ended by LF.
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[DICTIONARY..]
    }

    /// Text from `start` to `end`, with up to `reach` bytes of what came before it, and how many those are.
    pub(super) fn with_dictionary(&self, start: usize, end: usize, reach: usize) -> (&[u8], usize) {
        let dictionary = reach.min(DICTIONARY).min(self.dictionary + start);
        (&self.buffer[DICTIONARY + start - dictionary..DICTIONARY + end], dictionary)
    }

    /// How many records are kept.
    pub(super) fn records(&self) -> u32 {
        self.lines.len()
    }

    /// Bytes of dictionary that `deflated` may refer to.
    pub(super) fn dictionary(&self) -> usize {
        self.dictionary
    }

    /// Takes out the rejects from before `line`, or all of them.
    pub(super) fn rejects_before(&mut self, line: Option<u64>) -> Vec<Reject> {
        let end = match line {
            Some(line) => self.rejects.partition_point(|reject| reject.line < Some(line)),
            None => self.rejects.len(),
        };
        self.rejects.drain(..end).collect()
    }

    /// The two large buffers, for reuse.
    pub(super) fn into_buffers(self) -> [Vec<u8>; 2] {
        [self.buffer, self.deflated]
    }
}

/// A record refused by the check, for the first of its errors.
fn refused(source: &Arc<str>, line: u64, record_ref: Option<Uuid>, record: &[u8], findings: &[Finding]) -> Reject {
    let finding = findings.iter().find(|finding| finding.severity == Severity::Error);
    Reject {
        by: RefusedBy::Us,
        source: Some(Arc::clone(source)),
        line: Some(line),
        record_ref,
        batch: None,
        code: finding.map_or("record", |finding| finding.rule).to_string(),
        message: finding.map(|finding| finding.message.clone()).unwrap_or_default(),
        record: record.strip_suffix(b"\n").unwrap_or(record).to_vec(),
    }
}

/// A record whose deflated form alone is larger than a part may be.
pub(super) fn too_large(chunk: &Chunk, record: u32, text: &[u8], cap: u64) -> Reject {
    let finding = Finding {
        path: "$".to_string(),
        rule: Kind::RecordTooLarge.name(),
        severity: Severity::Error,
        message: format!("the record alone is larger than max_batch_bytes ({cap}) when compressed; shrink it"),
        section: "protocol 3.1",
    };
    refused(&chunk.source, chunk.lines.line(record), record_ref(text), text, &[finding])
}

/// The error that a reject is when `on_invalid` is `stop`.
pub(super) fn stopped(reject: &Reject) -> Error {
    let kind = match reject.code == Kind::RecordTooLarge.name() {
        true => Kind::RecordTooLarge,
        false => Kind::InvalidRecord,
    };
    let source = reject.source.as_deref().unwrap_or_default();
    let line = reject.line.unwrap_or_default();
    Error::new(kind, format!("{source}:{line}: {}", reject.message))
        .with_stage(Stage::Check)
        .with_source(source)
        .with_line(line)
}
