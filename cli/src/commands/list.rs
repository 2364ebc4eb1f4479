//! `cdp-batch list`.

use cdp_batch::api::batch::{BatchInfo, Status};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::{Error, Kind, Result, Stage};
use serde_json::Map;

use super::batches::show;
use crate::args::List;
use crate::connect;
use crate::failure::{Outcome, SUCCESS};

/// Lists batches, page after page.
pub(crate) fn run(list: &List) -> Outcome {
    let time = |name: &str, text: &Option<String>| {
        text.as_ref().map(|text| text.parse().map_err(|_| no_time(name, text))).transpose()
    };
    let query = ListQuery {
        status: list.status.iter().map(|name| Status::from(name.as_str())).collect(),
        created_after: time("--created-after", &list.created_after)?,
        created_before: time("--created-before", &list.created_before)?,
        limit: list.limit,
        ..ListQuery::default()
    };
    let client = connect::client(&list.connection, Map::new())?;
    let batches: Vec<BatchInfo> = client.batches(query).collect::<Result<_>>()?;
    show(&batches, list.json)?;
    Ok(SUCCESS)
}

fn no_time(option: &str, text: &str) -> Error {
    let message = format!("{option} is {text:?}, but must be a time such as 2026-01-31T00:00:00Z");
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}
