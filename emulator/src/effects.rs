//! What faults do to any exchange: before its work, instead of it, and to its answer. Faults with a meaning on single
//! endpoints act in `api`, `list`, `s3` and `process`.

use crate::api::problem;
use crate::faults::Fault;
use crate::route::Endpoint;
use crate::s3::s3_error;
use crate::service::{Answer, Exchange};
use bytes::Bytes;
use futures_util::stream;
use http::{Response, StatusCode, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use std::io;
use std::str::FromStr as _;
use std::time::Duration;

/// A body that can break off.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a fault dropped the connection")
    }
}

impl std::error::Error for Dropped {}

/// A page of something between client and service.
pub(crate) const HTML: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>\n";

/// Waits, drops, hangs; or gives the answer that takes the place of the work.
pub(crate) async fn before(exchange: &Exchange<'_>, endpoint: Endpoint) -> Result<Option<Answer>, Dropped> {
    for fault in exchange.faults {
        match fault {
            Fault::Delay { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Fault::Hang {} => std::future::pending().await,
            Fault::DropBefore {} => return Err(Dropped),
            Fault::HtmlPage {} => return Ok(Some(html())),
            Fault::NotFoundFlicker {} => return Ok(Some(plain_error(exchange, endpoint, StatusCode::NOT_FOUND))),
            Fault::Status { status, headers, body } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut answer = match body {
                    Some(body) => text_answer(status, body.clone()),
                    None => plain_error(exchange, endpoint, status),
                };
                for (name, value) in headers {
                    // Both were checked when the plan was read.
                    if let (Ok(name), Ok(value)) =
                        (http::HeaderName::from_str(name), http::HeaderValue::from_str(value))
                    {
                        answer.headers_mut().insert(name, value);
                    }
                }
                return Ok(Some(answer));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// The answer that takes the place of the one that the work has brought about.
pub(crate) fn after(exchange: &Exchange<'_>, endpoint: Endpoint, answer: Answer) -> Answer {
    let status = exchange.faults.iter().find_map(|fault| match fault {
        Fault::StatusAfter { status } => StatusCode::from_u16(*status).ok(),
        _ => None,
    });
    status.map_or(answer, |status| plain_error(exchange, endpoint, status))
}

fn html() -> Answer {
    let mut answer = text_answer(StatusCode::OK, HTML.to_owned());
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}

fn text_answer(status: StatusCode, body: String) -> Answer {
    let is_json = body.starts_with(['{', '[']);
    let content_type = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    answer
}

/// The error body each side gives for `status`: JSON from the Batch API, XML from S3.
fn plain_error(exchange: &Exchange<'_>, endpoint: Endpoint, status: StatusCode) -> Answer {
    let reason = status.canonical_reason().unwrap_or("Fault");
    if !matches!(endpoint, Endpoint::Upload | Endpoint::Log) {
        return problem(status, reason, "Answered by a fault of the emulator");
    }
    let code = match status.as_u16() {
        403 => "AccessDenied",
        404 => "NoSuchKey",
        500 => "InternalError",
        503 => "SlowDown",
        _ => "Fault",
    };
    s3_error(exchange, status, code, reason, &[])
}

/// Where the answer breaks off, and how slowly it goes out.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flow {
    pub(crate) cut_after: Option<u64>,
    /// Bytes of a piece, and the pause before it.
    pub(crate) drip: Option<(usize, Duration)>,
}

impl Flow {
    pub(crate) fn of(faults: &[Fault]) -> Self {
        let mut flow = Self::default();
        for fault in faults {
            match fault {
                Fault::CutBody { after } => flow.cut_after = Some(*after),
                Fault::SlowDrip { bytes, every_ms } => flow.drip = Some((*bytes, Duration::from_millis(*every_ms))),
                _ => {}
            }
        }
        flow
    }

    /// Whether `answer` will not go out in full.
    pub(crate) fn cuts(self, answer: &Answer) -> bool {
        self.cut_after.is_some_and(|after| after < answer.body().len() as u64)
    }

    /// Sends `answer` that way. Its `Content-Length` stays that of the whole, so a cut shows.
    pub(crate) fn send(self, answer: Answer) -> Response<Body> {
        let is_cut = self.cuts(&answer);
        let (parts, mut whole) = answer.into_parts();
        if !is_cut && self.drip.is_none() {
            return Response::from_parts(parts, Full::new(whole).map_err(|never| match never {}).boxed_unsync());
        }
        if is_cut {
            whole.truncate(self.cut_after.and_then(|after| usize::try_from(after).ok()).unwrap_or_default());
        }
        let frames = stream::unfold((whole, is_cut), move |(mut rest, breaks)| async move {
            if rest.is_empty() {
                // One turn for hyper to send what it has; it would drop its buffer together with the connection.
                tokio::task::yield_now().await;
                let broken = io::Error::new(io::ErrorKind::ConnectionAborted, Dropped);
                return breaks.then_some((Err(broken), (rest, false)));
            }
            let piece = match self.drip {
                Some((bytes, pause)) => {
                    tokio::time::sleep(pause).await;
                    rest.split_to(bytes.min(rest.len()))
                }
                None => std::mem::take(&mut rest),
            };
            Some((Ok(Frame::data(piece)), (rest, breaks)))
        });
        Response::from_parts(parts, StreamBody::new(frames).boxed_unsync())
    }
}

/// Leaves half of the answer, with a fitting `Content-Length`.
pub(crate) fn spoil(answer: &mut Answer) {
    let half = answer.body().len() / 2;
    answer.body_mut().truncate(half);
}
