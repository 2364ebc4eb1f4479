//! Where words begin. The text of records repeats from there: a key after its quote, a value after its key.

use std::hint::black_box;
use std::ops::Range;

use super::simd::{Kinds, Simd};

/// So many positions are written at a time: how many there are is hard for a processor to foretell.
const STRIDE: usize = 8;

/// Which words are worth a look: letters, digits and all that is not ASCII make words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Every one.
    All,
    /// All but those in the middle of numbers, dates and times: of `2024-07-22T14:00:59.5`, `2024` and `22T14`.
    Most,
    /// What dashes and points join is one word: `2024-07-22T14`, `00` and `59.5`.
    Few,
}

/// Room for the positions at which words begin.
pub(super) struct WordStarts {
    found: Vec<u32>,
}

impl WordStarts {
    /// For ranges of up to `len` bytes.
    pub(super) fn new(len: usize) -> Self {
        Self { found: vec![0; len / 2 + 1 + STRIDE] }
    }

    /// The positions in `range` at which these words begin, in order.
    #[inline(always)]
    pub(super) fn find(&mut self, simd: impl Simd, data: &[u8], range: Range<usize>, which: Words) -> &[u32] {
        let mut count = 0;
        let mut before = range.start > 0 && is_word(simd, data[range.start - 1], which);
        for at in range.clone().step_by(64) {
            let (words, passed_over) = match data[at..].first_chunk() {
                Some(bytes) => look(simd, bytes, which),
                None => {
                    let mut bytes = [0; 64];
                    bytes[..data.len() - at].copy_from_slice(&data[at..]);
                    look(simd, &bytes, which)
                }
            };
            let mut starts = words & !(words << 1 | u64::from(before)) & !passed_over;
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

/// Which bytes belong to words, and which begin one that is not worth a look.
#[inline(always)]
fn look(simd: impl Simd, bytes: &[u8; 64], which: Words) -> (u64, u64) {
    // What goes through memory stays a mask; else the compiler takes it apart into single bits.
    let Kinds { letters, digits, dashes, points, colons } = black_box(simd.kinds(bytes));
    let words = letters | digits;
    match which {
        Words::All => (words, 0),
        Words::Few => (words | dashes | points, 0),
        Words::Most => {
            // Of what lies beyond these 64 bytes nothing is known: there a word more is looked at.
            let joined = (points | colons) << 1 | dashes << 1 & dashes >> 2;
            (words, digits & digits << 2 & joined)
        }
    }
}

/// Whether a byte belongs to a word.
fn is_word(simd: impl Simd, byte: u8, which: Words) -> bool {
    look(simd, &[byte; 64], which).0 & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::super::simd::Portable;
    use super::*;

    fn begin(text: &str, which: Words) -> Vec<&str> {
        let mut words = WordStarts::new(text.len());
        let starts = words.find(Portable, text.as_bytes(), 0..text.len(), which);
        starts.iter().map(|&start| &text[start as usize..][..3]).collect()
    }

    #[test]
    fn numbers_dates_and_times_have_fewer_words_where_fewer_are_looked_at() {
        // Long enough for several rounds of 64 bytes.
        let pad = "a ".repeat(40);
        let text = format!("{pad}{{\"at\":\"2024-07-22T14:00:59.512Z\",\"price\":-31.25,\"to\":\"é@mail.example\"}}");
        let words = |which| begin(&text, which).split_off(40);
        assert_eq!(
            words(Words::All),
            ["at\"", "202", "07-", "22T", "00:", "59.", "512", "pri", "31.", "25,", "to\"", "é@", "mai", "exa"]
        );
        assert_eq!(words(Words::Most), ["at\"", "202", "22T", "pri", "31.", "to\"", "é@", "mai", "exa"]);
        assert_eq!(words(Words::Few), ["at\"", "202", "00:", "59.", "pri", "-31", "to\"", "é@", "mai"]);
    }
}
