//! The one async runtime, ours alone.
//!
//! It is built on first use and never dropped: dropping it would wait for, or kill, whatever a host still holds. It is
//! keyed by process id, because threads do not survive a fork: a child builds its own, and operations that were
//! started before the fork end with `closed` there.
#![expect(unsafe_code, reason = "a lock could be held by another thread at a fork, and then for ever in the child")]

use std::process;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};
use crate::kind::Kind;

/// A process's runtime.
struct Owned {
    pid: u32,
    runtime: Runtime,
}

/// Null, or from a box that is never freed.
static CURRENT: AtomicPtr<Owned> = AtomicPtr::new(null_mut());

/// This process's runtime.
///
/// # Errors
/// `internal` if the system gives no threads.
pub(crate) fn current() -> Result<&'static Runtime> {
    let pid = process::id();
    // SAFETY: what is stored was whole before, and is never written to or freed.
    let here = |stored: *mut Owned| unsafe { stored.as_ref() }.filter(|owned| owned.pid == pid);
    let known = CURRENT.load(Ordering::Acquire);
    if let Some(owned) = here(known) {
        return Ok(&owned.runtime);
    }
    let new = Box::into_raw(Box::new(Owned { pid, runtime: build()? }));
    let stored = match CURRENT.compare_exchange(known, new, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => new,
        Err(first) => {
            // SAFETY: made above, and known to nobody else.
            unsafe { Box::from_raw(new) }.runtime.shutdown_background();
            first
        }
    };
    here(stored).map(|owned| &owned.runtime).ok_or_else(|| Error::new(Kind::Internal, "the threads are another's"))
}

fn build() -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("cdp-batch-io")
        .enable_all()
        .build()
        .map_err(|cause| Error::io("cannot start the threads that do the network work", cause))
        .map_err(|error| Error::new(Kind::Internal, error.message()))
}
