//! `cdp-batch errors`.

use serde_json::Map;

use crate::args::Errors;
use crate::failure::{Failure, Outcome, SUCCESS};
use crate::{connect, output, progress};

/// Prints each refused record as the batch's error log has it.
pub(crate) fn run(errors: &Errors) -> Outcome {
    let client = connect::client(&errors.connection, Map::new())?;
    let rejects = progress::follow(client.batch(errors.batch).errors())?;
    for reject in rejects.iter() {
        let reject = reject?;
        let line = match errors.json {
            true => serde_json::to_string(&reject).map_err(|error| Failure::local("cannot write JSON", error))?,
            false => {
                let record = reject.record_ref.map_or_else(|| "(no ref)".to_string(), |record| record.to_string());
                format!("{record}: {}: {}", reject.code, reject.message)
            }
        };
        output::print(&(line + "\n"))?;
    }
    Ok(SUCCESS)
}
