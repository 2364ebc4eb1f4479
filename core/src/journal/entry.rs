//! One run's place in the journal: what is known of it, and every step it takes.

use std::path::{Path, PathBuf};

use rusqlite::{Row, Transaction, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::lock::Lock;
use super::{Journal, State, refused, unreadable, within};
use crate::digest::Md5;
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::options::Options;
use crate::pack::Part;
use crate::rejects::{self, Placed, Reader, RejectStore};
use crate::source::Description;

/// The options that decide the bytes of parts. A run goes on only with the same.
const DECIDING: [&str; 8] =
    ["schema", "mode", "ref_field", "max_batch_bytes", "max_batch_records", "level", "check", "on_invalid"];

/// A run under way, locked against other processes.
pub(crate) struct Entry {
    journal: Journal,
    run_id: String,
    /// Of its parts.
    folder: PathBuf,
    _lock: Lock,
}

/// What is known of a run from before.
pub(crate) struct Known {
    /// Its parts in order, from the first.
    pub(crate) parts: Vec<KnownPart>,
    /// Records of all sources; `None` unless all are packed.
    pub(crate) read: Option<u64>,
}

/// A part packed before.
pub(crate) struct KnownPart {
    pub(crate) part: Part,
    pub(crate) state: State,
    pub(crate) batch: Uuid,
    pub(crate) take: u32,
    /// Whether it arrived corrupted before, and goes under another ref since.
    pub(crate) resent: bool,
    pub(crate) path: PathBuf,
    /// Records of all sources up to its end, refused ones included.
    pub(crate) end_record: u64,
    pub(crate) confirmed: u64,
    pub(crate) rejected: u64,
    /// How it stood in the report, as JSON, once it was settled.
    pub(crate) report: Option<String>,
}

/// What came of a part.
pub(crate) struct Settled {
    pub(crate) state: State,
    pub(crate) batch: Uuid,
    pub(crate) confirmed: u64,
    pub(crate) rejected: u64,
    pub(crate) report: String,
}

impl Entry {
    /// Begins a run, or goes on with one. `folder` holds its parts; `sources` may be left out for a run that is there.
    ///
    /// # Errors
    /// `journal` if another process has the run under way; `invalid_options`, naming the option, or `io`, naming the
    /// source, that is not as it was.
    pub(crate) fn begin(
        journal: &Journal,
        folder: &Path,
        run_id: &str,
        options: &Options,
        sources: Option<&[Description]>,
    ) -> Result<Self> {
        let lock = Lock::take(&journal.folder, folder.file_name().unwrap_or_default(), run_id)?;
        let entry =
            Entry { journal: journal.clone(), run_id: run_id.to_string(), folder: folder.to_path_buf(), _lock: lock };
        let options = deciding(options)?;
        match (journal.find(run_id)?, sources) {
            (Some((before, _)), _) => {
                entry.same_options(&before, &options)?;
                entry.same_sources(sources.unwrap_or_default())?;
            }
            (None, Some(sources)) => entry.insert(&options, sources)?,
            (None, None) => return Err(refused(format!("the journal knows no run {run_id}; see `cdp-batch runs`"))),
        }
        Ok(entry)
    }

    fn insert(&self, options: &Map<String, Value>, sources: &[Description]) -> Result<()> {
        let folder = self.folder.strip_prefix(&self.journal.folder).unwrap_or(&self.folder).to_string_lossy();
        let options = Value::from(options.clone()).to_string();
        self.write("run begun", |tx| {
            let sql =
                "INSERT INTO runs (run_id, created_at, state, folder, options) VALUES (?1, ?2, 'packing', ?3, ?4)";
            tx.execute(sql, params![self.run_id, now(), folder, options])?;
            let sql = "INSERT INTO sources VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            for (index, source) in sources.iter().enumerate() {
                let path = (source.kind == "path").then(|| std::path::absolute(&source.name).ok()).flatten();
                let path = path.map(|path| path.to_string_lossy().into_owned());
                let Description { name, kind, len, modified_ns } = source;
                tx.execute(sql, params![self.run_id, index, name, kind, path, len, modified_ns])?;
            }
            Ok(())
        })
    }

    fn same_options(&self, before: &str, now: &Map<String, Value>) -> Result<()> {
        let before: Map<String, Value> = serde_json::from_str(before).unwrap_or_default();
        let Some(name) = DECIDING.into_iter().find(|name| before.get(*name) != now.get(*name)) else {
            return Ok(());
        };
        let show = |options: &Map<String, Value>| options.get(name).map_or("unset".to_string(), Value::to_string);
        let message = format!(
            "run {} was begun with {name} {}, now it is {}; use what it was, or another run_id",
            self.run_id,
            show(&before),
            show(now)
        );
        Err(Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options).with_run_id(&self.run_id))
    }

    /// What was pushed or piped in is taken on trust.
    fn same_sources(&self, now: &[Description]) -> Result<()> {
        type Described = (String, String, Option<u64>, Option<u64>);
        let before: Vec<Described> = self.journal.read(|tx| {
            let sql = "SELECT name, kind, len, modified_ns FROM sources WHERE run_id = ?1 ORDER BY idx";
            let described = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            tx.prepare(sql)?.query_map([&self.run_id], described)?.collect()
        })?;
        let changed = |name: &str, how: &str| {
            let message = format!(
                "{name} {how} since run {} was begun; give it the same sources, or another run_id",
                self.run_id
            );
            Err(Error::new(Kind::Io, message).with_stage(Stage::Read).with_run_id(&self.run_id).with_source(name))
        };
        if now.is_empty() {
            return Ok(());
        }
        for (index, (name, kind, len, modified_ns)) in before.iter().enumerate() {
            match now.get(index) {
                Some(now) if now.name == *name && now.kind == kind => {
                    if (now.len, now.modified_ns) != (*len, *modified_ns) {
                        return changed(name, "has changed");
                    }
                }
                _ => return changed(name, "is missing among the sources"),
            }
        }
        match now.get(before.len()) {
            Some(new) => changed(&new.name, "was added to the sources"),
            None => Ok(()),
        }
    }

    /// What is known of the run from before.
    pub(crate) fn known(&self) -> Result<Known> {
        self.journal.read(|tx| {
            let sql =
                "SELECT idx, state, ref, take, file, size, md5, records, end_record, origins, confirmed, rejected,
                report, EXISTS (SELECT 1 FROM transitions WHERE transitions.run_id = parts.run_id
                    AND transitions.idx = parts.idx AND transitions.state = 'corrupted')
                FROM parts WHERE run_id = ?1 AND state != 'planned' ORDER BY idx";
            let part = |row: &Row<'_>| {
                let (state, batch, file): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(4)?);
                let (md5, origins): (String, String) = (row.get(6)?, row.get(9)?);
                Ok(KnownPart {
                    part: Part {
                        index: row.get(0)?,
                        records: row.get(7)?,
                        size: row.get(5)?,
                        md5: Md5::from_hex(&md5).ok_or_else(|| unreadable("not an MD5"))?,
                        origins: serde_json::from_str(&origins).map_err(unreadable)?,
                    },
                    state: State::named(&state),
                    batch: Uuid::parse_str(&batch).map_err(unreadable)?,
                    take: row.get(3)?,
                    path: within(&self.folder, &file)?,
                    end_record: row.get(8)?,
                    confirmed: row.get(10)?,
                    rejected: row.get(11)?,
                    report: row.get(12)?,
                    resent: row.get(13)?,
                })
            };
            let parts: Vec<_> = tx.prepare(sql)?.query_map([&self.run_id], part)?.collect::<rusqlite::Result<_>>()?;
            if (0..).zip(&parts).any(|(index, known)| known.part.index != index) {
                return Err(unreadable("a part is missing"));
            }
            let sql = "SELECT read FROM runs WHERE run_id = ?1";
            Ok(Known { parts, read: tx.query_row(sql, [&self.run_id], |row| row.get(0))? })
        })
    }

    /// Appends the rejects of a part to `store`; with `ours`, only those refused before it was packed. Returns how many
    /// of ours there are.
    pub(crate) fn rejects(&self, part: u64, ours: bool, store: &RejectStore) -> Result<u64> {
        let mut count = 0;
        self.journal.read(|tx| {
            let sql = "SELECT by_us, reject, record FROM rejects WHERE run_id = ?1 AND idx = ?2 ORDER BY seq";
            let mut query = tx.prepare(sql)?;
            let mut rows = query.query(params![self.run_id, part])?;
            while let Some(row) = rows.next()? {
                let by_us: bool = row.get(0)?;
                count += u64::from(by_us);
                if by_us || !ours {
                    let placed = rejects::placed(row.get::<_, String>(1)?.as_bytes(), row.get(2)?);
                    let Placed { reject, after } = placed.map_err(unreadable)?;
                    store.append(&reject, after).map_err(unreadable)?;
                }
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// A part is about to be packed.
    pub(crate) fn planned(&self, part: u64) -> Result<()> {
        self.write("planned", |tx| {
            let sql = "INSERT OR REPLACE INTO parts (run_id, idx, state) VALUES (?1, ?2, 'planned')";
            tx.execute(sql, params![self.run_id, part])?;
            self.transition(tx, part, State::Planned, None)
        })
    }

    /// A part lies in its file, with `end_record` records of all sources up to its end; these were refused meanwhile.
    pub(crate) fn packed(&self, part: &Part, batch: Uuid, path: &Path, end_record: u64, rejects: Reader) -> Result<()> {
        let origins = serde_json::to_string(&part.origins)
            .map_err(|cause| Error::new(Kind::Internal, cause.to_string()).with_stage(Stage::Spool))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let (source, line) = part.origins.last().unzip();
        self.write("packed", |tx| {
            let sql = "UPDATE parts SET state = 'packed', ref = ?3, file = ?4, size = ?5, md5 = ?6, records = ?7,
                end_record = ?8, end_source = ?9, end_line = ?10, origins = ?11 WHERE run_id = ?1 AND idx = ?2";
            let (index, md5) = (part.index, part.md5.hex());
            tx.execute(
                sql,
                params![
                    self.run_id,
                    index,
                    batch.to_string(),
                    file,
                    part.size,
                    md5,
                    part.records,
                    end_record,
                    source,
                    line,
                    origins
                ],
            )?;
            self.insert_rejects(tx, index, rejects)?;
            self.transition(tx, index, State::Packed, Some(batch))
        })
    }

    /// Everything is packed: so many records were read, and these were refused after the last of `parts`.
    pub(crate) fn packed_all(&self, parts: u64, read: u64, rejects: Reader) -> Result<()> {
        self.write("run packed", |tx| {
            let sql = "UPDATE runs SET state = 'packed', read = ?2 WHERE run_id = ?1";
            tx.execute(sql, params![self.run_id, read])?;
            tx.execute("DELETE FROM parts WHERE run_id = ?1 AND state = 'planned'", [&self.run_id])?;
            self.insert_rejects(tx, parts, rejects)
        })
    }

    /// A part is in this state now.
    pub(crate) fn moved(&self, part: u64, state: State, batch: Uuid) -> Result<()> {
        self.write(state.name(), |tx| {
            let sql = "UPDATE parts SET state = ?3 WHERE run_id = ?1 AND idx = ?2";
            tx.execute(sql, params![self.run_id, part, state.name()])?;
            self.transition(tx, part, state, Some(batch))
        })
    }

    /// A part goes under another ref from now on, its `take`-th after the first; the old one is given up in this state.
    pub(crate) fn renamed(&self, part: u64, from: (Uuid, State), to: Uuid, take: u32) -> Result<()> {
        let (from, given_up) = from;
        self.write("renamed", |tx| {
            let sql = "UPDATE parts SET state = 'packed', ref = ?3, take = ?4 WHERE run_id = ?1 AND idx = ?2";
            tx.execute(sql, params![self.run_id, part, to.to_string(), take])?;
            self.transition(tx, part, given_up, Some(from))?;
            self.transition(tx, part, State::Packed, Some(to))
        })
    }

    /// What came of a part, and all its rejects if the service added some.
    pub(crate) fn settled(&self, part: u64, settled: Settled, rejects: Option<Reader>) -> Result<()> {
        let Settled { state, batch, confirmed, rejected, report } = settled;
        self.write(state.name(), |tx| {
            let sql = "UPDATE parts SET state = ?3, confirmed = ?4, rejected = ?5, report = ?6
                WHERE run_id = ?1 AND idx = ?2";
            tx.execute(sql, params![self.run_id, part, state.name(), confirmed, rejected, report])?;
            if let Some(rejects) = rejects {
                self.insert_rejects(tx, part, rejects)?;
            }
            self.transition(tx, part, state, Some(batch))
        })
    }

    /// Every part is settled.
    pub(crate) fn finished(&self) -> Result<()> {
        self.write("run finished", |tx| {
            tx.execute("UPDATE runs SET state = 'finished' WHERE run_id = ?1", [&self.run_id]).map(drop)
        })
    }

    fn write<T>(&self, step: &str, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        self.journal.write(step, work).map_err(|error| error.with_run_id(&self.run_id))
    }

    fn transition(&self, tx: &Transaction<'_>, part: u64, state: State, batch: Option<Uuid>) -> rusqlite::Result<()> {
        let sql = "INSERT INTO transitions VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, params![self.run_id, part, now(), state.name(), batch.map(|batch| batch.to_string())]).map(drop)
    }

    /// Puts these in the place of the part's rejects.
    fn insert_rejects(&self, tx: &Transaction<'_>, part: u64, rejects: Reader) -> rusqlite::Result<()> {
        tx.execute("DELETE FROM rejects WHERE run_id = ?1 AND idx = ?2", params![self.run_id, part])?;
        let mut insert = tx.prepare("INSERT INTO rejects VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for (seq, placed) in rejects.enumerate() {
            let Placed { reject, after } = placed.map_err(unreadable)?;
            let header = rejects::header(&reject, after).map_err(unreadable)?;
            let by_us = reject.by == crate::reject::RefusedBy::Us;
            insert.execute(params![self.run_id, part, seq, by_us, header, reject.record])?;
        }
        Ok(())
    }
}

fn deciding(options: &Options) -> Result<Map<String, Value>> {
    match serde_json::to_value(options) {
        Ok(Value::Object(all)) => Ok(all.into_iter().filter(|(name, _)| DECIDING.contains(&name.as_str())).collect()),
        _ => Err(Error::new(Kind::Internal, "the options are no map")),
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}
