//! An emulator, guests in a file, and a state folder.

use std::fs;

use cdp_batch::api::region::BaseUrl;
use cdp_batch::client::Client;
use cdp_batch::run::RunReport;
use cdp_batch::secret::Secret;
use cdp_batch::source::Source;
use cdp_batch::{Error, Kind, Options, Result};
use cdp_batch_emulator::{Config, Emulator};
use cdp_batch_sample::{Amount, Guests, write};
use serde_json::{Value, json};

pub(crate) const RECORDS: u64 = 100;

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    /// An emulator, and guests in a file.
    pub(crate) fn new() -> Self {
        World::with(Config::default())
    }

    /// The same with an emulator of this configuration.
    pub(crate) fn with(config: Config) -> Self {
        let world = World { emulator: Emulator::start(config).unwrap(), folder: tempfile::tempdir().unwrap() };
        let mut file = fs::File::create(world.guests()).unwrap();
        write(&mut file, &mut Guests::new(7), Amount::Records(RECORDS)).unwrap();
        world
    }

    pub(crate) fn guests(&self) -> std::path::PathBuf {
        self.folder.path().join("guests.ndjson")
    }

    pub(crate) fn state(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn options(&self, changes: Value) -> Options {
        let options = json!({
            "run_id": "nightly", "state_dir": self.state(), "max_batch_bytes": 6_000, "raise_on": "never",
            "wait": {"min_ms": 2, "max_ms": 10}, "retry": {"attempts": 2, "base_ms": 1},
        });
        let options = Options::from_map(options.as_object().unwrap()).unwrap();
        options.with(changes.as_object().unwrap()).unwrap()
    }

    pub(crate) fn client(&self, changes: Value) -> Client {
        let config = Config::default();
        let base = BaseUrl::parse(&self.emulator.base_url()).unwrap();
        let (key, token) = (Secret::new(config.client_key), Secret::new(config.api_token));
        Client::new(base, key, token, self.options(changes)).unwrap()
    }

    pub(crate) fn upload(&self, changes: Value) -> Result<RunReport> {
        let client = self.client(json!({}));
        client.upload(Source::path(self.guests()), self.options(changes)).join()
    }

    /// From the second part on the service fails, so the run ends half-way.
    pub(crate) fn fail_from_second_part(&self) {
        let rules = json!([{"on": "allocate", "match": {"ref_index": 1}, "do": {"type": "status", "status": 500}}]);
        self.faults(rules);
    }

    pub(crate) fn faults(&self, rules: Value) {
        self.emulator.set_faults(serde_json::from_value(json!({"rules": rules})).unwrap());
    }

    pub(crate) fn heal(&self) {
        self.faults(json!([]));
    }

    /// Ends a run half-way; returns how many parts were sent.
    pub(crate) fn half(&self) -> usize {
        self.fail_from_second_part();
        self.upload(json!({})).unwrap_err();
        self.heal();
        self.arrived()
    }

    pub(crate) fn arrived(&self) -> usize {
        self.emulator.arrived().len()
    }
}

pub(crate) fn refused(result: Result<RunReport>, kind: Kind) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error
}
