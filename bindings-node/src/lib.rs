//! The native half of the Node package `cdp-batch`. It holds no rule of its own: what a host of the core can do is
//! handed to JavaScript, and `ts/` gives it its names.
//!
//! Nothing here throws: what can fail ends an `Operation`, whose outcome JavaScript takes.

mod bell;
mod client;
pub mod command_line;
mod emulator;
mod operation;
mod outcome;
mod results;
mod source;

use napi_derive::napi;

/// The version of the core is the version of the package.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
