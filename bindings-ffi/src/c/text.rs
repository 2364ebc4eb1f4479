//! Text across the border. The header calls these types what they are in C: pointers to characters.

use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};

use cdp_batch::{Result, options};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::guard::{given, invalid, plain};

/// Text from C: NULL, or characters that end with NUL and stay as they are during the call. Nothing but C makes one, so
/// every other module may read it.
#[repr(transparent)]
pub struct Text(*const c_char);

impl Text {
    /// The text, or none for NULL.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<&str>> {
        self.characters().map(CStr::to_str).transpose().map_err(|_| invalid(format!("{name} is not UTF-8")))
    }

    /// The text, which must be there.
    pub(crate) fn get(&self, name: &str) -> Result<&str> {
        given(self.optional(name)?, name)
    }

    /// A path, which need not be UTF-8.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf> {
        use std::os::unix::ffi::OsStrExt;
        let bytes = given(self.characters(), name)?.to_bytes();
        Ok(Path::new(std::ffi::OsStr::from_bytes(bytes)).to_path_buf())
    }

    /// A JSON object; NULL is an empty one.
    pub(crate) fn object(&self, name: &str) -> Result<Map<String, Value>> {
        self.optional(name)?.map_or_else(|| Ok(Map::new()), |text| options::object(name, text))
    }

    fn characters(&self) -> Option<&CStr> {
        // SAFETY: it is NULL or ends with NUL, and it stays as it is while it is borrowed.
        (!self.0.is_null()).then(|| unsafe { CStr::from_ptr(self.0) })
    }
}

/// Several texts from C: NULL, or pointers that end with NULL.
#[repr(transparent)]
pub struct Texts(*const Text);

impl Texts {
    /// The texts, of which there must be a list, and perhaps an empty one.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<&Text>> {
        given((!self.0.is_null()).then_some(()), name)?;
        // SAFETY: it ends with NULL, which is the last that is looked at.
        let at = |index| unsafe { &*self.0.add(index) };
        Ok((0..).map(at).take_while(|text| !text.0.is_null()).collect())
    }
}

/// Text that belongs to C until it is freed.
#[repr(transparent)]
pub struct Owned(*mut c_char);

impl Owned {
    /// No text.
    pub(crate) const NONE: Owned = Owned(std::ptr::null_mut());

    pub(crate) fn new(text: &str) -> Self {
        Owned(terminated(text).into_raw())
    }

    /// A value as JSON text.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        serde_json::to_string(value).map_or(Owned::NONE, |text| Owned::new(&text))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: it was made by `CString::into_raw` in `new`, and nothing but this frees it.
            drop(unsafe { CString::from_raw(self.0) });
        }
    }
}

/// Text for C, which cannot hold NUL: U+FFFD stands for it.
pub(crate) fn terminated(text: &str) -> CString {
    CString::new(text).or_else(|_| CString::new(text.replace('\0', "\u{fffd}"))).unwrap_or_default()
}

/// Text that may be missing, as a pointer.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

/// Frees text that a function gave away. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_string_free(text: Owned) {
    plain((), || drop(text));
}
