//! What the service says to one line of a batch file: envelope, schema and mode, then the rules of that pair
//! (protocol.md sections 3.2, 3.3 and 5).

use crate::route::uuid;
use crate::shape::Object;
use crate::world::World;
use crate::{guest_rules, order_rules};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashSet;
use uuid::Uuid;

/// Code and message of one record, as an error log line carries them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
}

impl Verdict {
    pub(crate) const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), message: Cow::Borrowed(message) }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.code.starts_with('2')
    }
}

pub(crate) const ACCEPTED: Verdict = Verdict::new("200", "OK");
pub(crate) const NOT_A_RECORD: Verdict = Verdict::new("400", "Failed to parse import line");
pub(crate) const INVALID: Verdict = Verdict::new("400", "Validation error");
pub(crate) const NO_IDENTITY: Verdict = Verdict::new("400", "Not enough identifying information");
const UNSUPPORTED_MODE: Verdict = Verdict::new("402", "Unsupported mode");

type Rules = fn(&Object<'_>, &mut World) -> Verdict;

/// Every supported pair of schema and mode. Where the documents disagree (`create`, `merge`), what the error-log page
/// lists is accepted, except inserting guests, which people report as refused.
const PAIRS: &[(&str, &str, Rules)] = &[
    ("guest", "upsert", guest_rules::upsert),
    ("guest", "merge", guest_rules::upsert),
    ("guest", "create", guest_rules::create),
    ("guest", "delete", guest_rules::delete),
    ("guest", "gdpr_delete", guest_rules::delete),
    ("migration", "guest", guest_rules::migrate),
    ("order", "insert", order_rules::insert),
    ("order", "upsert", order_rules::upsert),
    ("order", "delete", order_rules::delete),
    ("tracking", "insert", |_, _| ACCEPTED),
];

/// Judges the lines of one batch.
pub(crate) struct Judge<'w> {
    world: &'w mut World,
    seen: HashSet<Uuid>,
}

impl<'w> Judge<'w> {
    pub(crate) fn new(world: &'w mut World) -> Self {
        Self { world, seen: HashSet::new() }
    }

    /// Gives the record's `ref`, none when the line has none to give, and the verdict. `refused` takes the place of the
    /// rules that follow the envelope.
    pub(crate) fn judge(&mut self, line: &[u8], refused: Option<&Verdict>) -> (Option<String>, Verdict) {
        let record = std::str::from_utf8(line).ok().and_then(Object::parse);
        let Some(record) = record else { return (None, NOT_A_RECORD) };
        let Some(reference) = record.text("ref") else { return (None, INVALID) };
        let verdict = self.envelope(&record, &reference, refused);
        (Some(reference.into_owned()), verdict)
    }

    fn envelope(&mut self, record: &Object<'_>, reference: &str, refused: Option<&Verdict>) -> Verdict {
        // Each ref once per file: a second one could not be told apart in the error log (protocol.md section 3.2).
        if uuid(reference).is_none_or(|reference| !self.seen.insert(reference)) {
            return INVALID;
        }
        let (Some(schema), Some(mode)) = (record.text("schema"), record.text("mode")) else { return INVALID };
        if !PAIRS.iter().any(|(known, _, _)| *known == schema) {
            return INVALID;
        }
        let Some((_, _, rules)) = PAIRS.iter().find(|pair| pair.0 == schema && pair.1 == mode) else {
            return UNSUPPORTED_MODE;
        };
        let Some(value) = record.object("value") else { return INVALID };
        refused.cloned().unwrap_or_else(|| rules(&value, self.world))
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
