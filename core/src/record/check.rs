//! The check of one line: what the packing workers call for every record.

use uuid::Uuid;

use super::envelope::{Envelope, Pair, find_pair, uuid_of};
use super::finding::{Finding, Severity, shown};
use super::head::{Head, Known};
use super::review::review;
use super::scan::{Members, scan};
use super::wrap::{Wrap, insert_ref, ref_of_field};
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::options::{Check, Options};

/// Checks lines, and makes them whole, as the options say. Built once, shared by all threads.
#[derive(Clone, Debug)]
pub struct Checker {
    check: Check,
    wrap: Option<Wrap>,
    ref_field: Option<String>,
}

/// What a check writes into: made once per thread, emptied by each call.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// The record to send instead of the line, if it is [`Keep::Replaced`].
    pub replacement: Vec<u8>,
    /// What there is to say about the line; also filled for lines that are kept.
    pub findings: Vec<Finding>,
    /// Whether nobody wants to know of warnings about a value: putting them into words takes time.
    pub errors_only: bool,
    head: Head,
}

/// The outcome of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The record's `ref`, as far as it was looked at and is a UUID.
    pub record_ref: Option<Uuid>,
    /// What to send.
    pub keep: Keep,
}

/// What to send for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The line, byte for byte.
    AsIs,
    /// [`Scratch::replacement`].
    Replaced,
    /// Nothing: [`Scratch::findings`] holds at least one error.
    Refused,
}

impl Checker {
    /// A checker for these options: `check`, `schema`, `mode` and `ref_field`.
    ///
    /// # Errors
    /// `invalid_options` if the documents know no such schema and mode.
    pub fn new(options: &Options) -> Result<Checker> {
        let wrap = match (&options.schema, &options.mode) {
            (Some(schema), Some(mode)) => Some(Wrap::new(
                find_pair(schema.as_bytes(), mode.as_bytes())
                    .map_err(|finding| Error::new(Kind::InvalidOptions, finding.message).with_stage(Stage::Options))?,
            )),
            _ => None,
        };
        Ok(Checker { check: options.check, wrap, ref_field: options.ref_field.clone() })
    }

    /// Whether every line is kept as it is, unread.
    pub fn passes_everything(&self) -> bool {
        self.check == Check::None && self.wrap.is_none()
    }

    /// Checks one line without its line break.
    ///
    /// `check = none` looks at nothing, unless bare values are to be wrapped: then a line must be a JSON object.
    /// Otherwise a record must have a good envelope; if only its `ref` is missing, it gets one.
    pub fn check(&self, line: &[u8], scratch: &mut Scratch) -> Verdict {
        scratch.replacement.clear();
        scratch.findings.clear();
        if self.passes_everything() {
            return Verdict { record_ref: None, keep: Keep::AsIs };
        }
        let verdict = self.judge(line, scratch).unwrap_or_else(|finding| {
            scratch.findings.push(finding);
            Verdict { record_ref: None, keep: Keep::Refused }
        });
        match scratch.has_error() {
            true => Verdict { keep: Keep::Refused, ..verdict },
            false => verdict,
        }
    }

    /// The verdict unless there are errors among the findings, or the one error that ends the check early.
    fn judge(&self, line: &[u8], scratch: &mut Scratch) -> std::result::Result<Verdict, Finding> {
        if self.check != Check::None
            && let Some(Known { record_ref, pair, value }) = scratch.head.recognise(line)
        {
            self.model(pair, value, scratch);
            return Ok(Verdict { record_ref: Some(record_ref), keep: Keep::AsIs });
        }
        let mut envelope = Envelope::default();
        let span = scan(line, |member| envelope.add(member))?;
        let object = &line[span];
        if !object.starts_with(b"{") {
            let message = format!("a record must be a JSON object, but is {}", shown(object));
            return Err(Finding::error("$", "envelope.object", "protocol 3.2", message));
        }
        if let Some(wrap) = &self.wrap
            && !envelope.is_record()
        {
            if self.check != Check::None {
                scratch.findings.extend(wrap.pair.doubt());
            }
            self.model(wrap.pair, object, scratch);
            let given = self.ref_of_field(object)?;
            let record_ref = wrap.write(&mut scratch.replacement, given, object);
            return Ok(Verdict { record_ref: Some(record_ref), keep: Keep::Replaced });
        }
        let record_ref = envelope.reference.and_then(uuid_of);
        if self.check != Check::None
            && let Some(pair) = envelope.check(record_ref, &mut scratch.findings)
        {
            let value = envelope.value.unwrap_or_default();
            if record_ref.is_some() && scratch.findings.is_empty() {
                scratch.head.learn(line, value, pair);
            }
            self.model(pair, value, scratch);
        }
        if envelope.reference.is_some() || scratch.has_error() {
            return Ok(Verdict { record_ref, keep: Keep::AsIs });
        }
        let given = envelope.value.map_or(Ok(None), |value| self.ref_of_field(value))?;
        let members = &object[1..object.len() - 1];
        let record_ref = insert_ref(&mut scratch.replacement, given, members);
        Ok(Verdict { record_ref: Some(record_ref), keep: Keep::Replaced })
    }

    fn model(&self, pair: &'static Pair, value: &[u8], scratch: &mut Scratch) {
        if self.check == Check::Model && value.starts_with(b"{") {
            review(pair.entity, pair.column, value, scratch.errors_only, &mut scratch.findings);
        }
    }

    fn ref_of_field(&self, value: &[u8]) -> std::result::Result<Option<Uuid>, Finding> {
        self.ref_field.as_deref().map(|field| ref_of_field(value, field)).transpose()
    }
}

impl Scratch {
    /// One that leaves warnings about values unsaid.
    pub fn of_errors() -> Self {
        Self { errors_only: true, ..Self::default() }
    }

    fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// The `ref` of a line that was kept: joins an error log with its records. Reads no further than the `ref`.
pub fn record_ref(line: &[u8]) -> Option<Uuid> {
    let open = memchr::memchr(b'{', line)?;
    let mut members = Members::new(line, open).map_while(std::result::Result::ok);
    uuid_of(members.find(|member| *member.name() == *b"ref")?.value)
}
