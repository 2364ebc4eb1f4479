//! What holds for every answer, whatever the case: the shape of reports and errors, that counts add up, and that
//! progress only grows and never says more than the truth.

use std::path::Path;

use serde_json::Value;

use crate::case::read_json;

/// Every error code and whether it may be tried again: the error table, written down a second time so that a slip in the
/// product's own table shows.
pub(crate) const CODES: &[(&str, bool)] = &[
    ("invalid_options", false),
    ("invalid_record", false),
    ("record_too_large", false),
    ("io", false),
    ("journal", false),
    ("unauthorized", false),
    ("rejected", false),
    ("not_found", false),
    ("conflict", false),
    ("rate_limited", true),
    ("unavailable", true),
    ("tls", false),
    ("timeout", true),
    ("upload_expired", true),
    ("integrity", true),
    ("batch_corrupted", false),
    ("records_rejected", false),
    ("protocol", false),
    ("cancelled", false),
    ("closed", false),
    ("internal", false),
];

/// Operations whose answer is the report of a run.
const REPORTS: &[&str] = &["upload", "writer", "run_wait", "report"];

/// The schemas answers are held against.
pub(crate) struct Contract {
    report: jsonschema::Validator,
    error: jsonschema::Validator,
}

impl Contract {
    /// Reads the schemas in `tests`.
    pub(crate) fn load(tests: &Path) -> Result<Self, String> {
        let schema = |name: &str| {
            let json = read_json(&tests.join(name))?;
            jsonschema::validator_for(&json).map_err(|error| format!("{name}: {error}"))
        };
        Ok(Contract { report: schema("report.schema.json")?, error: schema("error.schema.json")? })
    }

    /// Where the answer to `op` is not as every answer must be.
    pub(crate) fn mismatches(&self, op: &str, answer: &Value) -> Vec<String> {
        let (ok, error) = (answer.get("ok"), answer.get("error"));
        let mut found = Vec::new();
        if ok.is_some() == error.is_some() {
            found.push("an answer has either ok or error".to_owned());
        }
        if let Some(error) = error {
            found.extend(self.error.iter_errors(error).map(|problem| told("error", &problem)));
            let code = error["code"].as_str().unwrap_or_default();
            let known = CODES.iter().find(|(known, _)| *known == code);
            if known.is_none_or(|(_, retryable)| error["retryable"] != *retryable) {
                found.push(format!("error: {code} with retryable {} is not in the table", error["retryable"]));
            }
        }
        let attached = error.and_then(|error| error.get("report"));
        if let Some(report) = attached.or(ok.filter(|_| REPORTS.contains(&op))) {
            found.extend(self.report.iter_errors(report).map(|problem| told("report", &problem)));
            found.extend(counts(&report["counts"]));
        }
        found.extend(progress(answer["events"].as_array().map(Vec::as_slice).unwrap_or_default()));
        found
    }
}

/// Every record is accounted for, also when the run did not come to its end.
fn counts(counts: &Value) -> Option<String> {
    let sum: u64 = ["confirmed", "rejected", "unknown"].iter().filter_map(|name| counts[name].as_u64()).sum();
    (counts["read"] != sum).then(|| format!("report: the counts do not add up: {counts}"))
}

/// The numbers of progress that only grow, and those that each may at most be.
const GROWING: &[(&str, &str)] = &[
    ("read", "read"),
    ("packed", "read"),
    ("packed_bytes", "packed_bytes"),
    ("sent_bytes", "packed_bytes"),
    ("sent", "packed"),
    ("confirmed", "sent"),
    ("rejected", "read"),
];

fn progress(events: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    let mut last = &Value::Null;
    for event in events.iter().filter(|event| event["type"] == "progress" || event["type"] == "done") {
        for (name, most) in GROWING {
            let now = event[name].as_u64();
            if now < last[name].as_u64() || now > event[most].as_u64() {
                found.push(format!("events: {name} shrinks or is more than {most}: {last} then {event}"));
            }
        }
        last = event;
    }
    if events.last().is_some_and(|last| last["type"] != "done") {
        found.push("events: the last one is not done".into());
    }
    found
}

fn told(what: &str, problem: &jsonschema::ValidationError<'_>) -> String {
    format!("{what}: {problem} at {}", problem.instance_path())
}
