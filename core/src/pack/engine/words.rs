//! Where words begin. The text of records repeats from there: a key after its quote, a value after its key.

use std::ops::Range;

use super::simd::{Simd, is_word};

/// So many positions are written at a time: how many there are is hard for a processor to foretell.
const STRIDE: usize = 8;

/// Room for the positions at which words begin.
pub(super) struct WordStarts {
    found: Vec<u32>,
}

impl WordStarts {
    /// For ranges of up to `len` bytes.
    pub(super) fn new(len: usize) -> Self {
        Self { found: vec![0; len / 2 + 1 + STRIDE] }
    }

    /// The positions in `range` at which words begin, in order.
    #[inline(always)]
    pub(super) fn find(&mut self, simd: impl Simd, data: &[u8], range: Range<usize>) -> &[u32] {
        let mut count = 0;
        let mut before = range.start > 0 && is_word(data[range.start - 1]);
        for at in range.clone().step_by(64) {
            let words = match data[at..].first_chunk() {
                Some(bytes) => simd.words(bytes),
                None => data[at..].iter().rev().fold(0, |words, &byte| words << 1 | u64::from(is_word(byte))),
            };
            let mut starts = words & !(words << 1 | u64::from(before));
            before = words >> 63 == 1;
            if range.end - at < 64 {
                starts &= (1 << (range.end - at)) - 1;
            }
            let more = starts.count_ones() as usize;
            for i in (0..more).step_by(STRIDE) {
                for start in &mut self.found[count + i..][..STRIDE] {
                    *start = at as u32 + starts.trailing_zeros();
                    starts &= starts.wrapping_sub(1);
                }
            }
            count += more;
        }
        &self.found[..count]
    }
}
