//! What the page asks for, as JSON.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use cdp_batch::api::batch::{BatchInfo, Status};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::journal::{self, Used};
use cdp_batch::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::refused::Refused;
use crate::{Page, blocking};

pub(crate) fn router(page: Page) -> Router {
    Router::new()
        .route("/api/about", get(about))
        .route("/api/batches", get(batches))
        .route("/api/details", get(details))
        .route("/api/batches/{ref}", get(batch))
        .route("/api/batches/{ref}/rejects", get(rejects))
        .route("/api/batches/{ref}/errors.ndjson", get(log))
        .route("/api/batches/{ref}/rejects.ndjson", get(records))
        .route("/api/runs", get(runs))
        .with_state(page)
}

type Answer<T = Json<Value>> = std::result::Result<T, Failed>;

/// An error as the page shows it: its code and its sentence.
struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            Kind::InvalidOptions => StatusCode::BAD_REQUEST,
            Kind::NotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_GATEWAY,
        };
        (status, Json(json!({ "code": self.0.kind().name(), "message": self.0.message() }))).into_response()
    }
}

async fn about(State(page): State<Page>) -> Json<Value> {
    Json(json!({ "base_url": page.0.base_url, "version": env!("CARGO_PKG_VERSION") }))
}

/// What the list is asked for; an empty text asks for nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    r#ref: String,
    status: String,
    sort: String,
    offset: usize,
    limit: usize,
}

/// A batch with what is worked out from its counts, and the part it holds.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    info: BatchInfo,
    records_per_second: Option<f64>,
    run_id: Option<String>,
    part: Option<u64>,
}

/// The parts that the journal knows, by the refs they used.
struct Parts(HashMap<Uuid, Used>);

impl Parts {
    async fn of(page: &Page) -> Result<Self> {
        let Some(folder) = page.state_dir() else { return Ok(Parts(HashMap::new())) };
        let used = blocking(move || journal::used(folder)).await?;
        Ok(Parts(used.into_iter().map(|used| (used.batch, used)).collect()))
    }

    fn shown(&self, info: BatchInfo) -> Shown {
        let used = self.0.get(&info.batch_ref);
        Shown {
            records_per_second: info.records_per_second(),
            run_id: used.map(|used| used.run_id.clone()),
            part: used.map(|used| used.part),
            info,
        }
    }
}

/// A part of the list, and how many batches have which status whatever is asked for.
async fn batches(State(page): State<Page>, Query(asked): Query<Asked>) -> Answer {
    let everything = ListQuery { sort: Some(asked.sort.parse()?), ..ListQuery::default() };
    let client = page.0.client.clone();
    let all = blocking(move || client.batches(everything).collect::<Result<Vec<_>>>()).await?;
    let mut counts = BTreeMap::<String, u64>::new();
    for info in &all {
        *counts.entry(info.status.name().to_string()).or_default() += 1;
    }
    let statuses: Vec<_> = asked.status.split(',').filter(|name| !name.is_empty()).map(Status::from).collect();
    let prefix = ListQuery { ref_prefix: Some(asked.r#ref), ..ListQuery::default() };
    let is_wanted = |info: &BatchInfo| prefix.takes(info) && (statuses.is_empty() || statuses.contains(&info.status));
    let wanted: Vec<_> = all.into_iter().filter(is_wanted).collect();
    let parts = Parts::of(&page).await?;
    let total = wanted.len();
    let items = wanted.into_iter().skip(asked.offset).take(asked.limit).map(|info| parts.shown(info));
    Ok(Json(json!({
        "total": total, "offset": asked.offset, "counts": counts, "items": items.collect::<Vec<_>>(),
    })))
}

#[derive(Deserialize)]
struct Refs {
    /// Separated by commas; what is no ref is passed over.
    refs: String,
}

/// Counts and times of several batches, which lists do not tell.
async fn details(State(page): State<Page>, Query(asked): Query<Refs>) -> Answer {
    let refs = asked.refs.split(',').filter_map(|text| Uuid::try_parse(text).ok()).collect();
    let parts = Parts::of(&page).await?;
    let infos = page.0.details.of_all(refs).await;
    Ok(Json(json!(infos.into_iter().map(|info| parts.shown(info)).collect::<Vec<_>>())))
}

async fn batch(State(page): State<Page>, Path(batch): Path<Uuid>) -> Answer<Json<Shown>> {
    Ok(Json(Parts::of(&page).await?.shown(page.0.details.of(batch).await?)))
}

async fn rejects(State(page): State<Page>, Path(batch): Path<Uuid>) -> Answer {
    Ok(Json(Refused::of(&page, batch).await?.explained().await?))
}

async fn log(State(page): State<Page>, Path(batch): Path<Uuid>) -> Answer<Response> {
    Ok(Refused::of(&page, batch).await?.log())
}

async fn records(State(page): State<Page>, Path(batch): Path<Uuid>) -> Answer<Response> {
    Ok(Refused::of(&page, batch).await?.records())
}

/// The journal's runs, and where it and the service tell different stories; null without a journal.
async fn runs(State(page): State<Page>) -> Answer {
    let Some(folder) = page.state_dir() else { return Ok(Json(Value::Null)) };
    let runs = blocking(move || journal::runs(folder)).await?;
    let reconciliation = page.0.client.reconcile().await?;
    Ok(Json(json!({ "runs": runs, "reconciliation": reconciliation })))
}
