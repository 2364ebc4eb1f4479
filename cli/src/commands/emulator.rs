//! `cdp-batch emulator`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cdp_batch_emulator::{Config, Emulator, FaultPlan};

use crate::args;
use crate::failure::{Failure, Outcome, SUCCESS};
use crate::{interrupt, output};

/// Serves until Ctrl-C.
pub(crate) fn run(arguments: &args::Emulator) -> Outcome {
    let defaults = Config::default();
    let config = Config {
        listen: arguments.listen,
        admin: arguments.admin,
        client_key: arguments.client_key.clone().unwrap_or(defaults.client_key.clone()),
        api_token: arguments.api_token.clone().unwrap_or(defaults.api_token.clone()),
        state: arguments.state.clone(),
        faults: arguments.faults.as_deref().map(read_faults).transpose()?.unwrap_or_default(),
        records_per_second: arguments.records_per_second,
        ..defaults
    };
    interrupt::listen();
    let emulator = Emulator::start(config).map_err(|error| Failure::local("cannot start the emulator", error))?;
    output::print(&format!("listening on {}\nadmin on {}\n", emulator.base_url(), emulator.admin_url()))?;
    while !interrupt::pressed() {
        std::thread::sleep(Duration::from_millis(50));
    }
    emulator.shutdown();
    Ok(SUCCESS)
}

fn read_faults(path: &Path) -> Result<FaultPlan, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::local(path.display(), error))?;
    serde_json::from_str(&text).map_err(|error| Failure::local(path.display(), error))
}
