//! One file per command.

pub(crate) mod batches;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod emulator;
pub(crate) mod errors;
pub(crate) mod list;
pub(crate) mod pack;
pub(crate) mod runs;
pub(crate) mod ui;
pub(crate) mod upload;
pub(crate) mod validate;
