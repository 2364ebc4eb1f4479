//! A local Sitecore CDP Batch API with its S3 upload endpoint, stricter than the real one.
//!
//! It is a second, independent reading of `protocol.md` (sections 2 to 5) and shares no code with the client, so that a
//! mistake in one does not hide in the other. [`Emulator::start`] runs it on its own thread; an admin listener and the
//! methods of [`Emulator`] show what arrived, what was asked, and change the faults while it runs.

mod admin;
mod api;
mod arrived;
mod batch;
mod clock;
mod config;
mod container;
mod credentials;
mod effects;
mod emulator;
mod error_log;
mod faults;
mod gate;
mod guest_rules;
mod journal;
mod lines;
mod list;
mod order_rules;
mod process;
mod route;
mod rules;
mod s3;
mod server;
mod service;
mod shape;
mod shelf;
mod sigv4;
mod store;
mod sync;
mod tls;
mod world;

pub use arrived::ArrivedRecord;
pub use batch::{BatchEntry, Change, Status, SummaryStats};
pub use config::{Config, Reallocate};
pub use emulator::Emulator;
pub use faults::FaultPlan;
pub use journal::{Outcome, RequestEntry};
pub use route::Endpoint;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
