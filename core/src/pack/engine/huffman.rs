//! Huffman codes of limited length, in the canonical form of RFC 1951 section 3.2.2.

/// The longest code deflate allows for a symbol.
pub(super) const MAX_BITS: usize = 15;

/// A prefix code for the symbols `0..N`.
pub(super) struct Code<const N: usize> {
    /// The bits of each symbol's code, the first to be written in bit 0.
    pub(super) bits: [u16; N],
    /// How many there are; 0 for a symbol that has no code.
    pub(super) lens: [u8; N],
}

impl<const N: usize> Code<N> {
    /// The code that spends the fewest bits on symbols seen `freqs` times each, none longer than `limit` bits.
    ///
    /// Complete, and has at least two symbols: some decoders refuse any other.
    /// When the limit is in the way the code may cost a little more than the best one within it.
    pub(super) fn for_frequencies(freqs: &[u32; N], limit: usize) -> Self {
        // Frequency above symbol: ties fall the same way everywhere.
        let mut leaves = [0_u64; N];
        let mut used = 0;
        for (symbol, &freq) in freqs.iter().enumerate() {
            leaves[used] = u64::from(freq) << 16 | symbol as u64;
            used += usize::from(freq > 0);
        }
        for symbol in 0..N as u64 {
            if used >= 2 {
                break;
            }
            if freqs[symbol as usize] == 0 {
                leaves[used] = 1 << 16 | symbol;
                used += 1;
            }
        }
        let leaves = &mut leaves[..used];
        leaves.sort_unstable();

        // The longest codes go to the rarest symbols.
        let counts = length_counts(leaves, limit);
        let mut lens = [0; N];
        let mut rarest_first = leaves.iter();
        for len in (1..=limit).rev() {
            for leaf in rarest_first.by_ref().take(counts[len]) {
                lens[(leaf & 0xFFFF) as usize] = len as u8;
            }
        }
        Self::from_lengths(lens)
    }

    /// The canonical code with these lengths.
    pub(super) fn from_lengths(lens: [u8; N]) -> Self {
        let mut next = [0_u16; MAX_BITS + 2];
        for &len in &lens {
            next[usize::from(len) + 1] += u16::from(len > 0);
        }
        for len in 1..=MAX_BITS {
            next[len] = (next[len] + next[len - 1]) << 1;
        }
        let mut bits = [0; N];
        for (bits, &len) in bits.iter_mut().zip(&lens) {
            if len > 0 {
                let code = &mut next[usize::from(len)];
                *bits = code.reverse_bits() >> (16 - len);
                *code += 1;
            }
        }
        Self { bits, lens }
    }

    /// How many bits all symbols take, each as often as `freqs` says.
    pub(super) fn cost(&self, freqs: &[u32; N]) -> usize {
        freqs.iter().zip(&self.lens).map(|(&freq, &len)| freq as usize * usize::from(len)).sum()
    }
}

/// How many codes of each length the Huffman tree over `leaves` (frequency << 16 | symbol, ascending) has, after
/// shortening those over `limit`.
fn length_counts(leaves: &[u64], limit: usize) -> [usize; MAX_BITS + 1] {
    let n = leaves.len();
    // Inner nodes come out in ascending order, so two queues do for a heap (van Leeuwen 1976).
    let mut weights = [0_u64; 320];
    let mut parents = [0_u16; 640];
    let (mut leaf, mut inner) = (0, 0);
    for made in 0..n - 1 {
        for _ in 0..2 {
            let take_leaf = leaf < n && (inner == made || leaves[leaf] >> 16 <= weights[inner]);
            if take_leaf {
                weights[made] += leaves[leaf] >> 16;
                parents[leaf] = made as u16;
                leaf += 1;
            } else {
                weights[made] += weights[inner];
                parents[n + inner] = made as u16;
                inner += 1;
            }
        }
    }

    // Depths from the root, which was made last, down.
    let mut depths = [0_u16; 320];
    for node in (0..n.saturating_sub(2)).rev() {
        depths[node] = depths[usize::from(parents[n + node])] + 1;
    }
    let mut counts = [0; MAX_BITS + 1];
    for &parent in &parents[..n] {
        let depth = usize::from(depths[usize::from(parent)]) + 1;
        counts[depth.min(limit)] += 1;
    }

    // Codes cut to the limit fill more than the whole space. Each step moves one code a level down and takes one from
    // the bottom to be its brother, which frees one code of `limit` bits.
    let mut space: usize = (1..=limit).map(|len| counts[len] << (limit - len)).sum();
    while space > 1 << limit {
        let Some(len) = (1..limit).rev().find(|&len| counts[len] > 0) else { break };
        counts[len] -= 1;
        counts[len + 1] += 2;
        counts[limit] -= 1;
        space -= 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const N: usize>(freqs: &[u32; N], limit: usize) -> Code<N> {
        let code = Code::for_frequencies(freqs, limit);
        let space: usize = code.lens.iter().filter(|&&len| len > 0).map(|&len| 1 << (limit - usize::from(len))).sum();
        assert_eq!(space, 1 << limit, "complete");
        assert!(freqs.iter().zip(&code.lens).all(|(&freq, &len)| freq == 0 || len > 0));
        let mut seen: Vec<_> = (0..N).filter(|&s| code.lens[s] > 0).map(|s| (code.bits[s], code.lens[s])).collect();
        seen.sort_unstable();
        for (i, &(a, a_len)) in seen.iter().enumerate() {
            for &(b, b_len) in &seen[i + 1..] {
                let common = u16::MAX >> (16 - a_len.min(b_len));
                assert_ne!(a & common, b & common, "no code begins another");
            }
        }
        code
    }

    #[test]
    fn codes_are_complete_and_within_the_limit_whatever_the_frequencies() {
        let mut rng = fastrand::Rng::with_seed(1);
        for round in 0..200 {
            let mut freqs = [0; 286];
            for freq in freqs.iter_mut().take(1 + round) {
                let most = 1 << rng.u32(0..20);
                *freq = rng.u32(..most);
            }
            check(&freqs, 15);
            let mut freqs = [0; 19];
            freqs.fill_with(|| {
                let most = 1 << rng.u32(0..20);
                rng.u32(..most)
            });
            check(&freqs, 7);
        }
    }

    #[test]
    fn codes_too_long_are_shortened() {
        // Fibonacci frequencies make the deepest tree there is.
        let mut freqs = [1_u32; 30];
        for i in 2..freqs.len() {
            freqs[i] = freqs[i - 1] + freqs[i - 2];
        }
        let code = check(&freqs, 15);
        assert_eq!(code.lens[0], 15);
        assert_eq!(code.lens[29], 1);
    }

    #[test]
    fn even_frequencies_get_even_lengths() {
        assert_eq!(check(&[5; 16], 15).lens, [4; 16]);
    }

    #[test]
    fn at_least_two_symbols_have_codes() {
        assert_eq!(check(&[0, 0, 0], 15).lens, [1, 1, 0]);
        assert_eq!(check(&[0, 0, 9], 15).lens, [1, 0, 1]);
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 1951 section 3.2.2: ABCDEFGH with lengths 3, 3, 3, 3, 3, 2, 4, 4.
        let code = Code::from_lengths([3, 3, 3, 3, 3, 2, 4, 4]);
        let written: Vec<_> = (0..8).map(|s| code.bits[s].reverse_bits() >> (16 - code.lens[s])).collect();
        assert_eq!(written, [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111]);
    }
}
