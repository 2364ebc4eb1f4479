//! Rejects by reason.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use crate::error::Result;
use crate::reject::Reject;
use crate::rejects::Rejects;

/// Examples kept of each reason.
const EXAMPLES: usize = 3;
/// Reasons told apart; any more are counted together, so that a log of unique messages stays small.
const REASONS: usize = 1_000;

/// Records that were refused for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule that was broken, or the service's code.
    pub code: String,
    /// The message, with what differs from record to record replaced by `...`.
    pub message: String,
    /// How many records.
    pub count: u64,
    /// What usually helps, in plain words; `None` where nobody knows, or where the message says it.
    pub help: Option<&'static str>,
    /// Some of them.
    pub examples: Vec<Example>,
}

/// Where to find a refused record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Its source, if known.
    pub source: Option<Arc<str>>,
    /// Its line, if known.
    pub line: Option<u64>,
    /// Its ref, if it has one.
    #[serde(rename = "ref")]
    pub record_ref: Option<Uuid>,
}

/// Why these records were refused: equal reasons together, the most frequent first.
///
/// # Errors
/// `io` if the temporary file of rejects cannot be read.
pub fn summarise(rejects: &Rejects) -> Result<Vec<Reason>> {
    let mut summary = Summary::default();
    rejects.iter().try_for_each(|reject| reject.map(|reject| summary.add(reject)))?;
    Ok(summary.finish())
}

/// Groups records by code and normalised message.
#[derive(Default)]
pub(super) struct Summary(HashMap<(String, String), Reason>);

impl Summary {
    pub(super) fn add(&mut self, reject: Reject) {
        let help = reject.help();
        let mut key = (reject.code, normalised(&reject.message));
        if self.0.len() >= REASONS && !self.0.contains_key(&key) {
            key = ("other".to_string(), "further reasons".to_string());
        }
        let reason = self.0.entry(key.clone()).or_insert_with(|| Reason {
            count: 0,
            help,
            code: key.0,
            message: key.1,
            examples: Vec::new(),
        });
        reason.count += 1;
        if reason.examples.len() < EXAMPLES {
            let example = Example { source: reject.source, line: reject.line, record_ref: reject.record_ref };
            reason.examples.push(example);
        }
    }

    /// The groups, the largest first.
    pub(super) fn finish(self) -> Vec<Reason> {
        let mut reasons: Vec<_> = self.0.into_values().collect();
        reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (&a.code, &a.message).cmp(&(&b.code, &b.message))));
        reasons
    }
}

/// The message without quoted texts and numbers: those name one record, not the reason.
fn normalised(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let quoted = matches!(first, '"' | '`').then(|| rest[1..].find(first)).flatten().map(|end| end + 2);
        let number = rest.find(|c: char| !c.is_ascii_hexdigit() && c != '-').unwrap_or(rest.len());
        let is_number = number > 0 && rest[..number].bytes().any(|byte| byte.is_ascii_digit());
        let at_word_start = !out.ends_with(|c: char| c.is_alphanumeric());
        let skip = match (quoted, is_number && at_word_start) {
            (Some(end), _) => end,
            (None, true) => number,
            (None, false) => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        out.push_str("...");
        rest = &rest[skip..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_record_to_record_is_left_out_of_a_reason() {
        for (message, reason) in [
            ("Guest not found", "Guest not found"),
            (
                "3 matches found for this guest, 1st match deleted",
                "... matches found for this guest, ...st match deleted",
            ),
            ("the ref \"x\" is no UUID", "the ref ... is no UUID"),
            ("bad at column 17", "bad at column ..."),
            ("ref 1e20d1e1-07f0-4863-92f1-4d2e15c86a59 failed", "ref ... failed"),
        ] {
            assert_eq!(normalised(message), reason);
        }
    }
}
