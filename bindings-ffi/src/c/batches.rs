//! The list of batches, fetched as it is read.

use std::mem::MaybeUninit;

use cdp_batch::batches;
use cdp_batch::home::AtHome;

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, given, plain};
use crate::operation::{Operation, Outcome};

/// The service's list of batches, fetched page by page as it is read.
pub struct Batches(AtHome<batches::Batches>);

impl Batches {
    pub(crate) fn new(list: batches::Batches) -> Self {
        Batches(AtHome::new(list))
    }
}

/// Starts to fetch the next batch; ends with its JSON, or with NULL after the last. Most are at hand already.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_batches_next(
    batches: Option<&Batches>,
    operation: Option<&mut MaybeUninit<Box<Operation>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(operation, error, || {
        let list = given(batches, "batches")?.0.get("list")?;
        Ok(Box::new(Operation::of(list.advance(), Outcome::optional_json)))
    })
}

/// Frees a list of batches. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_batches_free(batches: Option<Box<Batches>>) {
    plain((), || drop(batches));
}
