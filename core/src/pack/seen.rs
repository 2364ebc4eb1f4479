//! Refs seen lately, to find a second record with the same one.

use std::hash::{BuildHasher, RandomState};

use uuid::Uuid;

use crate::record::{Finding, Severity};

/// Records looked back over. A window keeps the memory flat, at about 7 MiB. Within a batch a ref must be unique, or its
/// log line could mean either record (protocol.md section 3.2).
const WINDOW: usize = 200_000;

/// The logarithm of the number of chains.
const CHAIN_BITS: u32 = 18;

/// The refs of the last [`WINDOW`] records, numbered from 1, in a ring. What falls out of the window is written over, so
/// that nothing has to be taken out of a table, and most refs touch no memory but the end of the ring and one number.
pub(crate) struct Seen {
    ring: Vec<Entry>,
    count: u64,
    /// For each hash the number of the newest ref with it.
    newest: Vec<u64>,
    /// Refs come from outside: without a secret, they could be made to share a hash.
    secret: [u64; 2],
}

struct Entry {
    key: [u64; 2],
    /// The number of the newest ref before with the same hash.
    before: u64,
}

impl Default for Seen {
    fn default() -> Self {
        let random = RandomState::new();
        Self { ring: Vec::new(), count: 0, newest: Vec::new(), secret: [random.hash_one(0), random.hash_one(1)] }
    }
}

impl Seen {
    /// Remembers refs, in their order; `true` for each that is there already.
    pub(crate) fn insert_all(&mut self, refs: &[Uuid]) -> Vec<bool> {
        self.fetch(refs);
        refs.iter().map(|record_ref| !self.insert(*record_ref)).collect()
    }

    /// Looks where inserting these refs will look. Each of them would wait for memory, and here they wait together.
    fn fetch(&self, refs: &[Uuid]) {
        let newest = |one: &Uuid| self.newest.get(hash(one.as_u64_pair().into(), self.secret)).copied().unwrap_or(0);
        let keys = refs.iter().map(|one| self.ring.get(place(newest(one).max(1))).map_or(0, |entry| entry.key[0]));
        std::hint::black_box(keys.fold(0, |all, key| all ^ key));
    }

    /// Remembers a ref; `false` if it is there already.
    pub(crate) fn insert(&mut self, record_ref: Uuid) -> bool {
        if self.newest.is_empty() {
            self.newest.resize(1 << CHAIN_BITS, 0);
        }
        let key: [u64; 2] = record_ref.as_u64_pair().into();
        let newest = &mut self.newest[hash(key, self.secret)];
        let mut number = *newest;
        // 0 is none, and what is older than the window was written over.
        while number > 0 && number + WINDOW as u64 > self.count {
            let entry = &self.ring[place(number)];
            if entry.key == key {
                return false;
            }
            number = entry.before;
        }
        self.count += 1;
        let entry = Entry { key, before: std::mem::replace(newest, self.count) };
        match self.ring.get_mut(place(self.count)) {
            Some(oldest) => *oldest = entry,
            None => self.ring.push(entry),
        }
        true
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

/// The top bits of a product of which nobody outside knows a factor.
fn hash(key: [u64; 2], secret: [u64; 2]) -> usize {
    let product = u128::from(key[0] ^ secret[0]) * u128::from(key[1] ^ secret[1]);
    (((product >> 64) as u64 ^ product as u64) >> (u64::BITS - CHAIN_BITS)) as usize
}

/// Where in the ring the ref with this number, from 1, is.
fn place(number: u64) -> usize {
    ((number - 1) % WINDOW as u64) as usize
}

#[cfg(test)]
mod tests {
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
        assert!(seen.newest.iter().filter(|number| **number > 0).count() > 900);
    }
}
