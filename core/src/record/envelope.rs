//! The record around a value: `ref`, `schema`, `mode` and `value`.

use uuid::Uuid;

use super::finding::{Finding, nearest, shown};
use super::guest::GUEST;
use super::migration::MIGRATION;
use super::model::Column::{self, Delete, Insert, Upsert};
use super::model::Entity;
use super::order::{ORDER, ORDER_DELETE};
use super::scan::{Member, text_of};
use super::tracking::TRACKING;

/// A schema and a mode that some page names together (protocol.md section 3.3).
#[derive(Debug)]
pub struct Pair {
    /// The record's `schema`.
    pub schema: &'static str,
    /// The record's `mode`.
    pub mode: &'static str,
    /// What the value is.
    pub entity: &'static Entity,
    /// Which column of its tables applies.
    pub column: Column,
    doubt: Option<&'static str>,
}

impl Pair {
    /// The warning that the documents disagree about this pair, if they do.
    pub fn doubt(&self) -> Option<Finding> {
        let message = format!("schema {} with mode {} may be refused: {}", self.schema, self.mode, self.doubt?);
        Some(Finding::warning("$.mode", "envelope.pair", "protocol 3.3", message))
    }

    const fn new(schema: &'static str, mode: &'static str, entity: &'static Entity, column: Column) -> Self {
        Pair { schema, mode, entity, column, doubt: None }
    }

    const fn but(self, doubt: &'static str) -> Self {
        Pair { doubt: Some(doubt), ..self }
    }
}

const NO_INSERT: &str = "the guest data model does not support insert, so use upsert";
const NO_MODEL: &str = "no data model describes this mode, so use upsert";
const MIGRATE: &str = "guests are migrated with schema migration and mode guest";
const NO_TRACKING: &str = "tracking is gone from the current pages";

/// Every pair there is, the usual ones first; any other one is an error.
pub static PAIRS: &[Pair] = &[
    Pair::new("guest", "upsert", &GUEST, Upsert),
    Pair::new("order", "insert", &ORDER, Insert),
    Pair::new("order", "upsert", &ORDER, Upsert),
    Pair::new("guest", "delete", &GUEST, Delete),
    Pair::new("guest", "gdpr_delete", &GUEST, Delete),
    Pair::new("order", "delete", &ORDER_DELETE, Delete),
    Pair::new("migration", "guest", &MIGRATION, Upsert),
    Pair::new("guest", "insert", &GUEST, Insert).but(NO_INSERT),
    Pair::new("guest", "create", &GUEST, Insert).but(NO_MODEL),
    Pair::new("order", "create", &ORDER, Insert).but(NO_MODEL),
    Pair::new("guest", "merge", &GUEST, Upsert).but(NO_MODEL),
    Pair::new("order", "merge", &ORDER, Upsert).but(NO_MODEL),
    Pair::new("guest", "guest", &GUEST, Upsert).but(MIGRATE),
    Pair::new("guest", "migration", &GUEST, Upsert).but(MIGRATE),
    Pair::new("migration", "migration", &MIGRATION, Upsert).but(MIGRATE),
    Pair::new("tracking", "insert", &TRACKING, Insert).but(NO_TRACKING),
];

/// The pair of this schema and mode, or what is wrong with them.
pub fn find_pair(schema: &[u8], mode: &[u8]) -> Result<&'static Pair, Finding> {
    if let Some(pair) = PAIRS.iter().find(|pair| pair.schema.as_bytes() == schema && pair.mode.as_bytes() == mode) {
        return Ok(pair);
    }
    let (schema, mode) = (String::from_utf8_lossy(schema), String::from_utf8_lossy(mode));
    let schemas = || PAIRS.iter().map(|pair| pair.schema);
    let modes = || PAIRS.iter().map(|pair| pair.mode);
    let (path, rule, message) = if !schemas().any(|known| known == schema) {
        ("$.schema", "envelope.schema", unknown("schema", &schema, "guest, order or migration", schemas()))
    } else if !modes().any(|known| known == mode) {
        ("$.mode", "envelope.mode", unknown("mode", &mode, "upsert, insert, delete, gdpr_delete or guest", modes()))
    } else {
        let of_schema = PAIRS.iter().filter(|pair| pair.schema == schema && pair.doubt.is_none());
        let known = of_schema.map(|pair| pair.mode).collect::<Vec<_>>().join(", ");
        ("$.mode", "envelope.pair", format!("schema {schema} has no mode {mode}: it has {known}"))
    };
    Err(Finding::error(path, rule, "protocol 3.3", message))
}

fn unknown<'a>(member: &str, value: &str, expected: &str, known: impl Iterator<Item = &'a str>) -> String {
    let hint = nearest(value, known).map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
    format!("{member} must be {expected}, but is {}{hint}", shown(value.as_bytes()))
}

/// The members of a record as they stand in the line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope<'a> {
    /// The value of `ref`, if there is one.
    pub reference: Option<&'a [u8]>,
    /// The value of `schema`, if there is one.
    pub schema: Option<&'a [u8]>,
    /// The value of `mode`, if there is one.
    pub mode: Option<&'a [u8]>,
    /// The value of `value`, if there is one.
    pub value: Option<&'a [u8]>,
    repeated: Option<&'static str>,
    unknown: Option<&'a [u8]>,
}

impl<'a> Envelope<'a> {
    /// Takes note of a member of the line.
    pub fn add(&mut self, member: Member<'a>) {
        // An escaped name is the same name to every JSON parser.
        let name = match member.raw_name {
            b"ref" | b"schema" | b"mode" | b"value" => member.raw_name.into(),
            _ => member.name(),
        };
        let (slot, name) = match name.as_ref() {
            b"ref" => (&mut self.reference, "ref"),
            b"schema" => (&mut self.schema, "schema"),
            b"mode" => (&mut self.mode, "mode"),
            b"value" => (&mut self.value, "value"),
            _ => {
                self.unknown.get_or_insert(member.raw_name);
                return;
            }
        };
        match slot {
            Some(_) => self.repeated = Some(name),
            None => *slot = Some(member.value),
        }
    }

    /// Whether the line is a record, possibly a faulty one, and not a bare value: it has an object `value`, or both
    /// `schema` and `mode`. No entity of the documents has attributes like these (protocol.md section 4).
    pub fn is_record(&self) -> bool {
        self.value.is_some_and(|value| value.starts_with(b"{")) || self.schema.is_some() && self.mode.is_some()
    }

    /// Checks everything but a missing `ref`, and says what kind of record it is; `record_ref` is the UUID in `ref`.
    pub fn check(&self, record_ref: Option<Uuid>, findings: &mut Vec<Finding>) -> Option<&'static Pair> {
        if let (Some(raw), None) = (self.reference, record_ref) {
            let message = format!("ref must be a UUID with hyphens, but is {}", shown(raw));
            findings.push(Finding::error("$.ref", "envelope.ref", "protocol 3.2", message));
        }
        if let Some(name) = self.repeated {
            let message = format!("{name} is there twice");
            findings.push(Finding::error("$", "envelope.repeated", "protocol 3.2", message));
        }
        if let Some(raw_name) = self.unknown {
            let message = format!("{} is no member of a record: put it into value", shown(raw_name));
            findings.push(Finding::warning("$", "envelope.unknown", "protocol 3.2", message));
        }
        if !self.value.is_some_and(|value| value.starts_with(b"{")) {
            let message = format!("value must be an object, but is {}", shown_or_missing(self.value));
            findings.push(Finding::error("$.value", "envelope.value", "protocol 3.2", message));
        }
        let schema = self.schema.and_then(text_of);
        if schema.is_none() {
            let message = format!("schema must be a string, but is {}", shown_or_missing(self.schema));
            findings.push(Finding::error("$.schema", "envelope.schema", "protocol 3.2", message));
        }
        let mode = self.mode.and_then(text_of);
        if mode.is_none() {
            let message = format!("mode must be a string, but is {}", shown_or_missing(self.mode));
            findings.push(Finding::error("$.mode", "envelope.mode", "protocol 3.2", message));
        }
        let pair = find_pair(&schema?, &mode?).map_err(|finding| findings.push(finding)).ok()?;
        findings.extend(pair.doubt());
        Some(pair)
    }
}

/// The UUID in a value that is a string: any version, either case, with hyphens (protocol.md section 3.2).
pub fn uuid_of(value: &[u8]) -> Option<Uuid> {
    let text = text_of(value)?;
    // Of the forms that `Uuid` reads, only the hyphenated one has this length.
    if text.len() == 36 { Uuid::try_parse_ascii(&text).ok() } else { None }
}

fn shown_or_missing(raw: Option<&[u8]>) -> String {
    raw.map_or_else(|| "missing".into(), shown)
}
