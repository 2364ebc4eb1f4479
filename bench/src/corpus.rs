//! The files that are packed: seeded sample records, and JSON of other people's making.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::Command;

use cdp_batch_sample::{Amount, Corpus as Records, Guests, Orders, Shorts, write};
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::measure::run;
use crate::{Result, peers};

/// A file to pack.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Writes at most about so many bytes of NDJSON.
    make: fn(&mut dyn Write, u64) -> Result,
    bytes: u64,
    /// Whether its lines are records that pass every check.
    pub(crate) is_records: bool,
}

pub(crate) const CORPORA: &[Corpus] = &[
    Corpus {
        name: "guests",
        what: "guests with 10 to 30 extension attributes, about 1.3 KB each",
        make: |out, bytes| sample(out, &mut Guests::new(1), bytes),
        bytes: 200_000_000,
        is_records: true,
    },
    Corpus {
        name: "orders",
        what: "orders with nested items, about 1.6 KB each",
        make: |out, bytes| sample(out, &mut Orders::new(2), bytes),
        bytes: 120_000_000,
        is_records: true,
    },
    Corpus {
        name: "short",
        what: "one changed attribute of a guest, about 220 bytes each",
        make: |out, bytes| sample(out, &mut Shorts::new(3), bytes),
        bytes: 120_000_000,
        is_records: true,
    },
    Corpus {
        name: "citylots",
        what: "GeoJSON features of San Francisco's lots: mostly digits (from the npm package simdjson)",
        make: citylots,
        bytes: 60_000_000,
        is_records: false,
    },
    Corpus {
        name: "compat",
        what: "browser compatibility data, a feature a line (from the npm package @mdn/browser-compat-data)",
        make: compat,
        bytes: 60_000_000,
        is_records: false,
    },
];

impl Corpus {
    /// Writes the file, a tenth of it when quick, and gives its size. Another process of this program does it: the
    /// memory that this one once had counts as that of every program it starts.
    pub(crate) fn write(&self, path: &Path, quick: bool) -> Result<u64> {
        self.write_bytes(path, if quick { self.bytes / 10 } else { self.bytes })
    }

    /// The same with a size of one's own.
    pub(crate) fn write_bytes(&self, path: &Path, bytes: u64) -> Result<u64> {
        let this = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
        run(Command::new(this).args([WRITE, self.name, &bytes.to_string()]).arg(path))?;
        path.metadata()
            .map(|metadata| metadata.len())
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
    }
}

/// The command with which this program calls itself.
pub(crate) const WRITE: &str = "write-corpus";

/// Carries out `write-corpus NAME BYTES PATH`.
pub(crate) fn write_corpus(arguments: &[String]) -> Result {
    let [name, bytes, path] = arguments else { return Err(format!("{WRITE} needs a name, a size and a path")) };
    let corpus =
        CORPORA.iter().find(|corpus| corpus.name == name).ok_or_else(|| format!("there is no corpus {name}"))?;
    let bytes = bytes.parse().map_err(|_| format!("{bytes} is no size"))?;
    let failed = |error: std::io::Error| format!("cannot write {path}: {error}");
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    (corpus.make)(&mut out, bytes)?;
    out.flush().map_err(failed)
}

fn sample(out: &mut dyn Write, records: &mut dyn Records, bytes: u64) -> Result {
    write(out, records, Amount::Bytes(bytes)).map(drop).map_err(|error| format!("cannot write records: {error}"))
}

/// One feature stands on each line of the file already, with a comma behind.
fn citylots(out: &mut dyn Write, bytes: u64) -> Result {
    let path = peers::npm_package("simdjson", "0.9.2")?.join("jsonexamples/sf_citylots.json.gz");
    let failed = |error: std::io::Error| format!("cannot copy {}: {error}", path.display());
    let lines = BufReader::new(GzDecoder::new(File::open(&path).map_err(failed)?)).lines();
    let mut left = bytes;
    for line in lines {
        let line = line.map_err(failed)?;
        let feature = line.trim_end_matches(',');
        if feature.starts_with("{ \"type\": \"Feature\"") && left > 0 {
            writeln!(out, "{feature}").map_err(failed)?;
            left = left.saturating_sub(feature.len() as u64 + 1);
        }
    }
    Ok(())
}

/// Every object that has a `__compat` member becomes a line; the whole file is smaller than what is asked for.
fn compat(out: &mut dyn Write, _bytes: u64) -> Result {
    let path = peers::npm_package("@mdn/browser-compat-data", "8.1.9")?.join("data.json");
    let failed = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
    let file = File::open(&path).map_err(|error| failed(&error))?;
    let data: Value = serde_json::from_reader(BufReader::new(file)).map_err(|error| failed(&error))?;
    features(&data, &mut |feature| writeln!(out, "{feature}").map_err(|error| failed(&error)))
}

fn features(value: &Value, keep: &mut dyn FnMut(&Value) -> Result) -> Result {
    let Value::Object(members) = value else { return Ok(()) };
    members.get("__compat").map_or(Ok(()), &mut *keep)?;
    members.values().try_for_each(|member| features(member, keep))
}
