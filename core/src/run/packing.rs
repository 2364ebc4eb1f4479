//! The packing thread of a run: parts come out through a queue that holds packing back.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::ledger::Ledger;
use super::plan::Plan;
use super::resume::{Recalled, Waiting};
use crate::error::{Error, Result, Stage};
use crate::event::Event;
use crate::journal::State;
use crate::kind::Kind;
use crate::pack::{self, Output, Part};
use crate::reject::Reject;
use crate::rejects::RejectStore;
use crate::scope::{Scope, cancelled};
use crate::source::Blocks;
use crate::spool::{PartWriter, Stored};

/// How long a cancelled run waits for a reader that blocks.
const PATIENCE: Duration = Duration::from_secs(2);

/// A part that waits to be sent.
pub(crate) struct Packed {
    pub(crate) part: Part,
    pub(crate) stored: Stored,
    /// The ref it goes under, and how many it had before.
    pub(crate) batch: Uuid,
    pub(crate) take: u32,
    /// Whether it arrived corrupted under an earlier one.
    pub(crate) resent: bool,
    /// Where it stands: further than packed, if an earlier process got so far.
    pub(crate) state: State,
    /// Where the rejects read while it was packed lie in [`Packing::local`].
    pub(crate) rejects: std::ops::Range<u64>,
    /// The most bytes of it that were ever handed to the network: a repeat is not counted again.
    pub(crate) best_sent: Arc<AtomicU64>,
    /// Its place among the parts that may exist at once.
    _slot: OwnedSemaphorePermit,
}

/// The packing thread, seen from the run.
pub(crate) struct Packing {
    parts: mpsc::Receiver<Packed>,
    /// Until its end was waited for.
    thread: Option<JoinHandle<Result<()>>>,
    /// Records refused before they were packed.
    pub(crate) local: RejectStore,
}

impl Packing {
    /// Hands out the parts that an earlier process left, then packs `blocks`, if not all of it is packed. At most
    /// `max_in_flight + 1` parts are in hand at once: those being sent and the one being packed meanwhile.
    pub(crate) fn start(
        plan: &Plan,
        blocks: Option<Blocks>,
        scope: &Scope,
        ledger: &Ledger,
        local: RejectStore,
        recalled: Recalled,
    ) -> Self {
        if let Some(blocks) = &blocks {
            let (stopper, cancel) = (blocks.stopper(), scope.cancel.clone());
            tokio::spawn(async move {
                cancel.cancelled().await;
                stopper.stop();
            });
        }
        let (queue, parts) = mpsc::channel(plan.options.max_in_flight + 1);
        let slots = Arc::new(Semaphore::new(plan.options.max_in_flight + 1));
        let mut output = Queue {
            plan: plan.clone(),
            ledger: ledger.clone(),
            scope: scope.clone(),
            runtime: Handle::current(),
            local: local.clone(),
            taken: local.end(),
            queue,
            slots,
            open: None,
            next_index: recalled.done.parts,
            records: recalled.done.records,
        };
        let settings = plan.settings.clone();
        let thread = tokio::task::spawn_blocking(move || {
            recalled.waiting.into_iter().try_for_each(|part| output.hand_out(part))?;
            match blocks {
                None => Ok(()),
                Some(mut blocks) => {
                    pack::pack_on(&mut blocks, &settings, recalled.done, &mut output)?;
                    output.ledger.packed_all(output.next_index, output.records, &output.local)
                }
            }
        });
        Packing { parts, thread: Some(thread), local }
    }

    /// The next part, or `None` when packing has ended.
    pub(crate) async fn next(&mut self) -> Option<Packed> {
        self.parts.recv().await
    }

    /// Waits for the thread to end; nothing to wait for the second time.
    ///
    /// # Errors
    /// What packing ended with, once.
    pub(crate) async fn end(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let ended = thread.await;
        ended.unwrap_or_else(|_| Err(Error::new(Kind::Internal, "packing stopped on a bug; please report it")))
    }

    /// Gives up what is packed, and waits for the cancelled thread; not for ever, because a reader of the host's (a
    /// terminal, say) may block for as long as it likes.
    pub(crate) async fn abandon(&mut self) {
        self.parts.close();
        while self.parts.try_recv().is_ok() {}
        if let Some(thread) = &mut self.thread {
            let _ = tokio::time::timeout(PATIENCE, thread).await;
        }
    }
}

/// Takes what packing puts out.
struct Queue {
    plan: Plan,
    ledger: Ledger,
    scope: Scope,
    /// Packing's own threads know of no runtime.
    runtime: Handle,
    local: RejectStore,
    /// Rejects up to here belong to sealed parts.
    taken: u64,
    queue: mpsc::Sender<Packed>,
    slots: Arc<Semaphore>,
    open: Option<(PartWriter, OwnedSemaphorePermit)>,
    next_index: u64,
    /// Records read so far, earlier processes' included.
    records: u64,
}

impl Queue {
    /// The part that is being written; a new one waits here until an earlier one is done with.
    fn open(&mut self) -> Result<&mut PartWriter> {
        if self.open.is_none() {
            let slot = self.slot()?;
            self.ledger.planned(self.next_index)?;
            self.open = Some((self.plan.spool.create(self.next_index)?, slot));
        }
        match &mut self.open {
            Some((writer, _)) => Ok(writer),
            None => Err(Error::new(Kind::Internal, "a part was not opened").with_stage(Stage::Spool)),
        }
    }

    /// Waits until one more part may be in hand.
    fn slot(&self) -> Result<OwnedSemaphorePermit> {
        let slots = Arc::clone(&self.slots);
        let free = self.scope.unless_cancelled(async { slots.acquire_owned().await.map_err(|_| cancelled()) });
        self.runtime.block_on(free)
    }

    /// Queues a part that an earlier process left.
    fn hand_out(&self, waiting: Waiting) -> Result<()> {
        let Waiting { known, rejects } = waiting;
        let slot = self.slot()?;
        let packed = Packed {
            part: known.part,
            stored: Stored::File(known.path),
            batch: known.batch,
            take: known.take,
            resent: known.resent,
            state: known.state,
            rejects,
            best_sent: Arc::default(),
            _slot: slot,
        };
        self.queue.blocking_send(packed).map_err(|_| cancelled())
    }
}

impl Output for Queue {
    fn read(&mut self, records: u64) {
        self.scope.events.advance(|progress| progress.read += records);
    }

    fn reject(&mut self, reject: Reject, after: u64) -> Result<()> {
        self.local.append(&reject, after)?;
        self.records += 1;
        self.scope.events.advance(|progress| progress.rejected += 1);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.open()?.write(bytes)
    }

    fn seal(&mut self, part: Part) -> Result<()> {
        let Some((writer, slot)) = self.open.take() else {
            return Err(Error::new(Kind::Internal, "a part was sealed but not written").with_stage(Stage::Spool));
        };
        let stored = writer.seal()?;
        self.next_index = part.index + 1;
        self.records += part.records;
        let end = self.local.end();
        let rejects = std::mem::replace(&mut self.taken, end)..end;
        let batch = self.plan.batch_ref(part.index, part.md5, 0);
        self.ledger.packed(&part, batch, &stored, self.records, (self.local.clone(), rejects.clone()))?;
        self.scope.events.advance(|progress| {
            progress.packed += part.records;
            progress.packed_bytes += part.size;
        });
        self.scope.events.emit(Event::Packed {
            part: part.index,
            records: part.records,
            size: part.size,
            md5: part.md5.hex(),
        });
        // The queue has a place for every slot, so this waits only for a run that is about to end.
        let packed = Packed {
            part,
            stored,
            batch,
            take: 0,
            resent: false,
            state: State::Packed,
            rejects,
            best_sent: Arc::default(),
            _slot: slot,
        };
        self.queue.blocking_send(packed).map_err(|_| cancelled())
    }
}
