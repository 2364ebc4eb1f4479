//! What running work is given: the clock, the wish to stop, and the ear of the host.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::event::Events;
use crate::kind::Kind;

/// The surroundings of one call.
#[derive(Clone, Default)]
pub(crate) struct Scope {
    pub(crate) cancel: CancellationToken,
    pub(crate) events: Events,
}

impl Scope {
    /// A scope that can be cancelled without cancelling this one, and is cancelled with it.
    pub(crate) fn child(&self) -> Self {
        Scope { cancel: self.cancel.child_token(), events: self.events.clone() }
    }

    /// Waits for `work`, unless the call is cancelled first.
    pub(crate) async fn unless_cancelled<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(cancelled()),
            done = work => done,
        }
    }

    /// Sleeps, unless the call is cancelled first.
    pub(crate) async fn sleep(&self, time: Duration) -> Result<()> {
        self.unless_cancelled(async {
            tokio::time::sleep(time).await;
            Ok(())
        })
        .await
    }
}

/// The error of work that was cancelled.
pub(crate) fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "the call was cancelled; nothing more is sent")
}
