//! `cdp-batch status` and `cdp-batch wait`.

use cdp_batch::api::batch::{BatchInfo, Status};
use cdp_batch::{Options, Result};
use serde_json::{Map, json};

use crate::args::{Batches, Wait};
use crate::failure::{Failure, Outcome, REJECTED, SUCCESS};
use crate::{connect, output, progress};

/// Asks once for each batch.
pub(crate) fn status(batches: &Batches) -> Outcome {
    let client = connect::client(&batches.connection, Map::new())?;
    let asked = batches.refs.iter().map(|batch| progress::follow(client.batch(*batch).status()));
    show(&asked.collect::<Result<Vec<_>>>()?, batches.json)?;
    Ok(SUCCESS)
}

/// Waits for all of them; exit code 1 if any did not succeed.
pub(crate) fn wait(wait: &Wait) -> Outcome {
    let client = connect::client(&wait.batches.connection, Map::new())?;
    let mut options = Options::clone(client.options());
    if let Some(seconds) = wait.timeout {
        let changes = json!({"wait": {"timeout_ms": seconds.saturating_mul(1_000)}});
        options = options.with(changes.as_object().unwrap_or(&Map::new()))?;
    }
    let finished = progress::follow(client.wait(wait.batches.refs.clone(), options))?;
    show(&finished, wait.batches.json)?;
    let all_well = finished.iter().all(|batch| batch.status == Status::Success);
    Ok(if all_well { SUCCESS } else { REJECTED })
}

/// Prints batches as a table or as JSON.
pub(crate) fn show(batches: &[BatchInfo], json: bool) -> std::result::Result<(), Failure> {
    if json {
        return output::print_json(&batches);
    }
    let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
    let rows: Vec<Vec<String>> = batches
        .iter()
        .map(|batch| {
            let stats = batch.stats.unwrap_or_default();
            vec![
                batch.batch_ref.to_string(),
                batch.status.name().to_string(),
                count(stats.total),
                count(stats.succeeded),
                count(stats.failed),
                batch.records_per_second().map_or_else(String::new, |rate| format!("{rate:.0}")),
                batch.modified_at.clone().unwrap_or_default(),
            ]
        })
        .collect();
    output::print(&output::table(&["batch", "status", "total", "succeeded", "failed", "a second", "modified"], &rows))
}
