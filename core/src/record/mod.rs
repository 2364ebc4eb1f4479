//! What a record may hold: the check of one line, and the records made of bare values.
//!
//! A line goes through [`Checker::check`]: [`scan`] says whether it is JSON and where its members stand, [`envelope`]
//! judges `ref`, `schema`, `mode` and `value`, and [`wrap`] makes whole what lacks only these.

pub mod check;
pub mod envelope;
pub mod fault;
pub mod finding;
pub mod scan;
pub mod wrap;

pub use check::{Checker, Keep, Scratch, Verdict, record_ref};
pub use finding::{Finding, Severity};
