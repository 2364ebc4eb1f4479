//! What is of use only in the process that made it.
//!
//! Threads do not survive a fork. In the child nobody works any more on what they had, and a lock that one of them held
//! at that moment is never opened again. So what threads share is neither looked into nor dropped there.

use std::mem::forget;
use std::process;

use crate::error::{Error, Result};
use crate::kind::Kind;

/// A value that ends with `closed` in a process forked from the one that made it.
pub struct AtHome<T> {
    pid: u32,
    /// Empty only while it is dropped.
    value: Option<T>,
}

impl<T> AtHome<T> {
    /// A value that was made in this process.
    pub fn new(value: T) -> Self {
        AtHome { pid: process::id(), value: Some(value) }
    }

    /// The value, which the caller knows as `what`.
    ///
    /// # Errors
    /// `closed` in a forked process.
    pub fn get(&self, what: &str) -> Result<&T> {
        self.here().ok_or_else(|| {
            let message = format!("this {what} was made before the process was forked; make a new client here");
            Error::new(Kind::Closed, message)
        })
    }

    /// The value; `None` in a forked process.
    pub fn here(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.pid == process::id())
    }

    /// As a forked process has it.
    #[cfg(test)]
    pub(crate) fn elsewhere(value: T) -> Self {
        AtHome { pid: 0, value: Some(value) }
    }
}

impl<T> Drop for AtHome<T> {
    fn drop(&mut self) {
        if self.here().is_none() {
            forget(self.value.take());
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn a_value_is_there_and_dropped_at_home_and_neither_elsewhere() {
        let value = Rc::new(7);
        let (home, elsewhere) = (AtHome::new(Rc::clone(&value)), AtHome::elsewhere(Rc::clone(&value)));
        assert_eq!(**home.get("number").unwrap(), 7);
        let error = elsewhere.get("number").unwrap_err();
        assert_eq!(error.kind(), Kind::Closed);
        assert_eq!(error.message(), "this number was made before the process was forked; make a new client here");
        drop((home, elsewhere));
        assert_eq!(Rc::strong_count(&value), 2);
    }
}
