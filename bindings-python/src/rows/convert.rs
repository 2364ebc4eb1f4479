//! What JSON has no type for.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::text::append_string;
use super::value::{Encoder, Fault, Written};

/// An instant as the service writes it: UTC, milliseconds (cut, not rounded), `Z`.
pub(super) fn append_datetime(encoder: &mut Encoder<'_, '_>, time: &Bound<'_, PyAny>) -> Result<Written, Fault> {
    let py = time.py();
    let utc = encoder.types.utc.bind(py);
    let in_utc = if time.getattr(intern!(py, "tzinfo"))?.is(utc) {
        time.clone()
    } else if time.call_method0(intern!(py, "utcoffset"))?.is_none() {
        return encoder.other(time, "a datetime without a time zone may be any instant: give it a tzinfo");
    } else {
        time.call_method1(intern!(py, "astimezone"), (utc,))?
    };
    let text = in_utc.call_method1(intern!(py, "isoformat"), (intern!(py, "T"), intern!(py, "milliseconds")))?;
    let text = text.cast::<PyString>()?.to_str()?;
    append_string(&mut encoder.out, text.strip_suffix("+00:00").unwrap_or(text));
    encoder.out.pop();
    encoder.out.extend_from_slice(b"Z\"");
    Ok(Written::Value)
}

/// A day as the service writes a date of birth: midnight UTC without seconds (protocol.md section 4.1).
pub(super) fn append_date(encoder: &mut Encoder<'_, '_>, date: &Bound<'_, PyAny>) -> Result<Written, Fault> {
    let text = date.call_method0(intern!(date.py(), "isoformat"))?.str()?;
    append_string(&mut encoder.out, &format!("{}T00:00Z", text.to_str()?));
    Ok(Written::Value)
}

/// A UUID with hyphens.
pub(super) fn append_uuid(encoder: &mut Encoder<'_, '_>, uuid: &Bound<'_, PyAny>) -> Result<Written, Fault> {
    append_string(&mut encoder.out, uuid.str()?.to_str()?);
    Ok(Written::Value)
}
