//! The list of batches, fetched as it is read.

use std::sync::Arc;

use cdp_batch::batches;

use crate::operation::Operation;

/// The service's list of batches of the last 30 days, fetched page by page as it is read.
#[derive(uniffi::Object)]
pub struct Batches(batches::Batches);

impl Batches {
    pub(crate) fn new(list: batches::Batches) -> Self {
        Batches(list)
    }
}

#[uniffi::export]
impl Batches {
    /// Starts to fetch the next batch; ends with its JSON, or with `null` after the last. Most are at hand already.
    pub fn next(&self) -> Arc<Operation> {
        Operation::of(self.0.advance())
    }
}
