//! Deflate engines: each turns one chunk of a gzip member into raw deflate blocks (RFC 1951).
//!
//! Chunks are compressed apart, on any thread, and laid end to end: every chunk ends on a byte boundary, none is final,
//! and each may refer back into the 32 KiB before it. See `pack` for the member around them.

mod baseline;
mod stored;
#[cfg(test)]
mod tests;

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

/// The engine for `level`.
pub(crate) fn engine(level: Level) -> Box<dyn Engine> {
    Box::new(baseline::Baseline::new(level))
}
