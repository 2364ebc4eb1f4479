//! Where each record of a part came from.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Lines;

/// Source and line of every record of a part, as runs: a few bytes for a plain file, at most 16 a record for records
/// that begin on scattered lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// First record of each source.
    sources: Vec<(u32, Arc<str>)>,
    lines: Lines,
}

impl Origins {
    /// Adds some records of a block.
    pub(super) fn extend(&mut self, source: &Arc<str>, lines: &Lines, records: Range<u32>) {
        if self.sources.last().is_none_or(|(_, last)| last != source) {
            self.sources.push((self.lines.len(), Arc::clone(source)));
        }
        for (line, count) in lines.runs(records) {
            self.lines.push_run(line, count);
        }
    }

    /// Source and line of a record, counted from 0 in the part.
    pub fn of(&self, record: u32) -> Option<(Arc<str>, u64)> {
        let index = self.sources.partition_point(|(first, _)| *first <= record).checked_sub(1)?;
        let (_, source) = self.sources.get(index)?;
        (record < self.lines.len()).then(|| (Arc::clone(source), self.lines.line(record)))
    }
    /// Source and line of the last record.
    pub fn last(&self) -> Option<(Arc<str>, u64)> {
        self.of(self.lines.len().checked_sub(1)?)
    }
}
