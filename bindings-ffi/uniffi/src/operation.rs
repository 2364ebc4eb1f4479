//! The one primitive that crosses the border: work that is under way, seen from a host that awaits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cdp_batch::event::{Event, Events};
use cdp_batch::{Error, Kind, Result, operation, source};
use tokio::sync::oneshot;

use crate::errors::CdpError;
use crate::results::{Outcome, Outcomes};
use crate::text::json;

/// How long a listening thread waits before it looks whether somebody still wants to hear.
const LOOK: Duration = Duration::from_millis(500);
/// Events that are handed over at once, at most.
const EVENTS: usize = 256;

/// Work that was started, whatever it ends with.
trait Work: Send + Sync {
    fn cancel(&self);
    fn on_done(&self, bell: Box<dyn FnOnce() + Send>);
    fn events(&self) -> Events;
    fn take(&self) -> Option<Result<Outcome>>;
}

impl<T: Outcomes> Work for operation::Operation<T> {
    fn cancel(&self) {
        self.cancel();
    }

    fn on_done(&self, bell: Box<dyn FnOnce() + Send>) {
        self.on_done(bell);
    }

    fn events(&self) -> Events {
        self.events()
    }

    fn take(&self) -> Option<Result<Outcome>> {
        Some(self.take()?.map(Outcomes::outcome))
    }
}

/// Work that was started and goes on by itself. What is asked to stop ends with `Cancelled`; a run keeps what it has sent,
/// and can be resumed. An operation that nobody holds any more is cancelled.
#[derive(uniffi::Object)]
pub struct Operation {
    work: Box<dyn Work>,
    /// Whether its events go on with those of earlier work, whose end may be among them.
    goes_on: bool,
    /// Events that were heard and not yet handed over.
    heard: Arc<Mutex<Vec<Event>>>,
}

impl Operation {
    pub(crate) fn of<T: Outcomes>(operation: operation::Operation<T>) -> Arc<Self> {
        Arc::new(Operation { work: Box::new(operation), goes_on: false, heard: Arc::default() })
    }

    /// The waiting for a run that was submitted.
    pub(crate) fn going_on<T: Outcomes>(operation: operation::Operation<T>) -> Arc<Self> {
        Arc::new(Operation { work: Box::new(operation), goes_on: true, heard: Arc::default() })
    }

    /// The events that are there, up to the end of this work.
    fn pull(&self, events: &Events) -> Vec<Event> {
        let is_end = |event: &Event| matches!(event, Event::Done { .. });
        let is_over = events.finished();
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pulled = std::mem::take(&mut *heard);
        // What follows the end of a submission belongs to who waits for the run.
        while pulled.len() < EVENTS && (self.goes_on || !pulled.last().is_some_and(is_end)) {
            let Some(event) = events.next(Duration::ZERO) else { break };
            pulled.push(event);
        }
        if self.goes_on {
            // An end that something follows is that of the submission; whether something does is not yet known.
            let last = pulled.pop();
            pulled.retain(|event| !is_end(event));
            match last {
                Some(end) if is_end(&end) && !is_over => heard.push(end),
                last => pulled.extend(last),
            }
        }
        pulled
    }
}

#[uniffi::export]
impl Operation {
    /// Asks the work to stop, and returns at once. May be called again, and after the end.
    pub fn cancel(&self) {
        self.work.cancel();
    }

    /// Waits for the end and takes what the work ended with, which is there once. To stop waiting does not stop the work.
    pub async fn outcome(&self) -> std::result::Result<Outcome, CdpError> {
        let (ring, rung) = oneshot::channel();
        self.work.on_done(Box::new(move || {
            // Nobody hears it when the host has stopped waiting.
            let _ = ring.send(());
        }));
        // A bell that was lost has nothing to say either: whether there is an outcome is seen now.
        let _ = rung.await;
        let taken = || Error::new(Kind::Closed, "the outcome of this operation was already taken");
        Ok(self.work.take().unwrap_or_else(|| Err(taken()))?)
    }

    /// Waits for events, and gives those that are there, each as a JSON object. None when the work is over and all were
    /// pulled; the last is of the type `done`. Events that nobody pulls are dropped, the oldest first.
    pub async fn next_events(&self) -> Vec<String> {
        let events = self.work.events();
        loop {
            let is_over = events.finished();
            let pulled = self.pull(&events);
            if is_over || !pulled.is_empty() {
                return pulled.iter().map(json).collect();
            }
            let (events, heard) = (events.clone(), Arc::clone(&self.heard));
            let listened = blocking(move || {
                let event = events.next(LOOK);
                heard.lock().unwrap_or_else(PoisonError::into_inner).extend(event);
                Ok(())
            });
            if listened.await.is_err() {
                return Vec::new();
            }
        }
    }
}

/// Work that blocks for a moment, on a thread of its own.
pub(crate) fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> operation::Operation<T> {
    operation::Operation::blocking(source::Source::many(Vec::new()).stopper(), work)
}
