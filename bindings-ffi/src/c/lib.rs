//! The C ABI. `include/cdp_batch.h` is written from these modules by `cargo xtask gen`: their documentation is the
//! header's, in C's words. The contract that every function keeps is in `bindings-ffi/README.md`.
//!
//! A handle is a Rust value behind a pointer: C borrows it as `Option<&T>`, which is NULL or valid by contract, and gives
//! it back as `Option<Box<T>>`. What else comes from C is made safe to use in `text` and `guard`.
#![expect(unsafe_code, reason = "a C ABI exports names and is given raw pointers")]

pub mod batches;
pub mod client;
pub mod code;
pub mod error;
mod guard;
pub mod local;
pub mod operation;
pub mod rejects;
pub mod report;
pub mod run;
pub mod source;
pub mod text;
pub mod version;
pub mod writer;
