//! The head of a dynamic block: its codes, and how they are written down (RFC 1951 section 3.2.7).

use super::bits::BitWriter;
use super::huffman::Code;
use super::symbols::{DISTANCES, LITLENS};

/// The order in which a dynamic block gives the code lengths of its code length code (RFC 1951 section 3.2.7).
const CODE_LENGTH_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The codes of a dynamic block and how they are written down.
pub(super) struct Header {
    pub(super) litlen: Code<LITLENS>,
    pub(super) distance: Code<DISTANCES>,
    litlens: usize,
    distances: usize,
    /// Code lengths and repeats of them: symbol, extra bits.
    runs: Vec<(u8, u8)>,
    code: Code<19>,
    codes: usize,
    cost: usize,
}

impl Header {
    pub(super) fn new(litlen: Code<LITLENS>, distance: Code<DISTANCES>) -> Self {
        let used = |lens: &[u8]| lens.iter().rposition(|&len| len > 0).map_or(0, |last| last + 1);
        let litlens = used(&litlen.lens).max(257);
        let distances = used(&distance.lens).max(1);
        let mut lens = [0; LITLENS + DISTANCES];
        lens[..litlens].copy_from_slice(&litlen.lens[..litlens]);
        lens[litlens..litlens + distances].copy_from_slice(&distance.lens[..distances]);
        let runs = runs(&lens[..litlens + distances]);
        let mut freqs = [0; 19];
        for &(symbol, _) in &runs {
            freqs[usize::from(symbol)] += 1;
        }
        let code = Code::for_frequencies(&freqs, 7);
        let in_order = CODE_LENGTH_ORDER.map(|symbol| code.lens[symbol]);
        let codes = used(&in_order).max(4);
        let extra: usize = runs.iter().map(|&(symbol, _)| run_extra_len(symbol) as usize).sum();
        let cost = 14 + 3 * codes + code.cost(&freqs) + extra;
        Self { litlen, distance, litlens, distances, runs, code, codes, cost }
    }

    /// How many bits it takes.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    pub(super) fn write(&self, bits: &mut BitWriter<'_>) {
        bits.put((self.litlens - 257) as u64, 5);
        bits.put((self.distances - 1) as u64, 5);
        bits.put((self.codes - 4) as u64, 4);
        for &symbol in &CODE_LENGTH_ORDER[..self.codes] {
            bits.put(self.code.lens[symbol].into(), 3);
        }
        for &(symbol, extra) in &self.runs {
            bits.put(self.code.bits[usize::from(symbol)].into(), self.code.lens[usize::from(symbol)].into());
            bits.put(extra.into(), run_extra_len(symbol));
        }
    }
}

/// Code lengths with their repeats folded: 16 repeats the last 3 to 6 times, 17 and 18 stand for 3 to 10 and 11 to 138
/// zeros (RFC 1951 section 3.2.7).
fn runs(lens: &[u8]) -> Vec<(u8, u8)> {
    let mut runs = Vec::with_capacity(lens.len());
    for run in lens.chunk_by(|a, b| a == b) {
        let (len, mut left) = (run[0], run.len());
        if len > 0 {
            runs.push((len, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, base, most) = match left {
                ..3 => (len, 1, 1),
                _ if len > 0 => (16, 3, 6),
                3..11 => (17, 3, 10),
                _ => (18, 11, 138),
            };
            let taken = left.min(most);
            runs.push((symbol, (taken - base) as u8));
            left -= taken;
        }
    }
    runs
}

fn run_extra_len(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}
