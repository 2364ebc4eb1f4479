//! The native half of the Python package `cdp_batch`. It holds no rule of its own: what a host of the core can do is
//! handed to Python, and Python gives it its names.

mod client;
mod command_line;
mod emulator;
mod errors;
mod gate;
mod operation;
mod results;
mod rows;
mod source;

use pyo3::prelude::*;

/// What `python/cdp_batch` is built on. Not for use by others.
#[pymodule(gil_used = false)]
mod _native {
    use super::*;

    #[pymodule_export]
    use super::client::{Batches, Client};
    #[pymodule_export]
    use super::command_line::command_line;
    #[pymodule_export]
    use super::emulator::Emulator;
    #[pymodule_export]
    use super::operation::Operation;
    #[pymodule_export]
    use super::results::{FindingIterator, Findings, Packed, RejectIterator, Rejects, Report, Run};
    #[pymodule_export]
    use super::rows::{Lines, RowEncoder};
    #[pymodule_export]
    use super::source::{Source, Writer};

    /// The version of the core is the version of the package.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        gate::refuse_another_interpreter(module.py())?;
        gate::install(module)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
