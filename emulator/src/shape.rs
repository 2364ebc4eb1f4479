//! JSON values against tables of attributes (protocol.md section 4). Values are looked at as raw text, so numbers of any
//! length pass as they are.

use crate::clock::Moment;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// An attribute that has a documented type; attributes in no table are let through.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Text,
    Number,
    /// ISO 8601 in UTC, seconds and milliseconds optional.
    DateTime,
    OneOf(&'static [&'static str]),
    Texts,
    Object(&'static [Attribute]),
    Objects(&'static [Attribute]),
    /// Data extensions: allowed group names and the most attributes a group may have (protocol.md sections 4.2, 4.8).
    Extensions {
        groups: &'static [&'static str],
        most: usize,
    },
}

/// A JSON object with its members as raw text; of a repeated name the last one counts.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// A member that is there and not `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().rev().find(|(key, _)| key == name)?;
        (value.get() != "null").then_some(value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        text(self.get(name)?)
    }

    pub(crate) fn object(&self, name: &str) -> Option<Object<'a>> {
        Object::parse(self.get(name)?.get())
    }

    pub(crate) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.get(name).is_some())
    }

    /// Whether every member with a known name has its type.
    pub(crate) fn conforms(&self, table: &[Attribute]) -> bool {
        self.0.iter().all(|(name, value)| {
            let known = table.iter().find(|attribute| attribute.name == name);
            known.is_none_or(|attribute| value.get() == "null" || attribute.kind.fits(value))
        })
    }
}

impl Kind {
    fn fits(&self, value: &RawValue) -> bool {
        match self {
            Self::Text => text(value).is_some(),
            Self::Number => value.get().starts_with(|first: char| first == '-' || first.is_ascii_digit()),
            Self::DateTime => text(value).is_some_and(|text| is_date_time(&text)),
            Self::OneOf(allowed) => text(value).is_some_and(|text| allowed.contains(&text.as_ref())),
            Self::Texts => array(value).is_some_and(|items| items.iter().all(|item| text(item).is_some())),
            Self::Object(table) => Object::parse(value.get()).is_some_and(|object| object.conforms(table)),
            Self::Objects(table) => objects(value).is_some_and(|all| all.iter().all(|object| object.conforms(table))),
            Self::Extensions { groups, most } => {
                objects(value).is_some_and(|all| all.iter().all(|extension| is_extension(extension, groups, *most)))
            }
        }
    }
}

fn is_extension(extension: &Object<'_>, groups: &[&str], most: usize) -> bool {
    let is_frame = |name: &str| name == "name" || name == "key";
    let attributes = extension.0.iter().filter(|(name, _)| !is_frame(name));
    extension.text("name").is_some_and(|name| groups.contains(&name.as_ref()))
        && extension.text("key").is_some_and(|key| key == "default")
        && attributes.clone().count() <= most
        && attributes.clone().all(|(name, value)| {
            let is_simple = !value.get().starts_with(['{', '[']) && value.get() != "null";
            is_simple && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

pub(crate) fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_str::<Text<'_>>(value.get()).ok().map(|text| text.0)
}

pub(crate) fn objects(value: &RawValue) -> Option<Vec<Object<'_>>> {
    serde_json::from_str(value.get()).ok()
}

fn array(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

fn is_date_time(text: &str) -> bool {
    text.ends_with('Z') && Moment::from_rfc3339(text).is_some()
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        #[derive(Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value().map_err(de::Error::custom)?));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Members).map(Object)
    }
}
