//! What the service tells of single batches, asked for once they have ended and then never again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cdp_batch::api::batch::{BatchInfo, Status};
use cdp_batch::{Client, Result};
use futures_util::StreamExt;
use uuid::Uuid;

/// Batches asked about at a time.
const AT_A_TIME: usize = 4;

pub(crate) struct Details {
    client: Client,
    /// Of batches that will not change any more.
    finished: Mutex<HashMap<Uuid, BatchInfo>>,
}

impl Details {
    pub(crate) fn new(client: Client) -> Self {
        Details { client, finished: Mutex::default() }
    }

    /// # Errors
    /// `not_found` for a ref the service does not know.
    pub(crate) async fn of(&self, batch: Uuid) -> Result<BatchInfo> {
        let known = self.finished().get(&batch).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let info = self.client.batch(batch).status().await?;
        // The log of an error may come a little later than its status.
        let changes_no_more = info.status.is_terminal() && (info.status != Status::Error || info.log.is_some());
        if changes_no_more {
            self.finished().insert(batch, info.clone());
        }
        Ok(info)
    }

    /// Several of them, in order; those that cannot be had are left out.
    pub(crate) async fn of_all(&self, batches: Vec<Uuid>) -> Vec<BatchInfo> {
        let asked = futures_util::stream::iter(batches).map(|batch| self.of(batch)).buffered(AT_A_TIME);
        asked.filter_map(async |info| info.ok()).collect().await
    }

    fn finished(&self) -> MutexGuard<'_, HashMap<Uuid, BatchInfo>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
