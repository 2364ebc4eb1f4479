//! The one check that reads the tables: an object against its entity, and so on inwards.

use std::fmt;

use super::finding::{Finding, Severity, nearest, shown};
use super::model::{Attribute, Column, Entity, Need, Rule};
use super::scan::{Elements, Members, text_of};
use super::shape::Shape;

/// Findings of one record after which only its first error is added: a hostile record must not fill the memory.
const MOST_FINDINGS: usize = 100;

/// Checks a value that is an object, of a record whose mode reads this column, against its table.
pub fn review(entity: &'static Entity, column: Column, value: &[u8], findings: &mut Vec<Finding>) {
    Review { column, findings }.object(entity, value, &Place::Value, Severity::Error);
}

/// A place in a record, spelt out only if there is something to say about it.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The record's value.
    Value,
    /// A member of an object.
    Member(&'a Place<'a>, &'a str),
    /// An element of an array, counted from 0.
    Element(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Value => f.write_str("$.value"),
            Place::Member(parent, name) => write!(f, "{parent}.{name}"),
            Place::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// One check under way.
pub(super) struct Review<'f> {
    column: Column,
    findings: &'f mut Vec<Finding>,
}

impl Review<'_> {
    /// Notes that a rule is broken here.
    pub(super) fn report(&mut self, place: &Place<'_>, rule: Rule, severity: Severity, mut message: String) {
        if rule.worst < severity {
            message += " (no current page confirms it)";
        }
        let severity = severity.min(rule.worst);
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

    fn object(&mut self, entity: &'static Entity, object: &[u8], place: &Place<'_>, worst: Severity) {
        let (mut seen, mut filled) = (0_u64, 0_u64);
        for member in Members::new(object, 0).flatten() {
            let name = member.name();
            let place = Place::Member(place, &name);
            let Some((bit, group, row)) = entity.rows().find(|(.., row)| row.name == name) else {
                self.unknown(entity, &place, &name);
                continue;
            };
            let rule = group.rule(row, worst);
            if seen & bit != 0 {
                self.report(&place, rule, Severity::Warning, format!("{name} is there twice"));
            }
            seen |= bit;
            if !is_empty(member.value) {
                filled |= bit;
            }
            self.value(row, member.value, &place, rule);
        }
        for (bit, group, row) in entity.rows() {
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
            let message = format!("{} {lack}", row.name);
            self.report(&Place::Member(place, row.name), group.rule(row, worst), severity, message);
        }
        if let Some(identity) = &entity.identity
            && !entity.rows().any(|(bit, _, row)| filled & bit != 0 && identity.names.contains(&row.name))
        {
            self.report(place, identity.rule, Severity::Error, identity.message.into());
        }
    }

    fn unknown(&mut self, entity: &Entity, place: &Place<'_>, name: &str) {
        if self.is_full() {
            return;
        }
        let section = entity.groups.first().map_or("protocol 4", |group| group.section);
        let rule = Rule { id: "model.unknown", section, worst: Severity::Warning };
        let hint = nearest(name, entity.rows().map(|(.., row)| row.name));
        let hint = hint.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
        self.report(place, rule, Severity::Warning, format!("no page knows the attribute {name}{hint}"));
    }

    fn value(&mut self, row: &'static Attribute, value: &[u8], place: &Place<'_>, rule: Rule) {
        let is_required = matches!(row.need(self.column), Need::Required);
        let complaint = match value {
            b"null" if is_required => Some((Severity::Error, "must not be null".into())),
            b"null" => Some((Severity::Warning, "is null: no page says what that does, so leave it out".into())),
            _ => match row.shape.complaint(value) {
                Some((severity, must)) => Some((severity, format!("{must}, but is {}", shown(value)))),
                None if is_required && is_empty(value) => Some((Severity::Error, "must not be empty".into())),
                None => None,
            },
        };
        if let Some((severity, complaint)) = complaint {
            return self.report(place, rule, severity, format!("{} {complaint}", row.name));
        }
        match &row.shape {
            Shape::Object(entity) => self.object(entity, value, place, rule.worst),
            Shape::Extensions(limits) => self.extensions(limits, value, place, rule),
            Shape::Texts | Shape::Objects(..) => self.elements(row, value, place, rule),
            _ => {}
        }
    }

    fn elements(&mut self, row: &'static Attribute, array: &[u8], place: &Place<'_>, rule: Rule) {
        let (mut count, name) = (0, row.name);
        for element in Elements::new(array, 0).flatten() {
            let place = Place::Element(place, count);
            count += 1;
            match (&row.shape, element) {
                (Shape::Texts, [b'"', ..]) => {}
                (Shape::Objects(entity, _), [b'{', ..]) => self.object(entity, element, &place, rule.worst),
                (shape, _) => {
                    let kind = if matches!(shape, Shape::Texts) { "strings" } else { "objects" };
                    let message = format!("{name} must hold {kind}, but here is {}", shown(element));
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

/// Whether a value says nothing.
fn is_empty(value: &[u8]) -> bool {
    matches!(value, b"null" | b"\"\"" | b"[]" | b"{}")
}

/// Whether an object has a member with this text.
fn has(object: &[u8], name: &str, text: &str) -> bool {
    let mut members = Members::new(object, 0).flatten();
    members.any(|member| member.name() == name && text_of(member.value).is_some_and(|value| value == text))
}
