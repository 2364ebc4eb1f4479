//! What the service is asked, and what its answers mean, as plain values (protocol.md section 2). No socket here: the
//! `http` module sends a [`request::Request`] and hands back an [`answer::Answer`].

pub mod allocate;
pub mod answer;
pub mod batch;
pub mod classify;
mod detail;
pub mod error_log;
pub mod inspect;
pub mod redact;
pub mod region;
pub mod request;
pub mod status;
pub mod upload;
