//! The structure-aware engine: looks for matches where words begin, which is where the text of records repeats, and
//! takes the cheapest way through what it found.

use super::bits::BitWriter;
use super::block::Block;
use super::finder::{Candidate, Finder, Slot};
use super::path::{Offers, Path};
use super::simd::{Simd, Vectored};
use super::stored;
use super::symbols::{MAX_MATCH, WINDOW};
use super::words::{WordStarts, Words};

/// How many bytes are searched before their tokens are chosen.
const STRETCH: usize = 1 << 13;

/// How many words are looked up before anything is decided, so that no wrong guess of the processor delays the others.
const GROUP: usize = 4;

/// So many letters among the literals of a chunk's first stretch are few, or many.
const FEW_LETTERS: usize = STRETCH / 60;
const MANY_LETTERS: usize = STRETCH / 24;
/// Fewer literals than this, and nearly all is text that repeats.
const MANY_LITERALS: usize = STRETCH / 16;
/// If one of so many literals is a letter, it is not only numbers that are left between what repeats.
const LITERALS_OF_LETTER: usize = 8;

/// How to search the gaps that matches found where words begin leave.
#[derive(Clone, Copy)]
pub(super) struct Gaps {
    /// How far before the end of a match a gap begins.
    pub(super) overlap: usize,
    /// How many bytes must be the same, at most 8.
    pub(super) shortest: u32,
}

/// Where to search.
#[derive(Clone, Copy)]
struct Search {
    words: Words,
    /// A word that begins further than this before the end of a match is not looked up: hardly anything better begins
    /// there.
    deep: u32,
    gaps: Option<Gaps>,
}

/// Where to search, by what the literals of a chunk's first stretch are.
pub(super) struct Searches {
    usual: Search,
    /// Few literals, but letters among them: nearly all is text that repeats, and what lies between may, too.
    in_repeats: Search,
    /// Many letters: text that was not seen before.
    in_prose: Search,
    /// Few letters, but many literals: numbers, dates and identifiers, besides what repeats.
    in_numbers: Search,
}

impl Searches {
    /// Leaves out the words that cost more time than they save bytes, and, but for prose and what is left between repeats,
    /// all gaps.
    pub(super) fn of_some_words(gaps_in_prose: Option<Gaps>) -> Self {
        let usual = Search { words: Words::Most, deep: 8, gaps: None };
        let gaps = Some(Gaps { overlap: 0, shortest: 4 });
        Self {
            usual,
            in_repeats: Search { gaps, ..usual },
            in_prose: Search { gaps: gaps_in_prose, ..usual },
            in_numbers: Search { words: Words::Few, ..usual },
        }
    }

    /// Looks up all words, and searches gaps.
    pub(super) fn of_all_words(gaps: Option<Gaps>, gaps_in_prose: Option<Gaps>) -> Self {
        let usual = Search { words: Words::All, deep: 16, gaps };
        Self { usual, in_repeats: usual, in_prose: Search { gaps: gaps_in_prose, ..usual }, in_numbers: usual }
    }

    /// Where to search after a first stretch with so many literals, and so many letters among them.
    fn after(&self, literals: usize, letters: usize) -> &Search {
        match letters {
            _ if literals < MANY_LITERALS => match letters * LITERALS_OF_LETTER >= literals {
                true => &self.in_repeats,
                false => &self.usual,
            },
            ..=FEW_LETTERS => &self.in_numbers,
            MANY_LETTERS.. => &self.in_prose,
            _ => &self.usual,
        }
    }
}

/// Looks at up to `WAYS` places, at most 8, where a word was seen before, and follows up to `DEPTH` that look alike to
/// their ends.
pub(super) struct Structured<const WAYS: u32, const DEPTH: u32, S> {
    searches: Searches,
    words: WordStarts,
    finder: Finder<WAYS, DEPTH, S>,
    path: Path,
    block: Block,
}

impl<const WAYS: u32, const DEPTH: u32, S: Slot> Structured<WAYS, DEPTH, S> {
    pub(super) fn new(searches: Searches) -> Self {
        Self {
            searches,
            words: WordStarts::new(WINDOW.max(STRETCH)),
            finder: Finder::new(),
            path: Path::new(STRETCH),
            block: Block::new(),
        }
    }

    /// Finds matches in `data[at..to]`. Returns how many there are.
    #[inline(always)]
    fn search(&mut self, simd: impl Simd, data: &[u8], at: usize, to: usize, how: &Search) -> usize {
        let finder = &mut self.finder;
        let mut offers = self.path.begin(at);
        let mut gap = at;
        let mut words = self.words.find(simd, data, at..to, how.words);
        loop {
            while let Some((&word, rest)) = words.split_first()
                && offers.last.end > word + how.deep
            {
                finder.insert_word(data, word as usize);
                words = rest;
            }
            if words.is_empty() {
                break;
            }
            let (group, rest) = words.split_at(words.len().min(GROUP));
            words = rest;
            let mut candidates = [Candidate::default(); GROUP];
            for (candidate, &word) in candidates.iter_mut().zip(group) {
                *candidate = finder.find_word(simd, data, word as usize);
            }
            for (candidate, &word) in candidates.iter().zip(group) {
                if let Some(gaps) = how.gaps {
                    search_gap(simd, finder, data, gap, word as usize, gaps, &mut offers);
                    gap = word as usize + 1;
                }
                offers.offer(candidate.extend(simd, data, word as usize, offers.last));
            }
        }
        if let Some(gaps) = how.gaps {
            search_gap(simd, finder, data, gap, to, gaps, &mut offers);
        }
        offers.count
    }
}

impl<const WAYS: u32, const DEPTH: u32, S: Slot> Vectored for Structured<WAYS, DEPTH, S> {
    #[inline(always)]
    fn deflate_with(&mut self, simd: impl Simd, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
        self.block.clear();
        self.finder.clear();
        let mut how = self.searches.usual;
        // Where much is searched, it pays to know what each literal takes.
        let exact = how.gaps.is_some();
        for &word in self.words.find(simd, data, 0..dict_len, how.words) {
            self.finder.insert_word(data, word as usize);
        }
        let mut bits = BitWriter::new(out);
        let (mut written, mut at) = (dict_len, dict_len);
        for from in (dict_len..data.len()).step_by(STRETCH) {
            let to = data.len().min(from + STRETCH);
            let count = self.search(simd, data, at, to, &how);
            if !self.block.has_room_for(STRETCH + MAX_MATCH) {
                self.block.write(&data[written..at], &mut bits);
                written = at;
            }
            self.block.learn();
            let (mut literals, mut letters) = (0, 0);
            for found in self.path.choose(count, data, at..to, self.block.prices(), exact) {
                let (start, end) = (found.start as usize, found.end as usize);
                if from == dict_len {
                    literals += start - at;
                    letters += data[at..start].iter().filter(|byte| is_letter(**byte)).count();
                }
                self.block.literals(data, at, start);
                self.block.copy(end - start, found.distance as usize);
                at = end;
            }
            self.block.literals(data, at, to.max(at));
            at = at.max(to);
            if from == dict_len {
                how = *self.searches.after(literals, letters);
            }
        }
        self.block.write(&data[written..], &mut bits);
        stored::empty_block(&mut bits);
    }
}

/// Finds matches from `gap` on, or where the last match ends, up to where the next word begins.
#[inline(always)]
fn search_gap<const WAYS: u32, const DEPTH: u32, S: Slot>(
    simd: impl Simd,
    finder: &mut Finder<WAYS, DEPTH, S>,
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
