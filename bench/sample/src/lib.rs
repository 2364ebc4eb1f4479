//! Seeded sample records: the same seed gives the same bytes on every machine.
//!
//! Three corpora, each a [`Corpus`]: [`Guests`] (about 1.3 KB a record, 10 to 30 extension attributes), [`Orders`] (about
//! 1.6 KB, nested items) and [`Shorts`] (about 220 bytes, one changed attribute). [`write()`] streams any of them.
//!
//! ```
//! use cdp_batch_sample::{Amount, Guests, write};
//!
//! let mut lines = Vec::new();
//! let mut guests = Guests::new(7).with_defect_every(100);
//! let written = write(&mut lines, &mut guests, Amount::Records(1_000))?;
//! assert_eq!((written.records, guests.defective()), (1_000, 10));
//! # Ok::<(), std::io::Error>(())
//! ```

mod attributes;
mod defect;
mod draw;
mod guest;
mod json;
mod order;
mod person;
mod places;
mod short;

use std::io::{self, Write};

pub use defect::Defect;
pub use guest::Guests;
pub use order::Orders;
pub use short::Shorts;

/// An endless seeded stream of records.
pub trait Corpus {
    /// Appends the next record to `line`: one JSON object without a line break.
    fn append(&mut self, line: &mut Vec<u8>);
}

/// How much to write.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// This many records.
    Records(u64),
    /// The fewest records that make at least this many bytes.
    Bytes(u64),
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Records, the defective ones included.
    pub records: u64,
    /// Bytes, the line feeds included.
    pub bytes: u64,
}

/// Writes records of `corpus` as NDJSON, each ended by a line feed. Wants no buffered writer.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, corpus: &mut dyn Corpus, amount: Amount) -> io::Result<Written> {
    const BUFFER: usize = 1 << 18;
    let mut written = Written::default();
    let mut buffer = Vec::with_capacity(BUFFER + 8192);
    loop {
        let is_done = match amount {
            Amount::Records(records) => written.records >= records,
            Amount::Bytes(bytes) => written.bytes >= bytes,
        };
        if is_done || buffer.len() >= BUFFER {
            out.write_all(&buffer)?;
            buffer.clear();
        }
        if is_done {
            out.flush()?;
            return Ok(written);
        }
        let start = buffer.len();
        corpus.append(&mut buffer);
        buffer.push(b'\n');
        written.records += 1;
        written.bytes += (buffer.len() - start) as u64;
    }
}
