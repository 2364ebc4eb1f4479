//! Refused records of a batch: as the journal has them, else as the service's error log does.

use std::io;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cdp_batch::rejects::Rejects;
use cdp_batch::{Result, journal, run};
use futures_util::stream;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Page, blocking};

/// Refused records that are shown; the download has all.
const SHOWN: usize = 200;

pub(crate) struct Refused {
    rejects: Rejects,
    batch: Uuid,
}

impl Refused {
    /// # Errors
    /// `not_found` for a ref the service does not know; `journal` for one that cannot be read.
    pub(crate) async fn of(page: &Page, batch: Uuid) -> Result<Self> {
        if let Some(folder) = page.state_dir() {
            let known = blocking(move || journal::rejects_of_batch(folder, batch)).await?;
            // A run that was left before the service's verdict knows the batch, but not what was refused.
            if let Some(rejects) = known.filter(|known| known.all().next().is_some()) {
                return Ok(Refused { rejects, batch });
            }
        }
        Ok(Refused { rejects: page.0.client.batch(batch).errors().await?, batch })
    }

    /// Reasons, and the first records.
    pub(crate) async fn explained(self) -> Result<Value> {
        let rejects = self.rejects;
        blocking(move || {
            let reasons = run::summarise(&rejects)?;
            let total: u64 = reasons.iter().map(|reason| reason.count).sum();
            let shown = rejects.iter().take(SHOWN).collect::<Result<Vec<_>>>()?;
            let has_records = shown.iter().any(|reject| !reject.record.is_empty());
            let repeats = run::summarise(&rejects.repeats())?;
            Ok(json!({
                "reasons": reasons, "repeats": repeats, "total": total, "rejects": shown, "has_records": has_records,
            }))
        })
        .await
    }

    /// All of them, a line of JSON for each.
    pub(crate) fn log(self) -> Response {
        let lines = self.rejects.all().map(|reject| Ok(serde_json::to_vec(&reject.map_err(io::Error::other)?)?));
        download(format!("{}.errors.ndjson", self.batch), lines)
    }

    /// The records themselves, as they were read: to be fixed and sent again.
    pub(crate) fn records(self) -> Response {
        let records = self.rejects.iter().map(|reject| Ok(reject.map_err(io::Error::other)?.record));
        let at_hand = records.filter(|record| !matches!(record, Ok(record) if record.is_empty()));
        download(format!("{}.rejects.ndjson", self.batch), at_hand)
    }
}

/// A file of lines, made while it is read.
fn download(name: String, lines: impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static) -> Response {
    let lines = lines.map(|line| {
        let mut line = line?;
        line.push(b'\n');
        Ok::<_, io::Error>(Bytes::from(line))
    });
    let kind = (header::CONTENT_TYPE, "application/x-ndjson".to_string());
    let name = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    ([kind, name], Body::from_stream(stream::iter(lines))).into_response()
}
