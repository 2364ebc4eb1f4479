//! The client: each function starts work and returns it.

use std::path::PathBuf;
use std::sync::Arc;

use cdp_batch::api::batch::{parse_ref, parse_refs};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::options::object;
use cdp_batch::secret::Secret;
use cdp_batch::{Options, Result, client, local, operation};

use crate::batches::Batches;
use crate::errors::CdpError;
use crate::operation::{Operation, blocking};
use crate::source::Source;

/// What a function gives: work under way, or why it could not be started.
type Started = std::result::Result<Arc<Operation>, CdpError>;

/// A service, credentials and default options. Options are JSON objects: the README's table, nested for `wait`, `retry` and
/// `http`.
#[derive(uniffi::Object)]
pub struct Client(client::Client);

impl Client {
    fn options(&self, changes: &str) -> Result<Options> {
        self.0.options_with(&object("options", changes)?)
    }
}

#[uniffi::export]
impl Client {
    /// A client of a region or of an address.
    #[uniffi::constructor]
    pub fn new(
        region: Option<String>,
        base_url: Option<String>,
        client_key: String,
        api_token: String,
        options: String,
    ) -> std::result::Result<Arc<Self>, CdpError> {
        let base = BaseUrl::given(region.as_deref(), base_url.as_deref())?;
        let (key, token) = (Secret::new(client_key), Secret::new(api_token));
        let options = Options::from_map(&object("options", &options)?)?;
        Ok(Arc::new(Client(client::Client::new(base, key, token, options)?)))
    }

    /// A client from `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
    #[uniffi::constructor]
    pub fn from_env(options: String) -> std::result::Result<Arc<Self>, CdpError> {
        let options = Options::from_map(&object("options", &options)?)?;
        Ok(Arc::new(Client(client::Client::from_env(options)?)))
    }

    /// Checks, packs, uploads, waits and explains; ends with a report.
    pub fn upload(&self, source: Arc<Source>, options: String) -> Started {
        let options = self.options(&options)?;
        Ok(Operation::of(self.0.upload(source.take()?, options)))
    }

    /// Like `upload`, but ends with a run as soon as storage has accepted every part.
    pub fn submit(&self, source: Arc<Source>, options: String) -> Started {
        let options = self.options(&options)?;
        Ok(Operation::of(self.0.submit(source.take()?, options)))
    }

    /// Checks every record; ends with the findings as JSON.
    pub fn validate(&self, source: Arc<Source>, options: String) -> Started {
        let (options, source) = (self.options(&options)?, source.take()?);
        let check = operation::Operation::blocking(source.stopper(), move || local::check(source, &options));
        Ok(Operation::of(check))
    }

    /// Packs records into files of a folder; ends with them.
    pub fn pack(&self, source: Arc<Source>, folder: String, options: String) -> Started {
        let (options, source) = (self.options(&options)?, source.take()?);
        let folder = PathBuf::from(folder);
        let pack = operation::Operation::blocking(source.stopper(), move || local::pack(source, folder, &options));
        Ok(Operation::of(pack))
    }

    /// Goes on with a run from the journal in `state_dir`; ends with a report.
    pub fn resume(&self, run_id: String) -> Arc<Operation> {
        Operation::of(self.0.resume(&run_id))
    }

    /// Ends with the runs of the journal, as JSON.
    pub fn runs(&self) -> Arc<Operation> {
        let client = self.0.clone();
        Operation::of(blocking(move || client.runs()))
    }

    /// Ends with what the journal and the service together tell, as JSON.
    pub fn reconcile(&self) -> Arc<Operation> {
        Operation::of(self.0.reconcile())
    }

    /// Waits until these batches have finished; ends with what the service says of each, as JSON.
    pub fn wait_for(&self, refs: Vec<String>, options: String) -> Started {
        let options = self.options(&options)?;
        Ok(Operation::of(self.0.wait(parse_refs(&refs)?, options)))
    }

    /// Ends with a report of these batches.
    pub fn report(&self, refs: Vec<String>) -> Started {
        Ok(Operation::of(self.0.report(parse_refs(&refs)?)))
    }

    /// Ends with what the service says of a batch, as JSON.
    pub fn batch_status(&self, batch: String) -> Started {
        Ok(Operation::of(self.0.batch(parse_ref(&batch)?).status()))
    }

    /// Ends with the same, once the batch has finished.
    pub fn batch_wait(&self, batch: String) -> Started {
        Ok(Operation::of(self.0.batch(parse_ref(&batch)?).wait()))
    }

    /// Ends with the records that were refused in a batch.
    pub fn batch_errors(&self, batch: String) -> Started {
        Ok(Operation::of(self.0.batch(parse_ref(&batch)?).errors()))
    }

    /// The batches that match a query, which is a JSON object too.
    pub fn batches(&self, query: String) -> std::result::Result<Arc<Batches>, CdpError> {
        Ok(Arc::new(Batches::new(self.0.batches(ListQuery::from_map(&object("query", &query)?)?))))
    }
}
