//! All batches, and the bytes that belong to them.

use crate::batch::{Batch, BatchEntry, Declared, Results, Status};
use crate::clock::Moment;
use crate::config::Reallocate;
use crate::faults::Fault;
use crate::shelf::Shelf;
use crate::sync::lock;
use bytes::Bytes;
use std::collections::HashMap;
use std::io;
use std::sync::Mutex;
use uuid::Uuid;

pub(crate) struct Store {
    shelf: Shelf,
    batches: Mutex<Batches>,
}

#[derive(Default)]
struct Batches {
    by_ref: HashMap<Uuid, Batch>,
    processed: u64,
    /// Grows with every reset, so that work begun before it is not written into later batches.
    epoch: u64,
}

/// What became of an allocate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Allocated {
    Created,
    Again,
    Conflict,
}

/// A file to be processed.
pub(crate) struct Job {
    pub(crate) file: Bytes,
    pub(crate) faults: Vec<Fault>,
    pub(crate) epoch: u64,
}

/// What came of a file.
pub(crate) enum Finished {
    /// Its records were read; the log is gzip, none when no record was refused.
    Read { results: Results, log: Option<Bytes> },
    /// It could not be read: `error` without a log (protocol.md section 2.5).
    Unreadable(String),
}

impl Store {
    /// Opens a store; batches of the folder are read back.
    pub(crate) fn open(shelf: Shelf) -> io::Result<Self> {
        let mut batches = Batches::default();
        for batch in shelf.documents::<Batch>()? {
            let reference = Uuid::try_parse(&batch.reference).map_err(io::Error::other)?;
            batches.processed = batches.processed.max(batch.processed.map_or(0, |place| place + 1));
            batches.by_ref.insert(reference, batch);
        }
        Ok(Self { shelf, batches: Mutex::new(batches) })
    }

    pub(crate) fn allocate(
        &self,
        reference: Uuid,
        declared: Declared,
        policy: Reallocate,
        now: Moment,
        faults: &[Fault],
    ) -> io::Result<Allocated> {
        let mut batches = lock(&self.batches);
        let index = batches.by_ref.len();
        let mut allocated = Allocated::Created;
        let batch = batches
            .by_ref
            .entry(reference)
            .and_modify(|batch| {
                let same = batch.declared == declared && batch.status() == Status::Uploading && batch.uploads == 0;
                if same && policy == Reallocate::SameRef {
                    batch.signed_at = now;
                    batch.modified_at = now;
                    allocated = Allocated::Again;
                } else {
                    allocated = Allocated::Conflict;
                }
            })
            .or_insert_with(|| Batch::new(reference, index, declared.clone(), now));
        if allocated != Allocated::Conflict {
            keep_faults(batch, faults);
            self.shelf.put_document(&batch.reference, batch)?;
        }
        Ok(allocated)
    }

    /// Looks at one batch.
    pub(crate) fn view<T>(&self, reference: Uuid, look: impl FnOnce(&Batch) -> T) -> Option<T> {
        lock(&self.batches).by_ref.get(&reference).map(look)
    }

    /// Looks at all batches, in no particular order.
    pub(crate) fn view_all<T>(&self, look: impl Fn(&Batch) -> Option<T>) -> Vec<T> {
        lock(&self.batches).by_ref.values().filter_map(look).collect()
    }

    /// All batches in the order of allocation.
    pub(crate) fn entries(&self) -> Vec<BatchEntry> {
        let mut entries = self.view_all(|batch| Some(batch.entry()));
        entries.sort_by_key(|entry| entry.index);
        entries
    }

    /// Takes an uploaded file and its MD5; true when it is now waiting to be processed.
    pub(crate) fn uploaded(
        &self,
        reference: Uuid,
        file: Bytes,
        checksum: String,
        now: Moment,
        faults: &[Fault],
    ) -> io::Result<bool> {
        let mut batches = lock(&self.batches);
        let Some(batch) = batches.by_ref.get_mut(&reference) else { return Ok(false) };
        batch.uploads += 1;
        if batch.uploads > 1 {
            // S3 overwrites the object; what the service then does is unknown, so only the first file counts.
            batch.violations.push("the file was uploaded more than once".into());
            self.shelf.put_document(&batch.reference, batch)?;
            return Ok(false);
        }
        keep_faults(batch, faults);
        let arrived = Declared { checksum, size: file.len() as u64 };
        self.shelf.put(&file_name(reference), file)?;
        let status = if batch.suffers(&Fault::StuckUploading {}) {
            None
        } else if arrived != batch.declared || batch.suffers(&Fault::Corrupted {}) {
            Some(Status::Corrupted)
        } else {
            Some(Status::FileUploaded)
        };
        if let Some(status) = status {
            batch.enter(status, now);
        }
        self.shelf.put_document(&batch.reference, batch)?;
        Ok(status == Some(Status::FileUploaded))
    }

    /// Files that a former emulator on the same folder took but did not finish, in the order they arrived.
    pub(crate) fn unfinished(&self) -> Vec<Uuid> {
        let mut waiting = self.view_all(|batch| {
            let waits = matches!(batch.status(), Status::FileUploaded | Status::Processing);
            waits.then(|| Uuid::try_parse(&batch.reference).ok().map(|key| (batch.modified_at, batch.index, key)))?
        });
        waiting.sort();
        waiting.into_iter().map(|(_, _, reference)| reference).collect()
    }

    /// Batches whose records were read, in the order that happened.
    pub(crate) fn processed(&self) -> Vec<(Uuid, Results)> {
        let mut done = self.view_all(|batch| {
            Some((batch.processed?, Uuid::try_parse(&batch.reference).ok()?, batch.results.clone()?))
        });
        done.sort_by_key(|(place, _, _)| *place);
        done.into_iter().map(|(_, reference, results)| (reference, results)).collect()
    }

    /// Begins to process a batch; none when a reset removed it.
    pub(crate) fn begin(&self, reference: Uuid, now: Moment) -> io::Result<Option<Job>> {
        let mut batches = lock(&self.batches);
        let epoch = batches.epoch;
        let Some(batch) = batches.by_ref.get_mut(&reference) else { return Ok(None) };
        let Some(file) = self.shelf.get(&file_name(reference))? else { return Ok(None) };
        if batch.status() == Status::FileUploaded {
            batch.enter(Status::Processing, now);
        }
        self.shelf.put_document(&batch.reference, batch)?;
        Ok(Some(Job { file, faults: batch.faults.clone(), epoch }))
    }

    /// Ends what [`Store::begin`] began, unless there was a reset in between.
    pub(crate) fn finish(
        &self,
        reference: Uuid,
        epoch: u64,
        now: Moment,
        notes: Vec<String>,
        finished: Finished,
    ) -> io::Result<()> {
        let mut batches = lock(&self.batches);
        if batches.epoch != epoch {
            return Ok(());
        }
        let place = batches.processed;
        let Some(batch) = batches.by_ref.get_mut(&reference) else { return Ok(()) };
        batch.violations.extend(notes);
        let status = match finished {
            Finished::Unreadable(reason) => {
                batch.violations.push(reason);
                Status::Error
            }
            Finished::Read { results, log } => {
                if let Some(log) = log {
                    self.shelf.put(&log_name(reference), log)?;
                }
                let status = if results.stats.failed_count == 0 { Status::Success } else { Status::Error };
                batch.results = Some(results);
                batch.processed = Some(place);
                status
            }
        };
        batch.enter(status, now);
        self.shelf.put_document(&batch.reference, batch)?;
        batches.processed += 1;
        Ok(())
    }

    pub(crate) fn file(&self, reference: Uuid) -> io::Result<Option<Bytes>> {
        self.shelf.get(&file_name(reference))
    }

    pub(crate) fn log(&self, reference: Uuid) -> io::Result<Option<Bytes>> {
        self.shelf.get(&log_name(reference))
    }

    pub(crate) fn epoch(&self) -> u64 {
        lock(&self.batches).epoch
    }

    /// Forgets everything, on disk too.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let mut batches = lock(&self.batches);
        *batches = Batches { epoch: batches.epoch + 1, ..Batches::default() };
        self.shelf.clear()
    }
}

fn keep_faults(batch: &mut Batch, faults: &[Fault]) {
    let new: Vec<Fault> =
        faults.iter().filter(|fault| fault.stays_with_batch() && !batch.suffers(fault)).cloned().collect();
    batch.faults.extend(new);
}

fn file_name(reference: Uuid) -> String {
    format!("{reference}.gz")
}

fn log_name(reference: Uuid) -> String {
    format!("{reference}.log.gz")
}
