//! Every option there is: one struct, filled from code, from JSON, or from both. Hosts pass a plain map, so a new
//! option is no change to any of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// Default of [`Options::max_batch_bytes`]: the safe reading of the documents' "50 MB" (protocol.md section 3.1).
pub const MAX_BATCH_BYTES: u64 = 50_000_000;
/// The largest [`Options::max_batch_bytes`] accepted: the generous reading of "50 MB", 50 x 1024 x 1024.
pub const MAX_BATCH_BYTES_CEILING: u64 = 52_428_800;
/// The smallest [`Options::max_batch_bytes`] accepted: below it, framing would outweigh records.
pub const MAX_BATCH_BYTES_FLOOR: u64 = 4_096;

/// How much of each record is checked before it is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Nothing: lines go through as they are.
    None,
    /// One JSON object a line with a UUID `ref`, a known `schema` and `mode`, and an object `value`.
    #[default]
    Envelope,
    /// The envelope, and the attribute tables of the documents.
    Model,
}

/// What a record that fails the check does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// It becomes a reject; the others go on.
    #[default]
    Reject,
    /// It ends the run before anything after it is sent.
    Stop,
}

/// Which outcome of a finished run is raised as an error; the report is attached to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RaiseOn {
    /// Any record that was not confirmed.
    #[default]
    Any,
    /// A batch that failed as a whole.
    Failed,
    /// Nothing: look at the report.
    Never,
}

/// How long to wait for the service to process a batch, and how often to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wait {
    /// Longest time without any batch finishing, in milliseconds; default 6 hours. Ends the wait with `timeout`.
    pub timeout_ms: u64,
    /// First pause between two questions, in milliseconds; default 2,000.
    pub min_ms: u64,
    /// Longest pause between two questions, in milliseconds; default 60,000.
    pub max_ms: u64,
}

impl Default for Wait {
    fn default() -> Self {
        Wait { timeout_ms: 6 * 3_600_000, min_ms: 2_000, max_ms: 60_000 }
    }
}

/// How often a failed request is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Tries of one request, the first included; default 6.
    pub attempts: u32,
    /// Ceiling of the first random pause, in milliseconds; it doubles each time; default 500.
    pub base_ms: u64,
    /// Ceiling of any pause, in milliseconds; default 30,000. A longer `Retry-After` is honoured up to two minutes.
    pub max_ms: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Retry { attempts: 6, base_ms: 500, max_ms: 30_000 }
    }
}

/// How the service is reached. Set when the client is made. `Debug` does not show the proxy, whose URL may hold a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Proxy URL for every request; default: the environment's (`HTTPS_PROXY`, `NO_PROXY`).
    pub proxy: Option<String>,
    /// PEM file of certificate authorities trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Longest time to connect, in milliseconds; default 10,000.
    pub connect_timeout_ms: u64,
    /// Longest silence while an answer or an upload is under way, in milliseconds; default 60,000.
    pub stall_timeout_ms: u64,
    /// Longest time of one request, in milliseconds; default 3,600,000: the service's own limit for an upload
    /// (protocol.md section 2.3).
    pub request_timeout_ms: u64,
    /// Text put before our own in `User-Agent`.
    pub user_agent: Option<String>,
}

impl Default for Http {
    fn default() -> Self {
        Http {
            proxy: None,
            ca_file: None,
            connect_timeout_ms: 10_000,
            stall_timeout_ms: 60_000,
            request_timeout_ms: 3_600_000,
            user_agent: None,
        }
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http")
            .field("proxy", &self.proxy.is_some())
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

/// The options of a run. A client holds a set as its defaults; each call may change any but `http` and `retry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Name of the run, 1 to 200 characters; default: a fresh UUIDv7. The same id and input give the same refs.
    pub run_id: Option<String>,
    /// Schema given to bare values (`guest`, `order`, `migration`); set together with `mode`.
    pub schema: Option<String>,
    /// Mode given to bare values (`upsert`, `insert`, ...); set together with `schema`.
    pub mode: Option<String>,
    /// Field of a bare value from which its `ref` is derived; default: the whole value.
    pub ref_field: Option<String>,
    /// Largest compressed size of a part, in bytes; default 50,000,000.
    pub max_batch_bytes: u64,
    /// Most records of a part; default: no limit of ours.
    pub max_batch_records: Option<u64>,
    /// Compression level, 1 (fastest) to 9 (smallest); default 6. What each takes and gives is in `docs/performance.md`.
    pub level: u8,
    /// Threads that check and compress; default: the cores at hand.
    pub threads: Option<usize>,
    /// Unpacks each part before it is sent, and ends the run with `internal` if it is not its records; default false.
    /// Costs about 2 CPU seconds for each GB of text.
    pub verify: bool,
    /// How much of each record is checked: `none`, `envelope` or `model`; default `envelope`.
    pub check: Check,
    /// What a record that fails the check does: `reject` it and go on, or `stop`; default `reject`.
    pub on_invalid: OnInvalid,
    /// Folder for the journal and the parts of runs; default: parts wait in memory, and nothing is remembered.
    pub state_dir: Option<PathBuf>,
    /// Parts sent before an earlier one is confirmed; default 1, as Sitecore asks (protocol.md section 3.4).
    pub max_in_flight: usize,
    /// Which outcome is raised: `any` record not confirmed, a batch that `failed`, or `never`; default `any`.
    pub raise_on: RaiseOn,
    /// Share of rejected records, 0 to 1, above which a run stops early; default: never.
    pub max_reject_rate: Option<f64>,
    /// How long to wait for processing.
    pub wait: Wait,
    /// How often to try again.
    pub retry: Retry,
    /// How the service is reached.
    pub http: Http,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            run_id: None,
            schema: None,
            mode: None,
            ref_field: None,
            max_batch_bytes: MAX_BATCH_BYTES,
            max_batch_records: None,
            level: 6,
            threads: None,
            verify: false,
            check: Check::default(),
            on_invalid: OnInvalid::default(),
            state_dir: None,
            max_in_flight: 1,
            raise_on: RaiseOn::default(),
            max_reject_rate: None,
            wait: Wait::default(),
            retry: Retry::default(),
            http: Http::default(),
        }
    }
}

impl Options {
    /// The defaults with these changes; every key must be an option.
    pub fn from_map(changes: &Map<String, Value>) -> Result<Self> {
        Options::default().with(changes)
    }

    /// These options with these changes: a map of option names, nested for `wait`, `retry` and `http`.
    ///
    /// # Errors
    /// `invalid_options`, naming the option and the nearest known one.
    pub fn with(&self, changes: &Map<String, Value>) -> Result<Self> {
        let mut all = serde_json::to_value(self).map_err(|e| Error::new(Kind::Internal, e.to_string()))?;
        merge(&mut all, changes, "")?;
        let options: Options = serde_path(all)?;
        options.validate()?;
        Ok(options)
    }

    /// Checks ranges and combinations.
    ///
    /// # Errors
    /// `invalid_options`, naming the option, what it holds and what it may hold.
    pub fn validate(&self) -> Result<()> {
        let range = |name: &str, value: u64, low: u64, high: u64| match (low..=high).contains(&value) {
            true => Ok(()),
            false => Err(invalid(format!("{name} is {value}, but must be between {low} and {high}"))),
        };
        range("max_batch_bytes", self.max_batch_bytes, MAX_BATCH_BYTES_FLOOR, MAX_BATCH_BYTES_CEILING)?;
        range("max_batch_records", self.max_batch_records.unwrap_or(1), 1, u64::MAX)?;
        range("level", self.level.into(), 1, 9)?;
        range("threads", self.threads.unwrap_or(1) as u64, 1, 256)?;
        range("max_in_flight", self.max_in_flight as u64, 1, 64)?;
        range("wait.min_ms", self.wait.min_ms, 1, self.wait.max_ms)?;
        range("retry.attempts", self.retry.attempts.into(), 1, 100)?;
        if let Some(rate) = self.max_reject_rate
            && !(0.0..=1.0).contains(&rate)
        {
            return Err(invalid(format!("max_reject_rate is {rate}, but must be between 0 and 1")));
        }
        if self.schema.is_some() != self.mode.is_some() {
            return Err(invalid("schema and mode go together: give both to wrap bare values, or neither"));
        }
        if self.ref_field.is_some() && self.schema.is_none() {
            return Err(invalid("ref_field needs schema and mode: it names a field of a bare value"));
        }
        if let Some(id) = &self.run_id
            && (id.is_empty() || id.chars().count() > 200 || id.chars().any(char::is_control))
        {
            return Err(invalid("run_id must have 1 to 200 characters and no control character"));
        }
        Ok(())
    }

    /// The run's name: the one given, or a fresh UUIDv7.
    pub fn run_id_or_fresh(&self) -> String {
        self.run_id.clone().unwrap_or_else(|| Uuid::now_v7().to_string())
    }
}

/// Reads a JSON object that a host wrote as text: options, or a query. `name` is what it calls it.
///
/// # Errors
/// `invalid_options` for what is no JSON object.
pub fn object(name: &str, text: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(text).map_err(|reason| invalid(format!("{name} must be a JSON object: {reason}")))
}

/// Lays `changes` over `known`, refusing a key that is not there.
fn merge(known: &mut Value, changes: &Map<String, Value>, path: &str) -> Result<()> {
    let Value::Object(fields) = known else {
        return Ok(());
    };
    for (key, value) in changes {
        let Some(field) = fields.get_mut(key) else {
            return Err(invalid(unknown(&format!("{path}{key}"), key, fields.keys())));
        };
        match (field.is_object(), value) {
            (true, Value::Object(nested)) => merge(field, nested, &format!("{path}{key}."))?,
            _ => *field = value.clone(),
        }
    }
    Ok(())
}

fn unknown<'a>(full: &str, key: &str, known: impl Iterator<Item = &'a String>) -> String {
    let nearest = known.max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    match nearest {
        Some(nearest) => format!("there is no option {full}; the nearest one is {nearest}"),
        None => format!("there is no option {full}"),
    }
}

/// Reads the options field by field of the first level, so that the message can name the option.
fn serde_path(all: Value) -> Result<Options> {
    if let Value::Object(fields) = &all {
        for (key, value) in fields {
            let one = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
            if let Err(reason) = serde_json::from_value::<Options>(one) {
                return Err(invalid(format!("option {key} is not valid: {reason}")));
            }
        }
    }
    serde_json::from_value(all).map_err(|reason| invalid(format!("the options are not valid: {reason}")))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(changes: Value) -> Result<Options> {
        Options::from_map(changes.as_object().unwrap())
    }

    #[test]
    fn a_misspelt_option_is_refused_with_the_nearest_one() {
        let error = with(json!({"max_batch_byte": 1})).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidOptions);
        assert_eq!(error.message(), "there is no option max_batch_byte; the nearest one is max_batch_bytes");
        let nested = with(json!({"wait": {"timeout": 1}})).unwrap_err();
        assert_eq!(nested.message(), "there is no option wait.timeout; the nearest one is timeout_ms");
    }

    #[test]
    fn nested_changes_keep_the_other_defaults() {
        let options = with(json!({"wait": {"timeout_ms": 5}, "check": "model"})).unwrap();
        assert_eq!(options.wait, Wait { timeout_ms: 5, ..Wait::default() });
        assert_eq!(options.check, Check::Model);
    }

    #[test]
    fn a_value_of_the_wrong_type_or_range_names_the_option() {
        for (changes, part) in [
            (json!({"level": 10}), "level is 10"),
            (json!({"level": "six"}), "option level"),
            (json!({"check": "some"}), "option check"),
            (json!({"max_batch_bytes": 60_000_000}), "max_batch_bytes is 60000000"),
            (json!({"schema": "guest"}), "schema and mode"),
            (json!({"run_id": ""}), "run_id"),
        ] {
            let error = with(changes).unwrap_err();
            assert!(error.message().contains(part), "{error}");
        }
    }
}
