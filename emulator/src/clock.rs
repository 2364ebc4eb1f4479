//! The emulator's own time: the machine's clock plus whatever a test has moved it forward.

use crate::sync::lock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// A point in time in whole milliseconds since 1970, the resolution of every date on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment(i64);

impl Moment {
    /// `YYYY-MM-DDTHH:mm:ss.SSSZ`, the form of `createdAt` and its like (protocol.md section 2.2).
    pub(crate) fn iso(self) -> String {
        format!("{:.3}", self.timestamp())
    }

    /// `YYYYMMDDTHHMMSSZ`, the form of `X-Amz-Date`.
    pub(crate) fn amz(self) -> String {
        self.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// Reads [`Moment::iso`]; nothing else passes, as the list endpoint documents one format (protocol.md section 2.6).
    pub(crate) fn from_iso(text: &str) -> Option<Self> {
        Self::from_rfc3339(text).filter(|moment| moment.iso() == text)
    }

    /// Reads any ISO 8601 date-time with an offset.
    pub(crate) fn from_rfc3339(text: &str) -> Option<Self> {
        Some(Self(text.parse::<Timestamp>().ok()?.as_millisecond()))
    }

    /// Reads [`Moment::amz`].
    pub(crate) fn from_amz(text: &str) -> Option<Self> {
        let zoned = text.strip_suffix('Z')?;
        let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", zoned).ok()?;
        let moment = Self(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond());
        (moment.amz() == text).then_some(moment)
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    pub(crate) fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// Time passed since `earlier`; zero when it lies in the future.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The `Date` header's form.
    pub(crate) fn http_date(self) -> String {
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + self.since(Self(0)))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A clock that can be moved forward and waited on.
#[derive(Default)]
pub(crate) struct Clock {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ahead: Duration,
    stopped: bool,
}

impl Clock {
    pub(crate) fn now(&self) -> Moment {
        real_now().plus(lock(&self.state).ahead)
    }

    /// Moves the clock forward; whoever waits looks again.
    pub(crate) fn advance(&self, by: Duration) {
        let mut state = lock(&self.state);
        state.ahead = state.ahead.saturating_add(by);
        self.changed.notify_all();
    }

    /// Back to the machine's time.
    pub(crate) fn reset(&self) {
        lock(&self.state).ahead = Duration::ZERO;
    }

    /// Ends every wait, now and later.
    pub(crate) fn stop(&self) {
        lock(&self.state).stopped = true;
        self.changed.notify_all();
    }

    /// Blocks until `moment`; false when the clock was stopped instead.
    pub(crate) fn wait_until(&self, moment: Moment) -> bool {
        let mut state = lock(&self.state);
        loop {
            if state.stopped {
                return false;
            }
            let left = moment.since(real_now().plus(state.ahead));
            if left.is_zero() {
                return true;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn real_now() -> Moment {
    Moment(Timestamp::now().as_millisecond())
}
