//! What a check has to say about a record.

use serde::Serialize;

use super::fault::Fault;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The documents contradict each other here, or no page confirms it: the record is sent.
    Warning,
    /// The service would refuse the record: it becomes a reject.
    Error,
}

/// One remark about one place of a record. The caller knows its source and line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The place, such as `$.value.identifiers[0].id`.
    pub path: String,
    /// The rule's stable id, such as `envelope.ref` or `guest.email`.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence: what is wrong and what is expected.
    pub message: String,
    /// Where the rule is from, such as `protocol 4.1`: a section of protocol.md.
    pub section: &'static str,
}

impl Finding {
    /// An error about the record's envelope.
    pub(super) fn error(path: &str, rule: &'static str, section: &'static str, message: impl Into<String>) -> Self {
        Finding { path: path.into(), rule, severity: Severity::Error, message: message.into(), section }
    }

    /// A warning about the record's envelope.
    pub(super) fn warning(path: &str, rule: &'static str, section: &'static str, message: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, ..Finding::error(path, rule, section, message) }
    }
}

/// Each row must be valid JSON (protocol.md section 3.1).
impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        Finding::error("$", fault.flaw.rule(), "protocol 3.1", fault.to_string())
    }
}

/// A value as a message shows it: its JSON text, cut after 40 characters.
pub(super) fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}

/// The known name most like this one, if any is like it.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &name), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
