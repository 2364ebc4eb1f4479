//! The journal against the service's list of the last 30 days.

use std::collections::HashMap;

use serde::Serialize;
use uuid::Uuid;

use crate::api::batch::{BatchInfo, Status};
use crate::journal::{State, Used};

/// A batch that needs a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// Its ref.
    #[serde(rename = "ref")]
    pub batch_ref: Uuid,
    /// The run it belongs to; none if the journal does not know it.
    pub run_id: Option<String>,
    /// The part it holds; none if the journal does not know it.
    pub part: Option<u64>,
    /// What the service says; none if it does not list it.
    pub status: Option<String>,
}

/// What the journal and the service together tell. Batches that are done and known are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Packed, perhaps allocated, but storage does not have it: resume the run.
    pub never_uploaded: Vec<Open>,
    /// Uploaded, and the service has not finished with it.
    pub processing: Vec<Open>,
    /// The service could not read it or refused records of it without saying which, and it was not sent again.
    pub failed: Vec<Open>,
    /// Listed by the service, but not in this journal: sent from elsewhere.
    pub unknown: Vec<Open>,
}

/// Sorts every ref into its list.
pub(crate) fn reconcile(used: Vec<Used>, listed: Vec<BatchInfo>) -> Reconciliation {
    let mut listed: Vec<_> = listed.into_iter().map(|info| (info.batch_ref, Some(info.status))).collect();
    let mut statuses: HashMap<Uuid, Option<Status>> = listed.iter().cloned().collect();
    let mut found = Reconciliation::default();
    for Used { run_id, part, batch, state } in used {
        let status = statuses.remove(&batch).flatten();
        // What became of an abandoned ref no longer matters: its part went under another.
        let list = match (state, &status) {
            (State::Abandoned | State::Confirmed, _) => continue,
            (_, Some(Status::FileUploaded | Status::Processing | Status::Unknown(_))) => &mut found.processing,
            (State::Corrupted | State::Failed, _) | (_, Some(Status::Corrupted)) => &mut found.failed,
            // Finished by the service, not yet reported here.
            (_, Some(Status::Success | Status::Error)) | (State::Sent, None) => &mut found.processing,
            (_, Some(Status::Uploading) | None) => &mut found.never_uploaded,
        };
        let status = status.map(|status| status.name().to_string());
        list.push(Open { batch_ref: batch, run_id: Some(run_id), part: Some(part), status });
    }
    listed.retain(|(batch, _)| statuses.contains_key(batch));
    found.unknown = listed
        .into_iter()
        .map(|(batch_ref, status)| Open {
            batch_ref,
            run_id: None,
            part: None,
            status: status.map(|status| status.name().to_string()),
        })
        .collect();
    found
}
