//! Runs with a `state_dir`.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod open;
mod runs;
mod world;
