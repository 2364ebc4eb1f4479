//! The quick engine: one look at each position, and the first good match is taken.

use std::mem::replace;

use super::bits::BitWriter;
use super::block::Block;
use super::finder::{hash, load};
use super::simd::{BLOCK, Simd, Vectored, blocks};
use super::stored;
use super::symbols::{MAX_MATCH, WINDOW};

/// How many bytes a hash covers, which is also the shortest match taken, and the logarithm of the table's size.
const HASHED: u32 = 7;
const SHORTEST: usize = HASHED as usize;
const HASH_BITS: u32 = 14;

/// How many bytes are searched before the block is asked for room.
const STRETCH: usize = 1 << 13;

/// Looks where the next seven bytes may have been seen last. Within a match it remembers every `STEP`th position. If it is
/// `CHOOSY`, a longer match that begins a byte later comes before the first.
pub(super) struct Quick<const STEP: usize, const CHOOSY: bool> {
    /// Positions modulo 64 Ki.
    seen: Box<[u16; 1 << HASH_BITS]>,
    block: Block,
}

impl<const STEP: usize, const CHOOSY: bool> Quick<STEP, CHOOSY> {
    pub(super) fn new() -> Self {
        Self { seen: Box::new([0; _]), block: Block::new() }
    }

    /// Makes tokens of `data[from..to]`, and of what the last match covers beyond. Returns where they end.
    #[inline(always)]
    fn search(&mut self, simd: impl Simd, data: &[u8], from: usize, to: usize) -> usize {
        let (mut done, mut at) = (from, from);
        while at < to {
            // Two at a time: how many positions without a match there are is hard for a processor to foretell.
            let bytes = load(data, at);
            let first = self.remember(bytes, at);
            let second = self.remember(bytes >> 8, at + 1);
            let first_len = common(simd, data, at, first);
            let second_len = common(simd, data, at + 1, second);
            let first_is_good = first_len >= SHORTEST && !(CHOOSY && second_len > first_len + 1);
            let (start, distance, len) = match first_is_good {
                true => (at, usize::from(first), first_len),
                false => (at + 1, usize::from(second), second_len),
            };
            if len < SHORTEST {
                // Where there was nothing for long, as in random identifiers, there is little to be missed.
                let skipped = if CHOOSY { 0 } else { (at - done) / 8 };
                at = (at + 2 + skipped).min(to + 1);
                continue;
            }
            let end = start + extend(simd, data, start, distance, len);
            let start = start - common_before(data, done, start, distance);
            self.block.literals(data, done, start);
            self.block.copy(end - start, distance);
            for inside in (at + 4..end.min(to)).step_by(STEP) {
                self.remember(load(data, inside), inside);
            }
            (done, at) = (end, end);
        }
        self.block.literals(data, done, at);
        at
    }

    /// Remembers that `at` begins with `bytes`. Returns how far back, modulo 64 Ki, the same hash was seen last.
    #[inline(always)]
    fn remember(&mut self, bytes: u64, at: usize) -> u16 {
        let at = at as u16;
        at.wrapping_sub(replace(&mut self.seen[hash(bytes, HASHED, HASH_BITS)], at))
    }
}

impl<const STEP: usize, const CHOOSY: bool> Vectored for Quick<STEP, CHOOSY> {
    #[inline(always)]
    fn deflate_with(&mut self, simd: impl Simd, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
        self.seen.fill(0);
        self.block.clear();
        // From here on there are not enough bytes to compare a block at two positions.
        let limit = data.len().saturating_sub(BLOCK + 1);
        for at in (0..dict_len.min(limit)).step_by(STEP) {
            self.remember(load(data, at), at);
        }
        let mut bits = BitWriter::new(out);
        let (mut written, mut at) = (dict_len, dict_len);
        while at < limit {
            if !self.block.has_room_for(2 * STRETCH) {
                self.block.write(&data[written..at], &mut bits);
                written = at;
            }
            at = self.search(simd, data, at, limit.min(at + STRETCH));
        }
        self.block.literals(data, at, data.len());
        self.block.write(&data[written..], &mut bits);
        stored::empty_block(&mut bits);
    }
}

/// How many bytes from `at` on, at most [`BLOCK`], are the same as those `distance` before; 0 if that is too far.
#[inline(always)]
fn common(simd: impl Simd, data: &[u8], at: usize, distance: u16) -> usize {
    let Some((here, there)) = blocks(data, at, distance.into()) else { return 0 };
    let len = simd.prefix(here, there) as usize;
    if usize::from(distance).wrapping_sub(1) < WINDOW { len } else { 0 }
}

/// The length of the match at `at` of which `len` bytes are known.
#[inline(always)]
fn extend(simd: impl Simd, data: &[u8], at: usize, distance: usize, mut len: usize) -> usize {
    while len.is_multiple_of(BLOCK)
        && len < MAX_MATCH
        && let Some((here, there)) = blocks(data, at + len, distance)
    {
        match simd.prefix(here, there) as usize {
            0 => break,
            more => len += more,
        }
    }
    len.min(MAX_MATCH)
}

/// How many bytes before `at`, back to `from`, are the same as those `distance` before.
#[inline(always)]
fn common_before(data: &[u8], from: usize, at: usize, distance: usize) -> usize {
    let before = data[from..at].iter().rev();
    let there = data[..at - distance].iter().rev();
    before.zip(there).take_while(|(here, there)| here == there).count()
}
