//! Deflate engines: each turns one chunk of a gzip member into raw deflate blocks (RFC 1951).
//!
//! Chunks are compressed apart, on any thread, and laid end to end: every chunk ends on a byte boundary, none is final,
//! and each may refer back into the 32 KiB before it. See `pack` for the member around them.
//!
//! The way of a chunk through the structure-aware engine: `words` (where to look) -> `finder` (what was there before)
//! -> `path` (which of it to take) -> `block` (tokens and their codes) -> `bits`.

#[cfg(any(test, feature = "lab"))]
pub(super) mod baseline;
mod bits;
mod block;
mod finder;
mod header;
mod huffman;
mod path;
mod prices;
mod quick;
mod simd;
pub(super) mod stored;
mod structured;
mod symbols;
#[cfg(test)]
mod tests;
mod words;

use quick::Quick;
use simd::{Vectored, deflate_with_best};
use structured::{Gaps, Searches, Structured};

/// Compresses chunks, one after the other, keeping nothing between them but its working memory.
pub(crate) trait Engine: Send {
    /// Appends `data[dict_len..]` to `out` as non-final deflate blocks, the last of them empty and stored, so that the
    /// chunk ends byte-aligned ("sync flush").
    ///
    /// `data[..dict_len]`, at most 32 KiB, is what came just before in the same member; matches may reach into it.
    /// The bytes depend only on `data`, `dict_len` and the level: never on earlier calls, the CPU or the thread.
    /// They are never more than [`stored::size`] of the chunk.
    fn deflate(&mut self, data: &[u8], dict_len: usize, out: &mut Vec<u8>);
}

/// How hard to compress: 1 (fastest) to 9 (smallest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(u8);

impl Level {
    /// The level to use when nobody chose one.
    pub(crate) const DEFAULT: Self = Self(6);

    /// `None` unless `level` is 1 to 9.
    pub(crate) fn new(level: u8) -> Option<Self> {
        matches!(level, 1..=9).then_some(Self(level))
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl<V: Vectored> Engine for V {
    fn deflate(&mut self, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
        let start = out.len();
        deflate_with_best(self, data, dict_len, out);
        stored::replace_if_smaller(&data[dict_len..], start, out);
    }
}

/// The engine for `level`.
pub(crate) fn engine(level: Level) -> Box<dyn Engine> {
    let gaps = |overlap, shortest| Some(Gaps { overlap, shortest });
    match level.0 {
        ..=1 => Box::new(Quick::<16, false>::new()),
        2 => Box::new(Quick::<4, true>::new()),
        3 => Box::new(Structured::<1, 0, u16>::new(Searches::of_some_words(None))),
        4 => Box::new(Structured::<2, 0, u16>::new(Searches::of_some_words(None))),
        5 => Box::new(Structured::<3, 0, u16>::new(Searches::of_some_words(gaps(0, 5)))),
        6 => Box::new(Structured::<5, 0, u16>::new(Searches::of_some_words(gaps(0, 5)))),
        7 => Box::new(Structured::<8, 16, u16>::new(Searches::of_all_words(gaps(0, 5), gaps(4, 4)))),
        8 => Box::new(Structured::<6, 32, u64>::new(Searches::of_all_words(gaps(4, 4), gaps(4, 4)))),
        9.. => Box::new(Structured::<8, 64, u128>::new(Searches::of_all_words(gaps(5, 4), gaps(5, 4)))),
    }
}
