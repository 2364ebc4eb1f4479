//! The emulator over real HTTP.
#![expect(clippy::unwrap_used, reason = "tests")]

mod batches;
mod faults;
mod main_road;
mod storage_checks;
mod support;
