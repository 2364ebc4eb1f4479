//! Files packed to be sent by other means.

use std::mem::MaybeUninit;

use cdp_batch::local::PackReport;
use serde_json::json;

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, given, plain};
use crate::rejects::Rejects;
use crate::text::Owned;

/// Files that `cdpb_client_pack` made.
pub struct Packed(PackReport);

impl Packed {
    pub(crate) fn new(packed: PackReport) -> Self {
        Packed(packed)
    }
}

/// The files and counts as JSON: `{"parts": [{"path", "size", "md5", "content_md5", "records"}], "counts": {"read",
/// "packed", "rejected"}}`. The caller frees the text.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_packed_json(packed: Option<&Packed>) -> Owned {
    let json = |packed: &Packed| Owned::json(&json!({"parts": packed.0.parts, "counts": packed.0.counts}));
    plain(Owned::NONE, || packed.map_or(Owned::NONE, json))
}

/// Every record that is in no file, from the first, in input order.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_packed_rejects(
    packed: Option<&Packed>,
    rejects: Option<&mut MaybeUninit<Box<Rejects>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(rejects, error, || Ok(Box::new(Rejects::new(&given(packed, "packed")?.0.rejects))))
}

/// Frees what tells of packed files, not the files. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_packed_free(packed: Option<Box<Packed>>) {
    plain((), || drop(packed));
}
