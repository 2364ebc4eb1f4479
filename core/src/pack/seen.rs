//! Refs seen lately, to find a second record with the same one.

use std::hash::{BuildHasher, RandomState};

use uuid::Uuid;

use crate::record::{Finding, Severity};

/// Records looked back over. A window keeps the memory flat, at about 7 MiB. Within a batch a ref must be unique, or its
/// log line could mean either record (protocol.md section 3.2).
const WINDOW: u32 = 200_000;

/// The logarithm of the number of chains.
const CHAIN_BITS: u32 = 19;

/// No ref.
const NONE: u32 = u32::MAX;

/// The refs of the last [`WINDOW`] records, in a ring. What falls out of the window is written over, so that nothing has
/// to be taken out of a table: a chain ends where the refs on it stop getting older.
pub(crate) struct Seen {
    ring: Vec<Entry>,
    /// Where in the ring the next ref goes.
    next: u32,
    /// For each hash the place of the newest ref with it.
    newest: Vec<u32>,
    /// Refs come from outside: without a secret, they could be made to share a hash.
    secret: [u64; 2],
}

struct Entry {
    key: [u64; 2],
    /// The place of the newest ref before with the same hash.
    before: u32,
}

impl Default for Seen {
    fn default() -> Self {
        let random = RandomState::new();
        Self { ring: Vec::new(), next: 0, newest: Vec::new(), secret: [random.hash_one(0), random.hash_one(1)] }
    }
}

impl Seen {
    /// Remembers refs, in their order; `true` for each that is there already.
    pub(crate) fn insert_all(&mut self, refs: &[Uuid]) -> Vec<bool> {
        let hashes: Vec<_> = refs.iter().map(|record_ref| self.hash(record_ref)).collect();
        self.fetch(&hashes);
        refs.iter().zip(hashes).map(|(record_ref, hash)| !self.insert_at(hash, record_ref)).collect()
    }

    /// Remembers a ref; `false` if it is there already.
    pub(crate) fn insert(&mut self, record_ref: Uuid) -> bool {
        self.insert_at(self.hash(&record_ref), &record_ref)
    }

    /// Looks where inserting will look. Each ref would wait for memory, and here they wait together.
    fn fetch(&self, hashes: &[usize]) {
        let places: Vec<_> = hashes.iter().filter_map(|hash| self.newest.get(*hash).copied()).collect();
        let keys = places.into_iter().filter_map(|place| Some(self.ring.get(place as usize)?.key[0]));
        std::hint::black_box(keys.fold(0, |all, key| all ^ key));
    }

    fn insert_at(&mut self, hash: usize, record_ref: &Uuid) -> bool {
        if self.newest.is_empty() {
            self.newest.resize(1 << CHAIN_BITS, NONE);
        }
        let key: [u64; 2] = record_ref.as_u64_pair().into();
        let (mut place, mut youngest) = (self.newest[hash], 0);
        while let Some(entry) = self.ring.get(place as usize) {
            if entry.key == key {
                return false;
            }
            let age = self.age(place);
            if age < youngest {
                break;
            }
            (place, youngest) = (entry.before, age + 1);
        }
        let entry = Entry { key, before: std::mem::replace(&mut self.newest[hash], self.next) };
        match self.ring.get_mut(self.next as usize) {
            Some(oldest) => *oldest = entry,
            None => self.ring.push(entry),
        }
        self.next = (self.next + 1) % WINDOW;
        true
    }

    /// How many refs came after the one at this place.
    fn age(&self, place: u32) -> u32 {
        (self.next + WINDOW - 1 - place) % WINDOW
    }

    /// The top bits of a product of which nobody outside knows a factor.
    fn hash(&self, record_ref: &Uuid) -> usize {
        let (high, low) = record_ref.as_u64_pair();
        let product = u128::from(high ^ self.secret[0]) * u128::from(low ^ self.secret[1]);
        (((product >> 64) as u64 ^ product as u64) >> (u64::BITS - CHAIN_BITS)) as usize
    }

    /// What is wrong with a record whose ref is there already.
    pub(crate) fn finding() -> Finding {
        Finding {
            path: "$.ref".to_string(),
            rule: "envelope.ref.repeated",
            severity: Severity::Error,
            message: format!("the ref is that of a record shortly before (within {WINDOW}); give each record its own"),
            section: "protocol 3.2",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::{HashSet, VecDeque};

    use super::*;

    #[test]
    fn a_ref_is_known_as_long_as_it_is_in_the_window() {
        let mut seen = Seen::default();
        let refs = |range: std::ops::Range<u128>| range.map(Uuid::from_u128);
        let window = WINDOW as u128;
        assert!(refs(0..2 * window + 7).all(|one| seen.insert(one)));
        assert!(refs(window + 7..2 * window + 7).all(|one| !seen.insert(one)));
        assert!(refs(0..window).all(|one| seen.insert(one)));
        assert!(!seen.insert(Uuid::from_u128(window - 1)));
    }

    #[test]
    fn refs_spread_over_the_chains() {
        let mut seen = Seen::default();
        assert!((0..1000).all(|i| seen.insert(Uuid::from_u128(i << 64 | i))));
        assert!(seen.newest.iter().filter(|place| **place != NONE).count() > 900);
    }

    #[test]
    fn what_is_known_is_what_the_last_records_had() {
        let mut rng = fastrand::Rng::with_seed(11);
        let (mut seen, mut last, mut known) = (Seen::default(), VecDeque::new(), HashSet::new());
        for _ in 0..3 * WINDOW {
            // About as many as are remembered, so that many come again just before or after they are forgotten.
            let record_ref = Uuid::from_u128(u128::from(rng.u32(..WINDOW + WINDOW / 8)));
            let is_new = known.insert(record_ref);
            assert_eq!(seen.insert(record_ref), is_new);
            if is_new {
                last.push_back(record_ref);
            }
            if last.len() > WINDOW as usize {
                known.remove(&last.pop_front().unwrap());
            }
        }
    }
}
