//! What a record may hold: the check of one line, and the records made of bare values.
//!
//! A line goes through [`Checker::check`]: [`scan`] says whether it is JSON and where its members stand, [`envelope`]
//! judges `ref`, `schema`, `mode` and `value`, and [`wrap`] makes whole what lacks only these. With
//! `check = model`, [`review`] holds the value against the tables of [`guest`], [`order`], [`migration`] and [`tracking`].

pub mod check;
mod compact;
pub mod envelope;
pub mod extension;
pub mod fault;
pub mod finding;
pub mod guest;
mod head;
pub mod index;
pub mod migration;
pub mod model;
pub mod order;
mod reader;
pub mod review;
pub mod scan;
pub mod shape;
pub mod tracking;
pub mod wrap;

pub use check::{Checker, Keep, Scratch, Verdict, record_ref};
pub use finding::{Finding, Severity};
