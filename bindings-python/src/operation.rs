//! The one primitive that crosses the border: work that is under way, seen from Python.

use std::time::Duration;

use cdp_batch::event::Event;
use cdp_batch::operation;
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

/// Work under way. Every method may be called from any thread; those that wait let other threads run.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Operation(Box<dyn Work>);

impl Operation {
    pub(crate) fn of<T: Outcome>(operation: operation::Operation<T>) -> Self {
        Operation(Box::new(operation))
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
        self.0.on_done(Box::new(gate::bell(bell)));
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
