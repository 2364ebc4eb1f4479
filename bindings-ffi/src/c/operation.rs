//! The one primitive that crosses the border: work that is under way, seen from C.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cdp_batch::event::Event;
use cdp_batch::home::AtHome;
use cdp_batch::local::PackReport;
use cdp_batch::{Kind, Result, RunReport, client, operation, rejects};
use serde::Serialize;

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, call, given, invalid, plain};
use crate::local::Packed;
use crate::rejects::Rejects;
use crate::report::Report;
use crate::run::Run;
use crate::text::Owned;

/// What calls end with.
pub(crate) enum Outcome {
    Report(Box<Report>),
    Run(Box<Run>),
    Rejects(Box<Rejects>),
    Packed(Box<Packed>),
    Json(Option<String>),
}

impl Outcome {
    pub(crate) fn report(report: RunReport) -> Self {
        Outcome::Report(Box::new(Report::new(report)))
    }

    pub(crate) fn run(run: client::Run) -> Self {
        Outcome::Run(Box::new(Run::new(run)))
    }

    pub(crate) fn rejects(rejects: rejects::Rejects) -> Self {
        Outcome::Rejects(Box::new(Rejects::new(&rejects)))
    }

    pub(crate) fn packed(packed: PackReport) -> Self {
        Outcome::Packed(Box::new(Packed::new(packed)))
    }

    pub(crate) fn json<T: Serialize>(value: T) -> Self {
        Outcome::Json(serde_json::to_string(&value).ok())
    }

    /// JSON, or nothing.
    pub(crate) fn optional_json<T: Serialize>(value: Option<T>) -> Self {
        value.map_or(Outcome::Json(None), Outcome::json)
    }
}

type Bell = Box<dyn FnOnce() + Send>;

/// Work that was started, whatever it ends with.
trait Work: Send + Sync {
    fn wait(&self, limit: Duration) -> bool;
    fn cancel(&self);
    fn on_done(&self, bell: Bell);
    fn next_event(&self, limit: Duration) -> Option<Event>;
    fn take(&self) -> Option<Result<Outcome>>;
}

/// Work, and how its end is held here.
struct Ending<T>(operation::Operation<T>, fn(T) -> Outcome);

impl<T: Send + 'static> Work for Ending<T> {
    fn wait(&self, limit: Duration) -> bool {
        self.0.wait(limit)
    }

    fn cancel(&self) {
        self.0.cancel();
    }

    fn on_done(&self, bell: Bell) {
        self.0.on_done(bell);
    }

    fn next_event(&self, limit: Duration) -> Option<Event> {
        self.0.next_event(limit)
    }

    fn take(&self) -> Option<Result<Outcome>> {
        Some(self.0.take()?.map(self.1))
    }
}

/// Work that was started and goes on by itself. Its functions may be called from any thread.
pub struct Operation {
    work: Box<dyn Work>,
    /// An outcome that was asked for as what it is not.
    kept: AtHome<Mutex<Option<Outcome>>>,
}

impl Operation {
    pub(crate) fn of<T: Send + 'static>(operation: operation::Operation<T>, ending: fn(T) -> Outcome) -> Self {
        Operation { work: Box::new(Ending(operation, ending)), kept: AtHome::new(Mutex::new(None)) }
    }

    /// The outcome as what `pick` makes of it; one that it gives back is kept.
    fn take<T>(&self, name: &str, pick: impl FnOnce(Outcome) -> std::result::Result<T, Outcome>) -> Result<T> {
        if !self.work.wait(Duration::ZERO) {
            return Err(invalid("this operation is not done; wait for it before its outcome is taken"));
        }
        let mut kept = self.kept.get("call")?.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match kept.take() {
            Some(outcome) => outcome,
            None => self.work.take().unwrap_or_else(|| {
                Err(cdp_batch::Error::new(Kind::Closed, "the outcome of this operation was already taken"))
            })?,
        };
        pick(outcome).map_err(|outcome| {
            *kept = Some(outcome);
            invalid(format!("this operation does not end with {name}; take what its function says"))
        })
    }
}

/// What `on_done` calls: once, on a thread of the library or on the caller's. It must not block, throw, or free the
/// operation.
pub type Callback = Option<extern "C" fn(context: *mut c_void)>;

/// What the caller wants to have back in its callback.
struct Context(*mut c_void);

// SAFETY: it is only handed back, and `cdpb_operation_on_done` says that this happens on another thread.
unsafe impl Send for Context {}

impl Context {
    fn ring(&self, callback: extern "C" fn(context: *mut c_void)) {
        callback(self.0);
    }
}

/// Waits at most `ms` milliseconds; whether the work is done. NULL is done.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_wait(operation: Option<&Operation>, ms: u64) -> bool {
    plain(true, || operation.is_none_or(|operation| operation.work.wait(Duration::from_millis(ms))))
}

/// Asks the work to stop, and returns at once: what was asked to stop ends with `CDPB_CANCELLED`. A run keeps what it has
/// sent, and can be resumed. May be called again, and after the end.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_cancel(operation: Option<&Operation>) {
    plain((), || operation.into_iter().for_each(|operation| operation.work.cancel()));
}

/// Calls `callback` with `context` once when the work is done: on a thread of the library, or at once on this one if it is
/// done already. `context` must live until then.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_on_done(
    operation: Option<&Operation>,
    callback: Callback,
    context: *mut c_void,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    let context = Context(context);
    call(error, move || {
        let (operation, callback) = (given(operation, "operation")?, given(callback, "callback")?);
        operation.work.on_done(Box::new(move || context.ring(callback)));
        Ok(())
    })
}

/// The next event as JSON, waiting at most `ms` milliseconds for it; NULL when none came. The last has the type `done`.
/// The caller frees the text. Events nobody asks for are dropped, the oldest first.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_next_event(operation: Option<&Operation>, ms: u64) -> Owned {
    plain(Owned::NONE, || {
        let event = operation.and_then(|operation| operation.work.next_event(Duration::from_millis(ms)));
        event.map_or(Owned::NONE, |event| Owned::json(&event))
    })
}

/// The report that an upload, a writer, a resumed run or `cdpb_run_wait` ends with.
///
/// This is true of every `take`: an operation that is done gives its outcome once, or its error. `CDPB_CLOSED` when it was
/// taken before, and in a forked process; `CDPB_INVALID_OPTIONS`, and nothing is taken, when the operation is not done or
/// ends with something else.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_take_report(
    operation: Option<&Operation>,
    report: Option<&mut MaybeUninit<Box<Report>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(report, error, || {
        given(operation, "operation")?.take("a report", |outcome| match outcome {
            Outcome::Report(report) => Ok(report),
            other => Err(other),
        })
    })
}

/// The run that `cdpb_client_submit` ends with.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_take_run(
    operation: Option<&Operation>,
    run: Option<&mut MaybeUninit<Box<Run>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(run, error, || {
        given(operation, "operation")?.take("a run", |outcome| match outcome {
            Outcome::Run(run) => Ok(run),
            other => Err(other),
        })
    })
}

/// The rejects that `cdpb_client_batch_errors` ends with.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_take_rejects(
    operation: Option<&Operation>,
    rejects: Option<&mut MaybeUninit<Box<Rejects>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(rejects, error, || {
        given(operation, "operation")?.take("rejects", |outcome| match outcome {
            Outcome::Rejects(rejects) => Ok(rejects),
            other => Err(other),
        })
    })
}

/// The files that `cdpb_client_pack` ends with.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_take_packed(
    operation: Option<&Operation>,
    packed: Option<&mut MaybeUninit<Box<Packed>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(packed, error, || {
        given(operation, "operation")?.take("packed files", |outcome| match outcome {
            Outcome::Packed(packed) => Ok(packed),
            other => Err(other),
        })
    })
}

/// The JSON text that every other operation ends with; `CDPB_OK` and NULL for `cdpb_batches_next` after the last batch. The
/// caller frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_take_json(
    operation: Option<&Operation>,
    json: Option<&mut MaybeUninit<Owned>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(json, error, || {
        given(operation, "operation")?.take("JSON", |outcome| match outcome {
            Outcome::Json(json) => Ok(json.map_or(Owned::NONE, |json| Owned::new(&json))),
            other => Err(other),
        })
    })
}

/// Frees an operation; one that is not done is cancelled. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_operation_free(operation: Option<Box<Operation>>) {
    plain((), || drop(operation));
}
