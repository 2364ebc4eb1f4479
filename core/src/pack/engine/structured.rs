//! The structure-aware engine: looks for matches where words begin, which is where the text of records repeats, and
//! takes the cheapest way through what it found.

use super::bits::BitWriter;
use super::block::Block;
use super::finder::{Candidate, Finder, Slot};
use super::path::{Offers, Path};
use super::simd::{BLOCK, Simd, Vectored};
use super::stored;
use super::symbols::{MAX_MATCH, WINDOW};
use super::words::WordStarts;

/// How many bytes are searched before their tokens are chosen.
const STRETCH: usize = 1 << 13;

/// How many words are looked up before anything is decided, so that no wrong guess of the processor delays the others.
const GROUP: usize = 4;

/// How to search the gaps that matches found where words begin leave.
#[derive(Clone, Copy)]
pub(super) struct Gaps {
    /// How far before the end of a match a gap begins.
    pub(super) overlap: usize,
    /// How many bytes must be the same, at most 8.
    pub(super) shortest: u32,
}

/// Looks at up to `WAYS` places, at most 8, where a word was seen before.
pub(super) struct Structured<const WAYS: u32, S> {
    gaps: Option<Gaps>,
    gaps_in_prose: Option<Gaps>,
    words: WordStarts,
    finder: Finder<WAYS, S>,
    path: Path,
    block: Block,
}

impl<const WAYS: u32, S: Slot> Structured<WAYS, S> {
    /// Searches `gaps`, if any; `gaps_in_prose` in chunks that begin with much text no match covers.
    pub(super) fn new(gaps: Option<Gaps>, gaps_in_prose: Option<Gaps>) -> Self {
        Self {
            gaps,
            gaps_in_prose,
            words: WordStarts::new(WINDOW.max(STRETCH)),
            finder: Finder::new(),
            path: Path::new(STRETCH),
            block: Block::new(),
        }
    }

    /// Finds matches in `data[at..to]`. Returns how many there are.
    #[inline(always)]
    fn search(&mut self, simd: impl Simd, data: &[u8], at: usize, to: usize, gaps: Option<Gaps>) -> usize {
        let finder = &mut self.finder;
        let mut offers = self.path.begin(at);
        let mut gap = at;
        for words in self.words.find(simd, data, at..to).chunks(GROUP) {
            // Deep within a match nothing better is likely to begin.
            if words.iter().all(|&word| offers.last.end > word + BLOCK as u32) {
                for &word in words {
                    finder.insert_word(data, word as usize);
                }
                continue;
            }
            let mut candidates = [Candidate::default(); GROUP];
            for (candidate, &word) in candidates.iter_mut().zip(words) {
                *candidate = finder.find_word(simd, data, word as usize);
            }
            for (candidate, &word) in candidates.iter().zip(words) {
                if let Some(gaps) = gaps {
                    search_gap(simd, finder, data, gap, word as usize, gaps, &mut offers);
                    gap = word as usize + 1;
                }
                offers.offer(candidate.extend(simd, data, word as usize, offers.last));
            }
        }
        if let Some(gaps) = gaps {
            search_gap(simd, finder, data, gap, to, gaps, &mut offers);
        }
        offers.count
    }
}

impl<const WAYS: u32, S: Slot> Vectored for Structured<WAYS, S> {
    #[inline(always)]
    fn deflate_with(&mut self, simd: impl Simd, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
        self.block.clear();
        self.finder.clear();
        for &word in self.words.find(simd, data, 0..dict_len) {
            self.finder.insert_word(data, word as usize);
        }
        let mut bits = BitWriter::new(out);
        let mut gaps = self.gaps;
        let (mut written, mut at) = (dict_len, dict_len);
        for from in (dict_len..data.len()).step_by(STRETCH) {
            let to = data.len().min(from + STRETCH);
            let count = self.search(simd, data, at, to, gaps);
            if !self.block.has_room_for(STRETCH + MAX_MATCH) {
                self.block.write(&data[written..at], &mut bits);
                written = at;
            }
            self.block.learn();
            let mut letters = 0;
            for found in self.path.choose(count, data, at..to, self.block.prices(), self.gaps.is_some()) {
                let (start, end) = (found.start as usize, found.end as usize);
                if from == dict_len {
                    letters += data[at..start].iter().filter(|byte| is_letter(**byte)).count();
                }
                self.block.literals(data, at, start);
                self.block.copy(end - start, found.distance as usize);
                at = end;
            }
            self.block.literals(data, at, to.max(at));
            at = at.max(to);
            if letters > STRETCH / 24 {
                gaps = self.gaps_in_prose;
            }
        }
        self.block.write(&data[written..], &mut bits);
        stored::empty_block(&mut bits);
    }
}

/// Finds matches from `gap` on, or where the last match ends, up to where the next word begins.
#[inline(always)]
fn search_gap<const WAYS: u32, S: Slot>(
    simd: impl Simd,
    finder: &mut Finder<WAYS, S>,
    data: &[u8],
    gap: usize,
    word: usize,
    gaps: Gaps,
    offers: &mut Offers<'_>,
) {
    let mut at = gap;
    loop {
        at = at.max((offers.last.end as usize).saturating_sub(gaps.overlap));
        if at >= word {
            return;
        }
        if let Some(found) = finder.find(simd, data, at, gaps.shortest, offers.last) {
            offers.offer(found);
        }
        at += 1;
    }
}

/// Whether a byte is of a word in some language, rather than of a number; `a` to `f` may be either.
fn is_letter(byte: u8) -> bool {
    matches!(byte, b'g'..=b'z' | b'G'..=b'Z' | 0x80..)
}
