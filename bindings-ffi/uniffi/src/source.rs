//! Where records come from.

use std::sync::Arc;

use cdp_batch::Result;
use cdp_batch::source::{self, Held};

use crate::errors::CdpError;

/// Records to be read, once.
#[derive(uniffi::Object)]
pub struct Source(Held);

impl Source {
    pub(crate) fn new(source: impl Into<Held>) -> Arc<Self> {
        Arc::new(Source(source.into()))
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        self.0.take()
    }
}

#[uniffi::export]
impl Source {
    /// Files, one after the other. Opened when their turn comes.
    #[uniffi::constructor]
    pub fn paths(paths: Vec<String>) -> Arc<Self> {
        Source::new(source::Source::many(paths.into_iter().map(source::Source::path).collect()))
    }

    /// The files that match a pattern such as `exports/**/*.ndjson.gz`. Lists folders, and takes as long as that takes.
    #[uniffi::constructor]
    pub fn glob(pattern: String) -> std::result::Result<Arc<Self>, CdpError> {
        Ok(Source::new(source::Source::glob(&pattern)?))
    }

    /// The content of a file, in memory.
    #[uniffi::constructor]
    pub fn bytes(bytes: Vec<u8>) -> Arc<Self> {
        Source::new(source::Source::bytes("bytes", bytes))
    }
}
