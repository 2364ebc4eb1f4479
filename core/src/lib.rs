//! Move guest and order data into Sitecore CDP through its Batch API.
//!
//! Records go in as a file, as bytes or row by row; they are checked, packed into gzip parts, allocated, uploaded and
//! waited for, and every record that was refused is explained. `ARCHITECTURE.md` has the map of this crate.

// L0 values
mod advice;
pub mod digest;
pub mod error;
#[cfg(feature = "client")]
pub mod event;
pub mod kind;
pub mod options;
pub mod reject;
pub mod secret;

// L1 pure: no clock, socket, file or async
pub mod api;
pub mod flow;
pub mod pack;
pub mod record;

// L2 effects
mod crash;
pub mod findings;
pub mod home;
#[cfg(feature = "client")]
pub mod http;
#[cfg(feature = "client")]
pub mod journal;
pub mod rejects;
#[cfg(feature = "client")]
mod scope;
pub mod source;
pub mod spool;
mod tape;

// L3 the run
#[cfg(feature = "client")]
pub mod batches;
#[cfg(feature = "client")]
pub mod client;
pub mod local;
#[cfg(feature = "client")]
pub mod run;

// L4 the handle
#[cfg(feature = "client")]
pub mod operation;
#[cfg(feature = "client")]
mod runtime;

#[cfg(feature = "client")]
pub use client::Client;
pub use error::{Error, Result, Stage};
pub use kind::Kind;
pub use options::Options;
#[cfg(feature = "client")]
pub use run::RunReport;
pub use source::Source;
