//! The emulator for C: a library of its own, so that the one that goes into production has none of it.
//! `include/cdp_batch_testing.h` is written from this file by `cargo xtask gen`.
#![expect(unsafe_code, reason = "a C ABI exports names and is given raw pointers")]

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::time::Duration;

use cdp_batch_emulator::{self as emulator, Config, FaultPlan};
use serde::{Deserialize, Serialize};

/// Text from C: NULL, or characters that end with NUL and stay as they are during the call. Nothing but C makes one.
#[repr(transparent)]
pub struct Text(*const c_char);

impl Text {
    fn get(&self) -> Option<Result<&str, String>> {
        // SAFETY: it is NULL or ends with NUL, and it stays as it is while it is borrowed.
        let text = (!self.0.is_null()).then(|| unsafe { CStr::from_ptr(self.0) })?;
        Some(text.to_str().map_err(|_| "the text is not UTF-8".to_string()))
    }
}

/// Text that belongs to C until it is freed.
#[repr(transparent)]
pub struct Owned(*mut c_char);

impl Owned {
    const NONE: Owned = Owned(std::ptr::null_mut());

    fn new(text: &str) -> Self {
        Owned(CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default().into_raw())
    }

    fn json(value: &impl Serialize) -> Self {
        serde_json::to_string(value).map_or(Owned::NONE, |text| Owned::new(&text))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: it was made by `CString::into_raw` in `new`, and nothing but this frees it.
            drop(unsafe { CString::from_raw(self.0) });
        }
    }
}

/// A local Batch API on threads of its own.
pub struct Emulator {
    pid: u32,
    running: Option<emulator::Emulator>,
    base_url: CString,
}

/// What `cdpb_emulator_start` is told.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    client_key: Option<String>,
    api_token: Option<String>,
    records_per_second: Option<f64>,
    faults: serde_json::Value,
}

fn start(settings: &Text) -> Result<Emulator, String> {
    let settings: Settings = match settings.get().transpose()? {
        None => Settings::default(),
        Some(text) => serde_json::from_str(text).map_err(|reason| format!("the settings are not valid: {reason}"))?,
    };
    let faults = match settings.faults {
        serde_json::Value::Null => FaultPlan::default(),
        faults => plan(&faults.to_string())?,
    };
    let defaults = Config::default();
    let config = Config {
        client_key: settings.client_key.unwrap_or(defaults.client_key),
        api_token: settings.api_token.unwrap_or(defaults.api_token),
        records_per_second: settings.records_per_second,
        faults,
        ..Config::default()
    };
    let running = emulator::Emulator::start(config).map_err(|error| error.to_string())?;
    let base_url = CString::new(running.base_url()).unwrap_or_default();
    Ok(Emulator { pid: process::id(), running: Some(running), base_url })
}

fn plan(faults: &str) -> Result<FaultPlan, String> {
    faults.parse().map_err(|reason| format!("the fault plan is not valid: {reason}"))
}

/// Does `work`; `otherwise` stands for a panic.
fn guarded<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise)
}

fn told<T: Serialize>(emulator: Option<&Emulator>, ask: impl FnOnce(&emulator::Emulator) -> T) -> Owned {
    guarded(Owned::NONE, || {
        let running = emulator.and_then(|emulator| emulator.running.as_ref());
        running.map_or(Owned::NONE, |emulator| Owned::json(&ask(emulator)))
    })
}

/// Starts an emulator on a free port of this machine; NULL, and a line on standard error, if it cannot. `settings` is a JSON
/// object, or NULL: `{"client_key", "api_token", "records_per_second", "faults"}`, the last as emulator/README.md has it.
#[unsafe(no_mangle)]
#[expect(clippy::print_stderr, reason = "a test that cannot begin says why")]
pub extern "C" fn cdpb_emulator_start(settings: Text) -> Option<Box<Emulator>> {
    match guarded(Err("it stopped on a bug".to_string()), || start(&settings)) {
        Ok(emulator) => Some(Box::new(emulator)),
        Err(reason) => {
            eprintln!("cdpb_emulator_start: {reason}");
            None
        }
    }
}

/// Where it listens, for `cdpb_client_new`. The text lives as long as the emulator.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_base_url(emulator: Option<&Emulator>) -> *const c_char {
    emulator.map_or(std::ptr::null(), |emulator| emulator.base_url.as_ptr())
}

/// Every record that arrived, as a JSON array. `cdpb_emulator_string_free` frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_arrived(emulator: Option<&Emulator>) -> Owned {
    told(emulator, emulator::Emulator::arrived)
}

/// Every batch, as a JSON array. `cdpb_emulator_string_free` frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_batches(emulator: Option<&Emulator>) -> Owned {
    told(emulator, emulator::Emulator::batches)
}

/// Every request, as a JSON array. `cdpb_emulator_string_free` frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_requests(emulator: Option<&Emulator>) -> Owned {
    told(emulator, emulator::Emulator::requests)
}

/// Replaces the fault plan, which is a JSON object; false if it is not valid.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_set_faults(emulator: Option<&Emulator>, faults: Text) -> bool {
    guarded(false, || {
        let running = emulator.and_then(|emulator| emulator.running.as_ref());
        let faults = faults.get().and_then(Result::ok).and_then(|faults| plan(faults).ok());
        let (Some(emulator), Some(faults)) = (running, faults) else { return false };
        emulator.set_faults(faults);
        true
    })
}

/// Moves its clock forward.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_advance_clock(emulator: Option<&Emulator>, ms: u64) {
    guarded((), || {
        let running = emulator.and_then(|emulator| emulator.running.as_ref());
        running.into_iter().for_each(|emulator| emulator.advance_clock(Duration::from_millis(ms)));
    });
}

/// Ends it, and frees it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_free(emulator: Option<Box<Emulator>>) {
    guarded((), || drop(emulator));
}

/// Frees text of this library. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_emulator_string_free(text: Owned) {
    guarded((), || drop(text));
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if self.pid != process::id() {
            // Its threads stayed in the parent: to wait for them would take forever.
            std::mem::forget(self.running.take());
        }
    }
}
