//! Tries again what may succeed, and stops when told to.

use std::future::Future;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::{Error, Result, Stage};
use crate::event::{Event, Events};
use crate::flow::retry::{Budget, pause};
use crate::kind::Kind;
use crate::options::Retry;

/// Tries requests again by the rules of [`pause`]. One for a client: its clones share the budget.
#[derive(Clone)]
pub struct Retrier {
    options: Retry,
    budget: Arc<Budget>,
}

impl Retrier {
    /// A retrier with a full budget.
    pub fn new(options: Retry) -> Self {
        Retrier { options, budget: Arc::default() }
    }

    /// Calls `attempt` with the number of the try, from 1, until it succeeds or must not be repeated.
    ///
    /// After a try that [`in_doubt`](crate::flow::step::in_doubt) holds for, an `attempt` that allocates or sends has to
    /// ask for the status before it does so again.
    ///
    /// # Errors
    /// The last one of `attempt`, with the number of tries; `cancelled` as soon as `cancel` says so, whatever was under
    /// way.
    pub async fn run<T, A: Future<Output = Result<T>>>(
        &self,
        stage: Stage,
        batch: Option<Uuid>,
        events: &Events,
        cancel: &CancellationToken,
        mut attempt: impl FnMut(u32) -> A,
    ) -> Result<T> {
        let mut spent = None;
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = cancel.run_until_cancelled(attempt(tries)).await.unwrap_or_else(|| Err(cancelled()));
            let error = match outcome {
                Ok(value) => {
                    self.budget.refund(spent);
                    return Ok(value);
                }
                Err(error) => error.with_stage(stage).with_refs(batch).with_attempts(tries),
            };
            let Some((delay, cost)) = pause(&self.options, tries, &error, fastrand::f64(), &self.budget) else {
                return Err(error);
            };
            spent = Some(cost);
            let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            events.emit(Event::Retry { stage, batch, attempt: tries, delay_ms, code: error.kind() });
            if cancel.run_until_cancelled(tokio::time::sleep(delay)).await.is_none() {
                return Err(cancelled().with_stage(stage).with_refs(batch).with_attempts(tries));
            }
        }
    }
}

fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "the call was cancelled")
}
