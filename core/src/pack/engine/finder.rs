//! Finds where the bytes at a position were seen before.
use std::hint::select_unpredictable;
use std::mem::replace;

use super::simd::{BLOCK, Simd, blocks};
use super::symbols::{MAX_MATCH, MIN_MATCH, WINDOW};

/// How many bytes the long and the short hash cover, and the logarithms of their tables' sizes.
const LONG: u32 = 8;
const LONG_BITS: u32 = 12;
const SHORT: u32 = 4;
const SHORT_BITS: u32 = 14;

/// The shortest match worth having.
pub(super) const SHORTEST: usize = MIN_MATCH + 1;

/// Bytes that were seen before: `start..end` is the same as `distance` bytes earlier.
#[derive(Clone, Copy, Default)]
pub(super) struct Match {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) distance: u32,
}

/// Positions with one hash, newest first, modulo 64 Ki.
pub(super) trait Slot: Copy + Default + Send {
    /// How many there are.
    const WAYS: u32;

    /// Puts `position` first and drops the last. Returns what was there before.
    fn push(&mut self, position: u16) -> Self;

    fn get(self, way: u32) -> u16;
}

impl Slot for u16 {
    const WAYS: u32 = 1;

    #[inline(always)]
    fn push(&mut self, position: u16) -> Self {
        replace(self, position)
    }

    #[inline(always)]
    fn get(self, _way: u32) -> u16 {
        self
    }
}

impl Slot for u64 {
    const WAYS: u32 = 4;

    #[inline(always)]
    fn push(&mut self, position: u16) -> Self {
        replace(self, *self << u16::BITS | u64::from(position))
    }

    #[inline(always)]
    fn get(self, way: u32) -> u16 {
        (self >> (way * u16::BITS)) as u16
    }
}

impl Slot for u128 {
    const WAYS: u32 = 8;

    #[inline(always)]
    fn push(&mut self, position: u16) -> Self {
        replace(self, *self << u16::BITS | u128::from(position))
    }

    #[inline(always)]
    fn get(self, way: u32) -> u16 {
        (self >> (way * u16::BITS)) as u16
    }
}

/// Remembers positions by the bytes that follow: where words begin the last few by eight, all that are looked at by four,
/// as many of them as `S` has room for. Of the former it looks at `WAYS`, at most 8, and, of those that are the same for
/// long, at up to `DEPTH`.
pub(super) struct Finder<const WAYS: u32, const DEPTH: u32, S> {
    long: Box<[u128; 1 << LONG_BITS]>,
    short: Box<[S; 1 << SHORT_BITS]>,
    /// Where the long hash of a word was seen before, by its position modulo the window; unless `DEPTH` is 0.
    before: Box<[u16; WINDOW]>,
}

impl<const WAYS: u32, const DEPTH: u32, S: Slot> Finder<WAYS, DEPTH, S> {
    pub(super) fn new() -> Self {
        Self { long: Box::new([0; _]), short: Box::new([S::default(); _]), before: Box::new([0; _]) }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.long.fill(0);
        self.short.fill(S::default());
        if DEPTH > 0 {
            self.before.fill(0);
        }
    }

    /// Remembers that a word begins at `at`. Returns what was remembered with the same hashes.
    #[inline(always)]
    pub(super) fn insert_word(&mut self, data: &[u8], at: usize) -> (u128, S) {
        let bytes = load(data, at);
        let long = self.long[hash(bytes, LONG, LONG_BITS)].push(at as u16);
        if DEPTH > 0 {
            self.before[at % WINDOW] = long.get(0);
        }
        (long, self.insert(bytes, at))
    }

    /// Remembers that `at` begins with `bytes`. Returns what was remembered with the same short hash.
    #[inline(always)]
    fn insert(&mut self, bytes: u64, at: usize) -> S {
        self.short[hash(bytes, SHORT, SHORT_BITS)].push(at as u16)
    }

    /// Remembers that a word begins at `at`. Returns the best match of what was remembered with the same hashes.
    #[inline(always)]
    pub(super) fn find_word(&mut self, simd: impl Simd, data: &[u8], at: usize) -> Candidate {
        let (long, short) = self.insert_word(data, at);
        let mut best = Candidate::default();
        for way in 0..WAYS {
            best = best.or_longer(simd, data, at, long.get(way), 15 - way);
        }
        for way in 0..S::WAYS {
            best = best.or_longer(simd, data, at, short.get(way), S::WAYS - 1 - way);
        }
        if DEPTH > 0 && best.len() == BLOCK as i32 {
            best = self.longest(simd, data, at, long.get(0), best);
        }
        best
    }

    /// Of `best`, which is the same for a block, and the places with the same long hash from `position` back, the one that
    /// is the same for longest.
    #[inline(always)]
    fn longest(&self, simd: impl Simd, data: &[u8], at: usize, mut position: u16, mut best: Candidate) -> Candidate {
        let mut length = same(simd, data, at, best.distance());
        let mut last = 0;
        for _ in 0..DEPTH {
            let distance = usize::from((at as u16).wrapping_sub(position));
            // Farther and farther, or it is of another time.
            if distance <= last || distance > at.min(WINDOW) || length >= MAX_MATCH {
                break;
            }
            last = distance;
            // Longer only if what comes right after is the same, too.
            let end = at + length - 7;
            if load(data, end) == load(data, end - distance) {
                let other = Candidate::default().or_longer(simd, data, at, position, 0);
                if other.len() == BLOCK as i32 {
                    let other_length = same(simd, data, at, distance);
                    if other_length > length {
                        (length, best) = (other_length, other);
                    }
                }
            }
            position = self.before[usize::from(position) % WINDOW];
        }
        best
    }

    /// A match around `at`, of which at least `shortest` bytes, at most 8, follow.
    #[inline(always)]
    pub(super) fn find(
        &mut self,
        simd: impl Simd,
        data: &[u8],
        at: usize,
        shortest: u32,
        last: Match,
    ) -> Option<Match> {
        let bytes = load(data, at);
        let short = self.insert(bytes, at);
        // One place mostly is a wrong one, which is soon seen; of several, one mostly is right.
        if S::WAYS == 1 {
            let seen = load(data, at - usize::from((at as u16).wrapping_sub(short.get(0))).min(at));
            if (bytes ^ seen) << (u64::BITS - 8 * shortest) != 0 {
                return None;
            }
        }
        let mut best = Candidate::default();
        for way in 0..S::WAYS {
            best = best.or_longer(simd, data, at, short.get(way), S::WAYS - 1 - way);
        }
        (best.len() >= shortest as i32).then(|| best.extend(simd, data, at, last))
    }
}

/// A match of up to [`BLOCK`] bytes: from the top its length, a rank that decides between equal ones, and its distance.
#[derive(Clone, Copy, Default)]
pub(super) struct Candidate(i32);

impl Candidate {
    /// This, or the match of `at` and `position` if that is longer.
    #[inline(always)]
    fn or_longer(self, simd: impl Simd, data: &[u8], at: usize, position: u16, rank: u32) -> Self {
        // What was remembered more than 64 KiB ago passes for something nearer, which is then compared like any other.
        let distance = (at as u16).wrapping_sub(position);
        let Some((here, there)) = blocks(data, at, distance.into()) else { return self };
        let length = simd.prefix(here, there);
        // Too far a distance has its top bit set, and that makes the whole negative.
        let other = ((length << 4 | rank) << 16) as i32 | i32::from(distance as i16);
        Self(select_unpredictable(other > self.0, other, self.0))
    }

    /// Its length; negative if it is too far away.
    #[inline(always)]
    fn len(self) -> i32 {
        self.0 >> 20
    }

    #[inline(always)]
    fn distance(self) -> usize {
        self.0 as usize & 0xFFFF
    }

    /// The match in full, before `at` and after; empty if there is none, or if it is part of `last`.
    #[inline(always)]
    pub(super) fn extend(self, simd: impl Simd, data: &[u8], at: usize, last: Match) -> Match {
        let (mut length, distance) = ((self.0 >> 20) as usize, self.distance());
        let is_part = (distance as u32 == last.distance) & (at < last.end as usize);
        if (length == BLOCK) & !is_part {
            length = same(simd, data, at, distance);
        }
        let mut back = 0;
        while back < MAX_MATCH
            && distance + back + BLOCK <= at
            && let Some((here, there)) = blocks(data, at - back - BLOCK, distance)
        {
            let more = simd.suffix(here, there) as usize;
            back += more;
            if more < BLOCK {
                break;
            }
        }
        let is_match = (length >= SHORTEST) & (distance > 0) & !is_part;
        let end = select_unpredictable(is_match, at + length, 0);
        Match { start: (at - back) as u32, end: end as u32, distance: distance as u32 }
    }
}

/// How many bytes from `at` on, [`BLOCK`] to [`MAX_MATCH`], are the same as those `distance` before, if so many are as a
/// block has.
#[inline(always)]
fn same(simd: impl Simd, data: &[u8], at: usize, distance: usize) -> usize {
    let mut length = BLOCK;
    while length < MAX_MATCH
        && let Some((here, there)) = blocks(data, at + length, distance)
    {
        let more = simd.prefix(here, there) as usize;
        length += more;
        if more < BLOCK {
            break;
        }
    }
    length.min(MAX_MATCH)
}

/// Eight bytes from `at` on; zeros follow the end of `data`.
#[inline(always)]
pub(super) fn load(data: &[u8], at: usize) -> u64 {
    match data[at..].first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => data[at..].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The top `bits` bits of a hash of the first `count` bytes of `bytes`.
#[inline(always)]
pub(super) fn hash(bytes: u64, count: u32, bits: u32) -> usize {
    // A large odd number spreads the bytes over the top bits.
    let spread = (bytes << (u64::BITS - 8 * count)).wrapping_mul(0x9FB2_1C65_1E98_DF25);
    (spread >> (u64::BITS - bits)) as usize
}
