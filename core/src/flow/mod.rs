//! Decisions without effects: given this, wait that long, do that next, or stop. No clock and no randomness of its own.

pub mod poll;
pub mod retry;
pub mod step;
