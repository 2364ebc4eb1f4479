//! The tables, and how an older journal is brought up to date.

use std::path::Path;

use rusqlite::Connection;

use super::{failed, refused, step};
use crate::error::Result;

/// What brings a journal from each version to the next; their number is the version, kept in `PRAGMA user_version`.
const STEPS: &[&str] = &["
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL,          -- packing, packed, finished
    folder TEXT NOT NULL,         -- of its parts, within the state folder
    options TEXT NOT NULL,        -- JSON: those that decide the bytes of parts
    read INTEGER                  -- records of all sources, once all are packed
) STRICT;
CREATE TABLE sources (
    run_id TEXT NOT NULL,
    idx INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,           -- path, bytes, reader, rows
    path TEXT,                    -- absolute
    len INTEGER,
    modified_ns INTEGER,
    PRIMARY KEY (run_id, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE parts (
    run_id TEXT NOT NULL,
    idx INTEGER NOT NULL,
    state TEXT NOT NULL,
    ref TEXT,
    take INTEGER NOT NULL DEFAULT 0,  -- refs it had before
    file TEXT,
    size INTEGER,
    md5 TEXT,
    records INTEGER,
    end_record INTEGER,           -- records of all sources up to its end, refused ones included
    end_source TEXT,
    end_line INTEGER,
    origins TEXT,                 -- JSON: source and line of each record
    confirmed INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,  -- by the service
    report TEXT,                  -- JSON: the batch as it stands in the run's report
    PRIMARY KEY (run_id, idx)
) STRICT;
CREATE TABLE transitions (
    run_id TEXT NOT NULL,
    idx INTEGER NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    ref TEXT
) STRICT;
CREATE INDEX transitions_of_run ON transitions (run_id);
CREATE TABLE rejects (
    run_id TEXT NOT NULL,
    idx INTEGER NOT NULL,         -- part; the number of parts for those after the last
    seq INTEGER NOT NULL,
    by_us INTEGER NOT NULL,
    reject TEXT NOT NULL,         -- JSON: all but the record
    record BLOB NOT NULL,
    PRIMARY KEY (run_id, idx, seq)
) STRICT;
"];

/// Every run with what came of it, the latest first.
pub(super) const RUNS: &str = "
SELECT run_id, created_at, state,
    coalesce((SELECT group_concat(name, char(10)) FROM
        (SELECT name FROM sources WHERE sources.run_id = runs.run_id ORDER BY idx)), ''),
    (SELECT count(*) FROM parts WHERE parts.run_id = runs.run_id AND state != 'planned'),
    (SELECT coalesce(sum(records), 0) FROM parts WHERE parts.run_id = runs.run_id),
    (SELECT coalesce(sum(confirmed), 0) FROM parts WHERE parts.run_id = runs.run_id),
    (SELECT count(*) FROM rejects WHERE rejects.run_id = runs.run_id
        AND json_extract(reject, '$.code') NOT LIKE '2__')  -- those that must be repeated were taken
FROM runs ORDER BY created_at DESC, run_id";

/// Every ref that may be known to the service.
pub(super) const USED: &str = "
SELECT run_id, idx, ref, state FROM parts WHERE ref IS NOT NULL
UNION ALL
SELECT run_id, idx, ref, 'abandoned' FROM transitions
WHERE state IN ('abandoned', 'corrupted') AND ref NOT IN (SELECT ref FROM parts WHERE ref IS NOT NULL)
ORDER BY 1, 2";

/// Sets the connection up, and brings the tables up to date.
///
/// # Errors
/// `journal` for a file that is none, or that a newer version has written.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<()> {
    let known = STEPS.len();
    let version = migrate(connection, STEPS).map_err(|cause| failed(path, cause))?;
    match version > known {
        true => Err(refused(format!(
            "the journal {} was written by a newer cdp-batch (version {version}, this one knows {known}); use that one, \
             or another state_dir",
            path.display()
        ))),
        false => Ok(()),
    }
}

/// Takes the steps that are missing, all or none; returns the version found.
fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<usize> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    step("begin migration")?;
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version < steps.len() {
        steps.iter().skip(version).try_for_each(|step| tx.execute_batch(step))?;
        tx.pragma_update(None, "user_version", steps.len())?;
    }
    step("commit migration")?;
    tx.commit()?;
    Ok(version)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_older_journal_is_brought_up_to_date_and_keeps_what_it_knows() {
        let mut journal = Connection::open_in_memory().unwrap();
        assert_eq!(migrate(&mut journal, STEPS).unwrap(), 0);
        let run = "INSERT INTO runs (run_id, created_at, state, folder, options) VALUES ('a', '', 'packing', '', '{}')";
        journal.execute(run, []).unwrap();
        let newer: Vec<&str> = STEPS.iter().copied().chain(["ALTER TABLE runs ADD COLUMN more TEXT"]).collect();
        assert_eq!(migrate(&mut journal, &newer).unwrap(), STEPS.len());
        assert_eq!(migrate(&mut journal, &newer).unwrap(), newer.len());
        let known: u64 =
            journal.query_row("SELECT count(*) FROM runs WHERE more IS NULL", [], |row| row.get(0)).unwrap();
        assert_eq!(known, 1);
    }

    #[test]
    fn a_step_that_fails_leaves_the_journal_as_it_was() {
        let mut journal = Connection::open_in_memory().unwrap();
        migrate(&mut journal, STEPS).unwrap();
        let broken: Vec<&str> = STEPS.iter().copied().chain(["CREATE TABLE half (a); CREATE TABLE runs (a)"]).collect();
        migrate(&mut journal, &broken).unwrap_err();
        assert_eq!(migrate(&mut journal, STEPS).unwrap(), STEPS.len());
        assert!(journal.prepare("SELECT * FROM half").is_err());
    }
}
