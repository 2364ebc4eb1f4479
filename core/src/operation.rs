//! The one primitive that crosses every border: work that was started, and can be waited for, listened to, cancelled.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::home::AtHome;
use crate::kind::Kind;
use crate::runtime;
use crate::scope::Scope;
use crate::source::Stopper;
use futures_util::FutureExt;

fn taken() -> Error {
    Error::new(Kind::Closed, "the outcome of this call was already taken")
}

/// Work that was started. It goes on by itself; dropping the last handle cancels it.
///
/// Every method may be called from any thread and from inside any event loop. An operation is also a future, for
/// callers that have an executor.
#[must_use = "dropping an operation cancels it"]
pub struct Operation<T>(AtHome<Arc<Shared<T>>>);

struct Shared<T> {
    scope: Scope,
    state: Mutex<State<T>>,
    done: Condvar,
}

struct State<T> {
    done: bool,
    result: Option<Result<T>>,
    bells: Vec<Box<dyn FnOnce() + Send>>,
    waker: Option<Waker>,
}

impl<T: Send + 'static> Operation<T> {
    /// Starts `work` on our runtime.
    pub(crate) fn start<F>(work: impl FnOnce(Scope) -> F) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self::start_telling(Events::default(), work)
    }

    /// Starts work that goes on with the events of earlier work.
    pub(crate) fn start_telling<F>(events: Events, work: impl FnOnce(Scope) -> F) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        events.reopen();
        let scope = Scope { events, ..Scope::default() };
        let state = State { done: false, result: None, bells: Vec::new(), waker: None };
        let shared = Arc::new(Shared { scope, state: Mutex::new(state), done: Condvar::new() });
        match runtime::current() {
            Err(error) => shared.finish(Err(error)),
            Ok(runtime) => {
                let scope = shared.scope.clone();
                let work = work(scope);
                // The task holds no strong handle, so that dropping the caller's is seen.
                let handle = Arc::downgrade(&shared);
                let events = shared.scope.events.clone();
                runtime.spawn(async move {
                    let result = AssertUnwindSafe(work).catch_unwind().await;
                    let result = result.unwrap_or_else(|_| {
                        Err(Error::new(Kind::Internal, "the call stopped on a bug; please report it"))
                    });
                    events.close();
                    if let Some(shared) = handle.upgrade() {
                        shared.finish(result);
                    }
                });
            }
        }
        Operation(AtHome::new(shared))
    }

    /// Starts work that blocks while it reads from a source, such as [`local::pack`](crate::local::pack()), on a thread
    /// of its own. Cancelling stops the source, and with it the work.
    pub fn blocking(stopper: Stopper, work: impl FnOnce() -> Result<T> + Send + 'static) -> Self {
        Self::start(|scope| async move {
            let mut work = tokio::task::spawn_blocking(work);
            let ended = tokio::select! {
                ended = &mut work => ended,
                () = scope.cancel.cancelled() => {
                    stopper.stop();
                    work.await
                }
            };
            ended.unwrap_or_else(|lost| std::panic::resume_unwind(lost.into_panic()))
        })
    }

    /// Waits at most `limit`; whether the work is done. In a forked process it is.
    pub fn wait(&self, limit: Duration) -> bool {
        let Some(shared) = self.0.here() else { return true };
        let deadline = Instant::now() + limit;
        let mut state = shared.lock();
        while !state.done {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = shared.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Asks the work to stop. Safe to call again, and after the end.
    pub fn cancel(&self) {
        if let Some(shared) = self.0.here() {
            shared.scope.cancel.cancel();
        }
    }

    /// Calls `bell` once when the work is done; at once if it is done already. Called on one of our threads: it must
    /// not block.
    pub fn on_done(&self, bell: impl FnOnce() + Send + 'static) {
        let Some(mut state) = self.under_way() else { return bell() };
        state.bells.push(Box::new(bell));
    }

    /// The outcome, once: `None` before the end and after it was taken.
    ///
    /// In a process forked from the one that started the work this is an error of kind `closed`.
    pub fn take(&self) -> Option<Result<T>> {
        match self.0.get("call") {
            Ok(shared) => shared.lock().result.take(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Waits for the end and takes the outcome.
    ///
    /// # Errors
    /// Whatever the work ended with; `closed` if the outcome was taken before.
    pub fn join(self) -> Result<T> {
        while !self.wait(Duration::from_secs(3_600)) {}
        self.take().unwrap_or_else(|| Err(taken()))
    }

    /// The next event, waiting at most `limit`; `None` when none came or all are pulled.
    pub fn next_event(&self, limit: Duration) -> Option<Event> {
        self.0.here()?.scope.events.next(limit)
    }

    /// The events, to be pulled elsewhere. In a forked process there is only the last.
    pub fn events(&self) -> Events {
        self.0.here().map_or_else(Events::ended, |shared| shared.scope.events.clone())
    }

    /// The state, unless the work is done.
    fn under_way(&self) -> Option<MutexGuard<'_, State<T>>> {
        self.0.here().map(|shared| shared.lock()).filter(|state| !state.done)
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, result: Result<T>) {
        let (bells, waker) = {
            let mut state = self.lock();
            state.done = true;
            state.result = Some(result);
            (std::mem::take(&mut state.bells), state.waker.take())
        };
        self.done.notify_all();
        waker.into_iter().for_each(Waker::wake);
        bells.into_iter().for_each(|bell| bell());
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // What a finished call gave away, such as a submitted run, may still be at work.
        if !self.lock().done {
            self.scope.cancel.cancel();
        }
    }
}

impl<T: Send + 'static> Future for Operation<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(mut state) = self.under_way() {
            state.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(self.take().unwrap_or_else(|| Err(taken())))
    }
}

#[cfg(test)]
#[expect(clippy::panic, clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::local;
    use crate::options::Options;
    use crate::source::Source;

    const LONG: Duration = Duration::from_secs(60);

    /// Work that ends only when it is cancelled.
    fn endless() -> Operation<()> {
        Operation::start(|scope| async move { scope.unless_cancelled(std::future::pending()).await })
    }

    #[test]
    fn work_that_is_under_way_is_not_done_and_cancelling_it_twice_ends_it_once() {
        let operation = endless();
        assert!(!operation.wait(Duration::ZERO) && operation.take().is_none());
        operation.cancel();
        operation.cancel();
        assert!(operation.wait(LONG));
        assert_eq!(operation.take().unwrap().unwrap_err().kind(), Kind::Cancelled);
        assert!(operation.take().is_none(), "an outcome is taken once");
    }

    #[test]
    fn a_bell_rings_when_the_work_is_done_and_at_once_when_it_was_done_before() {
        let operation = endless();
        let (ring, rung) = mpsc::channel();
        let later = ring.clone();
        operation.on_done(move || later.send("later").unwrap());
        operation.cancel();
        assert_eq!(rung.recv_timeout(LONG), Ok("later"));
        operation.on_done(move || ring.send("at once").unwrap());
        assert_eq!(rung.try_recv(), Ok("at once"));
    }

    #[test]
    fn a_panic_in_the_work_is_an_internal_error() {
        let operation: Operation<()> = Operation::start(|_| async { panic!("on purpose") });
        assert_eq!(operation.join().unwrap_err().kind(), Kind::Internal);
    }

    #[test]
    fn blocking_work_ends_when_its_source_is_stopped_and_its_panic_is_an_internal_error() {
        let (writer, source) = Source::rows();
        let operation = Operation::blocking(source.stopper(), || local::validate(source, &Options::default(), drop));
        assert!(!operation.wait(Duration::ZERO));
        operation.cancel();
        assert_eq!(operation.join().unwrap_err().kind(), Kind::Cancelled);
        drop(writer);
        let (_writer, source) = Source::rows();
        let operation: Operation<()> = Operation::blocking(source.stopper(), || panic!("on purpose"));
        assert_eq!(operation.join().unwrap_err().kind(), Kind::Internal);
    }

    #[test]
    fn dropping_the_handle_cancels_the_work() {
        let (tell, told) = mpsc::channel();
        let operation: Operation<()> = Operation::start(|scope| async move {
            scope.cancel.cancelled().await;
            tell.send(()).unwrap();
            Ok(())
        });
        drop(operation);
        assert_eq!(told.recv_timeout(LONG), Ok(()));
    }

    #[test]
    fn an_operation_is_a_future_for_those_who_have_an_executor() {
        let done = Operation::start(|_| async { Ok(7) });
        assert_eq!(runtime::current().unwrap().block_on(done).unwrap(), 7);
    }

    #[test]
    fn in_a_forked_process_nothing_waits_for_a_lock_and_the_work_of_the_parent_goes_on() {
        let parents = endless();
        let shared = Arc::clone(parents.0.here().unwrap());
        let childs = Operation(AtHome::elsewhere(Arc::clone(&shared)));
        // As if a thread had held it at the fork.
        let held = shared.lock();
        assert!(childs.wait(LONG));
        assert!(childs.next_event(LONG).is_none());
        assert!(matches!(childs.events().next(LONG), Some(Event::Done { .. })));
        assert_eq!(childs.take().unwrap().unwrap_err().kind(), Kind::Closed);
        let (ring, rung) = mpsc::channel();
        childs.on_done(move || ring.send(()).unwrap());
        assert_eq!(rung.try_recv(), Ok(()));
        childs.cancel();
        drop(childs);
        drop(held);
        assert!(!shared.scope.cancel.is_cancelled());
    }

    #[test]
    fn the_last_event_is_done() {
        let operation = Operation::start(|_| async { Ok(()) });
        assert!(matches!(operation.next_event(LONG), Some(Event::Done { .. })));
        assert_eq!(operation.next_event(Duration::ZERO), None);
        operation.join().unwrap();
    }
}
