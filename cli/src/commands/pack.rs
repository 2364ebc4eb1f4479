//! `cdp-batch pack`.

use cdp_batch::reject::Reject;
use cdp_batch::{Options, Result, local};
use indicatif::{HumanBytes, HumanCount};
use serde_json::{Map, Value, json};

use crate::args::Pack;
use crate::failure::{Outcome, REJECTED, SUCCESS};
use crate::{connect, output};

/// Packs into a folder and lists the files.
pub(crate) fn run(pack: &Pack) -> Outcome {
    let options: Map<String, Value> = pack.packing.options().into_iter().chain(pack.reading.options()).collect();
    let source = connect::source(&pack.reading.inputs)?;
    let packed = local::pack(source, &pack.out, &Options::from_map(&options)?)?;
    if pack.json {
        let rejects: Vec<Reject> = packed.rejects.iter().collect::<Result<_>>()?;
        output::print_json(&json!({"parts": packed.parts, "counts": packed.counts, "rejects": rejects}))?;
    } else {
        let rows: Vec<Vec<String>> = packed
            .parts
            .iter()
            .map(|part| {
                let (records, size) = (HumanCount(part.records).to_string(), HumanBytes(part.size).to_string());
                vec![part.path.display().to_string(), records, size, part.md5.hex()]
            })
            .collect();
        output::print(&output::table(&["part", "records", "size", "md5"], &rows))?;
        for reject in packed.rejects.iter() {
            let Reject { source, line, code, message, .. } = reject?;
            let (source, line) = (source.unwrap_or_default(), line.unwrap_or_default());
            eprintln!("{source}:{line}: {code}: {message}");
        }
    }
    Ok(if packed.counts.rejected > 0 { REJECTED } else { SUCCESS })
}
