//! Upload a file and wait until the service has confirmed it.
#![expect(clippy::print_stdout, reason = "an example prints what happened")]

use cdp_batch::client::Client;
use cdp_batch::source::Source;
use cdp_batch::{Options, Result};

fn main() -> Result<()> {
    // Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
    let client = Client::from_env(Options::default())?;

    // NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this is an error.
    let source = Source::path("examples/data/guests.ndjson");
    let report = client.upload(source, Options::default()).join()?;

    println!("{} of {} guests are confirmed", report.counts.confirmed, report.counts.read);
    for batch in &report.batches {
        println!("one batch of {} records: {}", batch.records.unwrap_or_default(), batch.status);
    }
    Ok(())
}
