//! How long to wait before asking again whether the service has finished.

use std::time::Duration;

use crate::options::Wait;

/// Each pause without news is this much longer than the one before.
const GROWTH: f64 = 1.5;

/// The pace of a wait. Time is given in, as the time since the wait began.
#[derive(Clone, Debug)]
pub struct Poll {
    min: Duration,
    max: Duration,
    timeout: Duration,
    pause: Duration,
    last_finish: Duration,
}

impl Poll {
    /// A wait that begins now.
    pub fn new(wait: &Wait) -> Self {
        let min = Duration::from_millis(wait.min_ms);
        Poll {
            min,
            max: Duration::from_millis(wait.max_ms),
            timeout: Duration::from_millis(wait.timeout_ms),
            pause: min,
            last_finish: Duration::ZERO,
        }
    }

    /// Something changed: more may follow soon.
    pub fn changed(&mut self) {
        self.pause = self.min;
    }

    /// A batch finished: the time limit, which is for standing still, begins anew.
    pub fn finished(&mut self, now: Duration) {
        self.changed();
        self.last_finish = now;
    }

    /// The pause before the next question; `None` when no batch has finished for too long. `random` is from 0 to 1 and
    /// spreads the pause by a quarter to both sides, so that many clients do not ask in step.
    pub fn next(&mut self, now: Duration, random: f64) -> Option<Duration> {
        let left = self.timeout.checked_sub(now.saturating_sub(self.last_finish)).filter(|left| !left.is_zero())?;
        let spread = self.pause.mul_f64(0.75 + random.clamp(0.0, 1.0) / 2.0);
        self.pause = self.pause.mul_f64(GROWTH).min(self.max);
        Some(spread.min(self.max).min(left))
    }
}
