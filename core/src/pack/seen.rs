//! Refs seen lately, to find a second record with the same one.

use std::collections::{HashSet, VecDeque};

use uuid::Uuid;

use crate::record::{Finding, Severity};

/// Records looked back over. A window keeps the memory flat, at about 13 MiB: the set has 2^19 places of 17 bytes, and
/// a window less than 7/16 of them is cleaned up in place instead of growing. Within a batch a ref must be unique, or
/// its log line could mean either record (protocol.md section 3.2).
const WINDOW: usize = 200_000;

/// The refs of the last [`WINDOW`] records.
#[derive(Default)]
pub(crate) struct Seen {
    refs: HashSet<u128>,
    order: VecDeque<u128>,
}

impl Seen {
    /// Remembers a ref; `false` if it is there already.
    pub(crate) fn insert(&mut self, record_ref: Uuid) -> bool {
        let key = record_ref.as_u128();
        if !self.refs.insert(key) {
            return false;
        }
        if self.order.len() == WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.refs.remove(&oldest);
        }
        self.order.push_back(key);
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
