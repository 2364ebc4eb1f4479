//! The cheapest way through the matches found in a stretch of data.

use std::hint::select_unpredictable;
use std::ops::Range;

use super::finder::{Match, SHORTEST};
use super::prices::Prices;
use super::symbols::MAX_MATCH;

/// No match.
const NONE: u32 = u32::MAX;

/// Matches, each beginning and ending after the one before, and the cheapest way through them.
pub(super) struct Path {
    found: Vec<Match>,
    /// The match before each on the cheapest way to it.
    before: Vec<u32>,
    queue: Vec<Way>,
    /// What all literals up to a place take, from the start of the stretch.
    literals: Vec<i32>,
    chosen: Vec<Match>,
}

impl Path {
    /// For stretches of up to `len` bytes.
    pub(super) fn new(len: usize) -> Self {
        Self {
            found: vec![Match::default(); len + 1],
            before: vec![NONE; len + 1],
            queue: vec![Way::NOWHERE; len + 2],
            literals: Vec::new(),
            chosen: Vec::new(),
        }
    }

    /// Starts again with a stretch that begins at `at`.
    #[inline(always)]
    pub(super) fn begin(&mut self, at: usize) -> Offers<'_> {
        let start = at as u32;
        Offers { found: &mut self.found, count: 0, last: Match { start, end: start, distance: 0 }, start }
    }

    /// The matches on the cheapest way from `at` to `to` through the first `count`, in order, none overlapping another.
    /// The last may end beyond `to`. Takes each literal at its own price if `exact`, else all at the average.
    #[inline(always)]
    pub(super) fn choose(
        &mut self,
        count: usize,
        data: &[u8],
        range: Range<usize>,
        prices: &Prices,
        exact: bool,
    ) -> &[Match] {
        self.literals.clear();
        if exact {
            let end = data.len().min(range.end + MAX_MATCH);
            let bytes = &data[range.start..end];
            self.literals.resize(bytes.len() + 1, 0);
            let mut sum = 0;
            for (place, &byte) in self.literals[1..].iter_mut().zip(bytes) {
                sum += prices.literals[usize::from(byte)];
                *place = sum;
            }
        }
        let (start, to) = (range.start as u32, range.end as u32);
        let mut ways = Ways::new(&mut self.queue, start, prices.literal, &self.literals);
        for (i, (found, before)) in self.found[..count].iter().zip(&mut self.before).enumerate() {
            let way = ways.reach(found.start);
            *before = way.last;
            let cost = way.cost + prices.copy((found.end - found.start) as usize, found.distance);
            ways.add(Way { end: found.end, cost, last: i as u32 });
        }

        let mut last = ways.reach(to).last;
        self.chosen.clear();
        let mut limit = u32::MAX;
        while last != NONE {
            let found = self.found[last as usize];
            let end = found.end.min(limit);
            // A match of which another has taken nearly all is better left to literals.
            if end >= found.start + SHORTEST as u32 {
                self.chosen.push(Match { end, ..found });
                limit = found.start;
            }
            last = self.before[last as usize];
        }
        self.chosen.reverse();
        &self.chosen
    }
}

/// The cheapest way to `end`, which is also a way to anywhere within its last match.
#[derive(Clone, Copy)]
struct Way {
    end: u32,
    cost: i32,
    last: u32,
}

impl Way {
    const START: Self = Self { end: 0, cost: 0, last: NONE };
    /// Further than any and dearer than any.
    const NOWHERE: Self = Self { end: u32::MAX, cost: 1 << 28, last: NONE };
}

/// The ways found so far.
struct Ways<'a> {
    /// Those that reach beyond where we are, from `front` to `back`: the sooner they end the cheaper. One more, at
    /// `back`, reaches beyond everything.
    queue: &'a mut [Way],
    front: usize,
    back: usize,
    /// The cheapest of all others, less what literals from the start to its end take.
    behind: Way,
    start: u32,
    /// What a literal takes on average, and, unless that is to do, all from the start to each place.
    literal: i32,
    literals: &'a [i32],
}

impl<'a> Ways<'a> {
    #[inline(always)]
    fn new(queue: &'a mut [Way], start: u32, literal: i32, literals: &'a [i32]) -> Self {
        queue[0] = Way::NOWHERE;
        Self { queue, front: 0, back: 0, behind: Way::START, start, literal, literals }
    }

    /// The cheapest way to `place`, which is never before the last one asked for.
    #[inline(always)]
    fn reach(&mut self, place: u32) -> Way {
        // Mostly one way falls behind or none, which is hard for a processor to foretell: so once without a branch.
        self.leave_behind(place);
        while self.queue[self.front].end < place {
            self.leave_behind(place);
        }
        let within = self.queue[self.front];
        let after = Way { cost: self.behind.cost + self.literals(place), ..self.behind };
        select_unpredictable(within.cost <= after.cost, within, after)
    }

    /// What literals from the start to `place` take.
    #[inline(always)]
    fn literals(&self, place: u32) -> i32 {
        let count = place - self.start;
        if self.literals.is_empty() { self.literal * count as i32 } else { self.literals[count as usize] }
    }

    /// Takes the first way out of the queue if it ends before `place`.
    #[inline(always)]
    fn leave_behind(&mut self, place: u32) {
        let way = self.queue[self.front];
        let is_behind = way.end < place;
        let cost = way.cost - self.literals(way.end.min(place));
        self.behind = select_unpredictable(is_behind & (cost < self.behind.cost), Way { cost, ..way }, self.behind);
        self.front += usize::from(is_behind);
    }

    /// Adds a way that ends beyond all others.
    #[inline(always)]
    fn add(&mut self, way: Way) {
        while self.back > self.front && self.queue[self.back - 1].cost >= way.cost {
            self.back -= 1;
        }
        self.queue[self.back] = way;
        self.back += 1;
        self.queue[self.back] = Way::NOWHERE;
    }
}

/// Takes the matches of a stretch as they are found.
pub(super) struct Offers<'a> {
    found: &'a mut [Match],
    /// How many there are.
    pub(super) count: usize,
    /// The last of them.
    pub(super) last: Match,
    start: u32,
}

impl Offers<'_> {
    /// Takes a match unless it lies within the last one. If the last lies within it, it takes the place of that.
    #[inline(always)]
    pub(super) fn offer(&mut self, found: Match) {
        let last = self.last;
        let found = Match { start: found.start.max(self.start), ..found };
        let is_more =
            (found.end >= found.start + SHORTEST as u32) & ((found.end > last.end) | (found.start < last.start));
        let is_all = is_more & (found.start <= last.start) & (found.end >= last.end) & (self.count > 0);
        let at = self.count - usize::from(is_all);
        self.found[at] = found;
        self.last = select_unpredictable(is_more, found, last);
        self.count = at + usize::from(is_more);
    }
}
