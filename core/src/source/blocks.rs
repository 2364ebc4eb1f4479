//! The stream of blocks: one source after the other, cut as it is read.

use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::builder::Builder;
use super::detect::Format;
use super::lines::LineSplitter;
use super::queue::{self, Queue};
use super::reflow::{Fault, Reflow};
use super::text::{self, Text};
use super::{Input, Origin, Source, file, unreadable};
use crate::error::Result;
use crate::pack::{self, Block};

/// Blocks of a source, in order. Workers take them one at a time, behind a lock.
pub struct Blocks {
    waiting: VecDeque<Input>,
    current: Option<Current>,
    block: Builder,
    stopper: Stopper,
    /// What to call a source in which not one record was found; none once there was one, or for pushed rows.
    empty: Option<Arc<str>>,
}

/// The source being read.
struct Current {
    name: Arc<str>,
    text: Text,
    splitter: Splitter,
}

enum Splitter {
    Lines(LineSplitter),
    Reflow(Reflow),
}

/// Ends the reading of [`Blocks`] from any thread, also while it waits for what is pushed.
#[derive(Clone)]
pub struct Stopper {
    pub(super) stopped: Arc<AtomicBool>,
    pub(super) queues: Vec<Arc<Queue>>,
}

/// Prepares to read a source in blocks of up to `block_bytes`. Every file is looked for now and opened when its turn
/// comes, so that a wrong path shows before anything is sent.
///
/// # Errors
/// `io` if a file is missing or a directory.
pub fn open(source: Source, block_bytes: usize) -> Result<Blocks> {
    for input in &source.inputs {
        if let Origin::Path(path) = &input.origin {
            file::check(&input.name, path)?;
        }
    }
    let stopper = source.stopper();
    // A job that pushes rows may rightly have none today; a file without records is more likely the wrong file.
    let has_rows = source.inputs.iter().any(|input| matches!(input.origin, Origin::Rows(_)));
    let empty = source.inputs.first().map(|input| Arc::clone(&input.name)).filter(|_| !has_rows);
    Ok(Blocks { waiting: source.inputs.into(), current: None, block: Builder::new(block_bytes), stopper, empty })
}

impl pack::Input for Blocks {
    /// After an error there are no more blocks, and what was read since the last one is dropped.
    ///
    /// # Errors
    /// `io` if a source cannot be read, is nothing we read or changed while it was being read, or if there is not one
    /// record; `cancelled` after [`Stopper::stop`], or if pushed rows were given up.
    fn next(&mut self, buffer: Vec<u8>) -> Result<Option<Block>> {
        let next = self.advance(buffer);
        if next.is_err() {
            self.waiting.clear();
            self.current = None;
            self.empty = None;
        }
        next
    }
}

impl Blocks {
    /// What ends the reading from elsewhere.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    fn advance(&mut self, buffer: Vec<u8>) -> Result<Option<Block>> {
        loop {
            if self.stopper.stopped.load(Ordering::Relaxed) {
                return Err(queue::cancelled("the run was cancelled"));
            }
            let Some(current) = &mut self.current else {
                let Some(input) = self.waiting.pop_front() else {
                    return match self.empty.take() {
                        Some(name) => Err(unreadable(&name, format!("{name} holds no records; nothing was sent"))),
                        None => Ok(None),
                    };
                };
                self.current = Some(Current::open(input)?);
                continue;
            };
            let more = current.read(&mut self.block)?;
            let name = Arc::clone(&current.name);
            if !more {
                self.current = None;
            }
            if self.block.is_full() || !more && !self.block.is_empty() {
                self.empty = None;
                return Ok(Some(self.block.take(name, buffer)));
            }
        }
    }
}

impl Stopper {
    /// Makes reading the next block fail with `cancelled`, and every push with `closed`. A read that blocks inside a reader
    /// given to [`Source::reader`] ends first.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.queues.iter().for_each(|queue| queue.stop());
    }
}

impl Current {
    fn open(input: Input) -> Result<Current> {
        let name = Arc::clone(&input.name);
        let (text, format) = text::open(input)?;
        let splitter = match format {
            Format::Lines => Splitter::Lines(LineSplitter::new()),
            Format::Array => Splitter::Reflow(Reflow::array()),
            Format::Pretty => Splitter::Reflow(Reflow::sequence()),
        };
        Ok(Current { name, text, splitter })
    }

    /// Reads on until the block is full or what was read at once is used up; false at the end.
    fn read(&mut self, block: &mut Builder) -> Result<bool> {
        let chunk = loop {
            match self.text.fill_buf() {
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => return Err(text::failed(&self.name, reason)),
                Ok(chunk) => break chunk,
            }
        };
        let more = !chunk.is_empty();
        let used = match (&mut self.splitter, more) {
            (Splitter::Lines(lines), true) => Ok(lines.split(chunk, block)),
            (Splitter::Lines(lines), false) => {
                lines.finish(block);
                Ok(0)
            }
            (Splitter::Reflow(reflow), true) => reflow.split(chunk, block),
            (Splitter::Reflow(reflow), false) => reflow.finish(block).map(|()| 0),
        };
        let used = used.map_err(|Fault { line, what }| {
            let name = &self.name;
            unreadable(name, format!("{name}, line {line}: {what}; correct the file")).with_line(line)
        })?;
        self.text.consume(used);
        Ok(more)
    }
}
