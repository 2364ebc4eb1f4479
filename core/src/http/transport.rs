//! What carries a request. A trait, so that tests and other networks can stand in for the real one.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use crate::api::answer::Head;
use crate::api::request::Request;
use crate::error::Result;
use crate::http::body::{OnSent, PartBody};

/// Carries requests: one try, no redirect followed, nothing decompressed.
pub trait Transport: Send + Sync {
    /// Sends a request, with a part if there is one, and gives the answer as soon as its head is there. Any HTTP status
    /// is an answer. Dropping the future, or the response, ends the exchange.
    ///
    /// # Errors
    /// `unavailable`, `tls`, `timeout`, `invalid_options` (proxy credentials), `io` (the part).
    fn send<'a>(&'a self, request: Request, part: Option<(PartBody, OnSent)>) -> BoxFuture<'a, Result<Response>>;
}

/// An answer whose body is still arriving.
pub struct Response {
    /// Status and headers.
    pub head: Head,
    /// The body, in pieces as they come.
    pub body: BoxStream<'static, Result<Bytes>>,
}

impl Response {
    /// At most `limit` bytes of the body, and whether that was all of it.
    pub(super) async fn read(&mut self, limit: usize) -> (Vec<u8>, Result<bool>) {
        let mut body = Vec::new();
        while let Some(piece) = self.body.next().await {
            match piece {
                Ok(piece) => body.extend_from_slice(&piece[..piece.len().min(limit - body.len())]),
                Err(error) => return (body, Err(error)),
            }
            if body.len() == limit {
                return (body, Ok(false));
            }
        }
        (body, Ok(true))
    }
}
