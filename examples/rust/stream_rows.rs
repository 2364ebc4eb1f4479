//! Push rows as they come, from a query for instance, without a file in between.
#![expect(clippy::print_stdout, reason = "an example prints what happened")]

use cdp_batch::client::Client;
use cdp_batch::{Options, Result};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let client = Client::from_env(Options::default())?;

    // The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address,
    // so that it is the same tomorrow.
    let options = Options {
        schema: Some("guest".into()),
        mode: Some("upsert".into()),
        ref_field: Some("email".into()),
        ..Options::default()
    };
    let (writer, upload) = client.writer(options);
    for row in query() {
        // Waits while the queue is full. If the run ends early, `join` says why.
        if writer.push(row.to_string().as_bytes()).is_err() {
            break;
        }
    }
    writer.finish();

    let report = upload.join()?;
    println!("{} of {} rows are confirmed", report.counts.confirmed, report.counts.read);
    Ok(())
}

/// Stands for a database.
fn query() -> impl Iterator<Item = Value> {
    (1..=1_000).map(|number| {
        json!({
            "guestType": "customer",
            "email": format!("customer{number}@example.com"),
            "identifiers": [{"provider": "CRM", "id": format!("C-{number}")}],
        })
    })
}
