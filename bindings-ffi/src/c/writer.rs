//! Records pushed one by one, and files piece by piece.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::time::Duration;

use cdp_batch::home::AtHome;
use cdp_batch::source::Feed;
use cdp_batch::{Kind, Result, Stage};

use crate::code::Code;
use crate::error::Error;
use crate::guard::{call, given, plain};
use crate::source::bytes;

/// Pushes records into a run, or bytes into a source, from any thread.
pub struct Writer(AtHome<Feed>);

impl Writer {
    pub(crate) fn new(feed: Feed) -> Self {
        Writer(AtHome::new(feed))
    }

    fn push(&self, pushed: &[u8], limit: Duration) -> Result<()> {
        if self.0.get("writer")?.push_for(pushed, limit)? {
            return Ok(());
        }
        let message = "the queue stayed full; push the same again";
        Err(cdp_batch::Error::new(Kind::Timeout, message).with_stage(Stage::Read))
    }
}

/// Pushes one record of `length` bytes, JSON text in UTF-8, waiting at most `ms` milliseconds while the queue is full:
/// `CDPB_TIMEOUT` means that the record was not taken and may be pushed again. `CDPB_CLOSED` means that the run has ended,
/// and its operation says why. The record is copied. Line breaks in it become tabs, and a blank record is dropped.
///
/// To a source made by `cdpb_source_from_stream` it pushes the next `length` bytes, as they are.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_writer_push(
    writer: Option<&Writer>,
    record: *const c_char,
    length: usize,
    ms: u64,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    call(error, || {
        // SAFETY: by contract these are `length` bytes that stay as they are during the call.
        let record = unsafe { bytes(record.cast(), length) };
        given(writer, "writer")?.push(given(record, "record")?, Duration::from_millis(ms))
    })
}

/// Says that everything was pushed: the run goes on to its end. May be called again.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_writer_finish(writer: Option<&Writer>, error: Option<&mut MaybeUninit<Box<Error>>>) -> Code {
    call(error, || {
        given(writer, "writer")?.0.get("writer")?.finish();
        Ok(())
    })
}

/// Gives up: what was pushed is not all, and the run ends with `CDPB_CANCELLED`. After `cdpb_writer_finish` it does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_writer_abandon(writer: Option<&Writer>) {
    plain((), || writer.and_then(|writer| writer.0.here()).into_iter().for_each(Feed::abandon));
}

/// Frees a writer; one that was not finished is abandoned. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_writer_free(writer: Option<Box<Writer>>) {
    plain((), || drop(writer));
}
