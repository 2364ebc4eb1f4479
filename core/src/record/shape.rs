//! What a single value may look like.

use std::borrow::Cow;

use jiff::fmt::temporal::DateTimeParser;

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
    /// What kind of value it must be, if its first byte shows that it is another.
    pub(super) fn misfit(&self, first: u8) -> Option<&'static str> {
        let (fits, must) = match self {
            Shape::Number => (matches!(first, b'-' | b'0'..=b'9'), "must be a number"),
            Shape::Object(_) => (first == b'{', "must be an object"),
            Shape::Texts | Shape::Objects(..) | Shape::Extensions(_) => (first == b'[', "must be an array"),
            _ => (first == b'"', "must be a string"),
        };
        (!fits).then_some(must)
    }

    /// Whether there can be no more than a warning about a string.
    pub(super) fn only_warns(&self) -> bool {
        matches!(self, Shape::Text | Shape::Like(_) | Shape::Email)
    }

    /// What is wrong with a string.
    pub(super) fn complaint(&self, string: &[u8]) -> Option<Complaint> {
        if matches!(self, Shape::Text) {
            return None;
        }
        let text = &*text_of(string)?;
        match self {
            Shape::TextUpTo(limit) if characters(text) > *limit => {
                error(format!("must have at most {limit} characters"))
            }
            Shape::OneOf(allowed) if !is_among(text, allowed) => error(format!("must be {}", alternatives(allowed))),
            Shape::Like(examples) if !is_among(text, examples) => {
                warning(format!("should be like {}", alternatives(examples)))
            }
            Shape::Letters(count) if text.len() != *count || !text.iter().all(u8::is_ascii_alphabetic) => {
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

fn is_among(text: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| name.as_bytes() == text)
}

/// Characters of a UTF-8 text.
fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Whether there is one at sign with something on both sides, and nothing that separates addresses.
fn is_one_address(text: &[u8]) -> bool {
    let mut ats = text.iter().enumerate().filter(|(_, byte)| **byte == b'@').map(|(at, _)| at);
    let inside = ats.next().is_some_and(|at| at > 0 && at + 1 < text.len());
    inside && ats.next().is_none() && !text.iter().any(|byte| b",; <>".contains(byte))
}

fn date_time_complaint(text: &[u8], finest: Finest) -> Option<Complaint> {
    let (too_fine, example) = match finest {
        Finest::Minutes => ("seconds", "2020-12-24T00:00Z"),
        Finest::Seconds => ("milliseconds", "1985-12-24T00:00Z"),
        Finest::Fractions => ("more", "2025-03-07T16:15:11.000Z"),
    };
    const ISO_8601: DateTimeParser = DateTimeParser::new();
    let is_instant = is_usual_instant(text) || ISO_8601.parse_timestamp(text).is_ok();
    if is_instant && text.get(10) == Some(&b'T') && text.ends_with(b"Z") {
        let found = match text.len() {
            ..18 => Finest::Minutes,
            18..21 => Finest::Seconds,
            _ => Finest::Fractions,
        };
        return (found > finest)
            .then(|| (Severity::Warning, format!("should have no {too_fine}, as in {example}").into()));
    }
    // Another notation of ISO 8601: which ones the service reads is not known.
    if is_instant || ISO_8601.parse_datetime(text).is_ok() {
        return warning(format!("should be a date-time in UTC such as {example}"));
    }
    error(format!("must be an ISO 8601 date-time in UTC such as {example}"))
}

/// Whether it is, at first sight, a date-time such as `2025-03-07T16:15Z`, with or without seconds and milliseconds, on a
/// day that every month has. Most are, and need no parser.
fn is_usual_instant(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000";
    let Some(text) = text.strip_suffix(b"Z").filter(|text| matches!(text.len(), 16 | 19 | 23)) else { return false };
    let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    let has_form = text.iter().zip(FORM).fold(true, |so_far, pair| so_far & fits(pair));
    let is_at_most = |at: usize, most: [u8; 2]| text.get(at..at + 2).is_none_or(|number| *number <= most[..]);
    let is_from_one = |at: usize| text[at..at + 2] != *b"00";
    has_form
        && is_from_one(5)
        && is_from_one(8)
        && is_at_most(5, *b"12")
        && is_at_most(8, *b"28")
        && is_at_most(11, *b"23")
        && is_at_most(14, *b"59")
        && is_at_most(17, *b"59")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_date_time_at_first_sight_is_one() {
        let forms = ["YYYY-MM-DDThh:mmZ", "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DDThh:mm:ss.mmmZ"];
        let usual: Vec<_> = forms.iter().map(|form| form.replace("mmmZ", "007Z")).collect();
        let numbers = [["YYYY", "0000", "1970", "9999", "2024", "x000"], ["MM", "00", "01", "12", "13", "1x"]];
        let more = [
            ["DD", "00", "01", "28", "29", "31"],
            ["hh", "00", "23", "24", "99", "-1"],
            ["mm", "00", "59", "60", ":0", "5 "],
            ["ss", "00", "59", "60", "61", "5."],
        ];
        let mut texts = usual;
        for [name, values @ ..] in numbers.into_iter().chain(more) {
            texts = texts.iter().flat_map(|text| values.map(|value| text.replace(name, value))).collect();
        }
        texts.sort_unstable();
        texts.dedup();
        let is_instant = |text: &String| DateTimeParser::new().parse_timestamp(text).is_ok();
        assert!(texts.iter().any(|text| is_usual_instant(text.as_bytes())));
        assert!(texts.iter().filter(|text| is_usual_instant(text.as_bytes())).all(is_instant));
        assert!(texts.iter().all(|text| !is_usual_instant(&text.as_bytes()[..text.len() - 1])));
    }
}
