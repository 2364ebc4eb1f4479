//! The arguments of every command.

mod options;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

const CREDENTIALS: &str = "\
Environment:
  CDP_REGION      eu, us, ap or jp (or CDP_BASE_URL, for another host)
  CDP_CLIENT_KEY  the Client Key
  CDP_API_TOKEN   the API Token; both are under Settings > API access in Sitecore CDP";

const EXIT_CODES: &str = "\
Exit codes:
  0    every record was confirmed
  1    some records were rejected
  2    wrong usage, options or files
  3    the service or the network failed; the same --run-id carries on
  130  interrupted";

/// Move guest and order data into Sitecore CDP through its Batch API.
#[derive(Parser)]
#[command(name = "cdp-batch", version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the whole job against a local emulator: generate guests, upload them, explain the rejects
    Demo(Demo),
    /// Check, pack, upload, wait, and explain every rejected record
    #[command(after_help = CREDENTIALS)]
    Upload(Upload),
    /// List the runs of a state folder
    Runs(State),
    /// Go on with a run of a state folder
    #[command(after_help = CREDENTIALS)]
    Resume(Resume),
    /// Compare a state folder with the service's list of the last 30 days
    #[command(after_help = CREDENTIALS)]
    Reconcile(Reconcile),
    /// Remove the part files that finished runs left in a state folder, and keep their history
    Clean(State),
    /// Check and pack records into .json.gz files, without any network
    Pack(Pack),
    /// Check records without any network: one finding a line
    Validate(Validate),
    /// Say how batches are doing now
    #[command(after_help = CREDENTIALS)]
    Status(Batches),
    /// Wait until batches have finished
    #[command(after_help = CREDENTIALS)]
    Wait(Wait),
    /// List the batches of the last 30 days
    #[command(after_help = CREDENTIALS)]
    List(List),
    /// Show the records that the service refused in a batch
    #[command(after_help = CREDENTIALS)]
    Errors(Errors),
    /// Show the batches of the last 30 days in a browser, on this machine alone
    #[command(after_help = CREDENTIALS)]
    Ui(Ui),
    /// Serve a local Batch API that is stricter than the real one
    Emulator(Emulator),
    /// Print shell completions
    Completions {
        /// The shell to complete for
        shell: clap_complete::Shell,
    },
}

/// Which service.
#[derive(Args)]
pub(crate) struct Connection {
    /// Region of the tenant: eu, us, ap or jp
    #[arg(long, env = "CDP_REGION", conflicts_with = "base_url")]
    pub(crate) region: Option<String>,
    /// Base URL of the service, instead of a region
    #[arg(long, env = "CDP_BASE_URL", value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Client Key; the API Token is read from CDP_API_TOKEN alone, because arguments show in process lists
    #[arg(long, env = "CDP_CLIENT_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) client_key: Option<String>,
    /// Proxy for every request, instead of the environment's
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// PEM file of certificate authorities to trust besides the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
}

/// How records are read and checked.
#[derive(Args)]
pub(crate) struct Reading {
    /// Files, patterns such as 'guests-*.ndjson', or - for stdin: NDJSON, a JSON array or pretty-printed JSON, plain or gzip
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
    /// Schema of bare values (guest, order, migration); with --mode they become records
    #[arg(long, requires = "mode")]
    schema: Option<String>,
    /// Mode of bare values (upsert, insert, delete, ...)
    #[arg(long, requires = "schema")]
    mode: Option<String>,
    /// Field of a bare value that its ref is derived from [default: the whole value]
    #[arg(long, value_name = "FIELD", requires = "schema")]
    ref_field: Option<String>,
    /// How much of each record is checked: none, envelope or model
    #[arg(long, value_name = "LEVEL")]
    check: Option<String>,
    /// Any option by name, for instance wait.max_ms=5000 (see the README); may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// How records are packed.
#[derive(Args)]
pub(crate) struct Packing {
    /// What a bad record does: reject it and go on, or stop
    #[arg(long, value_name = "reject|stop")]
    on_invalid: Option<String>,
    /// Largest compressed size of a batch, in bytes [default: 50000000]
    #[arg(long, value_name = "N")]
    max_batch_bytes: Option<u64>,
    /// Most records of a batch [default: no limit]
    #[arg(long, value_name = "N")]
    max_batch_records: Option<u64>,
    /// Compression level, 1 (fastest) to 9 (smallest) [default: 6]
    #[arg(long, value_name = "N")]
    level: Option<u8>,
    /// Threads that check and compress [default: the cores at hand]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Args)]
pub(crate) struct Upload {
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) packing: Packing,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Name of the run: the same name and input never send a part twice [default: a fresh one]
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<String>,
    /// Folder for packed parts and the journal, so that a killed run can go on [default: memory]
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// Batches sent before an earlier one is confirmed [default: 1, as Sitecore asks]
    #[arg(long, value_name = "N")]
    pub(crate) max_in_flight: Option<usize>,
    /// Share of rejected records, 0 to 1, above which the run stops early
    #[arg(long, value_name = "RATE")]
    pub(crate) max_reject_rate: Option<f64>,
    /// Write rejected records here, as they were read: fix them and upload the file
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Print the report as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// A state folder.
#[derive(Args)]
pub(crate) struct State {
    /// Folder that holds the journal
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: PathBuf,
    /// Print JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Resume {
    /// Name of the run
    #[arg(value_name = "RUN")]
    pub(crate) run_id: String,
    #[command(flatten)]
    pub(crate) state: State,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Batches sent before an earlier one is confirmed [default: 1, as Sitecore asks]
    #[arg(long, value_name = "N")]
    pub(crate) max_in_flight: Option<usize>,
    /// Any option that does not decide the bytes of batches, for instance wait.max_ms=5000; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Write rejected records here, as they were read: fix them and upload the file
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    pub(crate) state: State,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args)]
pub(crate) struct Pack {
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) packing: Packing,
    /// Folder for the files, made if needed
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Print the result as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Print the result as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Batches {
    /// Refs of batches
    #[arg(required = true, value_name = "REF")]
    pub(crate) refs: Vec<Uuid>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Wait {
    #[command(flatten)]
    pub(crate) batches: Batches,
    /// Longest time without any batch finishing, in seconds [default: 21600]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
}

#[derive(Args)]
pub(crate) struct List {
    /// Only these statuses, separated by commas
    #[arg(long, value_delimiter = ',')]
    pub(crate) status: Vec<String>,
    /// Only batches allocated after this time, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) created_after: Option<String>,
    /// Only batches allocated before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) created_before: Option<String>,
    /// Only batches that changed last after this time
    #[arg(long, value_name = "TIME")]
    pub(crate) modified_after: Option<String>,
    /// Only batches that changed last before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) modified_before: Option<String>,
    /// Only batches whose ref begins like this
    #[arg(long, value_name = "PREFIX")]
    pub(crate) r#ref: Option<String>,
    /// Order: modified or created, after a minus sign for the newest first
    #[arg(long, value_name = "ORDER", default_value = "-modified", allow_hyphen_values = true)]
    pub(crate) sort: String,
    /// Most batches to list [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// List again every so many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5")]
    pub(crate) watch: Option<u64>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Errors {
    /// Ref of a batch; with --state-dir also the id of a run
    #[arg(value_name = "REF|RUN")]
    pub(crate) target: String,
    /// State folder of the run, which knows the source, line and text of each record
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// Write the records here as NDJSON, to be fixed and uploaded again, and the reasons beside them
    #[arg(long, value_name = "FILE", requires = "state_dir")]
    pub(crate) write: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print one JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Ui {
    /// State folder whose runs are shown beside the batches, and whose records are shown where they were refused
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args)]
pub(crate) struct Demo {
    /// Guests to generate
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub(crate) records: u64,
    /// Seed of the generator: the same seed gives the same guests
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print the report as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Emulator {
    /// Address of the Batch API; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Address of the admin paths; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) admin: SocketAddr,
    /// Client Key that is accepted [default: one that is printed]
    #[arg(long, value_name = "K")]
    pub(crate) client_key: Option<String>,
    /// API Token that is accepted [default: one that is printed]
    #[arg(long, value_name = "T")]
    pub(crate) api_token: Option<String>,
    /// Folder that keeps batches over restarts [default: memory]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// JSON file of faults to inject
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Pace of processing; about 200 is the real service's [default: as fast as possible]
    #[arg(long, value_name = "N")]
    pub(crate) records_per_second: Option<f64>,
}
