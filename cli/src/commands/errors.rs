//! `cdp-batch errors`.

use cdp_batch::reject::Reject;
use cdp_batch::rejects::Rejects;
use cdp_batch::{Error, Kind, Stage, journal, run};
use serde_json::Map;
use uuid::Uuid;

use crate::args::Errors;
use crate::failure::{Failure, Outcome, SUCCESS};
use crate::{connect, output, progress};

/// Prints each refused record and the reasons, from the journal of a run, or else as the batch's error log has them.
pub(crate) fn run(errors: &Errors) -> Outcome {
    let rejects = find(errors)?;
    if errors.json {
        for reject in rejects.iter() {
            let line = serde_json::to_string(&reject?).map_err(|error| Failure::local("cannot write JSON", error))?;
            output::print(&(line + "\n"))?;
        }
    } else {
        for reject in rejects.iter() {
            output::print(&row(&reject?))?;
        }
        output::print(&output::reasons("rejected", &run::summarise(&rejects)?))?;
    }
    if let Some(path) = &errors.write {
        let written = rejects.write(path)?;
        eprintln!("{written} rejected records are in {}", path.display());
    }
    Ok(SUCCESS)
}

/// Where the journal knows the target, it knows more than the service.
fn find(errors: &Errors) -> Result<Rejects, Failure> {
    let batch = errors.target.parse::<Uuid>().ok();
    if let Some(folder) = &errors.state_dir {
        if journal::runs(folder)?.iter().any(|run| run.run_id == errors.target) {
            return Ok(journal::rejects_of_run(folder, &errors.target)?);
        }
        let known = batch.map(|batch| journal::rejects_of_batch(folder, batch)).transpose()?.flatten();
        if let Some(known) = known {
            return Ok(known);
        }
    }
    let Some(batch) = batch else { return Err(no_target(errors).into()) };
    let client = connect::client(&errors.connection, Map::new())?;
    Ok(progress::follow(client.batch(batch).errors())?)
}

fn row(reject: &Reject) -> String {
    let place = match (&reject.source, reject.line, reject.record_ref) {
        (Some(source), Some(line), _) => format!("{source}:{line}"),
        (_, _, Some(record)) => record.to_string(),
        _ => "(no ref)".to_string(),
    };
    format!("{place}: {}: {}\n", reject.code, reject.message)
}

fn no_target(errors: &Errors) -> Error {
    let message = match &errors.state_dir {
        Some(folder) => format!("{} knows no run {}, and it is no ref of a batch", folder.display(), errors.target),
        None => format!("{:?} is no ref of a batch; for a run give its --state-dir", errors.target),
    };
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}
