//! What comes before a record's value is, but for the `ref`, the same in record after record: it is read once, and then
//! recognised.

use uuid::Uuid;

use super::compact::skip_compact;
use super::envelope::Pair;
use super::scan::MAX_DEPTH;

/// The head of the last record about which there was nothing to say: from the end of its `ref` to its value.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    text: Vec<u8>,
    pair: Option<&'static Pair>,
}

/// A record that begins with a known head.
pub(super) struct Known<'a> {
    pub(super) record_ref: Uuid,
    pub(super) pair: &'static Pair,
    pub(super) value: &'a [u8],
}

impl Head {
    /// Remembers the head of a line that is a good record of this kind, if its `ref` comes first and its value last.
    pub(super) fn learn(&mut self, line: &[u8], value: &[u8], pair: &'static Pair) {
        let head = split(line).and_then(|(_, rest)| rest.strip_suffix(value));
        if let Some(head) = head.filter(|head| head.starts_with(b"\"")) {
            self.pair = Some(pair);
            self.text.clear();
            self.text.extend_from_slice(head);
        }
    }

    /// The line as a record, if it begins with this head and is good.
    pub(super) fn recognise<'a>(&self, line: &'a [u8]) -> Option<Known<'a>> {
        let (record_ref, rest) = split(line)?;
        let value = rest.strip_prefix(&*self.text)?;
        let is_good = value.starts_with(b"{")
            && skip_compact(value, 0, MAX_DEPTH - 1) == Some(value.len())
            && simdutf8::basic::from_utf8(value).is_ok();
        Some(Known { record_ref, pair: self.pair?, value }).filter(|_| is_good)
    }
}

/// The `ref` with which a record begins, and what is between that and the last brace.
fn split(line: &[u8]) -> Option<(Uuid, &[u8])> {
    let (record_ref, rest) = line.strip_prefix(b"{\"ref\":\"")?.strip_suffix(b"}")?.split_at_checked(36)?;
    Some((Uuid::try_parse_ascii(record_ref).ok()?, rest))
}
