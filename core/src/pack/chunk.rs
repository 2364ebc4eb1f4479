//! A block on its way to a part: checked, told what came before it, deflated.

use std::sync::Arc;

use uuid::Uuid;

use super::engine::Engine;
use super::seen::Seen;
use super::{Block, Lines, Settings, TooLong};
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
    /// Each with the number of kept records before it; in input order.
    rejects: Vec<(u32, Reject)>,
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
            let too_long = block.too_long.iter().map(|long| (long.after, refused_for_length(block, long)));
            chunk.rejects.extend(too_long);
        } else {
            chunk.check_each(block, settings, scratch);
        }
        chunk.stop_at_reject(settings)?;
        Ok(chunk)
    }

    fn check_each(&mut self, block: &Block, settings: &Settings, scratch: &mut Scratch) {
        self.buffer.reserve(block.text.len());
        self.refs.reserve(block.lines.len() as usize);
        // Records that are kept as they are, are copied many at a time: from `copied` to where the next one begins.
        let (mut copied, mut next) = (0, 0);
        let mut too_long = block.too_long.iter().peekable();
        for (index, (record, line)) in (0..).zip(block.records()) {
            while let Some(long) = too_long.next_if(|long| long.after <= index) {
                self.refuse(refused_for_length(block, long));
            }
            let verdict = settings.checker.check(record, scratch);
            let start = next;
            next += record.len() + 1;
            if verdict.keep != Keep::AsIs {
                self.buffer.extend_from_slice(&block.text[copied..start]);
                copied = next;
            }
            match verdict.keep {
                Keep::AsIs => {}
                Keep::Replaced => {
                    self.buffer.extend_from_slice(&scratch.replacement);
                    self.buffer.push(b'\n');
                }
                Keep::Refused => {
                    self.refuse(refused(&block.source, line, verdict.record_ref, record, &scratch.findings));
                    continue;
                }
            }
            self.lines.push(line);
            self.refs.extend(verdict.record_ref);
        }
        self.buffer.extend_from_slice(&block.text[copied..next]);
        too_long.for_each(|long| self.refuse(refused_for_length(block, long)));
    }

    /// Adds the next record as a reject.
    fn refuse(&mut self, reject: Reject) {
        self.rejects.push((self.records(), reject));
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
        let repeats = seen.insert_all(&self.refs);
        if !repeats.contains(&true) {
            return Ok(());
        }
        let text = self.buffer.split_off(DICTIONARY);
        let lines = std::mem::take(&mut self.lines);
        let mut earlier = std::mem::take(&mut self.rejects).into_iter().peekable();
        let mut as_read = block.records();
        let (mut passed, mut refused_before) = (0, 0);
        for (index, record) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let line = lines.line(index as u32);
            while let Some((_, reject)) = earlier.next_if(|(after, _)| *after as usize <= index) {
                self.refuse(reject);
                refused_before += 1;
            }
            if repeats.get(index) == Some(&true) {
                // Among the records of the block, those too long to be held apart.
                let number = block.number_of(index + refused_before);
                let given = as_read.nth(number - passed).map_or(record, |(given, _)| given);
                passed = number + 1;
                let record_ref = self.refs.get(index).copied();
                self.refuse(refused(&self.source, line, record_ref, given, &[Seen::finding()]));
            } else {
                self.buffer.extend_from_slice(record);
                self.lines.push(line);
            }
        }
        earlier.for_each(|(_, reject)| self.refuse(reject));
        self.stop_at_reject(settings)
    }

    /// Leaves out the first `records` records, refused ones included, or all there are; returns how many those were.
    pub(super) fn leave_out(&mut self, records: u64) -> u64 {
        let out = records.min(self.read);
        if out == 0 {
            return 0;
        }
        // The i-th reject comes after i rejects and so many kept records.
        let is_out = |(index, (after, _)): &(u64, &(u32, Reject))| index + u64::from(*after) < out;
        let refused = (0..).zip(&self.rejects).take_while(is_out).count();
        let kept = (out - refused as u64) as u32;
        self.rejects.drain(..refused);
        self.rejects.iter_mut().for_each(|(after, _)| *after -= kept);
        let text = memchr::memchr_iter(b'\n', self.text()).take(kept as usize).last().map_or(0, |last| last + 1);
        self.buffer.drain(DICTIONARY..DICTIONARY + text);
        let mut lines = Lines::default();
        self.lines.runs(kept..self.lines.len()).for_each(|(line, records)| lines.push_run(line, records));
        self.lines = lines;
        self.read -= out;
        out
    }

    fn stop_at_reject(&self, settings: &Settings) -> Result<()> {
        match self.rejects.first() {
            Some((_, first)) if settings.on_invalid == OnInvalid::Stop => Err(stopped(first)),
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

    /// Takes out the rejects that come before this record, each with the number of kept records before it.
    pub(super) fn rejects_before(&mut self, record: u32) -> Vec<(u32, Reject)> {
        let end = self.rejects.partition_point(|(after, _)| *after <= record);
        self.rejects.drain(..end).collect()
    }

    /// The two large buffers, for reuse.
    pub(super) fn into_buffers(self) -> [Vec<u8>; 2] {
        [self.buffer, self.deflated]
    }
}

/// A record refused before it was held.
fn refused_for_length(block: &Block, long: &TooLong) -> Reject {
    refused(&block.source, long.line, None, &long.head, &[long.finding()])
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
        byte_range: None,
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
