//! What each of 64 bytes is to the grammar of JSON.
use std::arch::x86_64::*;

/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// A set of bytes of a block: bit n stands for byte n.
pub(super) type Bytes = u64;

/// The bytes of each kind, in strings or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) quote: Bytes,
    pub(super) comma: Bytes,
    pub(super) colon: Bytes,
    /// `{` and `[`.
    pub(super) open: Bytes,
    /// `}` and `]`.
    pub(super) close: Bytes,
    /// `{`, `}`, and all others that have the bit in which braces differ from brackets.
    pub(super) curly: Bytes,
    /// Whether there is a backslash or control character.
    pub(super) special: bool,
}

/// In this bit braces differ from brackets.
const CURLY: u8 = b'{' ^ b'[';

impl Kinds {
    #[target_feature(enable = "avx2")]
    #[inline]
    pub(super) fn of(block: &[u8; BLOCK]) -> Self {
        // SAFETY: 32 bytes from 0 and from 32 are within the 64.
        let halves =
            unsafe { (_mm256_loadu_si256(block.as_ptr().cast()), _mm256_loadu_si256(block[32..].as_ptr().cast())) };
        let ((low, high), all) = (halves, |byte: u8| _mm256_set1_epi8(byte as i8));
        // A set is made of the top bits.
        let set = |low, high| {
            u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
        };
        let same = |(low, high), byte| set(_mm256_cmpeq_epi8(low, all(byte)), _mm256_cmpeq_epi8(high, all(byte)));
        let as_curly = (_mm256_or_si256(low, all(CURLY)), _mm256_or_si256(high, all(CURLY)));
        let special = |bytes| {
            let is_control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, all(0x1F)), bytes);
            _mm256_or_si256(_mm256_cmpeq_epi8(bytes, all(b'\\')), is_control)
        };
        Self {
            quote: same(halves, b'"'),
            comma: same(halves, b','),
            colon: same(halves, b':'),
            open: same(as_curly, b'{'),
            close: same(as_curly, b'}'),
            curly: set(_mm256_slli_epi16(low, 2), _mm256_slli_epi16(high, 2)),
            special: _mm256_movemask_epi8(_mm256_or_si256(special(low), special(high))) != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_kinds_at_every_place() {
        if !is_x86_feature_detected!("avx2") {
            return;
        }
        for byte in 0..=u8::MAX {
            for at in 0..BLOCK {
                let mut block = [b'X'; BLOCK];
                block[at] = byte;
                let set = |is: bool| u64::from(is) << at;
                let kinds = Kinds {
                    quote: set(byte == b'"'),
                    comma: set(byte == b','),
                    colon: set(byte == b':'),
                    open: set(matches!(byte, b'{' | b'[')),
                    close: set(matches!(byte, b'}' | b']')),
                    curly: set(byte & CURLY != 0),
                    special: matches!(byte, b'\\' | 0..0x20),
                };
                // SAFETY: AVX2 was detected.
                assert_eq!(unsafe { Kinds::of(&block) }, kinds, "{byte} at {at}");
            }
        }
    }
}
