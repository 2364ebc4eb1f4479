//! The stream of blocks: one source after the other, cut as it is read.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use super::block::{Block, Builder};
use super::file::{self, Unchanged};
use super::lines::LineSplitter;
use super::{Input, Origin, Source};
use crate::error::{Error, Result, Stage};

/// Bytes asked of a source at a time: large enough to make system calls cheap, small enough to stay in the cache
/// until they are copied.
const READ_BYTES: usize = 256 << 10;

/// Blocks of a source, in order. Workers take them one at a time, behind a lock.
pub struct Blocks {
    waiting: VecDeque<Input>,
    current: Option<Current>,
    block: Builder,
}

/// The source being read.
struct Current {
    name: Arc<str>,
    text: BufReader<Box<dyn Read + Send>>,
    splitter: LineSplitter,
}

/// Prepares to read a source in blocks of up to `block_bytes`. Every file is looked for now and opened when its turn
/// comes, so that a wrong path shows before anything is sent.
///
/// # Errors
/// `io` if a file is missing or a directory.
pub fn open(source: Source, block_bytes: usize) -> Result<Blocks> {
    for input in &source.0 {
        if let Origin::Path(path) = &input.origin {
            file::check(&input.name, path)?;
        }
    }
    Ok(Blocks { waiting: source.0.into(), current: None, block: Builder::new(block_bytes) })
}

impl Blocks {
    /// The next block, or nothing at the end. `buffer` is a spent block's `text`, used for a later one; its content
    /// does not matter.
    ///
    /// # Errors
    /// `io` if a source cannot be read, or changed while it was being read. What was read since the last block is
    /// not handed out then.
    pub fn next(&mut self, buffer: Vec<u8>) -> Result<Option<Block>> {
        loop {
            let Some(current) = &mut self.current else {
                let Some(input) = self.waiting.pop_front() else {
                    return Ok(None);
                };
                self.current = Some(Current::open(input)?);
                continue;
            };
            if current.advance(&mut self.block)? {
                if self.block.is_full() {
                    return Ok(Some(self.block.take(Arc::clone(&current.name), buffer)));
                }
                continue;
            }
            let name = Arc::clone(&current.name);
            self.current = None;
            if !self.block.is_empty() {
                return Ok(Some(self.block.take(name, buffer)));
            }
        }
    }
}

impl Current {
    fn open(input: Input) -> Result<Current> {
        let reader: Box<dyn Read + Send> = match input.origin {
            Origin::Path(path) => Box::new(Unchanged::open(&input.name, &path)?),
            Origin::Reader(reader) => reader,
        };
        let text = BufReader::with_capacity(READ_BYTES, reader);
        Ok(Current { name: input.name, text, splitter: LineSplitter::new() })
    }

    /// Reads on until the block is full or what was read at once is used up; false at the end.
    fn advance(&mut self, block: &mut Builder) -> Result<bool> {
        let chunk = loop {
            match self.text.fill_buf() {
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => return Err(failed(&self.name, reason)),
                Ok(_) => break self.text.buffer(),
            }
        };
        if chunk.is_empty() {
            self.splitter.finish(block);
            return Ok(false);
        }
        let used = self.splitter.split(chunk, block);
        self.text.consume(used);
        Ok(true)
    }
}

/// Why reading failed: our own error if a reader of ours passed one through, the system's otherwise.
fn failed(name: &str, reason: io::Error) -> Error {
    match reason.downcast::<Error>() {
        Ok(ours) => ours,
        Err(reason) => Error::io(format!("{name} cannot be read"), reason).with_stage(Stage::Read).with_source(name),
    }
}
