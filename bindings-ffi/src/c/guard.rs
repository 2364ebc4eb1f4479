//! The border. Here alone panics end, outputs are written, and missing pointers become errors.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cdp_batch::{Kind, Result, Stage};

use crate::code::{Code, OK};
use crate::error::Error;

/// Where C wants an output; not yet a value, and perhaps not wanted.
pub(crate) type Out<'a, T> = Option<&'a mut MaybeUninit<T>>;

/// Does `work`. Its error goes to `error`, if that is wanted, and its number to the caller.
pub(crate) fn call(error: Out<'_, Box<Error>>, work: impl FnOnce() -> Result<()>) -> Code {
    let ended = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(cdp_batch::Error::new(Kind::Internal, "the call stopped on a bug; please report it")));
    let Err(failed) = ended else { return OK };
    let code = Code::from(failed.kind().number());
    if let Some(error) = error {
        error.write(Box::new(Error::new(failed)));
    }
    code
}

/// Does `work` and writes what it gives to `out`; after an error `out` is as it was.
pub(crate) fn answer<T>(out: Out<'_, T>, error: Out<'_, Box<Error>>, work: impl FnOnce() -> Result<T>) -> Code {
    call(error, || {
        let out = given(out, "the place for the output")?;
        out.write(work()?);
        Ok(())
    })
}

/// Does what cannot fail; `otherwise` stands for a panic.
pub(crate) fn plain<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise)
}

/// What a pointer stands for, unless it is NULL.
pub(crate) fn given<T>(pointer: Option<T>, name: &str) -> Result<T> {
    pointer.ok_or_else(|| invalid(format!("{name} is NULL; give a pointer")))
}

/// The caller must fix the call.
pub(crate) fn invalid(message: impl Into<String>) -> cdp_batch::Error {
    cdp_batch::Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}

#[cfg(test)]
#[expect(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_code_for_a_bug_and_writes_no_output() {
        let mut out = MaybeUninit::new(7);
        let mut error = MaybeUninit::uninit();
        let code = answer(Some(&mut out), Some(&mut error), || panic!("on purpose"));
        assert_eq!(code, Code::from(Kind::Internal.number()));
        // SAFETY: it was written with 7 above, and the call failed.
        assert_eq!(unsafe { out.assume_init() }, 7);
        // SAFETY: the call failed, so the error was written.
        assert_eq!(unsafe { error.assume_init() }.inner().kind(), Kind::Internal);
        assert_eq!(plain(3, || panic!("on purpose")), 3);
    }

    #[test]
    fn an_error_that_is_not_wanted_is_still_a_code() {
        assert_eq!(call(None, || Err(invalid("x"))), Code::from(Kind::InvalidOptions.number()));
        assert_eq!(answer::<u8>(None, None, || Ok(1)), Code::from(Kind::InvalidOptions.number()));
    }
}
