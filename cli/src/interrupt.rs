//! Ctrl-C: the first one cancels, so that the run ends resumable; the second one exits at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::INTERRUPTED;

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

/// Whether Ctrl-C was pressed.
pub(crate) fn pressed() -> bool {
    PRESSED.load(Ordering::SeqCst)
}
