//! A run: one source, packed into parts, each part delivered, everything explained.

mod deliver;
mod join;
mod ledger;
pub(crate) mod log;
mod packing;
mod plan;
mod reconcile;
mod report;
mod resume;
mod summary;
pub(crate) mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet, block_in_place};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use ledger::BatchReport;
pub use reconcile::{Open, Reconciliation};
pub use report::{Counts, RunReport};
pub use summary::{Example, Reason, summarise};

pub(crate) use reconcile::reconcile;

use deliver::Delivery;
use ledger::Ledger;
use packing::{Packed, Packing};
use plan::Plan;
use resume::Recalled;

use crate::error::{Error, Result, Stage};
use crate::event::{Event, Events};
use crate::http::Remote;
use crate::kind::Kind;
use crate::options::Options;
use crate::rejects::RejectStore;
use crate::scope::{Scope, cancelled};
use crate::source::{self, Source};

/// Records that must be read before `max_reject_rate` is looked at: below, a share says little.
const RATE_AFTER: u64 = 1_000;

/// A run under way: its parts are packed by one thread and delivered by up to `max_in_flight` tasks.
pub(crate) struct Running {
    delivery: Delivery,
    packing: Packing,
    tasks: JoinSet<Result<()>>,
    /// Ends everything that works for this run.
    scope: Scope,
}

impl Running {
    /// Checks the options, names the run, looks up what an earlier process did of it, and starts packing. A run that is
    /// all packed needs no source.
    ///
    /// # Errors
    /// `invalid_options`, `io` for a source or `state_dir` that cannot be used, `journal` for one that must not be:
    /// nothing was sent.
    pub(crate) fn start(remote: Remote, source: Option<Source>, options: Options, scope: &Scope) -> Result<Self> {
        let plan = Plan::new(options)?;
        scope.events.emit(Event::Started { run_id: plan.run_id.clone() });
        let scope = scope.child();
        let sources = source.as_ref().map(Source::describe);
        let blocks = source.map(|source| source::open(source, plan.settings.block_bytes())).transpose()?;
        let journal = block_in_place(|| plan.begin(sources.as_deref()))?.map(Arc::new);
        let (ledger, local) = (Ledger::new(journal.clone()), RejectStore::default());
        let recalled = match journal {
            None => Recalled::default(),
            Some(journal) => {
                // Pushed rows must be taken, or whoever pushes them would see the run end too early.
                let rereads = sources.iter().flatten().any(|source| source.kind == "rows");
                block_in_place(|| resume::recall(&journal, &ledger, &local, &scope.events, rereads))?
            }
        };
        let blocks = blocks.filter(|_| !recalled.packed_all);
        let resumed = Arc::new(AtomicBool::new(recalled.done.parts > 0));
        let packing = Packing::start(&plan, blocks, &scope, &ledger, local, recalled);
        let local = packing.local.clone();
        let delivery =
            Delivery { plan, remote, scope: scope.clone(), ledger, local, explained: Arc::default(), resumed };
        Ok(Running { delivery, packing, tasks: JoinSet::new(), scope })
    }

    /// The run's name.
    pub(crate) fn run_id(&self) -> &str {
        &self.delivery.plan.run_id
    }

    /// The refs of all parts so far.
    pub(crate) fn refs(&self) -> Vec<Uuid> {
        self.delivery.ledger.refs()
    }

    /// Ends the run when it is cancelled.
    pub(crate) fn canceller(&self) -> CancellationToken {
        self.scope.cancel.clone()
    }

    /// What the run tells.
    pub(crate) fn events(&self) -> Events {
        self.scope.events.clone()
    }

    /// Delivers every part until storage has the last; those in flight go on.
    ///
    /// # Errors
    /// The first error of packing or of a part; everything else is stopped, and the report so far is attached.
    pub(crate) async fn submit(&mut self) -> Result<()> {
        let submitted = self.submit_parts().await;
        self.or_stop(submitted).await
    }

    /// Waits until every part is settled, and reports.
    ///
    /// # Errors
    /// The first error of a part, with the report so far; or what `raise_on` makes of the report.
    pub(crate) async fn finish(mut self) -> Result<RunReport> {
        let settled = self.settle_parts().await;
        self.or_stop(settled).await?;
        self.delivery.ledger.finished()?;
        self.report()?.judged(self.delivery.plan.options.raise_on)
    }

    async fn submit_parts(&mut self) -> Result<()> {
        let lanes = Arc::new(Semaphore::new(self.delivery.plan.options.max_in_flight));
        let (accepts, mut accepted) = mpsc::unbounded_channel();
        // Taken without waiting for a lane: whether there is one more part decides whether this is over.
        let mut ahead = None;
        let (mut started, mut stored, mut packed_all) = (0, 0, false);
        while !packed_all || ahead.is_some() || stored < started {
            tokio::select! {
                () = self.scope.cancel.cancelled() => return Err(cancelled()),
                Some(done) = self.tasks.join_next() => self.settled(done)?,
                Some(()) = accepted.recv() => stored += 1,
                part = self.packing.next(), if ahead.is_none() && !packed_all => {
                    packed_all = part.is_none();
                    ahead = part;
                }
                lane = Arc::clone(&lanes).acquire_owned(), if ahead.is_some() => {
                    if let (Some(part), Ok(lane)) = (ahead.take(), lane) {
                        self.check_reject_rate()?;
                        started += 1;
                        self.start_delivery(part, lane, accepts.clone());
                    }
                }
            }
        }
        self.packing.end().await
    }

    async fn settle_parts(&mut self) -> Result<()> {
        while let Some(done) = self.tasks.join_next().await {
            self.settled(done)?;
        }
        Ok(())
    }

    fn start_delivery(&mut self, part: Packed, lane: OwnedSemaphorePermit, accepted: mpsc::UnboundedSender<()>) {
        let delivery = self.delivery.clone();
        self.tasks.spawn(async move {
            let _lane = lane;
            delivery
                .deliver(part, move || {
                    let _ = accepted.send(());
                })
                .await
        });
    }

    fn settled(&self, done: std::result::Result<Result<()>, JoinError>) -> Result<()> {
        done.unwrap_or_else(|_| {
            Err(Error::new(Kind::Internal, "delivering a part stopped on a bug; please report it"))
        })?;
        self.check_reject_rate()
    }

    fn check_reject_rate(&self) -> Result<()> {
        let progress = self.scope.events.progress();
        let most = match self.delivery.plan.options.max_reject_rate {
            Some(most) if progress.read >= RATE_AFTER => most,
            _ => return Ok(()),
        };
        let share = progress.rejected as f64 / progress.read as f64;
        if share <= most {
            return Ok(());
        }
        let message = format!(
            "stopped early: {} of {} records were rejected, more than max_reject_rate allows ({most}); read the report",
            progress.rejected, progress.read
        );
        Err(Error::new(Kind::RecordsRejected, message).with_stage(Stage::Report))
    }

    /// Passes success on; after a failure stops everything, waits for it to end, and attaches what is known.
    async fn or_stop(&mut self, done: Result<()>) -> Result<()> {
        let Err(error) = done else { return Ok(()) };
        self.scope.cancel.cancel();
        // How the others end is `cancelled`, or no worse than the first error.
        self.packing.abandon().await;
        while self.tasks.join_next().await.is_some() {}
        let error = error.with_run_id(self.run_id()).with_refs(self.refs());
        Err(match self.report() {
            Ok(report) => error.with_report(report.into_any()),
            Err(_) => error,
        })
    }

    fn report(&self) -> Result<RunReport> {
        let ledger = &self.delivery.ledger;
        let progress = self.scope.events.progress();
        let (sent, outcome) = ledger.totals();
        let rejected = progress.rejected;
        let counts = Counts {
            read: progress.read,
            packed: progress.packed,
            sent,
            confirmed: outcome.confirmed,
            rejected,
            unknown: progress.read.saturating_sub(outcome.confirmed + rejected),
        };
        let resumed = self.delivery.resumed.load(Ordering::Relaxed);
        let rejects = ledger.rejects(&self.delivery.local);
        RunReport::new(self.run_id().to_string(), resumed, counts, ledger.batches(), rejects)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.scope.cancel.cancel();
    }
}
