//! `cdp-batch validate`.

use std::io::{self, BufWriter, Write};

use cdp_batch::Options;
use cdp_batch::local::{self, Located};
use cdp_batch::record::Severity;
use indicatif::HumanCount;
use serde_json::json;

use crate::args::Validate;
use crate::failure::{Failure, Outcome, REJECTED, SUCCESS};
use crate::{connect, output};

/// Prints each finding as it is found; exit code 1 if any is an error.
pub(crate) fn run(validate: &Validate) -> Outcome {
    let mut options = validate.reading.options();
    // Nothing is sent, so the closest look is the default here.
    options.entry("check").or_insert_with(|| json!("model"));
    let source = connect::source(&validate.reading.inputs)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut findings = Vec::new();
    let mut broken: Option<io::Error> = None;
    let report = local::validate(source, &Options::from_map(&options)?, |finding| {
        if validate.json {
            findings.push(finding);
        } else if broken.is_none() {
            broken = write_line(&mut out, &finding).err();
        }
    })?;
    match broken.map_or_else(|| out.flush(), Err) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(Failure::local("cannot write to standard output", error));
        }
        _ => drop(out),
    }
    if validate.json {
        output::print_json(&json!({"counts": report, "findings": findings}))?;
    }
    let (read, invalid) = (HumanCount(report.read), HumanCount(report.invalid));
    eprintln!("{read} records read, {invalid} invalid, {} warnings", HumanCount(report.warnings));
    Ok(if report.errors > 0 { REJECTED } else { SUCCESS })
}

fn write_line(out: &mut impl Write, found: &Located) -> io::Result<()> {
    let Located { source, line, finding } = found;
    let warning = if finding.severity == Severity::Warning { "warning: " } else { "" };
    writeln!(out, "{source}:{line}: {}: {warning}{} at {}", finding.rule, finding.message, finding.path)
}
