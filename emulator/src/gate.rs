//! The way of one request: route, journal, faults, work, answer.

use crate::effects::{self, Body, Dropped, Flow};
use crate::faults::Fault;
use crate::journal::{Notes, Outcome};
use crate::route::{Endpoint, Target, route};
use crate::service::{Answer, Exchange, Service};
use crate::{api, list, s3};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use std::io;
use uuid::Uuid;

/// The error text of an answer, for the journal.
#[derive(Clone)]
pub(crate) struct ErrorText(pub(crate) String);

/// A body nobody needs is read up to here, so that the client gets its answer instead of a reset.
const DRAINED: usize = 100_000_000;

pub(crate) async fn serve(
    service: &Service,
    scheme: &'static str,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let target = route(request.method(), request.uri().path());
    if let (Target::NotFound, Some(fallback)) = (target, service.fallback.get()) {
        return Ok(visit(fallback.clone(), request).await);
    }
    let (request, body) = request.into_parts();
    let request_id = Uuid::new_v4().simple().to_string();
    let now = service.clock.now();
    let ticket = service.journal.begin(now.iso(), &request, target, request_id.clone());
    let (faults, reference) = match target {
        Target::Endpoint { endpoint, reference } => (service.faults.meet(endpoint, reference), reference),
        _ => (Vec::new(), None),
    };
    service.journal.note(ticket, |entry| {
        entry.faults = faults.iter().map(|fault| fault.row().0.to_owned()).collect();
    });
    let host = request
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| request.headers.get(header::HOST)?.to_str().ok())
        .unwrap_or_default();
    let mut exchange = Exchange {
        service,
        request: &request,
        host,
        scheme,
        reference,
        faults: &faults,
        now,
        request_id: &request_id,
        notes: Notes::default(),
    };
    let answered = answer(&mut exchange, target, body).await.and_then(|mut answer| {
        finish(&mut answer, request.uri.path(), &request_id, now.http_date());
        if faults.contains(&Fault::DropAfter {}) { Err(Dropped) } else { Ok(answer) }
    });
    let is_upload = matches!(target, Target::Endpoint { endpoint: Endpoint::Upload, .. });
    let flow = if is_upload { Flow::default() } else { Flow::of(&faults) };
    let notes = exchange.notes;
    service.journal.note(ticket, |entry| {
        entry.received_bytes = notes.received_bytes;
        entry.violations = notes.violations;
        match &answered {
            Ok(answer) => {
                entry.outcome = if flow.cuts(answer) { Outcome::Cut } else { Outcome::Answered };
                entry.status = Some(answer.status().as_u16());
                entry.sent_bytes = answer.body().len() as u64;
                entry.error = answer.extensions().get::<ErrorText>().map(|error| error.0.clone());
            }
            Err(Dropped) => entry.outcome = Outcome::Dropped,
        }
    });
    answered.map(|answer| flow.send(answer))
}

/// Lets a router answer.
async fn visit(router: axum::Router, request: Request<Incoming>) -> Response<Body> {
    let Ok(answer) = TowerToHyperService::new(router).call(request).await;
    answer.map(|body| body.map_err(io::Error::other).boxed_unsync())
}

async fn answer(exchange: &mut Exchange<'_>, target: Target, body: Incoming) -> Result<Answer, Dropped> {
    let endpoint = match target {
        Target::Endpoint { endpoint, .. } => endpoint,
        Target::NoSuchObject => return Ok(s3::no_such_key(exchange)),
        Target::NotFound => return Ok(api::problem(StatusCode::NOT_FOUND, "Not found", "There is no such path")),
        Target::MethodNotAllowed(allowed) => return Ok(api::method_not_allowed(allowed)),
    };
    if let Some(answer) = effects::before(exchange, endpoint).await? {
        exchange.notes.received_bytes += drain(body).await;
        return Ok(answer);
    }
    let mut answer = match endpoint {
        Endpoint::Upload => s3::upload(exchange, body).await?,
        Endpoint::Log => s3::log(exchange),
        _ if !exchange.service.credentials.accept(&exchange.request.headers) => {
            exchange.notes.received_bytes += drain(body).await;
            api::unauthorized()
        }
        Endpoint::Allocate => api::allocate(exchange, body).await,
        Endpoint::Status | Endpoint::Inspect => api::status(exchange, endpoint),
        Endpoint::List => list::list(exchange),
    };
    if exchange.meets(&Fault::BadJson {}) {
        effects::spoil(&mut answer);
    }
    Ok(effects::after(exchange, endpoint, answer))
}

/// Reads a body to its end; gives how much came.
pub(crate) async fn drain(body: Incoming) -> u64 {
    let mut body = Limited::new(body, DRAINED);
    let mut received = 0;
    while let Some(Ok(frame)) = body.frame().await {
        received += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
    received
}

/// Headers every answer has.
fn finish(answer: &mut Answer, path: &str, request_id: &str, date: String) {
    let length = answer.body().len();
    let id = if path.starts_with("/s3/") { "x-amz-request-id" } else { "x-request-id" };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in [(HeaderName::from_static(id), request_id), (header::DATE, &date)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}
