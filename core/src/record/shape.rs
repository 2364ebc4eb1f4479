//! What a single value may look like.

use std::borrow::Cow;

use super::extension::Limits;
use super::finding::Severity;
use super::model::Entity;
use super::scan::text_of;

/// The type and rule of an attribute, as its table states it.
#[derive(Debug)]
pub enum Shape {
    /// A string.
    Text,
    /// A string of at most this many characters.
    TextUpTo(usize),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A string; the documents give these as examples, so another one is a warning.
    Like(&'static [&'static str]),
    /// A code of this many letters, such as an ISO country or currency.
    Letters(usize),
    /// One e-mail address. The service's own rules are unknown, so a doubtful one is a warning (protocol.md section 3.5).
    Email,
    /// An ISO 8601 date-time in UTC, no finer than this.
    DateTime(Finest),
    /// A number.
    Number,
    /// An array of strings.
    Texts,
    /// An object.
    Object(&'static Entity),
    /// An array of objects, of which this many are stored.
    Objects(&'static Entity, usize),
    /// An array of data extension groups.
    Extensions(&'static Limits),
}

/// For [`Shape::Objects`] of which the documents give no limit.
pub const ANY_NUMBER: usize = usize::MAX;

/// The finest part of a date-time that an attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finest {
    /// As in `2020-12-24T00:00Z`.
    Minutes,
    /// As in `1985-12-24T00:00:00Z`.
    Seconds,
    /// As in `2025-03-07T16:15:11.000Z`.
    Fractions,
}

/// What a value must be and is not, to be read after the name of the attribute.
pub(super) type Complaint = (Severity, Cow<'static, str>);

impl Shape {
    /// What is wrong with `value` itself; what is inside an object or array is not looked at.
    pub(super) fn complaint(&self, value: &[u8]) -> Option<Complaint> {
        match self {
            Shape::Number => (!is_number(value)).then_some((Severity::Error, "must be a number".into())),
            Shape::Texts | Shape::Objects(..) | Shape::Extensions(_) => {
                (!value.starts_with(b"[")).then_some((Severity::Error, "must be an array".into()))
            }
            Shape::Object(_) => (!value.starts_with(b"{")).then_some((Severity::Error, "must be an object".into())),
            _ => match text_of(value) {
                Some(text) => self.text_complaint(&text),
                None => error("must be a string"),
            },
        }
    }

    fn text_complaint(&self, text: &str) -> Option<Complaint> {
        match self {
            Shape::TextUpTo(limit) if text.chars().count() > *limit => {
                error(format!("must have at most {limit} characters"))
            }
            Shape::OneOf(allowed) if !allowed.contains(&text) => error(format!("must be {}", alternatives(allowed))),
            Shape::Like(examples) if !examples.contains(&text) => {
                warning(format!("should be like {}", alternatives(examples)))
            }
            Shape::Letters(count) if text.len() != *count || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                error(format!("must be a code of {count} letters"))
            }
            Shape::Email if !is_one_address(text) => warning("should be one e-mail address"),
            Shape::DateTime(finest) => date_time_complaint(text, *finest),
            _ => None,
        }
    }
}

fn error(must: impl Into<Cow<'static, str>>) -> Option<Complaint> {
    Some((Severity::Error, must.into()))
}

fn warning(should: impl Into<Cow<'static, str>>) -> Option<Complaint> {
    Some((Severity::Warning, should.into()))
}

fn alternatives(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Whether this is a number, knowing that it is a JSON value.
fn is_number(value: &[u8]) -> bool {
    matches!(value, [b'-' | b'0'..=b'9', ..])
}

/// Whether there is one at sign with something on both sides, and nothing that separates addresses.
fn is_one_address(text: &str) -> bool {
    let separated = text.contains([',', ';', ' ', '<', '>']);
    !separated
        && matches!(text.split_once('@'), Some((user, host)) if !user.is_empty() && !host.is_empty() && !host.contains('@'))
}

fn date_time_complaint(text: &str, finest: Finest) -> Option<Complaint> {
    let example = match finest {
        Finest::Minutes => "1985-12-24T00:00Z",
        Finest::Seconds => "1985-12-24T00:00:00Z",
        Finest::Fractions => "2025-03-07T16:15:11.000Z",
    };
    if text.parse::<jiff::Timestamp>().is_ok() && text.as_bytes().get(10) == Some(&b'T') && text.ends_with('Z') {
        let found = match text.len() {
            ..18 => Finest::Minutes,
            18..21 => Finest::Seconds,
            _ => Finest::Fractions,
        };
        return (found > finest).then(|| (Severity::Warning, format!("should be no finer than {example}").into()));
    }
    // Another notation of ISO 8601: which ones the service reads is not known.
    if text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok() {
        return warning(format!("should be a date-time in UTC such as {example}"));
    }
    error(format!("must be an ISO 8601 date-time in UTC such as {example}"))
}
