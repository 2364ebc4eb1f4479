//! Data extensions: groups of free attributes on guests, orders and order items.

use super::finding::{Severity, shown};
use super::model::Rule;
use super::review::{Place, Review};
use super::scan::{Elements, Members, text_of};

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
    pub(super) fn extensions(&mut self, limits: &Limits, groups: &[u8], place: &Place<'_>, rule: Rule) {
        let mut names = Vec::new();
        let mut count = 0;
        for group in Elements::new(groups, 0).flatten() {
            let place = Place::Element(place, count);
            count += 1;
            match group {
                [b'{', ..] => self.extension(limits, group, &place, rule, &mut names),
                _ => self.report(
                    &place,
                    rule,
                    Severity::Error,
                    format!("a group must be an object, but is {}", shown(group)),
                ),
            }
        }
        if count > 1 {
            let rule = Rule { id: "extension.groups", ..rule };
            self.report(place, rule, Severity::Warning, "one page allows only one group".into());
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
        group: &'a [u8],
        place: &Place<'_>,
        rule: Rule,
        names: &mut Vec<&'a [u8]>,
    ) {
        let (mut name, mut key, mut count) = (None, None, 0);
        for member in Members::new(group, 0).flatten() {
            match member.raw_name {
                b"name" => name = Some(member.value),
                b"key" => key = Some(member.value),
                raw_name => {
                    count += 1;
                    names.push(raw_name);
                    let name = member.name();
                    self.extension_attribute(&name, member.value, &Place::Member(place, &name), rule);
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
        if !text.is_some_and(|text| allowed.contains(&text.as_ref())) {
            let found = value.map_or_else(|| "missing".into(), shown);
            let message = format!("{name} must be {}, but is {found}", allowed.join(" or "));
            self.report(&Place::Member(place, name), rule, Severity::Error, message);
        }
    }

    fn extension_attribute(&mut self, name: &str, value: &[u8], place: &Place<'_>, rule: Rule) {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!("the name {} must have only letters and digits", shown(name.as_bytes()));
            self.report(place, Rule { id: "extension.attribute", ..rule }, Severity::Error, message);
        }
        match value {
            [b'{' | b'[' | b'n', ..] => {
                let message =
                    format!("no page allows anything but a text, number or boolean, but this is {}", shown(value));
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
