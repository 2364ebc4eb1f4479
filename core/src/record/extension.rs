//! Data extensions: groups of free attributes on guests, orders and order items.

use std::borrow::Cow;

use super::finding::{Severity, shown};
use super::model::Rule;
use super::reader::Reader;
use super::review::{Place, Review};
use super::scan::{text_of, unescape};

/// What the groups of one entity may be (protocol.md sections 4.2 and 4.8).
#[derive(Debug)]
pub struct Limits {
    /// The names a group may have.
    pub names: &'static [&'static str],
    /// Most attributes of a group, besides `name` and `key`.
    pub most_attributes: usize,
}

/// The `key` of every group.
const KEY: &str = "default";

impl Review<'_> {
    /// Checks an array of extension groups; `rule` is that of the attribute which holds them.
    pub(super) fn extensions(&mut self, limits: &Limits, reader: &Reader<'_>, place: &Place<'_>, rule: Rule) {
        let mut names = Vec::new();
        let mut count = 0;
        for index in reader.elements() {
            count = index + 1;
            let place = Place::Element(place, index);
            match reader.rest() {
                [b'{', ..] => self.extension(limits, reader, &place, rule, &mut names),
                _ => {
                    let message = format!("a group must be an object, but is {}", shown(reader.value()));
                    self.report(&place, rule, Severity::Error, message);
                }
            }
        }
        if count > 1 {
            let rule = Rule { id: "extension.groups", ..rule };
            self.report(place, rule, Severity::Warning, "one page allows only one group".into());
        }
        // What is left can only be a warning.
        if self.errors_only {
            return;
        }
        names.sort_unstable();
        for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
            let message = format!("the attribute {} is there twice", shown(pair[0]));
            self.report(place, Rule { id: "extension.repeated", ..rule }, Severity::Warning, message);
        }
    }

    fn extension<'a>(
        &mut self,
        limits: &Limits,
        reader: &Reader<'a>,
        place: &Place<'_>,
        rule: Rule,
        names: &mut Vec<&'a [u8]>,
    ) {
        let (mut name, mut key, mut count) = (None, None, 0);
        for raw_name in reader.members() {
            let value = reader.value();
            let is_plain = are_letters_and_digits(raw_name);
            let attribute = if is_plain { Cow::Borrowed(raw_name) } else { unescape(raw_name) };
            match &*attribute {
                b"name" => name = Some(value),
                b"key" => key = Some(value),
                _ => {
                    count += 1;
                    let place = Place::Member(place, &attribute);
                    if !is_plain {
                        self.extension_attribute(&attribute, &place, rule);
                    }
                    if !self.errors_only {
                        names.push(raw_name);
                        self.extension_value(value, &place, rule);
                    }
                }
            }
        }
        self.fixed("name", limits.names, name, place, Rule { id: "extension.name", ..rule });
        self.fixed("key", &[KEY], key, place, Rule { id: "extension.key", ..rule });
        if count > limits.most_attributes {
            let message =
                format!("a group has at most {} attributes, but this one has {count}", limits.most_attributes);
            self.report(place, Rule { id: "extension.attributes", ..rule }, Severity::Error, message);
        }
    }

    fn fixed(&mut self, name: &str, allowed: &[&str], value: Option<&[u8]>, place: &Place<'_>, rule: Rule) {
        let text = value.and_then(text_of);
        if !text.is_some_and(|text| allowed.iter().any(|name| name.as_bytes() == &*text)) {
            let found = value.map_or_else(|| "missing".into(), shown);
            let message = format!("{name} must be {}, but is {found}", allowed.join(" or "));
            self.report(&Place::Member(place, name.as_bytes()), rule, Severity::Error, message);
        }
    }

    fn extension_attribute(&mut self, name: &[u8], place: &Place<'_>, rule: Rule) {
        if !are_letters_and_digits(name) {
            let message = format!("the name {} must have only letters and digits", shown(name));
            self.report(place, Rule { id: "extension.attribute", ..rule }, Severity::Error, message);
        }
    }

    /// Of a value there can only be warnings.
    fn extension_value(&mut self, value: &[u8], place: &Place<'_>, rule: Rule) {
        match value {
            [b'{' | b'[' | b'n', ..] => {
                let message = format!("no page allows {}, only a text, number or boolean", shown(value));
                self.report(place, Rule { id: "extension.value", ..rule }, Severity::Warning, message);
            }
            [b'"', text @ .., b'"'] if text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false") => {
                let message = format!("a boolean is sent as text: send it without quotes, not as {}", shown(value));
                self.report(place, Rule { id: "extension.boolean", ..rule }, Severity::Warning, message);
            }
            _ => {}
        }
    }
}

/// Whether a name has letters and digits of ASCII, and nothing else. Names are short: eight bytes at once are looked at,
/// the last ones twice where the length is no multiple of eight.
fn are_letters_and_digits(name: &[u8]) -> bool {
    match name.last_chunk::<8>() {
        Some(last) => name.as_chunks().0.iter().chain([last]).all(|word| is_alphanumeric(u64::from_ne_bytes(*word))),
        None => !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric),
    }
}

/// Whether each of eight bytes is a letter or digit of ASCII.
fn is_alphanumeric(word: u64) -> bool {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // Sets the highest bit of each byte, all of which are of ASCII, that is not below a limit.
    let from = |word: u64, limit: u8| word + each(0x80 - limit);
    let is_ascii = word & each(0x80) == 0;
    let word = word & each(0x7F);
    let lower = word | each(0x20);
    let letters = from(lower, b'a') & !from(lower, b'z' + 1);
    let digits = from(word, b'0') & !from(word, b'9' + 1);
    is_ascii && (letters | digits) & each(0x80) == each(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_of_a_name_is_a_letter_or_digit_or_is_not() {
        for length in 1..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut name = vec![b'x'; length];
                    name[at] = byte;
                    assert_eq!(are_letters_and_digits(&name), byte.is_ascii_alphanumeric(), "{name:?}");
                }
            }
        }
        assert!(!are_letters_and_digits(b""));
    }
}
