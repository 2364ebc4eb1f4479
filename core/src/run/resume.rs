//! Going on with a run from what its journal tells.

use std::ops::Range;

use super::ledger::Ledger;
use crate::error::Result;
use crate::event::Events;
use crate::journal::{Entry, Known, KnownPart, State};
use crate::pack::Done;
use crate::rejects::RejectStore;
use crate::spool::Stored;

/// What an earlier process did of a run. By default nothing.
#[derive(Default)]
pub(crate) struct Recalled {
    pub(crate) done: Done,
    /// Parts that are packed but not settled, in order.
    pub(crate) waiting: Vec<Waiting>,
    /// Whether every part is packed and every reject known.
    pub(crate) packed_all: bool,
}

/// A part that is packed but not settled.
pub(crate) struct Waiting {
    pub(crate) known: KnownPart,
    /// Where the records refused while it was packed lie.
    pub(crate) rejects: Range<u64>,
}

/// Enters what the journal knows of the run into the ledger, its rejects into `local`, and its numbers into `events`.
/// With `rereads`, the sources are read again in any case, and with them what comes after the last part.
///
/// # Errors
/// `journal` if it cannot be read.
pub(crate) fn recall(
    journal: &Entry,
    ledger: &Ledger,
    local: &RejectStore,
    events: &Events,
    rereads: bool,
) -> Result<Recalled> {
    let Known { parts, read } = journal.known()?;
    let mut recalled = Recalled { packed_all: read.is_some() && !rereads, ..Recalled::default() };
    for known in parts {
        let (index, start, settled) = (known.part.index, local.end(), known.state.is_final());
        // Those of the service are told again by the log of a part that is not settled.
        let ours = journal.rejects(index, !settled, local)?;
        let rejects = start..local.end();
        recalled.done = Done { parts: index + 1, records: known.end_record };
        events.advance(|progress| {
            progress.packed += known.part.records;
            progress.packed_bytes += known.part.size;
            progress.rejected += ours;
            if settled {
                progress.sent += known.part.records;
                progress.confirmed += known.confirmed;
                progress.rejected += known.rejected;
            }
        });
        ledger.recalled(&known, (local.clone(), rejects.clone()))?;
        match known.state {
            // It was settled, but perhaps not yet removed.
            State::Confirmed => Stored::File(known.path).discard(),
            _ if settled => {}
            _ => recalled.waiting.push(Waiting { known, rejects }),
        }
    }
    let mut records = recalled.done.records;
    if let (true, Some(read)) = (recalled.packed_all, read) {
        let ours = journal.rejects(recalled.done.parts, false, local)?;
        events.advance(|progress| progress.rejected += ours);
        records = read;
    }
    events.advance(|progress| progress.read += records);
    Ok(recalled)
}
