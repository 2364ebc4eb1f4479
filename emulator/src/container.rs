//! The gzip container of a batch file: one member, nothing around it (protocol.md section 3.1).

use flate2::bufread::GzDecoder;
use std::io::{self, Read as _};

const ZIP: &[u8] = b"PK";
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Reads the whole container once. `Ok` holds remarks on a readable file, `Err` says why it is not readable: this
/// emulator refuses a second member loudly, as what the service makes of one is unknown.
pub(crate) fn check(file: &[u8]) -> Result<Vec<String>, String> {
    if file.starts_with(ZIP) {
        return Err("zip container instead of gzip".into());
    }
    if !file.starts_with(GZIP) {
        return Err("not gzip".into());
    }
    let mut decoder = GzDecoder::new(file);
    let broken = |error: io::Error| format!("gzip data is truncated or damaged: {error}");
    io::copy(&mut decoder.by_ref(), &mut io::sink()).map_err(broken)?;
    let mut remarks = Vec::new();
    if let Some(header) = decoder.header() {
        let parts = [
            (header.filename().is_some(), "gzip header has a file name"),
            (header.comment().is_some(), "gzip header has a comment"),
            (header.extra().is_some(), "gzip header has an extra field"),
        ];
        remarks.extend(parts.iter().filter(|(present, _)| *present).map(|(_, remark)| (*remark).to_owned()));
    }
    match decoder.into_inner() {
        [] => Ok(remarks),
        rest if rest.starts_with(GZIP) => Err("second gzip member".into()),
        _ => Err("bytes after the gzip member".into()),
    }
}
