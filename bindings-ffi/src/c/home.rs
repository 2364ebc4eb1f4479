//! The process that a handle was made in.

use std::process;

use cdp_batch::{Error, Kind, Result};

/// Threads do not survive a fork, so what depends on them ends at home.
pub(crate) struct Home(u32);

impl Home {
    pub(crate) fn here() -> Self {
        Home(process::id())
    }

    /// # Errors
    /// `closed` in a process forked from the one it was made in.
    pub(crate) fn check(&self, what: &str) -> Result<()> {
        if self.0 == process::id() {
            return Ok(());
        }
        let message = format!("this {what} was made before the process was forked; make a new client here");
        Err(Error::new(Kind::Closed, message))
    }
}
