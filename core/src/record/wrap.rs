//! Making records whole: a bare value gets its envelope, a record without `ref` gets one.

use std::borrow::Cow;

use uuid::{Uuid, uuid};

use super::envelope::Pair;
use super::finding::{Finding, shown};
use super::scan::{Members, text_of};

/// The namespace of every `ref` made here: UUIDv5 of `record.cdp-batch` in the DNS namespace.
pub const NAMESPACE: Uuid = uuid!("23bc65b6-c314-5e49-924b-3b51ef8feb06");

const REF: &[u8] = b"{\"ref\":\"";

/// How bare values become records.
#[derive(Clone, Debug)]
pub struct Wrap {
    /// What kind of record they become.
    pub pair: &'static Pair,
    head: String,
}

impl Wrap {
    /// Wraps values into records of this kind.
    pub fn new(pair: &'static Pair) -> Self {
        let head = format!("\"schema\":\"{}\",\"mode\":\"{}\",\"value\":", pair.schema, pair.mode);
        Wrap { pair, head }
    }

    /// Writes the record `{"ref":"..","schema":"..","mode":"..","value":..}` around the bytes of `value`, and returns
    /// its ref: the one given, or that of its content.
    pub fn write(&self, record: &mut Vec<u8>, reference: Option<Uuid>, value: &[u8]) -> Uuid {
        write(record, reference, &[self.head.as_bytes(), value])
    }
}

/// Writes the record that has these members, given as they stand between its braces, and a `ref` before them; returns
/// the ref: the one given, or that of its content.
pub fn insert_ref(record: &mut Vec<u8>, reference: Option<Uuid>, members: &[u8]) -> Uuid {
    write(record, reference, &[members])
}

/// The ref of a content is the UUIDv5 of the text between the record's braces, without `ref`: the same record has the
/// same ref in every run, whether it came with its envelope or as a bare value.
fn write(record: &mut Vec<u8>, reference: Option<Uuid>, members: &[&[u8]]) -> Uuid {
    let mut buffer = Uuid::encode_buffer();
    record.extend_from_slice(REF);
    let at = record.len();
    record.extend_from_slice(Uuid::nil().hyphenated().encode_lower(&mut buffer).as_bytes());
    record.extend_from_slice(b"\",");
    let content = record.len();
    members.iter().for_each(|part| record.extend_from_slice(part));
    let reference = reference.unwrap_or_else(|| Uuid::new_v5(&NAMESPACE, &record[content..]));
    reference.hyphenated().encode_lower(&mut record[at..]);
    record.push(b'}');
    reference
}

/// The ref made from one field of `value`: the UUIDv5 of its text, or of its digits if it is a number.
pub fn ref_of_field(value: &[u8], field: &str) -> Result<Uuid, Finding> {
    let found = Members::new(value, 0)
        .flatten()
        .find(|member| member.name().as_ref() == field.as_bytes())
        .map(|member| member.value);
    let text = match found {
        Some(raw @ [b'-' | b'0'..=b'9', ..]) => Some(Cow::Borrowed(raw)),
        Some(raw) => text_of(raw).filter(|text| !text.is_empty()),
        None => None,
    };
    text.map(|text| Uuid::new_v5(&NAMESPACE, &text)).ok_or_else(|| {
        let found = found.map_or_else(|| "missing".into(), shown);
        let message = format!("{field}, of which the ref is made, must be a string or number, but is {found}");
        Finding::error(&format!("$.value.{field}"), "wrap.ref_field", "protocol 3.2", message)
    })
}
