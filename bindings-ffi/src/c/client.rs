//! The client: each function starts work and gives its operation.

use std::mem::MaybeUninit;

use cdp_batch::api::batch::{parse_ref, parse_refs};
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::home::AtHome;
use cdp_batch::secret::Secret;
use cdp_batch::source::Feed;
use cdp_batch::{Options, Result, batches, client, local, operation};

use crate::batches::Batches;
use crate::code::Code;
use crate::error::Error;
use crate::guard::{Out, answer, given, plain};
use crate::operation::{Operation, Outcome};
use crate::source::Source;
use crate::text::{Owned, Text, Texts};
use crate::writer::Writer;

/// A service, credentials, and default options. Its functions may be called from any thread.
pub struct Client(AtHome<client::Client>);

impl Client {
    fn new(client: client::Client) -> Box<Self> {
        Box::new(Client(AtHome::new(client)))
    }
}

/// Starts work with the core's client.
fn start(
    client: Option<&Client>,
    operation: Out<'_, Box<Operation>>,
    error: Out<'_, Box<Error>>,
    work: impl FnOnce(&client::Client) -> Result<Operation>,
) -> Code {
    answer(operation, error, || Ok(Box::new(work(opened(client)?)?)))
}

fn opened(client: Option<&Client>) -> Result<&client::Client> {
    given(client, "client")?.0.get("client")
}

fn written(refs: &Texts) -> Result<Vec<String>> {
    refs.get("refs")?.iter().map(|text| Ok(text.get("ref")?.to_string())).collect()
}

fn one(client: &client::Client, batch_ref: &Text) -> Result<batches::Batch> {
    Ok(client.batch(parse_ref(batch_ref.get("ref")?)?))
}

/// A client of the service of a `region` (`eu`, `us`, `ap` or `jp`) or at a `base_url`: one of the two is NULL. `options`
/// is a JSON object, or NULL; the README lists the options.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_new(
    region: Text,
    base_url: Text,
    client_key: Text,
    api_token: Text,
    options: Text,
    client: Option<&mut MaybeUninit<Box<Client>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(client, error, || {
        let base = BaseUrl::given(region.optional("region")?, base_url.optional("base_url")?)?;
        let secret = |text: &str| Secret::new(text.to_string());
        let (key, token) = (secret(client_key.get("client_key")?), secret(api_token.get("api_token")?));
        let options = Options::from_map(&options.object("options")?)?;
        Ok(Client::new(client::Client::new(base, key, token, options)?))
    })
}

/// A client from the environment: `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_from_env(
    options: Text,
    client: Option<&mut MaybeUninit<Box<Client>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(client, error, || {
        let options = Options::from_map(&options.object("options")?)?;
        Ok(Client::new(client::Client::from_env(options)?))
    })
}

/// Starts to check, pack, upload, wait and explain; ends with a report. Unless `raise_on` says otherwise, records that
/// were refused make it end with `CDPB_RECORDS_REJECTED`, and the report is on the error.
///
/// This is true of every call that takes a source: the source is read once, and the caller frees it at any time after.
/// `options` is a JSON object of changes to the client's, or NULL for none.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_upload(
    client: Option<&Client>,
    source: Option<&Source>,
    options: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let options = client.options_with(&options.object("options")?)?;
        Ok(Operation::of(client.upload(given(source, "source")?.take()?, options), Outcome::report))
    })
}

/// Starts an upload that ends with a run as soon as storage has accepted every part.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_submit(
    client: Option<&Client>,
    source: Option<&Source>,
    options: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let options = client.options_with(&options.object("options")?)?;
        Ok(Operation::of(client.submit(given(source, "source")?.take()?, options), Outcome::run))
    })
}

/// Starts an upload that is fed record by record through `writer`; ends with a report.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_writer(
    client: Option<&Client>,
    options: Text,
    writer: Option<&mut MaybeUninit<Box<Writer>>>,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let writer = given(writer, "the place for the output")?;
        let (rows, upload) = client.writer(client.options_with(&options.object("options")?)?);
        writer.write(Box::new(Writer::new(Feed::Rows(rows))));
        Ok(Operation::of(upload, Outcome::report))
    })
}

/// Starts to check every record, without the service; ends with JSON: `{"read", "invalid", "errors", "warnings",
/// "findings": [{"source", "line", "path", "rule", "severity", "message", "section"}]}`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_validate(
    client: Option<&Client>,
    source: Option<&Source>,
    options: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let options = client.options_with(&options.object("options")?)?;
        let source = given(source, "source")?.take()?;
        let check = operation::Operation::blocking(source.stopper(), move || local::check(source, &options));
        Ok(Operation::of(check, Outcome::json))
    })
}

/// Starts to pack records into files in `folder`, which is made if needed, without the service; ends with packed files.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_pack(
    client: Option<&Client>,
    source: Option<&Source>,
    folder: Text,
    options: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let options = client.options_with(&options.object("options")?)?;
        let (folder, source) = (folder.path("folder")?, given(source, "source")?.take()?);
        let pack = operation::Operation::blocking(source.stopper(), move || local::pack(source, folder, &options));
        Ok(Operation::of(pack, Outcome::packed))
    })
}

/// Starts to go on with a run from its journal in `state_dir`; ends with a report. Nothing is sent twice.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_resume(
    client: Option<&Client>,
    run_id: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| Ok(Operation::of(client.resume(run_id.get("run_id")?), Outcome::report)))
}

/// Every run in the journal of `state_dir`, the latest first, as a JSON array. It reads a file, and the caller frees the
/// text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_runs(
    client: Option<&Client>,
    runs: Option<&mut MaybeUninit<Owned>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(runs, error, || Ok(Owned::json(&opened(client)?.runs()?)))
}

/// Starts to compare the journal of `state_dir` with the service's list; ends with JSON.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_reconcile(
    client: Option<&Client>,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| Ok(Operation::of(client.reconcile(), Outcome::json)))
}

/// Starts to wait until these batches have finished; ends with a JSON array of what the service says of each. The refs end
/// with NULL. Any process may ask: nothing on this machine is needed.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_wait(
    client: Option<&Client>,
    refs: Texts,
    options: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let options = client.options_with(&options.object("options")?)?;
        let refs = parse_refs(&written(&refs)?)?;
        Ok(Operation::of(client.wait(refs, options), Outcome::json))
    })
}

/// Starts to ask what came of these batches; ends with a report, whose rejects have neither source nor record. The refs
/// end with NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_report(
    client: Option<&Client>,
    refs: Texts,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| {
        let refs = parse_refs(&written(&refs)?)?;
        Ok(Operation::of(client.report(refs), Outcome::report))
    })
}

/// Starts to ask for the state of one batch; ends with JSON.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_batch_status(
    client: Option<&Client>,
    batch_ref: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| Ok(Operation::of(one(client, &batch_ref)?.status(), Outcome::json)))
}

/// Starts to wait until one batch has finished; ends with JSON.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_batch_wait(
    client: Option<&Client>,
    batch_ref: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| Ok(Operation::of(one(client, &batch_ref)?.wait(), Outcome::json)))
}

/// Starts to fetch the records that the service refused in one batch; ends with rejects.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_batch_errors(
    client: Option<&Client>,
    batch_ref: Text,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    start(client, operation, error, |client| Ok(Operation::of(one(client, &batch_ref)?.errors(), Outcome::rejects)))
}

/// The batches of the last 30 days. `query` is a JSON object, or NULL for all: `{"status": [...], "created_after",
/// "created_before", "modified_after", "modified_before", "ref_prefix", "sort", "limit"}`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_batches(
    client: Option<&Client>,
    query: Text,
    batches: Option<&mut MaybeUninit<Box<Batches>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(batches, error, || {
        let query = ListQuery::from_map(&query.object("query")?)?;
        Ok(Box::new(Batches::new(opened(client)?.batches(query))))
    })
}

/// Frees a client; work under way goes on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_client_free(client: Option<Box<Client>>) {
    plain((), || drop(client));
}
