//! The Batch uploads page: the batches of the last 30 days, whoever sent them, and why records of them were refused.
//!
//! [`Page`] answers for one client; [`serve`] puts it on a loopback port for one person. The browser is told what the
//! service tells of batches and what the journal knows of them, and never a credential or a presigned URL. The files of
//! `page/` are served as they are: nothing builds them.

mod answers;
mod assets;
mod details;
mod guard;
mod headers;
mod refused;
mod serve;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use cdp_batch::{Client, Error, Kind, Result};

use details::Details;

pub use serve::{Served, serve};

/// The page for one client.
#[derive(Clone)]
pub struct Page(Arc<Inner>);

struct Inner {
    client: Client,
    base_url: String,
    details: Details,
}

impl Page {
    /// A page for `client`, whose service is at `base_url`. With a `state_dir` among the client's options it also shows
    /// the runs of that journal, and refused records as they were read.
    pub fn new(client: Client, base_url: impl Into<String>) -> Self {
        Page(Arc::new(Inner { details: Details::new(client.clone()), client, base_url: base_url.into() }))
    }

    /// The page and what it asks for. Whoever reaches it sees everything: [`serve`] adds a lock.
    pub fn router(self) -> Router {
        headers::added_to(assets::router().merge(answers::router(self)))
    }

    /// The folder of the journal, if there is one.
    fn state_dir(&self) -> Option<PathBuf> {
        self.0.client.options().state_dir.clone()
    }
}

/// Does work that waits for the disk or the service, on a thread that may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let stopped = |_| Err(Error::new(Kind::Internal, "the page's server stopped on a bug; please report it"));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(stopped)
}

/// The snippet that the page offers for Rust must compile.
#[cfg(doctest)]
#[doc = concat!("```no_run\n", include_str!("../page/code/rust.rs"), "\n```")]
struct RustSnippet;
