//! Records into parts: check, deflate in parallel, cut at the cap.
//!
//! [`pack`] pulls blocks of whole lines from an [`Input`], lets every thread check and deflate blocks on its own, and
//! hands finished parts to an [`Output`] in input order. Nothing here touches a file, a socket or a clock.
//!
//! One part is one gzip member with a fixed header. Its bytes depend only on the records and the options, never on the
//! number of threads or on how the input arrived.

mod block;
mod chunk;
mod cut;
pub(crate) mod engine;
mod gzip;
#[cfg(feature = "lab")]
pub mod lab;
mod origin;
mod pool;
mod seen;
mod verify;

pub use block::{Block, Lines, MAX_RECORD_BYTES, TooLong};
pub use origin::Origins;
pub use pool::{pack, pack_on};
pub(crate) use seen::Seen;

use std::sync::Arc;

use crate::digest::Md5;
use crate::error::Result;
use crate::options::{OnInvalid, Options};
use crate::record::Checker;
use crate::reject::Reject;

/// Text of one block before it is checked, unless the cap is so small that a block would span several parts.
const BLOCK_BYTES: usize = 512 * 1024;

/// Where records come from: blocks of whole lines.
pub trait Input: Send {
    /// The next block, or `None` at the end. `recycled` is a buffer to reuse for its text.
    ///
    /// # Errors
    /// Whatever keeps the input from being read; packing ends with it.
    fn next(&mut self, recycled: Vec<u8>) -> Result<Option<Block>>;
}

/// Where parts go. Called in input order, by one thread at a time.
pub trait Output: Send {
    /// So many records have been read since the last call, refused ones included.
    fn read(&mut self, records: u64);

    /// A record that is in no part, and how many records of the part being written come before it. Rejects come in
    /// input order, before the part that ends after them is sealed.
    ///
    /// # Errors
    /// Whatever keeps it from being kept.
    fn reject(&mut self, reject: Reject, after: u64) -> Result<()>;

    /// The next bytes of the part that is being written.
    ///
    /// # Errors
    /// Whatever keeps them from being stored.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;

    /// The part that was being written is whole.
    ///
    /// # Errors
    /// Whatever keeps it from being stored.
    fn seal(&mut self, part: Part) -> Result<()>;
}

/// One finished gzip file, as known while its bytes passed.
#[derive(Debug)]
pub struct Part {
    /// Number of the part in its run, from 0.
    pub index: u64,
    /// Records in it.
    pub records: u64,
    /// Its size in bytes, at most `max_batch_bytes`.
    pub size: u64,
    /// MD5 of its bytes.
    pub md5: Md5,
    /// Source and line of each record.
    pub origins: Origins,
}

/// How much of an input was packed before: what [`pack_on`] leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Parts sealed: the next one has this number.
    pub parts: u64,
    /// Records read up to the end of the last of them, refused ones included.
    pub records: u64,
}

/// What packing needs of the options.
#[derive(Clone)]
pub struct Settings {
    checker: Arc<Checker>,
    checks: bool,
    on_invalid: OnInvalid,
    max_bytes: u64,
    max_records: u64,
    engine: fn(engine::Level) -> Box<dyn engine::Engine>,
    level: engine::Level,
    threads: usize,
    verify: bool,
}

impl Settings {
    /// Reads the options.
    ///
    /// # Errors
    /// `invalid_options` for a schema, mode or value that does not exist.
    pub fn new(options: &Options) -> Result<Self> {
        options.validate()?;
        Ok(Settings {
            checker: Arc::new(Checker::new(options)?),
            checks: options.check != crate::options::Check::None,
            on_invalid: options.on_invalid,
            max_bytes: options.max_batch_bytes,
            max_records: options.max_batch_records.unwrap_or(u64::MAX),
            engine: engine::engine,
            level: engine::Level::new(options.level).unwrap_or_default(),
            threads: options.threads.unwrap_or_else(available_threads),
            verify: options.verify,
        })
    }

    /// An engine of its own for whoever deflates.
    fn engine(&self) -> Box<dyn engine::Engine> {
        (self.engine)(self.level)
    }

    /// How much text to put into one block: small caps get small blocks, so that a block rarely spans parts.
    pub fn block_bytes(&self) -> usize {
        usize::try_from(self.max_bytes).map_or(BLOCK_BYTES, |cap| cap.clamp(16 * 1024, BLOCK_BYTES))
    }
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
