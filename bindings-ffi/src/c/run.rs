//! A run that storage has accepted.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;

use cdp_batch::client;
use cdp_batch::home::AtHome;

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, given, plain};
use crate::operation::{Operation, Outcome};
use crate::text::{pointer, terminated};

/// A run whose parts storage has all accepted. Text that its functions give lives as long as the run.
pub struct Run {
    run: AtHome<client::Run>,
    run_id: CString,
    refs: Vec<CString>,
}

impl Run {
    pub(crate) fn new(run: client::Run) -> Self {
        let refs = run.refs.iter().map(|batch| terminated(&batch.to_string()));
        Run { run_id: terminated(&run.run_id), refs: refs.collect(), run: AtHome::new(run) }
    }
}

/// The run's name.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_run_id(run: Option<&Run>) -> *const c_char {
    pointer(run.map(|run| &run.run_id))
}

/// The ref of its batch of this index, or NULL after the last. The refs are all that another process needs to carry on:
/// see `cdpb_client_wait` and `cdpb_client_report`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_run_ref(run: Option<&Run>, index: usize) -> *const c_char {
    pointer(run.and_then(|run| run.refs.get(index)))
}

/// Starts to wait until every batch is processed; ends with a report. `CDPB_CLOSED` when it was waited for before.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_run_wait(
    run: Option<&Run>,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(operation, error, || {
        let run = given(run, "run")?.run.get("run")?;
        Ok(Box::new(Operation::of(run.wait(), Outcome::report)))
    })
}

/// Frees a run, which ends the waiting here; the service goes on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_run_free(run: Option<Box<Run>>) {
    plain((), || drop(run));
}
