//! The real network: reqwest over rustls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Body, Client, Proxy, redirect, retry};
use tokio::time::{Instant, sleep_until};
use url::Url;

use crate::api::answer::Head;
use crate::api::region::{is_loopback, is_protected};
use crate::api::request::{Method, Request};
use crate::error::{Error, Result, Stage};
use crate::http::body::{OnSent, PartBody};
use crate::http::failure::{self, Failure};
use crate::http::tls;
use crate::http::transport::{Response, Transport};
use crate::kind::Kind;
use crate::options::Http;
use crate::secret::Credentials;

/// Carries requests over HTTP/1.1 and HTTP/2. Connections are kept and shared; it belongs to the process that made it.
pub struct Network {
    client: Client,
    /// For this machine itself, past any proxy but that of the options.
    direct: Client,
    proxy: ProxyFrom,
    basic: HeaderValue,
    limits: Limits,
}

/// Where the proxy of `client` comes from, if there is one.
#[derive(Clone, Copy)]
enum ProxyFrom {
    /// Settings of macOS or Windows; elsewhere there is none.
    System,
    Environment,
    Options,
}

#[derive(Clone, Copy)]
struct Limits {
    stall: Duration,
    request: Duration,
}

impl Network {
    /// A network with these options that signs in with these credentials.
    ///
    /// # Errors
    /// `invalid_options` for an unusable proxy, CA file or user agent; `io` for a CA file that cannot be read.
    pub fn new(options: &Http, credentials: &Credentials) -> Result<Self> {
        let tls = tls::config(options.ca_file.as_deref())?;
        let agent = concat!("cdp-batch/", env!("CARGO_PKG_VERSION"));
        let agent = options.user_agent.as_ref().map_or(agent.into(), |own| format!("{own} {agent}"));
        let agent = HeaderValue::from_str(&agent)
            .map_err(|_| invalid("http.user_agent holds characters that a header must not have"))?;
        // What is not reproducible by a single try of ours stays out: redirects, retries, decompression, referers.
        let builder = || {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(agent.clone())
                .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .referer(false)
        };
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|cause| invalid("the HTTP client cannot be set up").with_cause(cause.without_url()))
        };
        let direct = build(builder().no_proxy())?;
        let (client, direct, proxy) = match &options.proxy {
            Some(url) => {
                let usable =
                    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
                let proxy = Some(url).filter(|_| usable).and_then(|url| Proxy::all(url).ok());
                let proxy = proxy.ok_or_else(|| invalid("http.proxy must be a URL like http://proxy.example:3128"))?;
                let client = build(builder().proxy(proxy))?;
                (client.clone(), client, ProxyFrom::Options)
            }
            None if environment_has_proxy() => (build(builder())?, direct, ProxyFrom::Environment),
            None => (build(builder())?, direct, ProxyFrom::System),
        };
        let mut basic = HeaderValue::from_str(credentials.basic().expose())
            .map_err(|_| invalid("client_key and api_token cannot be sent"))?;
        basic.set_sensitive(true);
        let limits = Limits {
            stall: Duration::from_millis(options.stall_timeout_ms),
            request: Duration::from_millis(options.request_timeout_ms),
        };
        Ok(Network { client, direct, proxy, basic, limits })
    }

    async fn exchange(&self, request: Request, part: Option<(PartBody, OnSent)>) -> Result<Response> {
        let stage = request.stage;
        let url = request.url.expose();
        if !is_protected(url) {
            return Err(failure::error(
                stage,
                Kind::Protocol,
                "the address given by the service is not https; report this",
            ));
        }
        let watch = Watch::start(stage, self.limits);
        let peer = self.peer(url);
        let fail = |cause| Failure { stage, peer: &peer, cause }.into_error();
        let request = self.outgoing(&request, part, &watch).await?;
        let client = if is_loopback(request.url()) { &self.direct } else { &self.client };
        let answer = tokio::select! {
            answer = client.execute(request) => answer.map_err(fail)?,
            error = watch.silence() => return Err(error),
        };
        let headers = answer.headers().iter();
        let text = |value: &HeaderValue| value.to_str().ok().map(String::from);
        let headers = headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect();
        let head = Head { status: answer.status().as_u16(), headers };
        Ok(Response { head, body: arriving(answer, watch, peer) })
    }

    async fn outgoing(
        &self,
        request: &Request,
        part: Option<(PartBody, OnSent)>,
        watch: &Watch,
    ) -> Result<reqwest::Request> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Put => reqwest::Method::PUT,
        };
        let mut outgoing = self.client.request(method, request.url.expose().clone());
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value);
        }
        if request.auth {
            outgoing = outgoing.header(AUTHORIZATION, self.basic.clone());
        }
        if let Some(json) = &request.body {
            outgoing = outgoing.body(json.clone());
        }
        if let Some((part, on_sent)) = part {
            let mut sent = 0;
            let last = watch.last.clone();
            let watched = part.pieces().await?.inspect(move |piece| {
                sent += piece.as_ref().map_or(0, |piece| piece.len() as u64);
                last.touch();
                on_sent(sent);
            });
            outgoing = outgoing.body(Body::wrap_stream(watched));
        }
        outgoing.build().map_err(|cause| {
            failure::error(request.stage, Kind::Internal, "the request cannot be built").with_cause(cause.without_url())
        })
    }

    /// Whom a failed connection is about: the host, unless everything goes to a proxy first.
    fn peer(&self, url: &Url) -> String {
        let host = url.host_str().unwrap_or("the host");
        match self.proxy {
            ProxyFrom::Options => "the proxy".into(),
            ProxyFrom::Environment if !is_loopback(url) => format!("{host} (or the proxy of the environment)"),
            _ => host.into(),
        }
    }
}

impl Transport for Network {
    fn send<'a>(&'a self, request: Request, part: Option<(PartBody, OnSent)>) -> BoxFuture<'a, Result<Response>> {
        Box::pin(self.exchange(request, part))
    }
}

/// The body of an answer, watched for silence like its head.
fn arriving(answer: reqwest::Response, watch: Watch, peer: String) -> BoxStream<'static, Result<Bytes>> {
    let next = |(mut answer, watch, peer): (reqwest::Response, Watch, String)| async move {
        watch.last.touch();
        let piece = tokio::select! {
            piece = answer.chunk() => piece.map_err(|cause| Failure { stage: watch.stage, peer: &peer, cause }.into_error())?,
            error = watch.silence() => return Err(error),
        };
        Ok(piece.map(|piece| (piece, (answer, watch, peer))))
    };
    stream::try_unfold((answer, watch, peer), next).boxed()
}

/// The clock of one exchange.
struct Watch {
    stage: Stage,
    limits: Limits,
    last: Activity,
}

impl Watch {
    fn start(stage: Stage, limits: Limits) -> Self {
        Watch { stage, limits, last: Activity { start: Instant::now(), at: Arc::default() } }
    }

    /// Waits until nothing has moved for too long, or the exchange as a whole has taken too long.
    async fn silence(&self) -> Error {
        let end = self.last.start + self.limits.request;
        loop {
            let stalled = self.last.get() + self.limits.stall;
            if end <= Instant::now() {
                return self.too_slow("it took longer", self.limits.request, "http.request_timeout_ms");
            }
            if stalled <= Instant::now() {
                return self.too_slow("nothing moved for longer", self.limits.stall, "http.stall_timeout_ms");
            }
            sleep_until(stalled.min(end)).await;
        }
    }

    fn too_slow(&self, what: &str, limit: Duration, option: &str) -> Error {
        let limit = limit.as_millis();
        let reason =
            format!("{what} than {limit} ms ({option}); it may still have succeeded, so ask for the status first");
        failure::error(self.stage, Kind::Timeout, reason)
    }
}

/// When something last moved.
#[derive(Clone)]
struct Activity {
    start: Instant,
    /// Milliseconds after `start`.
    at: Arc<AtomicU64>,
}

impl Activity {
    fn touch(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.at.store(now, Ordering::Relaxed);
    }

    fn get(&self) -> Instant {
        self.start + Duration::from_millis(self.at.load(Ordering::Relaxed))
    }
}

/// Only to name the proxy in messages; which one is used for which host is reqwest's business.
fn environment_has_proxy() -> bool {
    ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].iter().any(|name| {
        [name.to_string(), name.to_lowercase()]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|url| !url.is_empty()))
    })
}

fn invalid(message: &str) -> Error {
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}
