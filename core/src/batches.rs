//! Batches as the service tells of them. Nothing here needs to know who sent them.

use std::sync::Arc;

use tokio::sync::Mutex;
use uuid::Uuid;

use crate::api::batch::BatchInfo;
use crate::api::inspect::{ListQuery, MAX_LIMIT, Sort};
use crate::error::{Error, Result, Stage};
use crate::http::Remote;
use crate::kind::Kind;
use crate::operation::Operation;
use crate::options::Wait;
use crate::rejects::Rejects;
use crate::run::{log, watch};
use crate::scope::Scope;

/// One batch, by its ref.
pub struct Batch {
    remote: Remote,
    wait: Wait,
    batch_ref: Uuid,
}

impl Batch {
    pub(crate) fn new(remote: Remote, wait: Wait, batch_ref: Uuid) -> Self {
        Batch { remote, wait, batch_ref }
    }

    /// What the service says of it now.
    ///
    /// # Errors
    /// `not_found` if the service does not know it.
    pub fn status(&self) -> Operation<BatchInfo> {
        let (remote, batch) = (self.remote.clone(), self.batch_ref);
        Operation::start(|scope| async move { ask(&remote, &scope, batch).await })
    }

    /// Waits until it has finished.
    ///
    /// # Errors
    /// `timeout` after the client's `wait.timeout_ms`; `not_found` if the service does not know it.
    pub fn wait(&self) -> Operation<BatchInfo> {
        let (remote, wait, batch) = (self.remote.clone(), self.wait.clone(), self.batch_ref);
        Operation::start(|scope| async move {
            let finished = watch::until_finished(&remote.service, &scope, &wait, &[batch]).await?.pop();
            finished.ok_or_else(|| Error::new(Kind::Internal, "a batch was waited for but not answered"))
        })
    }

    /// The records the service refused in it.
    ///
    /// # Errors
    /// `not_found` if the service does not know it.
    pub fn errors(&self) -> Operation<Rejects> {
        let (remote, batch) = (self.remote.clone(), self.batch_ref);
        Operation::start(|scope| async move {
            let info = ask(&remote, &scope, batch).await?;
            Rejects::of(log::fetch(&remote, &scope, &info).await?.rejects(batch))
        })
    }
}

/// The batches of the last 30 days, one by one. As an iterator it blocks while it fetches a page; [`Batches::advance`]
/// does not.
pub struct Batches(Arc<Mutex<Pages>>);

impl Batches {
    /// The batches that match; `query.limit` bounds them all, not a page.
    pub(crate) fn new(remote: Remote, query: ListQuery) -> Self {
        let left = query.limit.map(u64::from);
        // What is filtered or sorted here needs more than it gives.
        let page = if query.is_served() { query.limit.unwrap_or(MAX_LIMIT) } else { MAX_LIMIT };
        let query = ListQuery { limit: Some(page.min(MAX_LIMIT)), ..query };
        Batches(Arc::new(Mutex::new(Pages { remote, query, left, page: Vec::new().into_iter(), ended: false })))
    }

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// Whatever keeps the list from being fetched, after retries. A call that was cancelled can be made again.
    pub fn advance(&self) -> Operation<Option<BatchInfo>> {
        let pages = Arc::clone(&self.0);
        Operation::start(|scope| async move {
            let mut pages = scope.unless_cancelled(async { Ok(pages.lock_owned().await) }).await?;
            pages.next(&scope).await
        })
    }
}

impl Iterator for Batches {
    type Item = Result<BatchInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().join().transpose()
    }
}

/// The list, as far as it is fetched.
struct Pages {
    remote: Remote,
    query: ListQuery,
    left: Option<u64>,
    page: std::vec::IntoIter<BatchInfo>,
    ended: bool,
}

impl Pages {
    async fn next(&mut self, scope: &Scope) -> Result<Option<BatchInfo>> {
        loop {
            if self.left == Some(0) {
                return Ok(None);
            }
            if let Some(batch) = self.page.next() {
                self.left = self.left.map(|left| left - 1);
                return Ok(Some(batch));
            }
            if self.ended {
                return Ok(None);
            }
            let fetched = match self.query.sort {
                None => self.fetch(scope).await,
                Some(sort) => self.fetch_all(scope, sort).await,
            };
            if let Err(error) = fetched {
                // What failed for good is not asked again; what was cancelled may be.
                self.ended = error.kind() != Kind::Cancelled;
                return Err(error);
            }
        }
    }

    async fn fetch(&mut self, scope: &Scope) -> Result<()> {
        let (remote, query) = (&self.remote, &self.query);
        let page = remote.retrier.run(scope, Stage::List, None, |_| remote.service.list(query)).await?;
        let offset = query.offset.unwrap_or(0) + page.len();
        self.ended = page.is_empty() || page.total_count.is_some_and(|total| offset >= total);
        let taken: Vec<_> = page.items.into_iter().filter(|batch| query.takes(batch)).collect();
        self.query.offset = Some(offset);
        self.page = taken.into_iter();
        Ok(())
    }

    /// The whole list, in order.
    async fn fetch_all(&mut self, scope: &Scope, sort: Sort) -> Result<()> {
        let (first, mut all) = (self.query.offset, Vec::new());
        while !self.ended {
            if let Err(error) = self.fetch(scope).await {
                self.query.offset = first;
                return Err(error);
            }
            all.extend(self.page.by_ref());
        }
        sort.sort(&mut all);
        self.page = all.into_iter();
        Ok(())
    }
}

/// Asks for one batch, as often as it takes.
pub(crate) async fn ask(remote: &Remote, scope: &Scope, batch: Uuid) -> Result<BatchInfo> {
    remote.retrier.run(scope, Stage::Status, Some(batch), |_| remote.service.status(batch)).await
}
