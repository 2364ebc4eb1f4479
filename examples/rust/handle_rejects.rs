//! Look at every refused record, and keep them in a file to fix and send again.
#![expect(clippy::print_stdout, reason = "an example prints what happened")]

use cdp_batch::client::Client;
use cdp_batch::run::RunReport;
use cdp_batch::source::Source;
use cdp_batch::{Options, Result};

fn main() -> Result<()> {
    let client = Client::from_env(Options::default())?;
    let source = Source::path("examples/data/guests-with-faults.ndjson");
    let Err(error) = client.upload(source, Options::default()).join() else {
        println!("every record is confirmed");
        return Ok(());
    };

    // Whatever ended the run, what is known of it comes with the error.
    let Some(report) = RunReport::of(&error) else { return Err(error) };
    println!("{}: {} of {} records are confirmed", error.kind(), report.counts.confirmed, report.counts.read);
    for reject in report.rejects().iter() {
        let reject = reject?;
        let (source, line) = (reject.source.unwrap_or_default(), reject.line.unwrap_or_default());
        println!("{source}:{line}: {}: {}", reject.code, reject.message);
    }

    // Exactly as they were read, so that the file can be corrected and uploaded.
    let path = std::env::temp_dir().join("rejects.ndjson");
    println!("{} rejects are written", report.write_rejects(path)?);
    Ok(())
}
