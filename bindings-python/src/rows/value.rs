//! One value, whatever its type.

use cdp_batch::record::scan::MAX_DEPTH;
use pyo3::CastError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

use super::types::Types;
use super::{convert, number, text};

/// What becomes of a NaN.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nan {
    /// It is a fault.
    Error,
    /// It is `null`.
    Null,
    /// The member of an object that holds it is left out; in an array it is `null`, so that the others keep their place.
    Omit,
}

impl Nan {
    pub(super) fn named(name: &str) -> Option<Self> {
        [("error", Nan::Error), ("null", Nan::Null), ("omit", Nan::Omit)]
            .into_iter()
            .find_map(|(known, nan)| (known == name).then_some(nan))
    }
}

/// What was appended for a value.
#[derive(PartialEq, Eq)]
pub(super) enum Written {
    Value,
    /// `null`, for a NaN to be left out where that is possible.
    Missing,
}

/// Why a row cannot be serialised, and where in it.
pub(super) struct Fault {
    pub(super) what: String,
    /// What the caller's own code raised.
    pub(super) cause: Option<PyErr>,
    /// Names and indexes, innermost first.
    path: Vec<String>,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Fault { what: what.into(), cause: None, path: Vec::new() }
    }

    /// The same fault, seen from one level further out.
    fn inside(mut self, step: String) -> Self {
        self.path.push(step);
        self
    }

    /// `value.guests[2].x`; empty for the row itself.
    pub(super) fn place(&self) -> String {
        let path: String = self.path.iter().rev().map(String::as_str).collect();
        path.strip_prefix('.').unwrap_or(&path).to_owned()
    }
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Fault { cause: Some(error), ..Fault::new("it cannot be read") }
    }
}

impl From<CastError<'_, '_>> for Fault {
    fn from(error: CastError<'_, '_>) -> Self {
        PyErr::from(error).into()
    }
}

/// Appends values to `out`.
pub(super) struct Encoder<'a, 'py> {
    pub(super) types: &'a Types,
    pub(super) out: Vec<u8>,
    nan: Nan,
    default: Option<&'a Bound<'py, PyAny>>,
    /// Objects, arrays and conversions that the current value is in.
    depth: u32,
}

impl<'a, 'py> Encoder<'a, 'py> {
    /// An encoder that appends to `out`.
    pub(super) fn new(types: &'a Types, nan: Nan, default: Option<&'a Bound<'py, PyAny>>, out: Vec<u8>) -> Self {
        Encoder { types, out, nan, default, depth: 0 }
    }

    /// Appends a whole row.
    pub(super) fn row(&mut self, row: &Bound<'_, PyAny>) -> Result<(), Fault> {
        self.depth = 0;
        self.value(row).map(drop)
    }

    /// Appends a value. The types of most values are known by their pointer; their subclasses and all others are looked
    /// at one by one.
    fn value(&mut self, value: &Bound<'_, PyAny>) -> Result<Written, Fault> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            text::append_string(&mut self.out, text::utf8(text)?);
            Ok(Written::Value)
        } else if let Ok(object) = value.cast_exact::<PyDict>() {
            self.object(object)
        } else if value.is_exact_instance_of::<PyInt>() {
            number::append_int(self, value)
        } else if let Ok(number) = value.cast_exact::<PyFloat>() {
            number::append_float(self, number.value())
        } else if let Ok(truth) = value.cast_exact::<PyBool>() {
            self.out.extend_from_slice(if truth.is_true() { b"true" } else { b"false" });
            Ok(Written::Value)
        } else if value.is_none() {
            self.out.extend_from_slice(b"null");
            Ok(Written::Value)
        } else if let Ok(array) = value.cast_exact::<PyList>() {
            self.array(array.iter())
        } else if value.get_type().is(&self.types.datetime) {
            convert::append_datetime(self, value)
        } else {
            self.rarer(value)
        }
    }

    fn rarer(&mut self, value: &Bound<'_, PyAny>) -> Result<Written, Fault> {
        let py = value.py();
        let is = |known: &Py<PyType>| value.is_instance(known.bind(py));
        // An enum may be text or a number as well, and then its value is meant.
        if is(&self.types.r#enum)? {
            let inner = value.getattr(intern!(py, "value"))?;
            self.deeper(|encoder| encoder.value(&inner))
        } else if let Ok(text) = value.cast::<PyString>() {
            text::append_string(&mut self.out, text::utf8(text)?);
            Ok(Written::Value)
        } else if value.is_instance_of::<PyInt>() {
            number::append_int(self, value)
        } else if let Ok(number) = value.cast::<PyFloat>() {
            number::append_float(self, number.value())
        } else if let Ok(object) = value.cast::<PyDict>() {
            self.object(object)
        } else if let Ok(array) = value.cast::<PyList>() {
            self.array(array.iter())
        } else if let Ok(array) = value.cast::<PyTuple>() {
            self.array(array.iter())
        } else if is(&self.types.datetime)? {
            // `pandas.NaT` is a datetime that equals nothing, itself included.
            if value.ne(value)? { self.not_a_number("NaT") } else { convert::append_datetime(self, value) }
        } else if is(&self.types.date)? {
            convert::append_date(self, value)
        } else if is(&self.types.decimal)? {
            number::append_decimal(self, value)
        } else if is(&self.types.uuid)? {
            convert::append_uuid(self, value)
        } else {
            let name = value.get_type().qualname()?;
            let advice = "is no type that JSON has: convert it, or pass default= to do so";
            self.other(value, &format!("{} {advice}", name.to_str()?))
        }
    }

    /// Appends what `default` makes of a value, or what the value says of itself; otherwise `refusal` is the fault.
    pub(super) fn other(&mut self, value: &Bound<'_, PyAny>, refusal: &str) -> Result<Written, Fault> {
        let py = value.py();
        if let Some(default) = self.default {
            let converted = default
                .call1((value,))
                .map_err(|cause| Fault { cause: Some(cause), ..Fault::new("default= raised an error") })?;
            self.deeper(|encoder| encoder.value(&converted))
        } else if value.is_instance_of::<PyType>() {
            Err(Fault::new(refusal))
        } else if let Some(dump) = value.getattr_opt(intern!(py, "model_dump"))? {
            let fields = dump.call0()?;
            self.deeper(|encoder| encoder.value(&fields))
        } else if value.hasattr(intern!(py, "__dataclass_fields__"))? {
            self.dataclass(value)
        } else {
            Err(Fault::new(refusal))
        }
    }

    /// Appends what stands for a NaN.
    pub(super) fn not_a_number(&mut self, name: &str) -> Result<Written, Fault> {
        if self.nan == Nan::Error {
            return Err(Fault::new(format!("{name} is no JSON: pass nan=\"null\" or nan=\"omit\" to send it so")));
        }
        self.out.extend_from_slice(b"null");
        Ok(if self.nan == Nan::Omit { Written::Missing } else { Written::Value })
    }

    fn object(&mut self, object: &Bound<'_, PyDict>) -> Result<Written, Fault> {
        self.deeper(|encoder| {
            encoder.out.push(b'{');
            let mut is_first = true;
            let len = object.len();
            let mut members = object.iter();
            for _ in 0..len {
                // The caller's code ran in between, and the iterator panics on such a dict.
                if object.len() != len {
                    return Err(Fault::new("the dict changed while it was serialised"));
                }
                let Some((name, value)) = members.next() else { break };
                encoder.member(&name, &value, &mut is_first)?;
            }
            encoder.out.push(b'}');
            Ok(Written::Value)
        })
    }

    fn dataclass(&mut self, value: &Bound<'_, PyAny>) -> Result<Written, Fault> {
        let py = value.py();
        let fields = self.types.fields.bind(py).call1((value,))?;
        self.deeper(|encoder| {
            encoder.out.push(b'{');
            let mut is_first = true;
            for field in fields.try_iter()? {
                let name = field?.getattr(intern!(py, "name"))?;
                let name = name.cast::<PyString>()?;
                encoder.member(name, &value.getattr(name)?, &mut is_first)?;
            }
            encoder.out.push(b'}');
            Ok(Written::Value)
        })
    }

    fn member(&mut self, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, is_first: &mut bool) -> Result<(), Fault> {
        let before = self.out.len();
        if !*is_first {
            self.out.push(b',');
        }
        let rarer;
        let name = match name.cast_exact::<PyString>() {
            Ok(name) => name,
            Err(_) => {
                rarer = self.name(name)?;
                &rarer
            }
        };
        let name = text::utf8(name)?;
        text::append_string(&mut self.out, name);
        self.out.push(b':');
        match self.value(value).map_err(|fault| fault.inside(format!(".{name}")))? {
            Written::Value => *is_first = false,
            Written::Missing => self.out.truncate(before),
        }
        Ok(())
    }

    /// The text of a name that is no plain text: that of a member of an enum of texts is its value.
    fn name<'v>(&self, name: &Bound<'v, PyAny>) -> Result<Bound<'v, PyString>, Fault> {
        let Ok(text) = name.cast::<PyString>() else {
            let kind = name.get_type().qualname()?;
            return Err(Fault::new(format!("a name must be text, but {} is {kind}", name.repr()?)));
        };
        match name.is_instance(self.types.r#enum.bind(name.py()))? {
            true => Ok(name.getattr(intern!(name.py(), "value"))?.str()?),
            false => Ok(text.clone()),
        }
    }

    fn array<'v>(&mut self, values: impl Iterator<Item = Bound<'v, PyAny>>) -> Result<Written, Fault> {
        self.deeper(|encoder| {
            encoder.out.push(b'[');
            for (index, value) in values.enumerate() {
                if index > 0 {
                    encoder.out.push(b',');
                }
                encoder.value(&value).map_err(|fault| fault.inside(format!("[{index}]")))?;
            }
            encoder.out.push(b']');
            Ok(Written::Value)
        })
    }

    /// Does `work` one level further in, of which the service's format allows so many; a value that holds itself has no
    /// end of them.
    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Result<Written, Fault>) -> Result<Written, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::new(format!("objects and arrays nest deeper than {MAX_DEPTH}, or hold themselves")));
        }
        self.depth += 1;
        let written = work(self)?;
        self.depth -= 1;
        Ok(written)
    }
}
