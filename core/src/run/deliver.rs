//! One part's way: allocated, uploaded, watched, explained.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;
use uuid::Uuid;

use super::join::join;
use super::ledger::{Ledger, Outcome};
use super::log::{self, Log};
use super::packing::Packed;
use super::plan::Plan;
use super::watch;
use crate::api::batch::{BatchInfo, Status};
use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::event::Event;
use crate::flow::retry::Spent;
use crate::flow::step::{Doubt, Next, Observed, in_doubt, next};
use crate::http::{OnSent, PartBody, Remote};
use crate::journal::State;
use crate::kind::Kind;
use crate::rejects::RejectStore;
use crate::scope::Scope;
use crate::secret::SafeUrl;
use crate::spool::Stored;

/// Refs one part may have in one process: its own, one for a location that cannot be renewed, one for bytes that arrived corrupted.
const MOST_REFS: u32 = 3;

/// What every part of a run needs on its way. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) plan: Plan,
    pub(crate) remote: Remote,
    pub(crate) scope: Scope,
    pub(crate) ledger: Ledger,
    /// Records refused before they were packed.
    pub(crate) local: RejectStore,
    /// All rejects of parts that the service refused some of; one part at a time appends.
    pub(crate) explained: Arc<Mutex<RejectStore>>,
    /// Whether a part was found to be there already.
    pub(crate) resumed: Arc<AtomicBool>,
}

/// Where a part stands between two steps.
struct Attempt {
    take: u32,
    batch: Uuid,
    location: Option<SafeUrl>,
    renewed: bool,
    /// Failed tries of the allocation under way.
    not_allocated: u32,
    /// Failed tries of the upload, which bound the whole.
    not_sent: u32,
    /// What the last retry has cost, to be given back when it succeeds.
    spent: Option<Spent>,
    /// Whether it arrived corrupted before.
    resent: bool,
}

impl Delivery {
    /// Delivers a part, calling `accepted` once storage has it. `Ok` means the part is settled in the ledger.
    ///
    /// # Errors
    /// Whatever keeps the part's fate from being known.
    pub(crate) async fn deliver(&self, packed: Packed, accepted: impl FnOnce() + Send) -> Result<()> {
        let index = packed.part.index;
        let (take, batch, resent) = (packed.take, packed.batch, packed.resent);
        let mut attempt =
            Attempt { take, batch, location: None, renewed: false, not_allocated: 0, not_sent: 0, spent: None, resent };
        // What an earlier process was told by storage holds: from there on the service has the part.
        let mut sent = packed.state == State::Sent;
        let mut accepted = Some(accepted);
        loop {
            if !std::mem::take(&mut sent) {
                self.send(&packed, &mut attempt).await.map_err(|error| error.with_refs([attempt.batch]))?;
            }
            if self.ledger.sent(index, attempt.batch)? {
                self.scope.events.advance(|progress| progress.sent += packed.part.records);
            }
            if let Some(accepted) = accepted.take() {
                accepted();
            }
            let (wait, refs) = (&self.plan.options.wait, [attempt.batch]);
            let info = match watch::until_finished(&self.remote.service, &self.scope, wait, &refs).await?.pop() {
                Some(info) => info,
                None => return Err(Error::new(Kind::Internal, "a batch was waited for but not answered")),
            };
            self.ledger.heard(index, &info);
            // The bytes are at hand and their MD5 is known: once more, under another ref (a fault on the way).
            if info.status == Status::Corrupted && !attempt.resent {
                self.take_fresh_ref(&packed, &mut attempt, State::Corrupted)?;
                continue;
            }
            return self.settle(packed, info).await;
        }
    }

    /// Brings the part to storage. Nothing is repeated before its outcome was asked for.
    async fn send(&self, packed: &Packed, attempt: &mut Attempt) -> Result<()> {
        // A run with a given name may have been here before.
        if self.plan.options.run_id.is_some()
            && attempt.take == packed.take
            && self.resolve(packed, attempt, doubt_of(packed.state)).await?
        {
            self.resumed.store(true, Ordering::Relaxed);
            return Ok(());
        }
        loop {
            let Some(location) = attempt.location.take() else {
                match self.allocate(packed, attempt).await {
                    Ok(location) => {
                        attempt.not_allocated = 0;
                        self.remote.retrier.succeeded(attempt.spent.take());
                        attempt.location = Some(location);
                    }
                    Err((doubt, error)) => {
                        self.pause_after(Stage::Allocate, attempt, error, doubt.is_some()).await?;
                        if let Some(doubt) = doubt
                            && self.resolve(packed, attempt, doubt).await?
                        {
                            return Ok(());
                        }
                    }
                }
                continue;
            };
            match self.upload(packed, attempt, &location).await {
                Ok(()) => {
                    self.remote.retrier.succeeded(attempt.spent.take());
                    return Ok(());
                }
                Err(error) if error.kind() == Kind::UploadExpired && !attempt.renewed => attempt.renewed = true,
                Err(error) if in_doubt(&error) => {
                    self.pause_after(Stage::Upload, attempt, error, false).await?;
                    if self.resolve(packed, attempt, Doubt::UploadLost).await? {
                        return Ok(());
                    }
                }
                Err(error) => {
                    self.pause_after(Stage::Upload, attempt, error, false).await?;
                    attempt.location = Some(location);
                }
            }
        }
    }

    async fn allocate(
        &self,
        packed: &Packed,
        attempt: &Attempt,
    ) -> std::result::Result<SafeUrl, (Option<Doubt>, Error)> {
        let part = &packed.part;
        self.ledger.moved(part.index, State::Allocating, attempt.batch).map_err(|error| (None, error))?;
        let allocated =
            self.scope.unless_cancelled(self.remote.service.allocate(attempt.batch, part.md5, part.size)).await;
        crash::point("allocate answered");
        match allocated {
            Ok(allocation) => {
                self.ledger.moved(part.index, State::Allocated, attempt.batch).map_err(|error| (None, error))?;
                self.scope.events.emit(Event::Allocated { part: part.index, batch: attempt.batch });
                Ok(allocation.location)
            }
            Err(error) if error.kind() == Kind::Conflict => Err((Some(Doubt::ReallocateRefused), error)),
            Err(error) if in_doubt(&error) => Err((Some(Doubt::AllocateLost), error)),
            Err(error) => Err((None, error)),
        }
    }

    async fn upload(&self, packed: &Packed, attempt: &Attempt, location: &SafeUrl) -> Result<()> {
        let part = &packed.part;
        self.ledger.moved(part.index, State::Sending, attempt.batch)?;
        let body = match &packed.stored {
            Stored::Memory(bytes) => PartBody::Bytes(bytes.clone()),
            Stored::File(path) => PartBody::File(path.clone(), part.size),
        };
        let (events, best) = (self.scope.events.clone(), Arc::clone(&packed.best_sent));
        let on_sent: OnSent = Arc::new(move |sent: u64| {
            let news = sent.saturating_sub(best.fetch_max(sent, Ordering::Relaxed));
            if news > 0 {
                events.advance(|progress| progress.sent_bytes += news);
                crash::point("bytes sent");
            }
        });
        let stored = self.scope.unless_cancelled(self.remote.service.upload(location, part.md5, body, on_sent)).await;
        crash::point("upload answered");
        stored?;
        self.scope.events.emit(Event::Uploaded { part: part.index, batch: attempt.batch });
        Ok(())
    }

    /// Asks what became of a request and prepares the next step; `true` when storage has the part already.
    async fn resolve(&self, packed: &Packed, attempt: &mut Attempt, doubt: Doubt) -> Result<bool> {
        let mut before = None;
        loop {
            let info = self.ask(attempt.batch).await?;
            if let Some(other) = info.as_ref().and_then(|info| info.checksum).filter(|md5| *md5 != packed.part.md5) {
                return Err(taken_by(other, attempt.batch));
            }
            let observed =
                info.as_ref().map_or(Observed::NotFound, |info| Observed::of(&info.status, info.location.is_some()));
            match next(doubt, observed, before == Some(observed)) {
                Next::AskAgain => {
                    before = Some(observed);
                    self.scope.sleep(std::time::Duration::from_millis(self.plan.options.wait.min_ms)).await?;
                    continue;
                }
                Next::Send => attempt.location = info.and_then(|info| info.location),
                Next::Allocate => attempt.location = None,
                Next::AllocateFresh if observed == Observed::Corrupted => {
                    self.take_fresh_ref(packed, attempt, State::Corrupted)?;
                }
                Next::AllocateFresh => self.take_fresh_ref(packed, attempt, State::Abandoned)?,
                Next::Watch | Next::Finished => return Ok(true),
            }
            return Ok(false);
        }
    }

    /// The batch, or `None` if the service does not know it.
    async fn ask(&self, batch: Uuid) -> Result<Option<BatchInfo>> {
        let asked =
            self.remote.retrier.run(&self.scope, Stage::Status, Some(batch), |_| self.remote.service.status(batch));
        crash::point("outcome asked");
        let answer = asked.await;
        crash::point("outcome answered");
        match answer {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the ref up, in this state, for another.
    fn take_fresh_ref(&self, packed: &Packed, attempt: &mut Attempt, given_up: State) -> Result<()> {
        let take = attempt.take + 1;
        if take == packed.take + MOST_REFS {
            let message =
                "the service takes this part under none of three refs; run again, and report it if it repeats";
            return Err(Error::new(Kind::Conflict, message).with_stage(Stage::Allocate));
        }
        let batch = self.plan.batch_ref(packed.part.index, packed.part.md5, take);
        self.ledger.renamed(packed.part.index, (attempt.batch, given_up), batch, take)?;
        let resent = attempt.resent || given_up == State::Corrupted;
        *attempt = Attempt { take, batch, location: None, renewed: false, resent, ..*attempt };
        Ok(())
    }

    /// Sleeps before the next try. A conflict is no failure to try again after, but a question to ask.
    async fn pause_after(&self, stage: Stage, attempt: &mut Attempt, error: Error, asks: bool) -> Result<()> {
        if asks && error.kind() == Kind::Conflict {
            return Ok(());
        }
        let failures = match stage {
            Stage::Allocate => &mut attempt.not_allocated,
            _ => &mut attempt.not_sent,
        };
        *failures += 1;
        let pause = self.remote.retrier.pause(&self.scope, stage, Some(attempt.batch), *failures, error);
        attempt.spent = Some(pause.await?);
        Ok(())
    }

    /// Reads what the service says of each record, and enters the part's outcome.
    async fn settle(&self, packed: Packed, info: BatchInfo) -> Result<()> {
        let records = packed.part.records;
        let stats = info.stats.unwrap_or_default();
        let log = self.log_of(&info).await?;
        let logged = log.as_ref().map(Log::len);
        let rejected = logged.unwrap_or(0).min(records);
        logged.into_iter().for_each(|logged| self.ledger.logged(packed.part.index, logged));
        let confirmed = match info.status {
            Status::Success => records - rejected,
            Status::Error if info.log.is_some() => {
                stats.succeeded.unwrap_or(records - rejected).min(records - rejected)
            }
            _ => 0,
        };
        let whole = confirmed + rejected == records;
        let rejects = match log {
            Some(log) => Some(self.explain(&packed, info.batch_ref, log).await?),
            None => None,
        };
        crash::point("explained");
        let state = match info.status {
            _ if whole => State::Confirmed,
            Status::Corrupted => State::Corrupted,
            _ => State::Failed,
        };
        self.ledger.settled(packed.part.index, state, Outcome { confirmed, rejected }, rejects)?;
        self.scope.events.advance(|progress| {
            progress.confirmed += confirmed;
            progress.rejected += rejected;
        });
        if whole {
            packed.stored.discard();
        }
        Ok(())
    }

    /// The error log, if there is one. No document offers one for a batch that succeeded, yet a deletion that left some
    /// guests could be told of nowhere else (protocol.md section 5): so one that is offered is read, and one that cannot
    /// be had is not missed, because every record of the batch is confirmed.
    async fn log_of(&self, info: &BatchInfo) -> Result<Option<Log>> {
        if info.log.is_none() || !matches!(info.status, Status::Success | Status::Error) {
            return Ok(None);
        }
        match log::fetch(&self.remote, &self.scope, info).await {
            Err(error) if info.status == Status::Success && error.kind() != Kind::Cancelled => Ok(None),
            fetched => fetched.map(Some),
        }
    }

    /// Joins the log with the part, on a thread that may block.
    async fn explain(&self, packed: &Packed, batch: Uuid, log: Log) -> Result<(RejectStore, Range<u64>)> {
        let store = Arc::clone(&self.explained).lock_owned().await;
        let start = store.end();
        let (stored, origins) = (packed.stored.clone(), packed.part.origins.clone());
        let local = self.local.read(packed.rejects.clone());
        let joined = tokio::task::spawn_blocking(move || {
            join(log, batch, &stored, &origins, local, &store)?;
            Ok((store.clone(), start..store.end()))
        });
        joined.await.unwrap_or_else(|_| Err(Error::new(Kind::Internal, "explaining rejects stopped on a bug")))
    }
}

/// What may have happened to a part that an earlier process left in this state.
fn doubt_of(state: State) -> Doubt {
    match state {
        State::Sending => Doubt::UploadLost,
        _ => Doubt::AllocateLost,
    }
}

fn taken_by(other: crate::digest::Md5, batch: Uuid) -> Error {
    let message = format!(
        "batch {batch} is taken by other bytes (MD5 {other}); use another run_id, or the input and options of that run"
    );
    Error::new(Kind::Conflict, message).with_stage(Stage::Allocate).with_refs([batch])
}
