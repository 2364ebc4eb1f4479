//! Where a test may kill the process, make it panic, or take the disk away, to prove that nothing is lost or doubled.
//! Without the feature `crash-test` none of this exists.
//!
//! Places name themselves, so that tests need no list of their own. Whatever is told by the environment:
//!
//! - `CDP_BATCH_CRASH_LIST` prints every place that is passed, with how often it was, and every operation on the disk,
//!   with its number: `crash-point sent:3`, `crash-disk write part:17`.
//! - `CDP_BATCH_CRASH_AT=sent:3` ends the process the third time that it comes to `sent`, as `kill -9` would.
//! - `CDP_BATCH_PANIC_AT=sent:3` panics there.
//! - `CDP_BATCH_FAIL_AT=17` lets the 17th operation on the disk fail, counted over all of [`disk`].

#[cfg(not(feature = "crash-test"))]
use std::io;

/// A place that is passed.
#[cfg(not(feature = "crash-test"))]
pub(crate) const fn point(_name: &str) {}

/// An operation on the disk that is about to begin.
///
/// # Errors
/// Never.
#[cfg(not(feature = "crash-test"))]
pub(crate) const fn disk(_operation: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(feature = "crash-test")]
pub(crate) use at_work::{disk, point};

#[cfg(feature = "crash-test")]
mod at_work {
    use std::collections::BTreeMap;
    use std::io::{self, Write};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, PoisonError};

    static PASSED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
    static OPERATIONS: AtomicU64 = AtomicU64::new(0);

    /// A place that is passed, or not.
    #[expect(clippy::panic, reason = "only when a test asks for it")]
    pub(crate) fn point(name: &str) {
        let place = pass(name);
        tell("crash-point", &place);
        if is_at("CDP_BATCH_CRASH_AT", &place) {
            std::process::abort();
        }
        if is_at("CDP_BATCH_PANIC_AT", &place) {
            panic!("a panic was asked for at {place}");
        }
    }

    /// An operation on the disk that is about to begin, or fails.
    ///
    /// # Errors
    /// What a full disk answers.
    pub(crate) fn disk(operation: &str) -> io::Result<()> {
        let number = OPERATIONS.fetch_add(1, Ordering::SeqCst) + 1;
        tell("crash-disk", &format!("{operation}:{number}"));
        if is_at("CDP_BATCH_FAIL_AT", &number.to_string()) {
            return Err(io::Error::new(io::ErrorKind::StorageFull, format!("no space left ({operation})")));
        }
        Ok(())
    }

    fn pass(name: &str) -> String {
        let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
        let times = passed.entry(name.to_string()).or_default();
        *times += 1;
        format!("{name}:{times}")
    }

    fn tell(what: &str, place: &str) {
        if std::env::var_os("CDP_BATCH_CRASH_LIST").is_some() {
            let _ = writeln!(io::stderr(), "{what} {place}");
        }
    }

    fn is_at(variable: &str, place: &str) -> bool {
        std::env::var(variable).is_ok_and(|at| at == place)
    }
}
