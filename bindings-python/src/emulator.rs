//! The emulator, in this process, for `cdp_batch.testing`.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cdp_batch::home::AtHome;
use cdp_batch_emulator::{self as emulator, Config, FaultPlan};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use serde::Serialize;

use crate::gate;

/// A running emulator, until it is closed. What it tells is JSON.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Emulator(AtHome<Mutex<Option<emulator::Emulator>>>);

#[pymethods]
impl Emulator {
    #[new]
    fn new(
        py: Python<'_>,
        client_key: Option<String>,
        api_token: Option<String>,
        faults: &str,
        records_per_second: Option<f64>,
    ) -> PyResult<Self> {
        let defaults = Config::default();
        let config = Config {
            client_key: client_key.unwrap_or(defaults.client_key),
            api_token: api_token.unwrap_or(defaults.api_token),
            faults: plan(faults)?,
            records_per_second,
            ..Config::default()
        };
        let running = gate::detach(py, || emulator::Emulator::start(config)).map_err(refused)?;
        Ok(Emulator(AtHome::new(Mutex::new(Some(running)))))
    }

    fn base_url(&self) -> PyResult<String> {
        self.with(|emulator| emulator.base_url())
    }

    fn arrived(&self, py: Python<'_>) -> PyResult<String> {
        gate::detach(py, || self.with(|emulator| json(&emulator.arrived()))?)
    }

    fn batches(&self, py: Python<'_>) -> PyResult<String> {
        gate::detach(py, || self.with(|emulator| json(&emulator.batches()))?)
    }

    fn requests(&self, py: Python<'_>) -> PyResult<String> {
        gate::detach(py, || self.with(|emulator| json(&emulator.requests()))?)
    }

    fn set_faults(&self, faults: &str) -> PyResult<()> {
        let faults = plan(faults)?;
        self.with(|emulator| emulator.set_faults(faults))
    }

    fn advance_clock(&self, seconds: f64) -> PyResult<()> {
        let by = Duration::try_from_secs_f64(seconds);
        let by =
            by.map_err(|reason| PyValueError::new_err(format!("the clock cannot be moved by {seconds} s: {reason}")))?;
        self.with(|emulator| emulator.advance_clock(by))
    }

    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        gate::detach(py, || self.with(emulator::Emulator::reset)?.map_err(refused))
    }

    /// Ends it; again does nothing.
    fn close(&self, py: Python<'_>) {
        gate::detach(py, || drop(self.running().and_then(|mut running| running.take())));
    }
}

impl Emulator {
    fn with<T>(&self, ask: impl FnOnce(&emulator::Emulator) -> T) -> PyResult<T> {
        let running = self.running();
        let here = running.as_ref().and_then(|running| running.as_ref());
        here.map(ask).ok_or_else(|| PyRuntimeError::new_err("this emulator is closed, or runs in a parent process"))
    }

    /// `None` in a forked process: its threads stayed in the parent.
    fn running(&self) -> Option<MutexGuard<'_, Option<emulator::Emulator>>> {
        Some(self.0.here()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn plan(faults: &str) -> PyResult<FaultPlan> {
    faults.parse().map_err(|reason| PyValueError::new_err(format!("the fault plan is not valid: {reason}")))
}

fn refused(error: io::Error) -> PyErr {
    match error.kind() {
        io::ErrorKind::InvalidInput => PyValueError::new_err(error.to_string()),
        _ => error.into(),
    }
}

fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
