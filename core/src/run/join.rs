//! A batch's error log joined with the part it is about: every refused record with its source, line and text.

use std::io::{BufRead, BufReader};

use flate2::bufread::GzDecoder;
use uuid::Uuid;

use super::log::Log;
use crate::error::{Error, Result, Stage};
use crate::pack::Origins;
use crate::record::record_ref;
use crate::rejects::{Placed, Reader, RejectStore};
use crate::spool::Stored;

/// Appends to `out` the part's rejects in input order: those refused while it was packed, and those of the log.
///
/// A log line without a ref means a record the service could not parse; it is given to the next record that we cannot
/// parse either, else it stays without source and line.
///
/// # Errors
/// `io` if the part or the temporary file of rejects cannot be read or written.
pub(crate) fn join(
    mut log: Log,
    batch: Uuid,
    part: &Stored,
    origins: &Origins,
    local: Reader,
    out: &RejectStore,
) -> Result<()> {
    let mut local = local.peekable();
    let mut text = BufReader::with_capacity(256 * 1024, GzDecoder::new(BufReader::new(part.open()?)));
    let mut nameless = log.take_nameless();
    let mut record = Vec::new();
    let mut end = 0;
    for index in 0.. {
        record.clear();
        let start = end;
        end += text.read_until(b'\n', &mut record).map_err(unreadable)? as u64;
        if record.is_empty() {
            break;
        }
        if record.ends_with(b"\n") {
            record.pop();
        }
        pass_on(&mut local, index, out)?;
        let key = record_ref(&record);
        let refused = match key {
            Some(key) => log.take(key),
            None => nameless.pop_front(),
        };
        if let Some(reason) = refused {
            let mut reject = log.reject(batch, key, reason);
            (reject.source, reject.line) = origins.of(index as u32).unzip();
            reject.byte_range = Some(start..start + record.len() as u64);
            reject.record = record.clone();
            out.append(&reject, index)?;
        }
    }
    pass_on(&mut local, u64::MAX, out)?;
    log.put_nameless(nameless);
    log.rejects(batch).try_for_each(|reject| out.append(&reject, u64::MAX))
}

/// Copies the local rejects that come before this record.
fn pass_on(local: &mut std::iter::Peekable<Reader>, before: u64, out: &RejectStore) -> Result<()> {
    while let Some(placed) = local.next_if(|next| next.as_ref().map_or(true, |placed| placed.after <= before)) {
        let Placed { reject, after } = placed?;
        out.append(&reject, after)?;
    }
    Ok(())
}

fn unreadable(cause: std::io::Error) -> Error {
    Error::io("cannot read a packed part back", cause).with_stage(Stage::Report)
}
