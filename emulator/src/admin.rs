//! The admin paths: looking at what happened and changing what will, on a listener of their own.

use crate::batch::{Batch, BatchEntry};
use crate::faults::FaultPlan;
use crate::journal::RequestEntry;
use crate::route::uuid;
use crate::service::Service;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

type Shared = State<Arc<Service>>;

/// Serves the admin paths until the runtime ends.
pub(crate) async fn listen(listener: TcpListener, service: Arc<Service>) {
    let router = Router::new()
        .route("/health", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/requests", get(requests))
        .route("/batches", get(batches))
        .route("/batches/{ref}", get(batch))
        .route("/arrived", get(arrived))
        .route("/faults", post(faults))
        .route("/clock", post(clock))
        .route("/reset", post(reset))
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "there is no such admin path") })
        .with_state(service);
    let _ = axum::serve(listener, router).await;
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

async fn requests(State(service): Shared) -> Json<Vec<RequestEntry>> {
    Json(service.journal.entries())
}

async fn batches(State(service): Shared) -> Json<Vec<BatchEntry>> {
    Json(service.store.entries())
}

async fn batch(State(service): Shared, Path(reference): Path<String>) -> Response {
    match uuid(&reference).and_then(|reference| service.store.view(reference, Batch::entry)) {
        Some(entry) => Json(entry).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "there is no batch with this ref"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Only {
    r#ref: Option<String>,
}

/// One record per line, streamed.
async fn arrived(State(service): Shared, Query(only): Query<Only>) -> Response {
    let reference = only.r#ref.as_deref().map(uuid);
    if reference == Some(None) {
        return refusal(StatusCode::BAD_REQUEST, "ref must be a UUID");
    }
    let lines = service.arrived(reference.flatten()).map(|record| {
        let mut line = serde_json::to_vec(&record).map_err(io::Error::from)?;
        line.push(b'\n');
        Ok::<_, io::Error>(Bytes::from(line))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(stream::iter(lines))).into_response()
}

async fn faults(State(service): Shared, body: Bytes) -> Response {
    match serde_json::from_slice::<FaultPlan>(&body) {
        Ok(plan) => {
            service.faults.replace(plan);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn clock(State(service): Shared, body: Bytes) -> Response {
    match serde_json::from_slice::<Advance>(&body) {
        Ok(advance) => {
            service.clock.advance(Duration::from_secs(advance.advance_seconds));
            Json::<Value>(json!({ "now": service.clock.now().iso() })).into_response()
        }
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

async fn reset(State(service): Shared) -> Response {
    match service.reset() {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}
