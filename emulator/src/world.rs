//! What the records have built up: which guests and orders exist, as far as deleting them needs it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use crate::clock::Moment;

/// Orders of one `referenceId` within this time are the same order (protocol.md section 4.11).
const SAME_ORDER: Duration = Duration::from_hours(24);

/// A guest identifier, reduced to a hash so that millions fit into memory.
pub(crate) type Identifier = u64;

#[derive(Default)]
pub(crate) struct World {
    guests: HashMap<Identifier, u32>,
    /// Deleted and migrated guests; cheaper than finding all identifiers that name them.
    gone: HashSet<u32>,
    next_guest: u32,
    orders: HashMap<u64, Vec<Moment>>,
}

pub(crate) fn identifier(provider: &str, id: &str) -> Identifier {
    let mut hasher = DefaultHasher::new();
    (provider, id).hash(&mut hasher);
    hasher.finish()
}

fn order(reference_id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    reference_id.hash(&mut hasher);
    hasher.finish()
}

impl World {
    /// Living guests any of the identifiers names, each once.
    pub(crate) fn guests(&self, identifiers: &[Identifier]) -> Vec<u32> {
        let mut found = Vec::new();
        for identifier in identifiers {
            if let Some(guest) = self.guests.get(identifier)
                && !self.gone.contains(guest)
                && !found.contains(guest)
            {
                found.push(*guest);
            }
        }
        found
    }

    /// Creates the guest, or gives the first match all the identifiers.
    pub(crate) fn upsert_guest(&mut self, identifiers: &[Identifier]) {
        let guest = self.guests(identifiers).first().copied().unwrap_or_else(|| {
            self.next_guest += 1;
            self.next_guest
        });
        for identifier in identifiers {
            let named = self.guests.get(identifier);
            if named.is_none_or(|named| self.gone.contains(named)) {
                self.guests.insert(*identifier, guest);
            }
        }
    }

    pub(crate) fn remove_guest(&mut self, guest: u32) {
        self.gone.insert(guest);
    }

    pub(crate) fn upsert_order(&mut self, reference_id: &str, ordered_at: Moment) {
        let orders = self.orders.entry(order(reference_id)).or_default();
        if !orders.iter().any(|known| same_order(*known, ordered_at)) {
            orders.push(ordered_at);
        }
    }

    /// Removes an order if exactly one matches; gives how many do.
    pub(crate) fn remove_order(&mut self, reference_id: &str, ordered_at: Option<Moment>) -> usize {
        let Some(orders) = self.orders.get_mut(&order(reference_id)) else { return 0 };
        let matching = |known: &Moment| ordered_at.is_none_or(|at| same_order(*known, at));
        let count = orders.iter().filter(|known| matching(known)).count();
        if count == 1 {
            orders.retain(|known| !matching(known));
        }
        count
    }
}

fn same_order(one: Moment, other: Moment) -> bool {
    one.since(other) <= SAME_ORDER && other.since(one) <= SAME_ORDER
}
