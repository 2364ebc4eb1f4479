//! The one primitive that crosses the border: work that is under way, seen from Python.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use cdp_batch::event::Event;
use cdp_batch::operation;
use cdp_batch::source::Stopper;
use cdp_batch::{Error, Kind, Result};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::gate;
use crate::results::{Outcome, json};

type Bell = Box<dyn FnOnce() + Send>;
type Taken = Option<Result<Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>>>;

/// Work that was started, whatever it ends with.
trait Work: Send + Sync {
    fn wait(&self, limit: Duration) -> bool;
    fn cancel(&self);
    fn on_done(&self, bell: Bell);
    fn next_event(&self, limit: Duration) -> Option<Event>;
    fn take(&self) -> Taken;
}

fn untyped<T: Outcome>(taken: Option<Result<T>>) -> Taken {
    taken.map(|result| result.map(|outcome| Box::new(move |py: Python<'_>| outcome.into_python(py)) as _))
}

impl<T: Outcome> Work for operation::Operation<T> {
    fn wait(&self, limit: Duration) -> bool {
        self.wait(limit)
    }

    fn cancel(&self) {
        self.cancel();
    }

    fn on_done(&self, bell: Bell) {
        self.on_done(bell);
    }

    fn next_event(&self, limit: Duration) -> Option<Event> {
        self.next_event(limit)
    }

    fn take(&self) -> Taken {
        untyped(self.take())
    }
}

/// Work that blocks, on a thread of its own. It tells no events.
struct Local<T> {
    shared: Arc<Shared<T>>,
    /// What it reads from.
    stopper: Option<Stopper>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

struct State<T> {
    done: bool,
    result: Option<Result<T>>,
    bells: Vec<Bell>,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, result: Result<T>) {
        let mut state = self.lock();
        state.done = true;
        state.result = Some(result);
        let bells = std::mem::take(&mut state.bells);
        drop(state);
        self.done.notify_all();
        bells.into_iter().for_each(|bell| bell());
    }
}

impl<T: Outcome> Local<T> {
    fn start(stopper: Option<Stopper>, work: impl FnOnce() -> Result<T> + Send + 'static) -> Self {
        let state = State { done: false, result: None, bells: Vec::new() };
        let shared = Arc::new(Shared { state: Mutex::new(state), done: Condvar::new() });
        let told = Arc::clone(&shared);
        let work = move || {
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            told.finish(
                ended
                    .unwrap_or_else(|_| Err(Error::new(Kind::Internal, "the call stopped on a bug; please report it"))),
            );
        };
        if let Err(cause) = thread::Builder::new().name("cdp-batch-local".to_string()).spawn(work) {
            shared.finish(Err(Error::io("cannot start a thread", cause)));
        }
        Local { shared, stopper }
    }
}

impl<T: Outcome> Work for Local<T> {
    fn wait(&self, limit: Duration) -> bool {
        let waited = self.shared.done.wait_timeout_while(self.shared.lock(), limit, |state| !state.done);
        waited.unwrap_or_else(PoisonError::into_inner).0.done
    }

    fn cancel(&self) {
        self.stopper.iter().for_each(Stopper::stop);
    }

    fn on_done(&self, bell: Bell) {
        let mut state = self.shared.lock();
        if state.done {
            drop(state);
            bell();
        } else {
            state.bells.push(bell);
        }
    }

    fn next_event(&self, limit: Duration) -> Option<Event> {
        self.wait(limit);
        None
    }

    fn take(&self) -> Taken {
        untyped(self.shared.lock().result.take())
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        self.stopper.iter().for_each(Stopper::stop);
    }
}

/// Work under way. Every method may be called from any thread; those that wait let other threads run.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Operation(Box<dyn Work>);

impl Operation {
    pub(crate) fn of<T: Outcome>(operation: operation::Operation<T>) -> Self {
        Operation(Box::new(operation))
    }

    /// Work that blocks, on a thread of its own; it ends early if what it reads from is stopped.
    pub(crate) fn local<T: Outcome>(
        stopper: Option<Stopper>,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Self {
        Operation(Box::new(Local::start(stopper, work)))
    }
}

#[pymethods]
impl Operation {
    /// Waits at most this many milliseconds; whether the work is done.
    fn wait(&self, py: Python<'_>, ms: u64) -> bool {
        gate::detach(py, || self.0.wait(Duration::from_millis(ms)))
    }

    /// Asks the work to stop.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Calls `bell` once, from another thread, when the work is done.
    fn on_done(&self, bell: Py<PyAny>) {
        self.0.on_done(Box::new(move || {
            gate::attach(|py| {
                if let Err(error) = bell.call0(py) {
                    error.write_unraisable(py, Some(bell.bind(py)));
                }
            });
        }));
    }

    /// The next event as JSON, waiting at most this many milliseconds.
    fn next_event(&self, py: Python<'_>, ms: u64) -> PyResult<Option<String>> {
        let event = gate::detach(py, || self.0.next_event(Duration::from_millis(ms)));
        event.map(|event| json(&event)).transpose()
    }

    /// What the work ended with, once.
    fn take(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.0.take() {
            Some(Ok(outcome)) => outcome(py),
            Some(Err(error)) => Err(raised(py, &error)),
            None => Err(raised(py, &Error::new(Kind::Closed, "the outcome of this call was already taken"))),
        }
    }
}
