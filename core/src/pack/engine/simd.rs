//! The three things done to many bytes at a time, for each kind of processor, with the same results on all.
#![expect(unsafe_code, reason = "processor instructions, and loads whose bounds are checked once for many")]

/// How many bytes are compared at a time.
pub(super) const BLOCK: usize = 32;

/// A way to look at many bytes at a time. A value of the type proves that the processor can do it.
pub(super) trait Simd: Copy {
    /// How many bytes from the first on are the same.
    fn prefix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32;

    /// How many bytes from the last back are the same.
    fn suffix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32;

    /// Of which kind each byte is.
    fn kinds(self, bytes: &[u8; 64]) -> Kinds;
}

/// Which of 64 bytes are of a kind. The first byte is bit 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Letters, and all that is not ASCII.
    pub(super) letters: u64,
    pub(super) digits: u64,
    pub(super) dashes: u64,
    pub(super) points: u64,
    pub(super) colons: u64,
}

/// The [`BLOCK`] bytes of `data` from `at` on, and those `distance` before them (or the first there are).
/// `None` if `data` ends too soon.
#[inline(always)]
pub(super) fn blocks(data: &[u8], at: usize, distance: usize) -> Option<(&[u8; BLOCK], &[u8; BLOCK])> {
    if at > data.len().checked_sub(BLOCK)? {
        return None;
    }
    // SAFETY: a block from `at` on is within `data`, as just checked, and one from further forward all the more.
    // An array of bytes needs no alignment.
    let block = |at: usize| unsafe { &*data.as_ptr().add(at).cast() };
    Some((block(at), block(at.saturating_sub(distance))))
}

/// An engine that looks at many bytes at a time.
pub(super) trait Vectored: Send {
    /// As [`Engine::deflate`](super::Engine::deflate), but may write more than stored blocks take.
    ///
    /// Must be `#[inline(always)]`, to be compiled for each kind of processor apart.
    fn deflate_with(&mut self, simd: impl Simd, data: &[u8], dict_len: usize, out: &mut Vec<u8>);
}

/// Calls [`Vectored::deflate_with`] with the best that the processor offers.
pub(super) fn deflate_with_best(engine: &mut impl Vectored, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
    #[cfg(target_arch = "x86_64")]
    match Avx2::detect() {
        // SAFETY: these features were detected.
        Some(simd) => unsafe { x86::deflate_with_avx2(engine, simd, data, dict_len, out) },
        None => engine.deflate_with(Sse2, data, dict_len, out),
    }
    #[cfg(not(target_arch = "x86_64"))]
    engine.deflate_with(Portable, data, dict_len, out);
}

/// Any processor.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[derive(Clone, Copy)]
pub(super) struct Portable;

#[cfg(any(test, not(target_arch = "x86_64")))]
impl Simd for Portable {
    #[inline(always)]
    fn prefix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
        for (i, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).enumerate() {
            let differences = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
            if differences != 0 {
                return i as u32 * 8 + differences.trailing_zeros() / 8;
            }
        }
        32
    }

    #[inline(always)]
    fn suffix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
        for (i, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).rev().enumerate() {
            let differences = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
            if differences != 0 {
                return i as u32 * 8 + differences.leading_zeros() / 8;
            }
        }
        32
    }

    #[inline(always)]
    fn kinds(self, bytes: &[u8; 64]) -> Kinds {
        bytes.iter().rev().fold(Kinds::default(), |kinds, byte| Kinds {
            letters: kinds.letters << 1 | u64::from(byte.is_ascii_alphabetic() || !byte.is_ascii()),
            digits: kinds.digits << 1 | u64::from(byte.is_ascii_digit()),
            dashes: kinds.dashes << 1 | u64::from(*byte == b'-'),
            points: kinds.points << 1 | u64::from(*byte == b'.'),
            colons: kinds.colons << 1 | u64::from(*byte == b':'),
        })
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Sse2};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{BLOCK, Kinds, Simd, Vectored};

    /// Every x86-64 processor.
    #[derive(Clone, Copy)]
    pub(crate) struct Sse2;

    impl Simd for Sse2 {
        #[inline(always)]
        fn prefix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
            // SAFETY: x86-64 has SSE2.
            let same = unsafe { same_sse2(a, b) };
            (!u64::from(same)).trailing_zeros()
        }

        #[inline(always)]
        fn suffix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
            // SAFETY: x86-64 has SSE2.
            let same = unsafe { same_sse2(a, b) };
            (!same).leading_zeros()
        }

        #[inline(always)]
        fn kinds(self, bytes: &[u8; 64]) -> Kinds {
            // SAFETY: x86-64 has SSE2.
            unsafe { kinds_sse2(bytes) }
        }
    }

    /// Processors with AVX2, as nearly all have had since 2015.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2(());

    impl Avx2 {
        /// What is detected here is what [`Structured`](super::super::structured::Structured) compiles for.
        pub(crate) fn detect() -> Option<Self> {
            let has_all = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            has_all.then_some(Self(()))
        }
    }

    /// [`Vectored::deflate_with`] compiled for the processors that [`Avx2::detect`] finds.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn deflate_with_avx2(
        engine: &mut impl Vectored,
        simd: Avx2,
        data: &[u8],
        dict_len: usize,
        out: &mut Vec<u8>,
    ) {
        engine.deflate_with(simd, data, dict_len, out);
    }

    impl Simd for Avx2 {
        #[inline(always)]
        fn prefix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
            // SAFETY: `self` proves AVX2.
            let same = unsafe { same_avx2(a, b) };
            (!u64::from(same)).trailing_zeros()
        }

        #[inline(always)]
        fn suffix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
            // SAFETY: `self` proves AVX2.
            let same = unsafe { same_avx2(a, b) };
            (!same).leading_zeros()
        }

        #[inline(always)]
        fn kinds(self, bytes: &[u8; 64]) -> Kinds {
            // SAFETY: `self` proves AVX2.
            unsafe { kinds_avx2(bytes) }
        }
    }

    /// Bit n is set where byte n is the same.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn same_sse2(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
        let half = |at: usize| {
            // SAFETY: 16 bytes from 0 and from 16 are within the 32.
            let (a, b) =
                unsafe { (_mm_loadu_si128(a[at..].as_ptr().cast()), _mm_loadu_si128(b[at..].as_ptr().cast())) };
            _mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) as u32
        };
        half(0) | half(16) << 16
    }

    /// Bit n is set where byte n is the same.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn same_avx2(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
        // SAFETY: 32 bytes each.
        let (a, b) = unsafe { (_mm256_loadu_si256(a.as_ptr().cast()), _mm256_loadu_si256(b.as_ptr().cast())) };
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)) as u32
    }

    /// The mask takes the top bit of each byte: all but ASCII have it.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn kinds_sse2(bytes: &[u8; 64]) -> Kinds {
        let mut kinds = Kinds::default();
        for at in [0, 16, 32, 48] {
            // SAFETY: 16 bytes from here on are within the 64.
            let bytes = unsafe { _mm_loadu_si128(bytes[at..].as_ptr().cast()) };
            let mask = |bytes| u64::from(_mm_movemask_epi8(bytes) as u32) << at;
            let is = |byte: u8| mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8)));
            let within = |bytes, first: u8, last: u8| {
                let offset = _mm_sub_epi8(bytes, _mm_set1_epi8(first as i8));
                mask(_mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8((last - first) as i8)), offset))
            };
            let lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
            kinds.letters |= within(lower, b'a', b'z') | mask(bytes);
            kinds.digits |= within(bytes, b'0', b'9');
            kinds.dashes |= is(b'-');
            kinds.points |= is(b'.');
            kinds.colons |= is(b':');
        }
        kinds
    }

    /// As [`kinds_sse2`].
    #[target_feature(enable = "avx2")]
    #[inline]
    fn kinds_avx2(bytes: &[u8; 64]) -> Kinds {
        let mut kinds = Kinds::default();
        for at in [0, 32] {
            // SAFETY: 32 bytes from here on are within the 64.
            let bytes = unsafe { _mm256_loadu_si256(bytes[at..].as_ptr().cast()) };
            let mask = |bytes| u64::from(_mm256_movemask_epi8(bytes) as u32) << at;
            let is = |byte: u8| mask(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8)));
            let within = |bytes, first: u8, last: u8| {
                let offset = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first as i8));
                mask(_mm256_cmpeq_epi8(_mm256_min_epu8(offset, _mm256_set1_epi8((last - first) as i8)), offset))
            };
            let lower = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
            kinds.letters |= within(lower, b'a', b'z') | mask(bytes);
            kinds.digits |= within(bytes, b'0', b'9');
            kinds.dashes |= is(b'-');
            kinds.points |= is(b'.');
            kinds.colons |= is(b':');
        }
        kinds
    }
}
