//! Records that were refused, one by one.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use cdp_batch::{Result, reject, rejects};

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, given, plain};
use crate::text::{Owned, pointer, terminated};

/// Records that were refused, read one by one.
pub struct Rejects(Mutex<Box<dyn Iterator<Item = Result<reject::Reject>> + Send>>);

/// A record that was refused. What its functions give lives as long as the reject.
pub struct Reject {
    reject: reject::Reject,
    by: CString,
    source: Option<CString>,
    record_ref: Option<CString>,
    batch: Option<CString>,
    code: CString,
    message: CString,
    help: Option<CString>,
}

impl Rejects {
    pub(crate) fn new(rejects: &rejects::Rejects) -> Self {
        Rejects(Mutex::new(Box::new(rejects.iter())))
    }
}

impl Reject {
    fn new(reject: reject::Reject) -> Self {
        let by = match reject.by {
            reject::RefusedBy::Us => c"us",
            reject::RefusedBy::Service => c"service",
        };
        Reject {
            by: by.to_owned(),
            source: reject.source.as_deref().map(terminated),
            record_ref: reject.record_ref.map(|record| terminated(&record.to_string())),
            batch: reject.batch.map(|batch| terminated(&batch.to_string())),
            code: terminated(&reject.code),
            message: terminated(&reject.message),
            help: reject.help().map(terminated),
            reject,
        }
    }
}

/// The next reject, which the caller frees; `CDPB_OK` and NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_rejects_next(
    rejects: Option<&Rejects>,
    reject: Option<&mut MaybeUninit<Option<Box<Reject>>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(reject, error, || {
        let next = given(rejects, "rejects")?.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        Ok(next.transpose()?.map(|reject| Box::new(Reject::new(reject))))
    })
}

/// Frees what reads rejects. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_rejects_free(rejects: Option<Box<Rejects>>) {
    plain((), || drop(rejects));
}

/// Who refused it: `us`, before it was sent, or `service`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_by(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.map(|reject| &reject.by))
}

/// The source it came from, or NULL if only the service's log is at hand.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_source(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.and_then(|reject| reject.source.as_ref()))
}

/// The line it began on, from 1, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_line(reject: Option<&Reject>) -> u64 {
    reject.and_then(|reject| reject.reject.line).unwrap_or(0)
}

/// Its ref, or NULL if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_ref(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.and_then(|reject| reject.record_ref.as_ref()))
}

/// The batch it was in, or NULL if it was not sent.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_batch(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.and_then(|reject| reject.batch.as_ref()))
}

/// Why: the rule that it broke, such as `envelope.ref`, or the service's code, such as `400`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_code(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.map(|reject| &reject.code))
}

/// Why, in words.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_message(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.map(|reject| &reject.message))
}

/// What usually helps, in plain words, or NULL where nobody knows or the message says it.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_help(reject: Option<&Reject>) -> *const c_char {
    pointer(reject.and_then(|reject| reject.help.as_ref()))
}

/// The record as it was read, without its line break, and its `length` in bytes; NULL and 0 if it is not at hand. It does
/// not end with NUL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_record(
    reject: Option<&Reject>,
    length: Option<&mut MaybeUninit<usize>>,
) -> *const c_char {
    let record = reject.map_or(&[][..], |reject| &reject.reject.record);
    if let Some(length) = length {
        length.write(record.len());
    }
    if record.is_empty() { ptr::null() } else { record.as_ptr().cast() }
}

/// Every field as JSON, `byte_range` included. The caller frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_json(reject: Option<&Reject>) -> Owned {
    plain(Owned::NONE, || reject.map_or(Owned::NONE, |reject| Owned::json(&reject.reject)))
}

/// Frees a reject. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_reject_free(reject: Option<Box<Reject>>) {
    plain((), || drop(reject));
}
