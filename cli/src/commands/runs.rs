//! `cdp-batch runs`, `resume`, `reconcile` and `clean`: what the journal of a state folder knows.

use cdp_batch::run::Open;
use serde_json::{Map, json};

use super::upload::follow_and_report;
use crate::args::{Reconcile, Resume, State};
use crate::failure::{Failure, Outcome, REJECTED, SUCCESS};
use crate::{connect, output, progress};

/// Lists the runs of the journal.
pub(crate) fn list(state: &State) -> Outcome {
    let runs = cdp_batch::journal::runs(&state.state_dir)?;
    if state.json {
        output::print_json(&runs)?;
        return Ok(SUCCESS);
    }
    let rows: Vec<Vec<String>> = runs
        .into_iter()
        .map(|run| {
            let counts = [run.parts, run.packed, run.confirmed, run.rejected].map(|count| count.to_string());
            let sources = run.sources.join(" ");
            [run.run_id, run.state].into_iter().chain(counts).chain([run.created_at, sources]).collect()
        })
        .collect();
    let header = ["run", "state", "parts", "packed", "confirmed", "rejected", "begun", "sources"];
    output::print(&output::table(&header, &rows))?;
    Ok(SUCCESS)
}

/// Removes the part files that finished runs left.
pub(crate) fn clean(state: &State) -> Outcome {
    let removed = cdp_batch::journal::clean(&state.state_dir)?;
    match state.json {
        true => output::print_json(&json!({ "removed": removed }))?,
        false => output::print(&format!("{removed} part files removed\n"))?,
    }
    Ok(SUCCESS)
}

/// Goes on with a run.
pub(crate) fn resume(resume: &Resume) -> Outcome {
    let client = connect::client(&resume.connection, resume.options())?;
    follow_and_report(client.resume(&resume.run_id), resume.rejects.as_deref(), resume.state.json)
}

/// Compares the journal with the service's list; exit code 1 if a batch needs a look.
pub(crate) fn reconcile(reconcile: &Reconcile) -> Outcome {
    let options = Map::from_iter([("state_dir".to_string(), json!(reconcile.state.state_dir))]);
    let client = connect::client(&reconcile.connection, options)?;
    let found = progress::follow(client.reconcile())?;
    let lists = [
        ("never uploaded", &found.never_uploaded),
        ("still processing", &found.processing),
        ("failed, not sent again", &found.failed),
        ("unknown to this journal", &found.unknown),
    ];
    match reconcile.state.json {
        true => output::print_json(&found)?,
        false => show(&lists)?,
    }
    let all_well = found.never_uploaded.is_empty() && found.processing.is_empty() && found.failed.is_empty();
    Ok(if all_well { SUCCESS } else { REJECTED })
}

fn show(lists: &[(&str, &Vec<Open>)]) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = lists
        .iter()
        .flat_map(|(what, batches)| batches.iter().map(move |batch| (what, batch)))
        .map(|(what, batch)| {
            let part = batch.part.map(|part| part.to_string());
            let texts = [batch.status.clone(), batch.run_id.clone(), part].map(Option::unwrap_or_default);
            [what.to_string(), batch.batch_ref.to_string()].into_iter().chain(texts).collect()
        })
        .collect();
    match rows.is_empty() {
        true => output::print("nothing is open\n"),
        false => output::print(&output::table(&["what", "batch", "status", "run", "part"], &rows)),
    }
}
