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
    // Without a way out of the loop the compiler looks at many bytes at once, and most texts need no escape.
    if bytes.iter().fold(false, |found, byte| found | needs_escape(*byte)) {
        append_escaped(out, bytes);
    } else {
        out.extend_from_slice(bytes);
    }
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
