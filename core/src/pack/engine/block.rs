//! Tokens to deflate blocks: each block gets the cheapest of the three forms there are (RFC 1951 section 3.2.3).

use super::bits::BitWriter;
use super::header::Header;
use super::huffman::{Code, MAX_BITS};
use super::prices::Prices;
use super::stored;
use super::symbols::{
    DISTANCES, END_OF_BLOCK, LENGTHS, LITLENS, MAX_MATCH, MIN_MATCH, WINDOW, distance_extra_len, distance_symbol,
};

/// How many tokens a block holds at most.
const CAPACITY: usize = 1 << 15;

/// How many tokens of a chunk prices are first learnt from.
const FIRST_LESSON: usize = 1 << 10;

/// Two symbols and the extra bits of the second:
///
/// | bits | a literal or two | a match |
/// |---|---|---|
/// | 0 to 8 | the first byte | 256 + length - 3 |
/// | 9 to 17 | [`NOTHING`], or [`LITERALS`] + the second byte | the distance symbol |
/// | 18 to 30 | 0 | the distance's extra bits |
type Token = u32;

const SECOND: u32 = 9;
const EXTRA: u32 = 18;
/// Tables over either half of a token.
const HALF: usize = 1 << 9;
/// In the second half of a token.
const NOTHING: usize = 31;
const LITERALS: usize = 32;

/// Literals are taken from `u64`s, whole ones where there are.
const STRIDE: usize = size_of::<u64>();

/// The tokens of one block.
pub(super) struct Block {
    tokens: Vec<Token>,
    len: usize,
    /// With so many tokens the prices are learnt again.
    lesson: usize,
    prices: Prices,
}

impl Block {
    pub(super) fn new() -> Self {
        Self { tokens: vec![0; CAPACITY + STRIDE], len: 0, lesson: FIRST_LESSON, prices: Prices::guess() }
    }

    /// Forgets all tokens and prices.
    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.lesson = FIRST_LESSON;
        self.prices = Prices::guess();
    }

    /// What the next tokens are likely to take.
    pub(super) fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Learns prices from the tokens there are, if they have become many more: the first block is long, and a guess is
    /// only a guess.
    pub(super) fn learn(&mut self) {
        if self.len >= self.lesson {
            self.lesson *= 2;
            let counts = self.count();
            self.prices = Prices::like(&counts.header(), &counts.symbols().0);
        }
    }

    /// Whether `len` more bytes fit, whatever they are.
    pub(super) fn has_room_for(&self, len: usize) -> bool {
        self.len + len <= CAPACITY
    }

    /// Appends `data[from..to]` as literals.
    #[inline(always)]
    pub(super) fn literals(&mut self, data: &[u8], from: usize, to: usize) {
        let mut at = from;
        loop {
            let taken = (to - at).min(STRIDE);
            let bytes = match data[at..].first_chunk() {
                Some(bytes) => u64::from_le_bytes(*bytes),
                None => data[at..].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
            };
            // Four pairs whatever `taken` is: how many there are is hard for a processor to foretell.
            let tokens = &mut self.tokens[self.len..][..STRIDE / 2];
            for (i, token) in tokens.iter_mut().enumerate() {
                let pair = (bytes >> (16 * i)) as u32;
                *token = pair & 0xFF | ((pair >> 8 & 0xFF) + LITERALS as u32) << SECOND;
            }
            let last = &mut tokens[taken / 2 % (STRIDE / 2)];
            let single = *last & 0xFF | (NOTHING as u32) << SECOND;
            *last = std::hint::select_unpredictable(taken % 2 == 1, single, *last);
            self.len += taken.div_ceil(2);
            at += taken;
            if at == to {
                break;
            }
        }
    }

    /// Appends a match of 3 bytes or more from `distance` bytes back, 1 to 32768.
    #[inline(always)]
    pub(super) fn copy(&mut self, length: usize, distance: usize) {
        debug_assert!(length >= MIN_MATCH && (1..=WINDOW).contains(&distance));
        let mut left = length;
        while left > MAX_MATCH {
            // What is left must not be too short.
            let part = MAX_MATCH.min(left - MIN_MATCH);
            self.push_copy(part, distance);
            left -= part;
        }
        self.push_copy(left, distance);
    }

    #[inline(always)]
    fn push_copy(&mut self, length: usize, distance: usize) {
        let (symbol, extra) = distance_symbol(distance);
        self.tokens[self.len] = (256 + length - MIN_MATCH) as u32 | (symbol as u32) << SECOND | extra << EXTRA;
        self.len += 1;
    }

    /// Writes the block, which stands for `raw`, and empties it.
    pub(super) fn write(&mut self, raw: &[u8], bits: &mut BitWriter<'_>) {
        if raw.is_empty() {
            return;
        }
        let counts = self.count();
        let (litlen_freqs, distance_freqs) = counts.symbols();
        let dynamic = counts.header();
        let extra = counts.extra_bits();
        let cost = |litlen: &Code<LITLENS>, distance: &Code<DISTANCES>| {
            3 + litlen.cost(&litlen_freqs) + distance.cost(&distance_freqs) + extra
        };
        let dynamic_cost = dynamic.cost() + cost(&dynamic.litlen, &dynamic.distance);
        let fixed_cost = cost(&FIXED_LITLEN, &FIXED_DISTANCE);
        self.prices = Prices::like(&dynamic, &litlen_freqs);
        self.lesson = usize::MAX;
        let stored_cost = 8 * stored::size(raw.len());
        if stored_cost <= dynamic_cost.min(fixed_cost) {
            stored::blocks(raw, bits);
        } else if fixed_cost <= dynamic_cost {
            bits.put(0b010, 3);
            self.write_tokens(&FIXED_LITLEN, &FIXED_DISTANCE, fixed_cost, bits);
        } else {
            bits.put(0b100, 3);
            dynamic.write(bits);
            self.write_tokens(&dynamic.litlen, &dynamic.distance, dynamic_cost, bits);
        }
        self.len = 0;
    }

    /// Counts the halves of all tokens.
    fn count(&self) -> Counts {
        let mut counts = Counts { first: [0; HALF], second: [0; HALF] };
        for &token in &self.tokens[..self.len] {
            counts.first[token as usize % HALF] += 1;
            counts.second[(token >> SECOND) as usize % HALF] += 1;
        }
        counts
    }
    /// Writes the tokens and the end of the block.
    fn write_tokens(&self, litlen: &Code<LITLENS>, distance: &Code<DISTANCES>, cost: usize, bits: &mut BitWriter<'_>) {
        // A length's extra bits are known with it, so they go into the table.
        let mut first = [0_u32; HALF];
        let mut second = [0_u32; HALF];
        let entry = |bits: u32, len: u32, extra_len: u32| bits | len << 20 | extra_len << 28;
        for byte in 0..256 {
            let (bits, len) = (litlen.bits[byte].into(), litlen.lens[byte].into());
            first[byte] = entry(bits, len, 0);
            second[LITERALS + byte] = entry(bits, len, 0);
        }
        for (first, length) in first[256..].iter_mut().zip(&LENGTHS) {
            let (bits, len) = (litlen.bits[usize::from(length.symbol)], litlen.lens[usize::from(length.symbol)]);
            let bits = u32::from(bits) | u32::from(length.extra) << len;
            *first = entry(bits, u32::from(len) + u32::from(length.extra_len), 0);
        }
        for (symbol, second) in second[..DISTANCES].iter_mut().enumerate() {
            let (bits, len) = (distance.bits[symbol].into(), distance.lens[symbol].into());
            *second = entry(bits, len, distance_extra_len(symbol));
        }
        bits.put_all(&self.tokens[..self.len], cost, |token| {
            let a = first[token as usize % HALF];
            let b = second[(token >> SECOND) as usize % HALF];
            let (a_len, b_len, extra_len) = (a >> 20, b >> 20 & 0xFF, b >> 28);
            let b_bits = u64::from(b & 0xF_FFFF) | u64::from(token >> EXTRA) << b_len;
            (u64::from(a & 0xF_FFFF) | b_bits << a_len, a_len + b_len + extra_len)
        });
        bits.put(litlen.bits[END_OF_BLOCK].into(), litlen.lens[END_OF_BLOCK].into());
    }
}

/// How often each half of a token occurs in a block.
struct Counts {
    first: [u32; HALF],
    second: [u32; HALF],
}

impl Counts {
    /// How often each symbol is written.
    fn symbols(&self) -> ([u32; LITLENS], [u32; DISTANCES]) {
        let mut litlens = [0; LITLENS];
        let bytes = self.first[..256].iter().zip(&self.second[LITERALS..]);
        for (freq, (first, second)) in litlens.iter_mut().zip(bytes) {
            *freq = first + second;
        }
        litlens[END_OF_BLOCK] = 1;
        for (freq, length) in self.first[256..].iter().zip(&LENGTHS) {
            litlens[usize::from(length.symbol)] += freq;
        }
        let mut distances = [0; DISTANCES];
        distances.copy_from_slice(&self.second[..DISTANCES]);
        (litlens, distances)
    }

    /// The best codes for the symbols.
    fn header(&self) -> Header {
        let (litlens, distances) = self.symbols();
        Header::new(Code::for_frequencies(&litlens, MAX_BITS), Code::for_frequencies(&distances, MAX_BITS))
    }

    /// How many extra bits all lengths and distances take.
    fn extra_bits(&self) -> usize {
        let lengths = self.first[256..].iter().zip(&LENGTHS).map(|(&freq, length)| freq * u32::from(length.extra_len));
        let distances = (0..DISTANCES).map(|symbol| self.second[symbol] * distance_extra_len(symbol));
        lengths.chain(distances).sum::<u32>() as usize
    }
}

/// The codes of RFC 1951 section 3.2.6.
static FIXED_LITLEN: std::sync::LazyLock<Code<LITLENS>> = std::sync::LazyLock::new(|| {
    Code::from_lengths(std::array::from_fn(|symbol| match symbol {
        0..144 => 8,
        144..256 => 9,
        256..280 => 7,
        _ => 8,
    }))
});
static FIXED_DISTANCE: std::sync::LazyLock<Code<DISTANCES>> =
    std::sync::LazyLock::new(|| Code::from_lengths([5; DISTANCES]));
