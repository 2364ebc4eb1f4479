//! Where records come from.

use std::sync::{Arc, Mutex, PoisonError};

use cdp_batch::{Error, Kind, Result, Stage, source};

use crate::errors::CdpError;

/// Records to be read, once.
#[derive(uniffi::Object)]
pub struct Source(Mutex<Option<source::Source>>);

impl Source {
    pub(crate) fn new(source: source::Source) -> Arc<Self> {
        Arc::new(Source(Mutex::new(Some(source))))
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        let source = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        source.ok_or_else(|| Error::new(Kind::Closed, "this source was already read").with_stage(Stage::Read))
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
