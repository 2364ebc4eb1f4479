//! Ctrl-C: the first one cancels, so that the run ends resumable; the second one exits at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::failure::INTERRUPTED;

/// How long to sleep before looking again.
const SLICE: Duration = Duration::from_millis(50);
static PRESSED: AtomicBool = AtomicBool::new(false);
static HANDLER: OnceLock<()> = OnceLock::new();

/// Starts listening for Ctrl-C.
pub(crate) fn listen() {
    HANDLER.get_or_init(|| {
        // Without a handler Ctrl-C still ends the program, only less gently.
        let _ = ctrlc::set_handler(|| {
            if PRESSED.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED.into());
            }
        });
    });
}

/// Waits until Ctrl-C is pressed.
pub(crate) fn wait() {
    listen();
    while !pressed() {
        std::thread::sleep(SLICE);
    }
}

/// Whether Ctrl-C was pressed.
pub(crate) fn pressed() -> bool {
    PRESSED.load(Ordering::SeqCst)
}
