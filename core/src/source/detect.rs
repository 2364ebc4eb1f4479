//! What a text is, told from its first bytes.

use crate::pack::MAX_RECORD_BYTES;

/// How a text holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One record a line.
    Lines,
    /// One JSON array whose elements are the records.
    Array,
    /// Records one after the other, each over several lines.
    Pretty,
}

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";
pub(super) const GZIP: &[u8] = b"\x1F\x8B";

/// How many of the first bytes must be free of NUL. Enough to know a binary file by, and few enough that one bad
/// record further down stays what it is: one bad record.
const TEXT_BYTES: usize = 1 << 10;

/// First bytes that are never JSON: what they mean and what to do. A longer one stands before its own start.
const REFUSED: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "is a zip archive", UNPACK),
    (b"PK\x05\x06", "is a zip archive", UNPACK),
    (b"PK\x07\x08", "is a zip archive", UNPACK),
    (b"\xFD7zXZ\0", "is compressed with xz", UNPACK),
    (b"\x28\xB5\x2F\xFD", "is compressed with zstd", UNPACK),
    (b"BZh", "is compressed with bzip2", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "is a 7z archive", UNPACK),
    (GZIP, "is compressed with gzip twice", "unpack it once"),
    (b"\xFF\xFE\0\0", "is UTF-32 text", SAVE),
    (b"\0\0\xFE\xFF", "is UTF-32 text", SAVE),
    (b"\xFF\xFE", "is UTF-16 text", SAVE),
    (b"\xFE\xFF", "is UTF-16 text", SAVE),
];
const UNPACK: &str = "unpack it first, or compress it with gzip instead";
const SAVE: &str = "save it as UTF-8";

/// Why this text is not read at all, and what to do; `head` is unpacked, and whole up to `TEXT_BYTES`.
pub(super) fn refusal(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if let Some((_, what, advice)) = REFUSED.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Some((what, advice));
    }
    // Every JSON text starts with two ASCII characters (RFC 4627 section 3), so NULs tell the encoding without a BOM.
    match head {
        [0, 0, 0, 1..=127, ..] | [1..=127, 0, 0, 0, ..] => Some(("is UTF-32 text", SAVE)),
        [0, 1..=127, 0, 1..=127, ..] | [1..=127, 0, 1..=127, 0, ..] => Some(("is UTF-16 text", SAVE)),
        _ if head.iter().take(TEXT_BYTES).any(|byte| *byte == 0) => {
            Some(("is not text", "give NDJSON or a JSON array, plain or compressed with gzip"))
        }
        _ => None,
    }
}

/// How the text that starts with `head` holds its records; nothing if more of it is needed to tell. `whole` says that
/// there is no more.
///
/// An array starts with `[`. Records over several lines start with a value that is still open when its first line ends
/// and that ends where a later line does. All else is one record a line.
pub(super) fn format(head: &[u8], whole: bool) -> Option<Format> {
    let undecided = (whole || head.len() > MAX_RECORD_BYTES).then_some(Format::Lines);
    let Some(start) = head.iter().position(|byte| !is_blank(*byte)) else {
        return undecided;
    };
    if head[start] == b'[' {
        return Some(Format::Array);
    }
    let mut depth = 0_i64;
    let (mut in_string, mut escaped, mut first_line) = (false, false, true);
    for (at, byte) in head.iter().enumerate().skip(start) {
        match byte {
            b'\n' | b'\r' if in_string || depth <= 0 => return Some(Format::Lines),
            b'\n' | b'\r' => first_line = false,
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth <= 0 && !first_line {
                    return match head[at + 1..].iter().find(|byte| !matches!(byte, b' ' | b'\t')) {
                        Some(b'\n' | b'\r') => Some(Format::Pretty),
                        Some(_) => Some(Format::Lines),
                        None => whole.then_some(Format::Pretty).or(undecided),
                    };
                }
            }
            _ => {}
        }
    }
    undecided
}

/// JSON's insignificant whitespace.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
