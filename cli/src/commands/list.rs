//! `cdp-batch list`.

use std::io::{IsTerminal, stdout};
use std::thread;
use std::time::{Duration, Instant};

use cdp_batch::api::batch::{BatchInfo, Status};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::{Error, Kind, Result, Stage};
use serde_json::Map;

use super::batches::show;
use crate::args::List;
use crate::failure::{Outcome, SUCCESS};
use crate::{connect, interrupt, output};

/// How long to sleep before looking for Ctrl-C again.
const SLICE: Duration = Duration::from_millis(50);
/// Clears a terminal and goes to its upper left corner.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// Lists batches, page after page; with `--watch` again and again.
pub(crate) fn run(list: &List) -> Outcome {
    let time = |name: &str, text: &Option<String>| {
        text.as_ref().map(|text| text.parse().map_err(|_| no_time(name, text))).transpose()
    };
    let query = ListQuery {
        status: list.status.iter().map(|name| Status::from(name.as_str())).collect(),
        created_after: time("--created-after", &list.created_after)?,
        created_before: time("--created-before", &list.created_before)?,
        modified_after: time("--modified-after", &list.modified_after)?,
        modified_before: time("--modified-before", &list.modified_before)?,
        ref_prefix: list.r#ref.clone(),
        sort: Some(list.sort.parse()?),
        limit: list.limit,
        ..ListQuery::default()
    };
    let client = connect::client(&list.connection, Map::new())?;
    loop {
        let batches: Vec<BatchInfo> = client.batches(query.clone()).collect::<Result<_>>()?;
        if list.watch.is_some() && stdout().is_terminal() {
            output::print(CLEAR)?;
        }
        show(&batches, list.json)?;
        match list.watch {
            Some(seconds) if pause(Duration::from_secs(seconds.max(1))) => {}
            _ => return Ok(SUCCESS),
        }
    }
}

/// Waits; `false` once Ctrl-C was pressed.
fn pause(length: Duration) -> bool {
    interrupt::listen();
    let end = Instant::now() + length;
    while Instant::now() < end && !interrupt::pressed() {
        thread::sleep(SLICE);
    }
    !interrupt::pressed()
}

fn no_time(option: &str, text: &str) -> Error {
    let message = format!("{option} is {text:?}, but must be a time such as 2026-01-31T00:00:00Z");
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}
