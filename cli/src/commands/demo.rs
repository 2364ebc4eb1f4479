//! `cdp-batch demo`: the whole job, against a local emulator.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use cdp_batch::Options;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::client::Client;
use cdp_batch::secret::Secret;
use cdp_batch::source::Source;
use cdp_batch_emulator::{Config, Emulator};
use cdp_batch_sample::{Amount, Guests, write};
use indicatif::{HumanBytes, HumanCount};
use serde_json::json;

use super::upload::upload_and_report;
use crate::args::Demo;
use crate::failure::{Failure, Outcome, REJECTED, SUCCESS};

/// One guest in so many is defective.
const DEFECT_EVERY: u64 = 2_500;

/// Generates guests, starts an emulator, and uploads to it as any program would. Rejects are part of the show: they
/// do not make the demo fail.
pub(crate) fn run(demo: &Demo) -> Outcome {
    let folder = folder(demo)?;
    let guests = folder.join("guests.ndjson");
    generate(demo, &guests).map_err(|error| Failure::local(format!("cannot write {}", guests.display()), error))?;
    let config = Config::default();
    let (key, token) = (Secret::new(config.client_key.as_str()), Secret::new(config.api_token.as_str()));
    let emulator = Emulator::start(config).map_err(|error| Failure::local("cannot start the emulator", error))?;
    eprintln!("A local Batch API listens on {}.\n", emulator.base_url());
    // The emulator is quick, so ask often; smaller batches than usual, so that there are several to watch.
    let options = json!({
        "raise_on": "never",
        "max_batch_bytes": 10_000_000,
        "wait": {"min_ms": 50, "max_ms": 500},
    });
    let options = Options::from_map(options.as_object().unwrap_or(&serde_json::Map::new()))?;
    let client = Client::new(BaseUrl::parse(&emulator.base_url())?, key, token, options)?;
    let rejects = folder.join("rejects.ndjson");
    let code = upload_and_report(&client, Source::path(&guests), Some(&rejects), demo.json)?;
    eprintln!("\nGuests and rejects are in {}; fix the rejects and upload that file.", folder.display());
    Ok(if code == REJECTED { SUCCESS } else { code })
}

fn folder(demo: &Demo) -> Result<PathBuf, Failure> {
    let folder = std::env::temp_dir().join(format!("cdp-batch-demo-{}-{}", demo.records, demo.seed));
    fs::create_dir_all(&folder).map_err(|error| Failure::local(format!("cannot make {}", folder.display()), error))?;
    Ok(folder)
}

fn generate(demo: &Demo, path: &Path) -> std::io::Result<()> {
    let mut guests = Guests::new(demo.seed).with_defect_every(DEFECT_EVERY);
    let written = write(&mut File::create(path)?, &mut guests, Amount::Records(demo.records))?;
    eprintln!(
        "{} guests in {} ({}), {} of them defective.",
        HumanCount(written.records),
        path.display(),
        HumanBytes(written.bytes),
        HumanCount(guests.defective())
    );
    Ok(())
}
