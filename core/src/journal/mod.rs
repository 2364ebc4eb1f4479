//! What runs have done, on disk: one SQLite database per `state_dir`, which the ordinary `sqlite3` shell can read.
//!
//! Intent is written before an effect, its outcome after it, each in a transaction that is on disk when it returns
//! (WAL, `synchronous=FULL`). So whatever the process was doing when it was killed, the journal says what may have
//! happened, and the rest is asked of the service. It never holds a secret or a URL.
//!
//! `Journal` is the database, `Entry` one run's place in it, held by a lock as long as the run is under way.

mod entry;
mod lock;
mod recall;
mod schema;
mod state;

use std::fs::OpenOptions;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};
use serde::Serialize;
use uuid::Uuid;

pub(crate) use entry::{Entry, Known, KnownPart, Settled};
pub use recall::{rejects_of_batch, rejects_of_run};
pub use state::State;

use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::spool::Spool;

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(30);
const FILE: &str = "journal.sqlite";

/// A run, as the journal tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunInfo {
    /// Its name.
    pub run_id: String,
    /// When it was begun.
    pub created_at: String,
    /// `packing` until its last part is packed, `packed` until every part is settled, then `finished`.
    pub state: String,
    /// Names of its sources.
    pub sources: Vec<String>,
    /// Parts packed so far.
    pub parts: u64,
    /// Records in them.
    pub packed: u64,
    /// Records the service confirmed.
    pub confirmed: u64,
    /// Records refused, by us or by the service.
    pub rejected: u64,
}

/// Every run in the journal of a state folder, the latest first.
///
/// # Errors
/// `journal` if the folder holds none that can be read.
pub fn runs(state_dir: impl AsRef<Path>) -> Result<Vec<RunInfo>> {
    Journal::open_existing(state_dir.as_ref())?.runs()
}

/// Every ref that a run of this state folder used, abandoned ones included.
///
/// # Errors
/// As [`runs`].
pub fn used(state_dir: impl AsRef<Path>) -> Result<Vec<Used>> {
    Journal::open_existing(state_dir.as_ref())?.used()
}

/// Removes the part files that finished runs left in a state folder (of batches that failed), and keeps their history.
/// Returns how many files were removed.
///
/// # Errors
/// As [`runs`]; `io` if a file cannot be removed.
pub fn clean(state_dir: impl AsRef<Path>) -> Result<u64> {
    Journal::open_existing(state_dir.as_ref())?.clean()
}

/// A ref that a run of this journal used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The run.
    pub run_id: String,
    /// Its part, from 0.
    pub part: u64,
    /// The ref.
    pub batch: Uuid,
    /// State of the part; `abandoned` if it goes under another ref now.
    pub state: State,
}

/// The database of a `state_dir`. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Journal {
    folder: PathBuf,
    connection: Arc<Mutex<Connection>>,
}

impl Journal {
    /// Opens the journal of a folder; both are made if they are not there, for nobody else to read.
    ///
    /// # Errors
    /// `io` if they cannot be made, `journal` if the file is no journal of ours, or one of a newer version.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Spool::folder(folder)?;
        let path = folder.join(FILE);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        crash::disk("open journal").and_then(|()| options.open(&path)).map_err(|cause| {
            Error::io(format_args!("cannot write the journal {}", path.display()), cause).with_stage(Stage::Spool)
        })?;
        let journal = |cause| failed(&path, cause);
        let mut connection = step("open database").and_then(|()| Connection::open(&path)).map_err(journal)?;
        connection.busy_timeout(PATIENCE).map_err(journal)?;
        schema::prepare(&mut connection, &path)?;
        Ok(Journal { folder: folder.to_path_buf(), connection: Arc::new(Mutex::new(connection)) })
    }

    /// Opens the journal of a folder that must have one.
    ///
    /// # Errors
    /// `journal` if there is none; else as [`Journal::open`].
    pub(crate) fn open_existing(folder: &Path) -> Result<Self> {
        match folder.join(FILE).is_file() {
            true => Journal::open(folder),
            false => Err(refused(format!("{} holds no journal; check state_dir", folder.display()))),
        }
    }

    /// Every run, the latest first.
    pub(crate) fn runs(&self) -> Result<Vec<RunInfo>> {
        let run = |row: &Row<'_>| {
            Ok(RunInfo {
                run_id: row.get(0)?,
                created_at: row.get(1)?,
                state: row.get(2)?,
                sources: row.get::<_, String>(3)?.lines().map(str::to_string).collect(),
                parts: row.get(4)?,
                packed: row.get(5)?,
                confirmed: row.get(6)?,
                rejected: row.get(7)?,
            })
        };
        self.read(|tx| tx.prepare(schema::RUNS)?.query_map([], run)?.collect())
    }

    /// Every ref that was used, abandoned ones included.
    pub(crate) fn used(&self) -> Result<Vec<Used>> {
        let used = |row: &Row<'_>| {
            let (batch, state): (String, String) = (row.get(2)?, row.get(3)?);
            let batch = Uuid::parse_str(&batch).unwrap_or_default();
            Ok(Used { run_id: row.get(0)?, part: row.get(1)?, batch, state: State::named(&state) })
        };
        self.read(|tx| tx.prepare(schema::USED)?.query_map([], used)?.collect())
    }

    /// Removes the parts of finished runs from the disk; what the journal says of them stays. Returns how many files.
    pub(crate) fn clean(&self) -> Result<u64> {
        let finished: Vec<PathBuf> = self.read(|tx| {
            let mut runs = tx.prepare("SELECT folder FROM runs WHERE state = 'finished'")?;
            runs.query_map([], |row| within(&self.folder, &row.get::<_, String>(0)?))?.collect()
        })?;
        let mut removed = 0;
        for folder in finished {
            removed += Spool::Folder(folder).clear()?;
        }
        Ok(removed)
    }

    /// The run with this name, if the journal knows it: its options, and whether all of it is packed.
    pub(crate) fn find(&self, run_id: &str) -> Result<Option<(String, bool)>> {
        let sql = "SELECT options, state != 'packing' FROM runs WHERE run_id = ?1";
        self.read(|tx| {
            let mut run = tx.prepare(sql)?;
            let mut rows = run.query_map([run_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.next().transpose()
        })
    }

    /// Name and file of each source of a run; no file for one that was none.
    pub(crate) fn sources(&self, run_id: &str) -> Result<Vec<(String, Option<PathBuf>)>> {
        let source = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.map(PathBuf::from)));
        self.read(|tx| {
            let mut sources = tx.prepare("SELECT name, path FROM sources WHERE run_id = ?1 ORDER BY idx")?;
            sources.query_map(params![run_id], source)?.collect()
        })
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        self.transact(TransactionBehavior::Deferred, work)
    }

    /// One step of a run, on disk when this returns.
    fn write<T>(&self, step: &str, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        crash::point(&format!("journal {step}, before"));
        let done = self.transact(TransactionBehavior::Immediate, work);
        crash::point(&format!("journal {step}, after"));
        done
    }

    fn transact<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let done = step("begin").and_then(|()| connection.transaction_with_behavior(behavior)).and_then(|tx| {
            let done = work(&tx)?;
            step("commit")?;
            tx.commit()?;
            // On disk, but nobody is told: an error of `fsync` may mean that, too.
            step("committed")?;
            Ok(done)
        });
        done.map_err(|cause| failed(&self.folder.join(FILE), cause))
    }
}

fn failed(path: &Path, cause: rusqlite::Error) -> Error {
    let message = format!("the journal {} cannot be used: {cause}; look at the disk and the file", path.display());
    Error::new(Kind::Journal, message).with_stage(Stage::Spool).with_cause(cause)
}

/// A step of SQLite that is about to begin.
fn step(name: &str) -> rusqlite::Result<()> {
    let code = rusqlite::ffi::SQLITE_IOERR;
    crash::disk(name)
        .map_err(|cause| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(cause.to_string())))
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(Kind::Journal, message).with_stage(Stage::Spool)
}

/// The path that a column names, within this folder: a damaged journal must not reach any other file.
fn within(folder: &Path, name: &str) -> rusqlite::Result<PathBuf> {
    let mut parts = Path::new(name).components();
    match !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_))) {
        true => Ok(folder.join(name)),
        false => Err(unreadable("a path leads out of the state folder")),
    }
}

/// A column that holds something else than was written there.
fn unreadable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Text;
    rusqlite::Error::FromSqlConversionFailure(0, kind, io::Error::other(cause).into())
}
