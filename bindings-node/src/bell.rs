//! The one thing that comes from our threads: a bell, which JavaScript hung up.

use napi::Status;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

/// A function of JavaScript that may be called from any thread. It keeps no process alive, and rings into the void once
/// the environment it came from is gone.
pub(crate) type JsBell = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Work for the moment something has happened.
pub(crate) type Bell = Box<dyn FnOnce() + Send>;

/// Rings once.
pub(crate) fn once(bell: JsBell) -> Bell {
    Box::new(move || {
        // Whatever the status: there may be nobody left to hear it.
        let _ = bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
    })
}
