//! The emulator, in this process, for `cdp-batch/testing`.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cdp_batch_emulator::{self as emulator, Config, FaultPlan};
use napi::Result;
use napi_derive::napi;
use serde::Serialize;

/// A running emulator, until it is closed. What it tells is JSON.
#[napi]
pub struct Emulator(Mutex<Option<emulator::Emulator>>);

#[napi]
impl Emulator {
    /// Starts one on a free port of this machine.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        client_key: Option<String>,
        api_token: Option<String>,
        faults: String,
        records_per_second: Option<f64>,
    ) -> Result<Self> {
        let defaults = Config::default();
        let config = Config {
            client_key: client_key.unwrap_or(defaults.client_key),
            api_token: api_token.unwrap_or(defaults.api_token),
            faults: plan(&faults)?,
            records_per_second,
            ..Config::default()
        };
        let running = emulator::Emulator::start(config).map_err(refused)?;
        Ok(Emulator(Mutex::new(Some(running))))
    }

    /// Where it listens.
    #[napi(catch_unwind)]
    pub fn base_url(&self) -> Result<String> {
        self.with(|emulator| emulator.base_url())
    }

    /// Every record it accepted.
    #[napi(catch_unwind)]
    pub fn arrived(&self) -> Result<String> {
        self.with(|emulator| json(&emulator.arrived()))?
    }

    /// Every batch.
    #[napi(catch_unwind)]
    pub fn batches(&self) -> Result<String> {
        self.with(|emulator| json(&emulator.batches()))?
    }

    /// Every request.
    #[napi(catch_unwind)]
    pub fn requests(&self) -> Result<String> {
        self.with(|emulator| json(&emulator.requests()))?
    }

    /// Replaces the fault plan.
    #[napi(catch_unwind)]
    pub fn set_faults(&self, faults: String) -> Result<()> {
        let faults = plan(&faults)?;
        self.with(|emulator| emulator.set_faults(faults))
    }

    /// Moves its clock forward.
    #[napi(catch_unwind)]
    pub fn advance_clock(&self, seconds: f64) -> Result<()> {
        let by = Duration::try_from_secs_f64(seconds)
            .map_err(|reason| failed(format!("the clock cannot be moved by {seconds} s: {reason}")))?;
        self.with(|emulator| emulator.advance_clock(by))
    }

    /// Forgets everything.
    #[napi(catch_unwind)]
    pub fn reset(&self) -> Result<()> {
        self.with(emulator::Emulator::reset)?.map_err(refused)
    }

    /// Ends it; again does nothing.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Emulator {
    fn with<T>(&self, ask: impl FnOnce(&emulator::Emulator) -> T) -> Result<T> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(ask).ok_or_else(|| failed("this emulator is closed".to_string()))
    }
}

fn plan(faults: &str) -> Result<FaultPlan> {
    faults.parse().map_err(|reason| failed(format!("the fault plan is not valid: {reason}")))
}

fn refused(error: io::Error) -> napi::Error {
    failed(error.to_string())
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| failed(error.to_string()))
}

fn failed(message: String) -> napi::Error {
    napi::Error::from_reason(message)
}
