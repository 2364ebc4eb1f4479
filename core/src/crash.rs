//! Kill points: places where a test ends the process, to prove that nothing is lost or doubled (feature `crash-test`).
//!
//! `CDP_BATCH_CRASH_LIST` prints every point that is passed, so that the tests need no list of their own;
//! `CDP_BATCH_CRASH_AT=name:3` ends the process the third time that it comes to `name`, as `kill -9` would.

/// A point that is passed.
#[cfg(not(feature = "crash-test"))]
pub(crate) const fn point(_name: &str) {}

/// A point that is passed, or not.
#[cfg(feature = "crash-test")]
pub(crate) fn point(name: &str) {
    use std::collections::BTreeMap;
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    static PASSED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
    let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    let times = passed.entry(name.to_string()).or_default();
    *times += 1;
    let point = format!("{name}:{times}");
    if std::env::var_os("CDP_BATCH_CRASH_LIST").is_some() {
        let _ = writeln!(std::io::stderr(), "crash-point {point}");
    }
    if std::env::var("CDP_BATCH_CRASH_AT").is_ok_and(|at| at == point) {
        std::process::abort();
    }
}
