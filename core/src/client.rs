//! The client: a service, credentials, and default options.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::api::batch::BatchInfo;
use crate::api::inspect::{ListQuery, MAX_LIMIT};
use crate::api::region::BaseUrl;
use crate::batches::{self, Batch, Batches};
use crate::error::{Error, Result, Stage};
use crate::event::Events;
use crate::http::Remote;
use crate::journal::{Journal, RunInfo};
use crate::kind::Kind;
use crate::operation::Operation;
use crate::options::Options;
use crate::rejects::{RejectStore, Rejects};
use crate::run::{self, BatchReport, Counts, Reconciliation, RunReport, Running, log, watch};
use crate::scope::Scope;
use crate::secret::{Credentials, Secret};
use crate::source::{RowWriter, Source};

/// Uploads, waits and explains. Cheap to clone; every clone shares connections and retry budget.
#[derive(Clone)]
pub struct Client {
    remote: Remote,
    options: Options,
}

impl Client {
    /// A client for the service at `base`.
    ///
    /// # Errors
    /// `invalid_options` for missing credentials or options that cannot be; `tls` for a `ca_file` that cannot be read.
    pub fn new(base: BaseUrl, client_key: Secret, api_token: Secret, options: Options) -> Result<Self> {
        options.validate()?;
        if client_key.is_empty() || api_token.is_empty() {
            let message =
                "the Client Key and the API Token must not be empty; see Settings > API access in Sitecore CDP";
            return Err(Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options));
        }
        let remote = Remote::new(base, &Credentials { client_key, api_token }, &options)?;
        Ok(Client { remote, options })
    }

    /// A client from `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
    ///
    /// # Errors
    /// `invalid_options`, naming the variable that is missing.
    pub fn from_env(options: Options) -> Result<Self> {
        let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let missing = |name: &str| {
            let message = format!("the environment variable {name} is not set");
            Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
        };
        let base = match (read("CDP_BASE_URL"), read("CDP_REGION")) {
            (Some(url), _) => BaseUrl::parse(&url)?,
            (None, Some(region)) => BaseUrl::of_region(&region)?,
            (None, None) => return Err(missing("CDP_REGION (or CDP_BASE_URL)")),
        };
        let key = read("CDP_CLIENT_KEY").ok_or_else(|| missing("CDP_CLIENT_KEY"))?;
        let token = read("CDP_API_TOKEN").ok_or_else(|| missing("CDP_API_TOKEN"))?;
        Client::new(base, Secret::new(key), Secret::new(token), options)
    }

    /// The client's default options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The client's options with these changes, for one call.
    ///
    /// # Errors
    /// `invalid_options`; also for `http` and `retry`, which belong to the client.
    pub fn options_with(&self, changes: &Map<String, Value>) -> Result<Options> {
        self.options.with(changes)
    }

    /// Checks, packs, uploads, waits and explains.
    ///
    /// # Errors
    /// By default `records_rejected` or `batch_corrupted` unless every record was confirmed ([`Options::raise_on`]);
    /// every error after the start carries the report so far ([`RunReport::of`]), the run id and the refs.
    pub fn upload(&self, source: Source, options: Options) -> Operation<RunReport> {
        let client = self.clone();
        Operation::start(|scope| async move {
            let mut running = client.start(Some(source), options, &scope)?;
            running.submit().await?;
            running.finish().await
        })
    }

    /// Like [`Client::upload`], but done as soon as storage has accepted every part.
    ///
    /// # Errors
    /// Like [`Client::upload`], but for what comes of the last parts.
    pub fn submit(&self, source: Source, options: Options) -> Operation<Run> {
        let client = self.clone();
        Operation::start(|scope| async move {
            let mut running = client.start(Some(source), options, &scope)?;
            running.submit().await?;
            let (run_id, refs, events) = (running.run_id().to_string(), running.refs(), running.events());
            Ok(Run { run_id, refs, events, running: Arc::new(Mutex::new(Some(running))) })
        })
    }

    /// An upload that is fed row by row: push records, then finish the writer and wait for the operation.
    pub fn writer(&self, options: Options) -> (RowWriter, Operation<RunReport>) {
        let (writer, source) = Source::rows();
        (writer, self.upload(source, options))
    }

    /// Goes on with a run from its journal in `state_dir`, with the options that decide bytes as they were.
    /// [`Client::upload`] with the same `run_id`, source and options means the same.
    ///
    /// # Errors
    /// `journal` for a run that is not there, or that is not all packed and was fed from something that cannot be read
    /// again; else like [`Client::upload`].
    pub fn resume(&self, run_id: &str) -> Operation<RunReport> {
        let (client, run_id) = (self.clone(), run_id.to_string());
        Operation::start(|scope| async move {
            let (source, options) = tokio::task::block_in_place(|| client.recalled(&run_id))?;
            let mut running = client.start(source, options, &scope)?;
            running.submit().await?;
            running.finish().await
        })
    }

    /// Every run in the journal of `state_dir`, the latest first.
    ///
    /// # Errors
    /// `invalid_options` without a `state_dir`, `journal` if it holds none that can be read.
    pub fn runs(&self) -> Result<Vec<RunInfo>> {
        self.journal()?.runs()
    }

    /// Compares the journal of `state_dir` with the service's list of the last 30 days.
    ///
    /// # Errors
    /// As [`Client::runs`]; whatever keeps the list from being fetched, after retries.
    pub fn reconcile(&self) -> Operation<Reconciliation> {
        let client = self.clone();
        Operation::start(|scope| async move {
            let used = tokio::task::block_in_place(|| client.journal()?.used())?;
            let (mut listed, mut query) = (Vec::new(), ListQuery { limit: Some(MAX_LIMIT), ..ListQuery::default() });
            loop {
                let (remote, query_now) = (&client.remote, &query);
                let page = remote.retrier.run(&scope, Stage::List, None, |_| remote.service.list(query_now)).await?;
                let next = query.offset.unwrap_or(0) + page.len();
                let ended = page.is_empty() || page.total_count.is_some_and(|total| next >= total);
                listed.extend(page.items);
                if ended {
                    return Ok(run::reconcile(used, listed));
                }
                query.offset = Some(next);
            }
        })
    }

    /// A batch, by its ref alone: whoever sent it, and whatever is known of it here.
    pub fn batch(&self, batch_ref: Uuid) -> Batch {
        Batch::new(self.remote.clone(), self.options.wait.clone(), batch_ref)
    }

    /// Waits until these batches have finished, and returns what the service says of each. Needs no local state.
    ///
    /// # Errors
    /// `timeout` when none finishes for `wait.timeout_ms`; `not_found` for a ref the service does not know.
    pub fn wait(&self, refs: Vec<Uuid>, options: Options) -> Operation<Vec<BatchInfo>> {
        let remote = self.remote.clone();
        Operation::start(
            |scope| async move { watch::until_finished(&remote.service, &scope, &options.wait, &refs).await },
        )
    }

    /// A report of these batches as the service tells of them now. Needs no local state, so its rejects have a ref,
    /// a code and a message, but neither source nor record.
    ///
    /// # Errors
    /// `not_found` for a ref the service does not know.
    pub fn report(&self, refs: Vec<Uuid>) -> Operation<RunReport> {
        let remote = self.remote.clone();
        Operation::start(|scope| async move { report(&remote, &scope, &refs).await })
    }

    /// The batches of the last 30 days, page after page as they are needed.
    pub fn batches(&self, query: ListQuery) -> Batches {
        Batches::new(self.remote.clone(), query)
    }

    /// Source and options of a run, as its journal has them; no source if all of it is packed.
    fn recalled(&self, run_id: &str) -> Result<(Option<Source>, Options)> {
        let journal = self.journal()?;
        let problem = |message: String| Error::new(Kind::Journal, message).with_run_id(run_id);
        let Some((options, packed_all)) = journal.find(run_id)? else {
            return Err(problem(format!("the journal knows no run {run_id}; see `cdp-batch runs`")));
        };
        let mut changes: Map<String, Value> = serde_json::from_str(&options)
            .map_err(|_| problem(format!("the journal's options of run {run_id} are damaged")))?;
        changes.insert("run_id".to_string(), Value::from(run_id));
        let options = self.options.with(&changes)?;
        if packed_all {
            return Ok((None, options));
        }
        let sources = journal.sources(run_id)?.into_iter().map(|(name, path)| match path {
            Some(path) => Ok(Source::file(&name, path)),
            None => Err(problem(format!(
                "run {run_id} was fed from {name}, which cannot be read again from here; upload it once more with this \
                 run_id: nothing is sent twice"
            ))),
        });
        Ok((Some(Source::many(sources.collect::<Result<_>>()?)), options))
    }

    fn journal(&self) -> Result<Journal> {
        match &self.options.state_dir {
            Some(folder) => Journal::open_existing(folder),
            None => {
                let message = "state_dir is not set; give the folder that holds the journal";
                Err(Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options))
            }
        }
    }

    fn start(&self, source: Option<Source>, options: Options, scope: &Scope) -> Result<Running> {
        if options.http != self.options.http || options.retry != self.options.retry {
            let message = "http and retry belong to the client; set them when it is made";
            return Err(Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options));
        }
        Running::start(self.remote.clone(), source, options, scope)
    }
}

/// Shows the service, never the credentials.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A run whose parts are all accepted by storage. Its refs are all that another process needs to carry on; what is
/// held here explains rejects by source and line. Dropping it stops the waiting, not the service.
pub struct Run {
    /// The run's name.
    pub run_id: String,
    /// Its batches.
    pub refs: Vec<Uuid>,
    events: Events,
    running: Arc<Mutex<Option<Running>>>,
}

impl Run {
    /// Waits until every batch is processed, and reports.
    ///
    /// # Errors
    /// Like [`Client::upload`]; `closed` when it was called before.
    pub fn wait(&self) -> Operation<RunReport> {
        let running = Arc::clone(&self.running);
        Operation::start_telling(self.events.clone(), |scope| async move {
            let running = running.lock().await.take();
            let Some(running) = running else {
                return Err(Error::new(Kind::Closed, "this run was already waited for"));
            };
            let canceller = running.canceller();
            let mut finish = std::pin::pin!(running.finish());
            tokio::select! {
                report = &mut finish => report,
                () = scope.cancel.cancelled() => {
                    canceller.cancel();
                    finish.await
                }
            }
        })
    }
}

async fn report(remote: &Remote, scope: &Scope, refs: &[Uuid]) -> Result<RunReport> {
    let (mut counts, mut batches, store) = (Counts::default(), Vec::new(), RejectStore::default());
    for &batch in refs {
        let info = batches::ask(remote, scope, batch).await?;
        let log = log::fetch(remote, scope, &info).await?;
        let stats = info.stats.unwrap_or_default();
        let rejected = log.len();
        counts.read += stats.total.unwrap_or(rejected);
        counts.confirmed += stats.succeeded.unwrap_or(0);
        counts.rejected += rejected;
        log.rejects(batch).try_for_each(|reject| store.append(&reject, 0))?;
        batches.push(BatchReport { logged: info.log.is_some().then_some(rejected), ..BatchReport::of(&info) });
    }
    (counts.packed, counts.sent) = (counts.read, counts.read);
    counts.unknown = counts.read.saturating_sub(counts.confirmed + counts.rejected);
    let end = store.end();
    RunReport::new(String::new(), false, counts, batches, Rejects::new(vec![(store, 0..end)]))
}
