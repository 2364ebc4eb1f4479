//! Refused records, read back from the journal long after their run.

use std::path::Path;

use rusqlite::{ToSql, params};
use uuid::Uuid;

use super::{Journal, refused, unreadable};
use crate::error::Result;
use crate::rejects::{self, Placed, RejectStore, Rejects};

/// All records that were refused in a run.
///
/// # Errors
/// `journal` if the folder holds no journal that can be read, or the journal no such run.
pub fn rejects_of_run(state_dir: impl AsRef<Path>, run_id: &str) -> Result<Rejects> {
    let journal = Journal::open_existing(state_dir.as_ref())?;
    if journal.find(run_id)?.is_none() {
        return Err(refused(format!("the journal knows no run {run_id}; `cdp-batch runs` lists those it knows")));
    }
    journal.recall("run_id = ?1", params![run_id])
}

/// The records that the service refused in a batch; `None` if the batch was not sent from this state folder.
///
/// # Errors
/// `journal` if the folder holds no journal that can be read.
pub fn rejects_of_batch(state_dir: impl AsRef<Path>, batch: Uuid) -> Result<Option<Rejects>> {
    let journal = Journal::open_existing(state_dir.as_ref())?;
    if !journal.used()?.iter().any(|used| used.batch == batch) {
        return Ok(None);
    }
    let batch = batch.to_string();
    journal.recall("NOT by_us AND json_extract(reject, '$.batch') = ?1", params![batch]).map(Some)
}

impl Journal {
    fn recall(&self, which: &str, values: &[&dyn ToSql]) -> Result<Rejects> {
        let store = RejectStore::default();
        self.read(|tx| {
            let sql = format!("SELECT reject, record FROM rejects WHERE {which} ORDER BY run_id, idx, seq");
            let mut query = tx.prepare(&sql)?;
            let mut rows = query.query(values)?;
            while let Some(row) = rows.next()? {
                let header: String = row.get(0)?;
                let placed = rejects::placed(header.as_bytes(), row.get(1)?).map_err(unreadable)?;
                let Placed { reject, after } = placed;
                store.append(&reject, after).map_err(unreadable)?;
            }
            Ok(())
        })?;
        let end = store.end();
        Ok(Rejects::new(vec![(store, 0..end)]))
    }
}
