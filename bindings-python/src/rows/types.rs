//! The types of the standard library that are known by name.

use pyo3::prelude::*;
use pyo3::types::PyType;

/// Looked up once: a row may hold thousands of values.
pub(super) struct Types {
    pub(super) date: Py<PyType>,
    pub(super) datetime: Py<PyType>,
    pub(super) decimal: Py<PyType>,
    pub(super) r#enum: Py<PyType>,
    pub(super) uuid: Py<PyType>,
    /// `datetime.timezone.utc`.
    pub(super) utc: Py<PyAny>,
    /// `dataclasses.fields`.
    pub(super) fields: Py<PyAny>,
}

impl Types {
    pub(super) fn import(py: Python<'_>) -> PyResult<Self> {
        let named = |module: &str, name: &str| -> PyResult<Py<PyType>> {
            Ok(py.import(module)?.getattr(name)?.cast_into::<PyType>()?.unbind())
        };
        Ok(Types {
            date: named("datetime", "date")?,
            datetime: named("datetime", "datetime")?,
            decimal: named("decimal", "Decimal")?,
            r#enum: named("enum", "Enum")?,
            uuid: named("uuid", "UUID")?,
            utc: py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind(),
            fields: py.import("dataclasses")?.getattr("fields")?.unbind(),
        })
    }
}
