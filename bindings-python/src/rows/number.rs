//! Numbers, digit by digit.

use pyo3::prelude::*;

use super::value::{Encoder, Fault, Written};

const INFINITE: &str = "an infinite number is no JSON";

/// A whole number of any size.
pub(super) fn append_int(encoder: &mut Encoder<'_, '_>, number: &Bound<'_, PyAny>) -> Result<Written, Fault> {
    if let Ok(number) = number.extract::<i64>() {
        encoder.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        return Ok(Written::Value);
    }
    // `str` refuses a number of more than 4,300 digits, and `Decimal` does not.
    let digits = encoder.types.decimal.bind(number.py()).call1((number,))?.str()?;
    encoder.out.extend_from_slice(digits.to_str()?.as_bytes());
    Ok(Written::Value)
}

/// The shortest digits that give the same number again.
pub(super) fn append_float(encoder: &mut Encoder<'_, '_>, number: f64) -> Result<Written, Fault> {
    if number.is_finite() {
        encoder.out.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes());
        Ok(Written::Value)
    } else if number.is_nan() {
        encoder.not_a_number("NaN")
    } else {
        Err(Fault::new(INFINITE))
    }
}

/// A decimal by its own digits: `1.50` stays `1.50`.
pub(super) fn append_decimal(encoder: &mut Encoder<'_, '_>, number: &Bound<'_, PyAny>) -> Result<Written, Fault> {
    let digits = number.str()?;
    let digits = digits.to_str()?;
    if digits.contains("NaN") {
        encoder.not_a_number("NaN")
    } else if digits.contains("Inf") {
        Err(Fault::new(INFINITE))
    } else {
        encoder.out.extend_from_slice(digits.as_bytes());
        Ok(Written::Value)
    }
}
