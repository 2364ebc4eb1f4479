//! Text as JSON strings.

use std::io::Write as _;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::value::Fault;

/// The text in UTF-8, as Python keeps it.
pub(super) fn utf8<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str, Fault> {
    text.to_str().map_err(|_| Fault::new("the text holds half a character (a lone surrogate), which is no Unicode"))
}

/// Appends a JSON string: quotes, backslashes and control characters escaped, everything else as it is.
pub(super) fn append_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    if any_needs_escape(bytes) {
        append_escaped(out, bytes);
    } else {
        append_plain(out, bytes);
    }
    out.push(b'"');
}

/// Appends bytes as they are. Most texts are short: two copies of a length that is known to the compiler, which may
/// overlap, take less time than a call for one of any length.
fn append_plain(out: &mut Vec<u8>, bytes: &[u8]) {
    fn append_ends<const N: usize>(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
        let (Some(first), Some(last)) = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>()) else { return false };
        let second = out.len() + bytes.len() - N;
        out.extend_from_slice(first);
        out.truncate(second);
        out.extend_from_slice(last);
        true
    }
    let is_done = match bytes.len() {
        4..8 => append_ends::<4>(out, bytes),
        8..16 => append_ends::<8>(out, bytes),
        16..=32 => append_ends::<16>(out, bytes),
        _ => false,
    };
    if !is_done {
        out.extend_from_slice(bytes);
    }
}

/// Whether any byte needs an escape. Most texts are short and need none, so that it matters to look at eight bytes at
/// once: where the length is no multiple of eight, the last ones are looked at twice.
fn any_needs_escape(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<8>() else {
        return match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => {
                word_needs_escape(u64::from(u32::from_ne_bytes(*first)) << 32 | u64::from(u32::from_ne_bytes(*last)))
            }
            _ => bytes.iter().any(|byte| needs_escape(*byte)),
        };
    };
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().chain([last]).fold(false, |found, word| found | word_needs_escape(u64::from_ne_bytes(*word)))
}

/// Whether one of eight bytes needs an escape: a byte below a limit borrows into its highest bit, and a byte that equals
/// another is zero after an exclusive or.
fn word_needs_escape(word: u64) -> bool {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let below = |word: u64, limit: u8| word.wrapping_sub(each(limit)) & !word;
    let found = below(word, 0x20) | below(word ^ each(b'"'), 1) | below(word ^ each(b'\\'), 1);
    found & each(0x80) != 0
}

fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn append_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| needs_escape(*byte)) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            quote @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', quote]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                // Writing to memory cannot fail.
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}
