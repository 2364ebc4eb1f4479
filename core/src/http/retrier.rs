//! Tries again what may succeed, and stops when told to.

use std::future::Future;
use std::sync::Arc;

use uuid::Uuid;

use crate::error::{Error, Result, Stage};
use crate::event::Event;
use crate::flow::retry::{Budget, Spent, pause};
use crate::options::Retry;
use crate::scope::Scope;

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
    /// The last one of `attempt`, with the number of tries; `cancelled` as soon as the scope is, whatever was under way.
    pub(crate) async fn run<T, A: Future<Output = Result<T>>>(
        &self,
        scope: &Scope,
        stage: Stage,
        batch: Option<Uuid>,
        mut attempt: impl FnMut(u32) -> A,
    ) -> Result<T> {
        let mut spent = None;
        let mut tries = 0;
        loop {
            tries += 1;
            match scope.unless_cancelled(attempt(tries)).await {
                Ok(value) => {
                    self.succeeded(spent);
                    return Ok(value);
                }
                Err(error) => spent = Some(self.pause(scope, stage, batch, tries, error).await?),
            }
        }
    }

    /// Gives back what the retry before a success has cost.
    pub(crate) fn succeeded(&self, last_retry: Option<Spent>) {
        self.budget.refund(last_retry);
    }

    /// Sleeps before the next try, after `tries` that failed.
    ///
    /// # Errors
    /// The error given, when there must be no next try; `cancelled`.
    pub(crate) async fn pause(
        &self,
        scope: &Scope,
        stage: Stage,
        batch: Option<Uuid>,
        tries: u32,
        error: Error,
    ) -> Result<Spent> {
        let error = error.with_stage(stage).with_refs(batch).with_attempts(tries);
        let Some((delay, cost)) = pause(&self.options, tries, &error, fastrand::f64(), &self.budget) else {
            return Err(match error.retryable() && tries < self.options.attempts && self.budget.is_spent() {
                true => error.with_note("not tried again: too many of the client's recent requests had failed"),
                false => error,
            });
        };
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        scope.events.emit(Event::Retry { stage, batch, attempt: tries, delay_ms, code: error.kind() });
        let slept = scope.sleep(delay).await;
        slept.map_err(|error| error.with_stage(stage).with_refs(batch).with_attempts(tries))?;
        Ok(cost)
    }
}

#[cfg(test)]
#[path = "retrier_tests.rs"]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
