//! The one check that reads the tables: an object against its entity, and so on inwards.

use std::fmt;

use super::finding::{Finding, Severity, nearest, shown};
use super::model::{Attribute, Column, Entity, Need, Rule};
use super::reader::Reader;
use super::scan::{Members, text_of, unescape};
use super::shape::Shape;

/// Findings of one record after which only its first error is added: a hostile record must not fill the memory.
const MOST_FINDINGS: usize = 100;

/// Checks a value that is an object, of a record whose mode reads this column, against its table. Finds no warnings with
/// `errors_only`.
pub fn review(entity: &'static Entity, column: Column, value: &[u8], errors_only: bool, findings: &mut Vec<Finding>) {
    Review { column, errors_only, findings }.object(entity, &Reader::new(value), &Place::Value, Severity::Error);
}

/// A place in a record, spelt out only if there is something to say about it.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The record's value.
    Value,
    /// A member of an object.
    Member(&'a Place<'a>, &'a [u8]),
    /// An element of an array, counted from 0.
    Element(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Value => f.write_str("$.value"),
            Place::Member(parent, name) => write!(f, "{parent}.{}", String::from_utf8_lossy(name)),
            Place::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// One check under way.
pub(super) struct Review<'f> {
    column: Column,
    pub(super) errors_only: bool,
    findings: &'f mut Vec<Finding>,
}

impl Review<'_> {
    /// Notes that a rule is broken here.
    pub(super) fn report(&mut self, place: &Place<'_>, rule: Rule, severity: Severity, mut message: String) {
        if rule.worst < severity {
            message += " (no current page confirms it)";
        }
        let severity = severity.min(rule.worst);
        if self.errors_only && severity == Severity::Warning {
            return;
        }
        if self.is_full() && (severity == Severity::Warning || self.has_error()) {
            return;
        }
        self.findings.push(Finding {
            path: place.to_string(),
            rule: rule.id,
            severity,
            message,
            section: rule.section,
        });
    }

    /// Whether there are so many findings that more would help nobody.
    fn is_full(&self) -> bool {
        self.findings.len() >= MOST_FINDINGS
    }

    fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn object(&mut self, entity: &'static Entity, reader: &Reader<'_>, place: &Place<'_>, worst: Severity) {
        let object = reader.rest();
        let (mut seen, mut filled) = (0_u64, 0_u64);
        for raw_name in reader.members() {
            let Some((bit, group, row)) = entity.row(raw_name).or_else(|| entity.row(&unescape(raw_name))) else {
                self.unknown(entity, place, raw_name);
                reader.value();
                continue;
            };
            let place = Place::Member(place, row.name.as_bytes());
            let rule = group.rule(row, worst);
            if seen & bit != 0 {
                self.report(&place, rule, Severity::Warning, format!("{} is there twice", row.name));
            }
            seen |= bit;
            if !is_empty(reader.rest()) {
                filled |= bit;
            }
            self.value(row, reader, &place, rule);
        }
        for &(bit, group, row) in entity.needed(self.column) {
            let (severity, lack) = match (row.need(self.column), seen & bit != 0) {
                (Need::Required, false) => (Severity::Error, "is missing"),
                (Need::RequiredIf(other, value), false) if has(object, other, value) => (Severity::Error, "is missing"),
                (Need::Expected, false) => (Severity::Warning, "is missing: some pages require it"),
                (Need::Disputed, false) => {
                    (Severity::Warning, "is missing: one page requires it, another rules it out")
                }
                (Need::Disputed, true) => {
                    (Severity::Warning, "may be refused: one page requires it, another rules it out")
                }
                _ => continue,
            };
            let rule = group.rule(row, worst);
            if !self.errors_only || severity.min(rule.worst) == Severity::Error {
                let message = format!("{} {lack}", row.name);
                self.report(&Place::Member(place, row.name.as_bytes()), rule, severity, message);
            }
        }
        if let Some(identity) = &entity.identity
            && entity.lacks_identity(filled)
        {
            self.report(place, identity.rule, Severity::Error, identity.message.into());
        }
    }

    fn unknown(&mut self, entity: &Entity, place: &Place<'_>, raw_name: &[u8]) {
        if self.is_full() || self.errors_only {
            return;
        }
        let name = unescape(raw_name);
        let section = entity.groups.first().map_or("protocol 4", |group| group.section);
        let rule = Rule { id: "model.unknown", section, worst: Severity::Warning };
        let hint = nearest(&String::from_utf8_lossy(&name), entity.rows().map(|(.., row)| row.name));
        let hint = hint.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
        let message = format!("no page knows the attribute {}{hint}", shown(&name));
        self.report(&Place::Member(place, &name), rule, Severity::Warning, message);
    }

    fn value(&mut self, row: &'static Attribute, reader: &Reader<'_>, place: &Place<'_>, rule: Rule) {
        if self.errors_only && rule.worst == Severity::Warning {
            // Nor can anything within it be more than that.
            reader.value();
            return;
        }
        let name = row.name;
        let rest = reader.rest();
        let first = rest.first().copied().unwrap_or_default();
        let is_required = matches!(row.need(self.column), Need::Required);
        if first == b'n' {
            let (severity, complaint) = match is_required {
                true => (Severity::Error, "must not be null"),
                false => (Severity::Warning, "is null: no page says what that does, so leave it out"),
            };
            reader.value();
            self.report(place, rule, severity, format!("{name} {complaint}"));
        } else if let Some(must) = row.shape.misfit(first) {
            let message = format!("{name} {must}, but is {}", shown(reader.value()));
            self.report(place, rule, Severity::Error, message);
        } else if is_required && is_empty(rest) {
            reader.value();
            self.report(place, rule, Severity::Error, format!("{name} must not be empty"));
        } else {
            match &row.shape {
                Shape::Object(entity) => self.object(entity, reader, place, rule.worst),
                Shape::Extensions(limits) => self.extensions(limits, reader, place, rule),
                Shape::Texts | Shape::Objects(..) => self.elements(row, reader, place, rule),
                shape => {
                    let value = reader.value();
                    if !(self.errors_only && shape.only_warns())
                        && let Some((severity, must)) = shape.complaint(value)
                    {
                        self.report(place, rule, severity, format!("{name} {must}, but is {}", shown(value)));
                    }
                }
            }
        }
    }

    fn elements(&mut self, row: &'static Attribute, reader: &Reader<'_>, place: &Place<'_>, rule: Rule) {
        let (mut count, name) = (0, row.name);
        for index in reader.elements() {
            count = index + 1;
            let place = Place::Element(place, index);
            match (&row.shape, reader.rest()) {
                (Shape::Texts, [b'"', ..]) => drop(reader.value()),
                (Shape::Objects(entity, _), [b'{', ..]) => self.object(entity, reader, &place, rule.worst),
                (shape, _) => {
                    let kind = if matches!(shape, Shape::Texts) { "strings" } else { "objects" };
                    let message = format!("{name} must hold {kind}, but here is {}", shown(reader.value()));
                    self.report(&place, rule, Severity::Error, message);
                }
            }
        }
        if let Shape::Objects(_, most) = row.shape
            && count > most
        {
            let message = format!("{name} holds {count} objects, but only {most} are stored");
            self.report(place, rule, Severity::Warning, message);
        }
    }
}

/// Whether the value that begins here says nothing.
fn is_empty(rest: &[u8]) -> bool {
    matches!(rest, [b'"', b'"', ..] | [b'[', b']', ..] | [b'{', b'}', ..] | [b'n', ..])
}

/// Whether the object that begins here has a member with this text.
fn has(object: &[u8], name: &str, text: &str) -> bool {
    let mut members = Members::new(object, 0).flatten();
    members.any(|member| {
        *member.name() == *name.as_bytes() && text_of(member.value).is_some_and(|value| *value == *text.as_bytes())
    })
}
