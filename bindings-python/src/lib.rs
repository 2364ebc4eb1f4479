//! The native half of the Python package `cdp_batch`. It holds no rule of its own: what a host of the core can do is
//! handed to Python, and Python gives it its names.

use pyo3::prelude::*;

/// What `python/cdp_batch` is built on. Not for use by others.
#[pymodule]
mod _native {
    use super::*;

    /// The version of the core, which is the version of the package.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
