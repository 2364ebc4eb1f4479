//! What tokens are likely to take, to choose between them before there is a code.

use super::header::Header;
use super::symbols::{DISTANCES, END_OF_BLOCK, LENGTHS, LITLENS, MIN_MATCH, distance_extra_len};

/// What tokens take, in quarters of a bit.
pub(super) struct Prices {
    /// A literal, on average, and each.
    pub(super) literal: i32,
    pub(super) literals: [i32; 256],
    /// By length - 3.
    lengths: [i32; 256],
    /// By the logarithm of the distance.
    distances: [i32; 16],
}

impl Prices {
    /// A guess, for the first block.
    pub(super) fn guess() -> Self {
        Self {
            literal: 22,
            literals: [18; 256],
            lengths: [28; 256],
            distances: std::array::from_fn(|log| 4 * log as i32),
        }
    }

    /// What a match takes; of any length, which is split if too long.
    #[inline(always)]
    pub(super) fn copy(&self, length: usize, distance: u32) -> i32 {
        self.lengths[length.saturating_sub(MIN_MATCH).min(255)] + self.distances[distance.ilog2() as usize]
    }

    /// What they will take if they are like those a block has these codes and frequencies for.
    pub(super) fn like(header: &Header, freqs: &[u32; LITLENS]) -> Self {
        // A symbol that was not seen costs more than those that were.
        let price = |len: u8, unseen: i32| 4 * if len == 0 { unseen } else { i32::from(len) };
        let literals = freqs[..END_OF_BLOCK].iter().zip(&header.litlen.lens);
        let (count, bits) = literals.fold((1, 0), |(count, bits), (&freq, &len)| {
            (count + u64::from(freq), bits + u64::from(freq) * u64::from(len))
        });
        Self {
            // Literals that a match may replace cost a little more than those that none ever does, such as digits.
            literal: (4 * bits / count) as i32 + 3,
            literals: std::array::from_fn(|byte| price(header.litlen.lens[byte], 13)),
            lengths: LENGTHS.map(|length| {
                price(header.litlen.lens[usize::from(length.symbol)], 13) + 4 * i32::from(length.extra_len)
            }),
            distances: std::array::from_fn(|log| {
                let [a, b] = [2 * log, 2 * log + 1].map(|symbol| header.distance.lens[symbol.min(DISTANCES - 1)]);
                (price(a, 10) + price(b, 10)) / 2 + 4 * distance_extra_len(2 * log) as i32
            }),
        }
    }
}
