//! The six endpoints, one try each.

use std::sync::Arc;

use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::api::allocate::{self, Allocation};
use crate::api::answer::Answer;
use crate::api::batch::BatchInfo;
use crate::api::classify::classify;
use crate::api::error_log::{self, LogEntry, LogParser, LogSummary};
use crate::api::inspect::{self, ListQuery, Page};
use crate::api::redact::Redactor;
use crate::api::region::BaseUrl;
use crate::api::request::Request;
use crate::api::{status, upload};
use crate::digest::Md5;
use crate::error::Result;
use crate::http::body::{OnSent, PartBody};
use crate::http::network::Network;
use crate::http::transport::{Response, Transport};
use crate::options::Http;
use crate::secret::{Credentials, SafeUrl};

/// Longest answer read, in bytes: a page of 1,000 batches with their log URLs has about 3 MB.
const ANSWER: usize = 16 << 20;
/// Longest error body read, in bytes: more of it would not be shown.
const REFUSAL: usize = 64 << 10;

/// The Batch API of one tenant. Cheap to clone; clones share their connections.
///
/// Each method makes one try. Every error names its stage; one about a batch names its ref.
#[derive(Clone)]
pub struct Service {
    base: BaseUrl,
    redactor: Redactor,
    transport: Arc<dyn Transport>,
}

impl Service {
    /// The service at this address, over the real network.
    ///
    /// # Errors
    /// Those of [`Network::new`].
    pub fn new(base: BaseUrl, credentials: &Credentials, options: &Http) -> Result<Self> {
        Ok(Service::over(base, credentials, Arc::new(Network::new(options, credentials)?)))
    }

    /// The service at this address, over any transport.
    pub fn over(base: BaseUrl, credentials: &Credentials, transport: Arc<dyn Transport>) -> Self {
        Service { base, redactor: Redactor::new(credentials), transport }
    }

    /// Registers a batch.
    ///
    /// # Errors
    /// `unauthorized`, `rejected`, `conflict` (the ref is taken), `integrity` (the echo differs), `rate_limited`,
    /// `unavailable`, `timeout`, `tls`, `protocol`.
    pub async fn allocate(&self, batch: Uuid, md5: Md5, size: u64) -> Result<Allocation> {
        let request = allocate::request(&self.base, batch, md5, size);
        let answer = self.ask(request, None, |answer| allocate::parse(answer, batch, md5, size)).await;
        answer.map_err(|error| error.with_refs([batch]))
    }

    /// Sends a part to its location. `on_sent` is told how many of its bytes were handed to the network in this try.
    ///
    /// # Errors
    /// `upload_expired`, `rejected` (the signature), `integrity`, `io` (the part), `rate_limited`, `unavailable`,
    /// `timeout`, `tls`, `protocol`.
    pub async fn upload(&self, location: &SafeUrl, md5: Md5, part: PartBody, on_sent: OnSent) -> Result<()> {
        let request = upload::request(location, md5, part.size());
        self.ask(request, Some((part, on_sent)), upload::parse).await
    }

    /// Asks for one batch.
    ///
    /// # Errors
    /// `not_found`, `unauthorized`, `integrity` (another batch), `rate_limited`, `unavailable`, `timeout`, `tls`,
    /// `protocol`.
    pub async fn status(&self, batch: Uuid) -> Result<BatchInfo> {
        let answer = self.ask(status::request(&self.base, batch), None, |answer| status::parse(answer, batch)).await;
        answer.map_err(|error| error.with_refs([batch]))
    }

    /// Lists one page of batches.
    ///
    /// # Errors
    /// `invalid_options`, `unauthorized`, `rejected`, `rate_limited`, `unavailable`, `timeout`, `tls`, `protocol`.
    pub async fn list(&self, query: &ListQuery) -> Result<Page> {
        self.ask(inspect::request(&self.base, query)?, None, inspect::parse).await
    }

    /// Reads an error log, line by line as it arrives. After an error the entries handed over are only a part of the
    /// log, and the next try hands them over again.
    ///
    /// # Errors
    /// `upload_expired` (the log's URL: ask for the status again), `not_found`, `integrity` (damaged gzip),
    /// `unavailable`, `timeout`, `tls`, `protocol` (a log without end).
    pub async fn log(&self, url: &SafeUrl, mut on_entry: impl FnMut(LogEntry) + Send) -> Result<LogSummary> {
        let request = error_log::request(url);
        let redactor = self.redactor.with_url(url.expose());
        let stage = request.stage;
        let mut response = self.transport.send(request, None).await?;
        if !response.head.is_success() {
            let (body, _) = response.read(REFUSAL).await;
            return Err(classify(&Answer { stage, head: &response.head, body: &body, redactor: &redactor }));
        }
        let mut parser = LogParser::new();
        while let Some(piece) = response.body.next().await {
            parser.push(&piece?, &mut on_entry)?;
        }
        parser.finish(&mut on_entry)
    }

    async fn ask<T>(
        &self,
        request: Request,
        part: Option<(PartBody, OnSent)>,
        read: impl FnOnce(&Answer<'_>) -> Result<T>,
    ) -> Result<T> {
        let stage = request.stage;
        let redactor = match request.auth {
            true => self.redactor.clone(),
            false => self.redactor.with_url(request.url.expose()),
        };
        let mut response: Response = self.transport.send(request, part).await?;
        let success = response.head.is_success();
        let (body, whole) = response.read(if success { ANSWER } else { REFUSAL }).await;
        let answer = Answer { stage, head: &response.head, body: &body, redactor: &redactor };
        if !success {
            return Err(classify(&answer));
        }
        if !whole? {
            return Err(answer.unknown("is longer than 16 MiB"));
        }
        read(&answer)
    }
}
