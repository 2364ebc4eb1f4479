//! Text as JSON strings.

use std::io::Write as _;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::value::Fault;

/// Bytes looked at together: the compiler compares so many at once.
const STEP: usize = 32;

/// The text in UTF-8, as Python keeps it.
pub(super) fn utf8<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str, Fault> {
    text.to_str().map_err(|_| Fault::new("the text holds half a character (a lone surrogate), which is no Unicode"))
}

/// Appends a JSON string: quotes, backslashes and control characters escaped, everything else as it is.
pub(super) fn append_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut rest = bytes;
    while let Some((step, after)) = rest.split_at_checked(STEP) {
        out.extend_from_slice(step);
        if step.iter().fold(false, |found, byte| found | needs_escape(*byte)) {
            out.truncate(out.len() - STEP);
            append_escaped(out, step);
        }
        rest = after;
    }
    append_escaped(out, rest);
    out.push(b'"');
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
