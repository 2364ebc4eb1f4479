//! The one async runtime, ours alone.
//!
//! It is built on first use and never dropped: dropping it would wait for, or kill, whatever a host still holds. It is
//! keyed by process id, because threads do not survive a fork: a child builds its own, and operations that were
//! started before the fork end with `closed` there.

use std::process;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};
use crate::kind::Kind;

static CURRENT: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// This process's runtime.
///
/// # Errors
/// `internal` if the system gives no threads.
pub(crate) fn current() -> Result<&'static Runtime> {
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    let pid = process::id();
    if let Some((owner, runtime)) = *current
        && owner == pid
    {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("cdp-batch-io")
        .enable_all()
        .build()
        .map_err(|cause| Error::io("cannot start the threads that do the network work", cause))
        .map_err(|error| Error::new(Kind::Internal, error.message()))?;
    let runtime: &'static Runtime = Box::leak(Box::new(runtime));
    *current = Some((pid, runtime));
    Ok(runtime)
}
