//! The library behind the bindings for Kotlin, Java and Swift. It holds no rule of its own: what a host of the core can do
//! is handed on, and the facades (`../kotlin`, `../swift`) give it the idioms of their languages.
//!
//! No function waits on the host's thread, but for what its documentation says of files. Options and plain values are JSON,
//! so that a new option or field changes nothing here; what is read lazily or waited for stays behind an object.
#![expect(clippy::result_large_err, reason = "UniFFI takes errors by value, and each crosses the border once")]

pub mod batches;
pub mod client;
pub mod error;
pub mod errors;
pub mod operation;
pub mod rejects;
pub mod results;
pub mod source;
mod text;
pub mod writer;

uniffi::setup_scaffolding!();

/// The version of the library, which is that of the packages around it.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_string()
}
