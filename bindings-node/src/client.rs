//! The client: each method starts work and returns it.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cdp_batch::api::batch::{parse_ref, parse_refs};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::batches;
use cdp_batch::options::object;
use cdp_batch::secret::Secret;
use cdp_batch::{Error, Kind, Options, Result, client, local, operation};
use napi::bindgen_prelude::Either8;
use napi_derive::napi;

use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::source::Source;

/// A client, until it is closed. Options are JSON objects.
#[napi]
pub struct Client(Mutex<Option<client::Client>>);

impl Client {
    fn made(client: Result<client::Client>) -> Outcome {
        client.map(|client| Either8::G(Client(Mutex::new(Some(client))))).into()
    }

    /// Starts work with the core's client.
    fn start(&self, work: impl FnOnce(client::Client) -> Result<Operation>) -> Operation {
        Operation::started(self.get().and_then(work))
    }

    fn get(&self) -> Result<client::Client> {
        let client = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| Error::new(Kind::Closed, "this client is closed; make a new one"))
    }
}

#[napi]
impl Client {
    /// A client of a region or an address.
    #[napi(catch_unwind)]
    pub fn make(
        region: Option<String>,
        base_url: Option<String>,
        client_key: String,
        api_token: String,
        options: String,
    ) -> Outcome {
        let base = BaseUrl::given(region.as_deref(), base_url.as_deref());
        let credentials = (Secret::new(client_key), Secret::new(api_token));
        Client::made(base.and_then(|base| {
            client::Client::new(base, credentials.0, credentials.1, Options::from_map(&object("options", &options)?)?)
        }))
    }

    /// A client from the environment.
    #[napi(catch_unwind)]
    pub fn from_env(options: String) -> Outcome {
        let options = object("options", &options).and_then(|options| Options::from_map(&options));
        Client::made(options.and_then(client::Client::from_env))
    }

    /// Ends what can be asked of this client. Work under way goes on.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Ends with a report.
    #[napi(catch_unwind)]
    pub fn upload(&self, source: &Source, options: String) -> Operation {
        self.start(|client| {
            let options = client.options_with(&object("options", &options)?)?;
            Ok(Operation::of(client.upload(source.take()?, options)))
        })
    }

    /// Ends with a run.
    #[napi(catch_unwind)]
    pub fn submit(&self, source: &Source, options: String) -> Operation {
        self.start(|client| {
            let options = client.options_with(&object("options", &options)?)?;
            Ok(Operation::of(client.submit(source.take()?, options)))
        })
    }

    /// Ends with what a check found.
    #[napi(catch_unwind)]
    pub fn validate(&self, source: &Source, options: String) -> Operation {
        self.start(|client| {
            let (options, source) = (client.options_with(&object("options", &options)?)?, source.take()?);
            let check = operation::Operation::blocking(source.stopper(), move || local::check(source, &options));
            Ok(Operation::of(check))
        })
    }

    /// Ends with the files that were made.
    #[napi(catch_unwind)]
    pub fn pack(&self, source: &Source, folder: String, options: String) -> Operation {
        self.start(|client| {
            let (options, source) = (client.options_with(&object("options", &options)?)?, source.take()?);
            let folder = PathBuf::from(folder);
            Ok(Operation::of(operation::Operation::blocking(source.stopper(), move || {
                local::pack(source, folder, &options)
            })))
        })
    }

    /// Ends with a report.
    #[napi(catch_unwind)]
    pub fn resume(&self, run_id: String) -> Operation {
        self.start(|client| Ok(Operation::of(client.resume(&run_id))))
    }

    /// Ends with the runs of the journal.
    #[napi(catch_unwind)]
    pub fn runs(&self) -> Operation {
        self.start(|client| Ok(Operation::blocking(move || client.runs())))
    }

    /// Ends with what the journal and the service together tell.
    #[napi(catch_unwind)]
    pub fn reconcile(&self) -> Operation {
        self.start(|client| Ok(Operation::of(client.reconcile())))
    }

    /// Ends with what the service says of each.
    #[napi(catch_unwind)]
    pub fn wait(&self, refs: Vec<String>, options: String) -> Operation {
        self.start(|client| {
            let options = client.options_with(&object("options", &options)?)?;
            Ok(Operation::of(client.wait(parse_refs(&refs)?, options)))
        })
    }

    /// Ends with a report.
    #[napi(catch_unwind)]
    pub fn report(&self, refs: Vec<String>) -> Operation {
        self.start(|client| Ok(Operation::of(client.report(parse_refs(&refs)?))))
    }

    /// Ends with what the service says of a batch.
    #[napi(catch_unwind)]
    pub fn batch_status(&self, batch: String) -> Operation {
        self.start(|client| Ok(Operation::of(client.batch(parse_ref(&batch)?).status())))
    }

    /// Ends with the same, once the batch has finished.
    #[napi(catch_unwind)]
    pub fn batch_wait(&self, batch: String) -> Operation {
        self.start(|client| Ok(Operation::of(client.batch(parse_ref(&batch)?).wait())))
    }

    /// Ends with the records that were refused in it.
    #[napi(catch_unwind)]
    pub fn batch_errors(&self, batch: String) -> Operation {
        self.start(|client| Ok(Operation::of(client.batch(parse_ref(&batch)?).errors())))
    }

    /// The list of batches that match a query, also a JSON object.
    #[napi(catch_unwind)]
    pub fn batches(&self, query: String) -> Batches {
        let listed = self.get().and_then(|client| Ok(client.batches(ListQuery::from_map(&object("query", &query)?)?)));
        Batches { listed: Mutex::new(listed.map_err(Some)) }
    }
}

/// The list of batches; or, once, why there is none.
#[napi]
pub struct Batches {
    listed: Mutex<std::result::Result<batches::Batches, Option<Error>>>,
}

#[napi]
impl Batches {
    /// Ends with the next batch, or with `null` at the end.
    #[napi(catch_unwind)]
    pub fn next(&self) -> Operation {
        match &mut *self.listed.lock().unwrap_or_else(PoisonError::into_inner) {
            Ok(batches) => Operation::of(batches.advance()),
            Err(reason) => {
                let reason = reason.take().unwrap_or_else(|| Error::new(Kind::InvalidOptions, "the list was not read"));
                Operation::started(Err(reason))
            }
        }
    }
}
