//! Whether a failed request is tried again, and after which pause.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::error::Error;
use crate::kind::Kind;
use crate::options::Retry;

/// Longest `Retry-After` that is honoured.
const LONGEST_ASKED: Duration = Duration::from_secs(120);

/// Retries that a whole client may spend, so that an outage is not made worse by everybody knocking: the token bucket
/// and the numbers of the AWS SDKs. Each retry costs; each success gives back.
pub struct Budget(AtomicU32);

impl Budget {
    /// A full budget.
    pub const FULL: u32 = 500;
    const RETRY: u32 = 5;
    /// A request that timed out has held the service's resources for long.
    const RETRY_AFTER_TIMEOUT: u32 = 10;

    /// What is left.
    pub fn left(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes a success: what its last retry cost comes back, or 1 if it needed none.
    pub fn refund(&self, last_retry: Option<Spent>) {
        let amount = last_retry.map_or(1, |spent| spent.0);
        self.change(|left| Some((left + amount).min(Budget::FULL)));
    }

    /// Whether the next retry cannot be paid for.
    pub fn is_spent(&self) -> bool {
        self.left() < Budget::RETRY_AFTER_TIMEOUT
    }

    fn spend(&self, kind: Kind) -> Option<Spent> {
        let cost = if kind == Kind::Timeout { Budget::RETRY_AFTER_TIMEOUT } else { Budget::RETRY };
        self.change(|left| left.checked_sub(cost)).then_some(Spent(cost))
    }

    fn change(&self, change: impl Fn(u32) -> Option<u32>) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Budget(AtomicU32::new(Budget::FULL))
    }
}

/// What a retry has cost, to be given back if it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent(u32);

/// The pause before the next try; `None` when there must be none. `tries` counts those made, `random` is from 0 to 1.
///
/// Tried again is what can succeed without a change, except an expired address: the same request would fail for ever,
/// it takes a new location. The pause has full jitter: anything from nothing to a ceiling that doubles with each try.
pub fn pause(options: &Retry, tries: u32, error: &Error, random: f64, budget: &Budget) -> Option<(Duration, Spent)> {
    let kind = error.kind();
    if !kind.retryable() || kind == Kind::UploadExpired || tries >= options.attempts {
        return None;
    }
    let spent = budget.spend(kind)?;
    let doubled = options.base_ms.saturating_mul(1 << (tries.saturating_sub(1)).min(32));
    let jittered = Duration::from_millis(doubled.min(options.max_ms)).mul_f64(random.clamp(0.0, 1.0));
    let asked = Duration::from_millis(error.retry_after_ms().unwrap_or(0)).min(LONGEST_ASKED);
    Some((jittered.max(asked), spent))
}
