//! A case as written in `tests/cases`, held against its schema.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cdp_batch_emulator::FaultPlan;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::content::{Content, Files};

/// One behaviour. Fields and their meaning: `tests/cases/schema.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// For the reader only.
    #[serde(rename = "why")]
    _why: String,
    #[serde(default)]
    pub(crate) service: Settings,
    #[serde(default)]
    pub(crate) files: Files,
    #[serde(default)]
    pub(crate) secrets: Vec<String>,
    pub(crate) steps: Vec<Step>,
    #[serde(default)]
    pub(crate) expect: Expect,
}

/// How the emulator is set up.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) tls: bool,
    pub(crate) allocate_status: Option<u16>,
    pub(crate) reallocate_conflicts: bool,
    pub(crate) records_per_second: Option<f64>,
    pub(crate) refusing_proxy: bool,
    pub(crate) faults: FaultPlan,
}

/// What is done next: the driver is asked, or the runner acts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Ask(Box<Ask>),
    Act(Action),
}

/// A request to the driver, and the answer it must give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    pub(crate) ask: Map<String, Value>,
    pub(crate) meanwhile: Option<Meanwhile>,
    pub(crate) expect: Outcome,
}

/// Something the runner does while the driver works.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meanwhile {
    /// Label of requests, as in [`Requests::count`].
    pub(crate) after: String,
    pub(crate) seen: usize,
    pub(crate) then: Action,
}

/// Something the runner does.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Action {
    /// Other faults from now on; counting of requests starts anew.
    Faults(FaultPlan),
    /// Moves the service's clock forward.
    AdvanceSeconds(u64),
    /// Ends the driver and starts another one, which knows nothing.
    FreshDriver(Map<String, Value>),
    /// Adds to the end of a file.
    Append { file: String, content: Content },
    /// Cuts a file.
    Truncate { file: String, bytes: u64 },
}

/// The answer to one request.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outcome {
    pub(crate) ok: Option<Value>,
    pub(crate) error: Option<Value>,
    /// Patterns that events must fit, in this order; others may lie between.
    pub(crate) events: Vec<Value>,
    /// A pattern that no event may fit.
    pub(crate) no_event: Option<Value>,
}

/// What is true at the end.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Expect {
    /// Records the service accepted; none by default.
    pub(crate) arrived: Option<Arrived>,
    pub(crate) requests: Requests,
    /// Pattern for the batches, in the order of allocation.
    pub(crate) batches: Option<Value>,
    /// What the service may note against the documents; nothing by default.
    pub(crate) violations: Vec<String>,
    /// Files that were written, with exactly this content.
    pub(crate) files: BTreeMap<String, Content>,
    /// Files or folders that may be there besides; nothing by default.
    pub(crate) leaves: Vec<String>,
}

/// Which records arrived.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Arrived {
    /// The lines of this content, each once.
    Lines {
        of: Content,
        /// Except these lines, counted from 1.
        #[serde(default)]
        without: Vec<usize>,
        /// Also when batches were processed out of order.
        #[serde(default)]
        any_order: bool,
    },
    /// A pattern for the list of records: `{batch_ref, index, ref, text, json}`.
    Records { records: Value },
}

/// Which requests were made. A request's label is its endpoint and status, `upload 200`, or how it ended without one:
/// `upload dropped`, `upload cut`, `upload open`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Requests {
    /// Labels that occur in this order; others may lie between.
    pub(crate) order: Vec<String>,
    /// How often: a pattern for the number by label or by endpoint.
    pub(crate) count: BTreeMap<String, Value>,
}

/// Reads every case, in the order of their names.
pub(crate) fn load(folder: &Path) -> Result<Vec<Case>, String> {
    let schema = read_json(&folder.join("schema.json"))?;
    let schema = jsonschema::validator_for(&schema).map_err(|error| format!("schema.json: {error}"))?;
    let listed = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = listed.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "json") && !path.ends_with("schema.json"));
    paths.sort();
    paths.iter().map(|path| load_one(path, &schema)).collect()
}

fn load_one(path: &Path, schema: &jsonschema::Validator) -> Result<Case, String> {
    let told = |reason: String| format!("{}: {reason}", path.display());
    let json = read_json(path)?;
    if let Some(error) = schema.iter_errors(&json).next() {
        return Err(told(format!("{error} at {}", error.instance_path())));
    }
    let case: Case = serde_json::from_value(json).map_err(|error| told(error.to_string()))?;
    if path.file_stem().is_none_or(|stem| *stem != *case.name) {
        return Err(told(format!("the file must be named {}.json", case.name)));
    }
    Ok(case)
}

/// Reads a JSON file.
pub(crate) fn read_json(path: &Path) -> Result<Value, String> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::contract::CODES;

    /// No case can provoke this from outside: a bug of ours.
    const UNREACHABLE: &[&str] = &["internal"];

    /// Faults of the emulator and odd forms of its error logs.
    const FAULTS: &[&str] = &[
        "status",
        "delay",
        "hang",
        "drop_before",
        "drop_after",
        "cut_body",
        "slow_drip",
        "expire_url",
        "wrong_checksum_echo",
        "stuck_uploading",
        "corrupted",
        "error_without_log",
        "whole_log",
        "not_found_flicker",
        "lag",
        "log_quirk",
        "reject_records",
        "bad_json",
        "html_page",
        "crlf",
        "cr",
        "number_codes",
        "null_refs",
        "success_lines",
        "not_gzip",
        "empty",
        "html",
        "no_final_newline",
    ];

    /// Whether `key` stands with `value` somewhere in the JSON.
    fn holds(json: &Value, key: &str, value: &str) -> bool {
        match json {
            Value::Object(members) => {
                members.iter().any(|(name, member)| (name == key && member == value) || holds(member, key, value))
            }
            Value::Array(all) => all.iter().any(|one| holds(one, key, value)),
            _ => false,
        }
    }

    #[test]
    fn every_error_code_and_every_fault_has_a_case() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases");
        let cases = load(&folder).unwrap();
        let all: Value =
            cases.iter().map(|case| read_json(&folder.join(format!("{}.json", case.name))).unwrap()).collect();
        let codes = CODES.iter().map(|(code, _)| *code).filter(|code| !UNREACHABLE.contains(code));
        let missing: Vec<&str> = codes
            .filter(|code| !holds(&all, "code", code))
            .chain(FAULTS.iter().copied().filter(|fault| !holds(&all, "type", fault) && !holds(&all, "quirk", fault)))
            .collect();
        assert_eq!(missing, [""; 0]);
    }
}
