//! `cdp-batch emulator`.

use std::fs;
use std::path::Path;

use cdp_batch::api::region::BaseUrl;
use cdp_batch::secret::Secret;
use cdp_batch::{Client, Options};
use cdp_batch_dashboard::Page;
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
    let (key, token) = (Secret::new(config.client_key.as_str()), Secret::new(config.api_token.as_str()));
    interrupt::listen();
    let emulator = Emulator::start(config).map_err(|error| Failure::local("cannot start the emulator", error))?;
    let reached = reached(emulator.base_url());
    let client = BaseUrl::parse(&reached).and_then(|base| Client::new(base, key, token, Options::default()));
    // Plain HTTP is spoken to this machine alone, so an emulator for others only has no page.
    if let Ok(client) = client {
        emulator.mount(Page::new(client, reached.as_str()).router());
    }
    let mut greeting = format!("listening on {}\nadmin on {}\n", emulator.base_url(), emulator.admin_url());
    // Credentials of somebody's own are not for the screen.
    if arguments.client_key.is_none() && arguments.api_token.is_none() {
        let Config { client_key, api_token, .. } = Config::default();
        greeting += &format!("export CDP_BASE_URL={reached} CDP_CLIENT_KEY={client_key} CDP_API_TOKEN={api_token}\n");
    }
    output::print(&greeting)?;
    interrupt::wait();
    emulator.shutdown();
    Ok(SUCCESS)
}

/// Where this machine reaches what listens on all its addresses.
fn reached(base_url: String) -> String {
    base_url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
}

fn read_faults(path: &Path) -> Result<FaultPlan, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::local(path.display(), error))?;
    serde_json::from_str(&text).map_err(|error| Failure::local(path.display(), error))
}
