//! What calls end with.

/// What a call ends with: `CDPB_OK`, or why it failed. The numbers never change, and later versions may add some.
pub type Code = i32;

/// The call did what it was asked to.
pub(crate) const OK: Code = 0;
