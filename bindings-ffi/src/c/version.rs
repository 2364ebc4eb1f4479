//! Which library this is.

use std::ffi::c_char;

/// What the library can do, counted up with every addition.
pub const ABI_VERSION: u32 = 2;

/// The version of the library, such as `0.1.0`. It lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// What the library can do: `CDPB_ABI_VERSION` of the header it was built with. A program built with a newer header needs
/// a library that says at least that.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_abi_version() -> u32 {
    ABI_VERSION
}
