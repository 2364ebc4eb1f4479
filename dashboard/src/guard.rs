//! Who may see the page: whoever opened its address first, in the browser that did.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use uuid::Uuid;

use crate::headers;

/// Leads on to the page itself. A redirect would not do: a browser that came from another site's link keeps a strict
/// cookie to itself until it is this page that asks.
const WELCOME: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Batch uploads</title>\
                       <link rel=\"icon\" href=\"/icon.svg\">\
                       <meta http-equiv=\"refresh\" content=\"0;url=/\"><p><a href=\"/\">Batch uploads</a></p></html>";

/// What opens the page: the address it is at, and a token that only its URL tells.
#[derive(Clone)]
pub(crate) struct Lock {
    host: String,
    /// Name and value. Named after the port, because cookies do not tell ports apart; not the token, so that a token
    /// found in a browser's history opens nothing.
    cookie: String,
    token: String,
    is_used: Arc<AtomicBool>,
}

impl Lock {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let [token, session] = [(); 2].map(|()| Uuid::new_v4().simple().to_string());
        let cookie = format!("cdp-batch-{}={session}", address.port());
        Lock { host: address.to_string(), cookie, token, is_used: Arc::default() }
    }

    /// The URL that opens the page, once.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/?token={}", self.host, self.token)
    }

    pub(crate) fn put_on(&self, router: Router) -> Router {
        headers::added_to(router.layer(middleware::from_fn_with_state(self.clone(), admit)))
    }

    fn is_opened_by(&self, headers: &HeaderMap) -> bool {
        text(headers, header::COOKIE).is_some_and(|cookies| cookies.split("; ").any(|cookie| cookie == self.cookie))
    }
}

async fn admit(State(lock): State<Lock>, request: Request, next: Next) -> Response {
    // A foreign name that was made to lead to this machine would let its site read the page.
    if text(request.headers(), header::HOST) != Some(&lock.host) {
        return refused("this page is at another address");
    }
    if lock.is_opened_by(request.headers()) {
        return next.run(request).await;
    }
    let has_token = request.uri().query() == Some(&format!("token={}", lock.token));
    if has_token && !lock.is_used.swap(true, Ordering::Relaxed) {
        let cookie = format!("{}; HttpOnly; SameSite=Strict; Path=/", lock.cookie);
        return ([(header::SET_COOKIE, cookie)], Html(WELCOME)).into_response();
    }
    refused("this address opens the page once, in one browser; run cdp-batch ui again for another")
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn refused(message: &'static str) -> Response {
    (StatusCode::FORBIDDEN, message).into_response()
}
