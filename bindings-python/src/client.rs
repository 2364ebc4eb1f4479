//! The client: each method starts work and returns it.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cdp_batch::api::batch::{parse_ref, parse_refs};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::batches;
use cdp_batch::home::AtHome;
use cdp_batch::options::object;
use cdp_batch::secret::Secret;
use cdp_batch::{Error, Kind, Options, Result, client, local, operation};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::gate;
use crate::operation::Operation;
use crate::results::json;
use crate::source::Source;

/// A client, until it is closed or left behind by a fork. Options are JSON objects.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Client(AtHome<Mutex<Option<client::Client>>>);

impl Client {
    fn new(client: client::Client) -> Self {
        Client(AtHome::new(Mutex::new(Some(client))))
    }

    /// Starts work with the core's client.
    fn start<T>(&self, py: Python<'_>, work: impl FnOnce(client::Client) -> Result<T>) -> PyResult<T> {
        self.get().and_then(work).map_err(|error| raised(py, &error))
    }

    fn get(&self) -> Result<client::Client> {
        let client = self.0.get("client")?.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| Error::new(Kind::Closed, "this client is closed; make a new one"))
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (region, base_url, client_key, api_token, options))]
    fn make(
        py: Python<'_>,
        region: Option<&str>,
        base_url: Option<&str>,
        client_key: String,
        api_token: String,
        options: &str,
    ) -> PyResult<Self> {
        let made = gate::detach(py, || {
            client::Client::new(
                BaseUrl::given(region, base_url)?,
                Secret::new(client_key),
                Secret::new(api_token),
                Options::from_map(&object("options", options)?)?,
            )
        });
        made.map(Client::new).map_err(|error| raised(py, &error))
    }

    #[staticmethod]
    fn from_env(py: Python<'_>, options: &str) -> PyResult<Self> {
        let made = gate::detach(py, || client::Client::from_env(Options::from_map(&object("options", options)?)?));
        made.map(Client::new).map_err(|error| raised(py, &error))
    }

    /// Ends what can be asked of this client. Work under way goes on.
    fn close(&self) {
        self.0.here().map(|open| open.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn upload(&self, py: Python<'_>, source: &Source, options: &str) -> PyResult<Operation> {
        self.start(py, |client| {
            let options = client.options_with(&object("options", options)?)?;
            Ok(Operation::of(client.upload(source.take()?, options)))
        })
    }

    fn submit(&self, py: Python<'_>, source: &Source, options: &str) -> PyResult<Operation> {
        self.start(py, |client| {
            let options = client.options_with(&object("options", options)?)?;
            Ok(Operation::of(client.submit(source.take()?, options)))
        })
    }

    fn validate(&self, py: Python<'_>, source: &Source, options: &str) -> PyResult<Operation> {
        self.start(py, |client| {
            let (options, source) = (client.options_with(&object("options", options)?)?, source.take()?);
            let check = operation::Operation::blocking(source.stopper(), move || local::check(source, &options));
            Ok(Operation::of(check))
        })
    }

    fn pack(&self, py: Python<'_>, source: &Source, folder: PathBuf, options: &str) -> PyResult<Operation> {
        self.start(py, |client| {
            let (options, source) = (client.options_with(&object("options", options)?)?, source.take()?);
            Ok(Operation::of(operation::Operation::blocking(source.stopper(), move || {
                local::pack(source, folder, &options)
            })))
        })
    }

    fn resume(&self, py: Python<'_>, run_id: &str) -> PyResult<Operation> {
        self.start(py, |client| Ok(Operation::of(client.resume(run_id))))
    }

    fn runs(&self, py: Python<'_>) -> PyResult<String> {
        self.start(py, |client| gate::detach(py, || client.runs())).and_then(|runs| json(&runs))
    }

    fn reconcile(&self, py: Python<'_>) -> PyResult<Operation> {
        self.start(py, |client| Ok(Operation::of(client.reconcile())))
    }

    fn wait(&self, py: Python<'_>, refs: Vec<String>, options: &str) -> PyResult<Operation> {
        self.start(py, |client| {
            let options = client.options_with(&object("options", options)?)?;
            Ok(Operation::of(client.wait(parse_refs(&refs)?, options)))
        })
    }

    fn report(&self, py: Python<'_>, refs: Vec<String>) -> PyResult<Operation> {
        self.start(py, |client| Ok(Operation::of(client.report(parse_refs(&refs)?))))
    }

    fn batch_status(&self, py: Python<'_>, batch: String) -> PyResult<Operation> {
        self.start(py, |client| Ok(Operation::of(client.batch(parse_ref(&batch)?).status())))
    }

    fn batch_wait(&self, py: Python<'_>, batch: String) -> PyResult<Operation> {
        self.start(py, |client| Ok(Operation::of(client.batch(parse_ref(&batch)?).wait())))
    }

    fn batch_errors(&self, py: Python<'_>, batch: String) -> PyResult<Operation> {
        self.start(py, |client| Ok(Operation::of(client.batch(parse_ref(&batch)?).errors())))
    }

    /// The list of batches that match a query, also a JSON object.
    fn batches(&self, py: Python<'_>, query: &str) -> PyResult<Batches> {
        self.start(py, |client| {
            Ok(Batches(AtHome::new(client.batches(ListQuery::from_map(&object("query", query)?)?))))
        })
    }
}

/// The list of batches, fetched as it is read.
#[pyclass(frozen, module = "cdp_batch._native")]
pub(crate) struct Batches(AtHome<batches::Batches>);

#[pymethods]
impl Batches {
    /// The next batch, or `null` at the end.
    fn next(&self, py: Python<'_>) -> PyResult<Operation> {
        let list = self.0.get("list").map_err(|error| raised(py, &error))?;
        Ok(Operation::of(list.advance()))
    }
}
