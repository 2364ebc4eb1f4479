//! `cdp-batch validate`.

use std::io::{self, BufWriter, Write};

use cdp_batch::findings::{Findings, Located};
use cdp_batch::local::{self, CheckReport};
use cdp_batch::record::Severity;
use cdp_batch::{Options, Source};
use indicatif::HumanCount;
use serde::Serialize;
use serde_json::json;

use crate::args::Validate;
use crate::failure::{Failure, Outcome, REJECTED, SUCCESS};
use crate::{connect, output};

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    counts: CheckReport,
    findings: Findings,
}

/// Prints each finding as it is found, or as JSON all of them in the end; exit code 1 if any is an error.
pub(crate) fn run(validate: &Validate) -> Outcome {
    let mut options = validate.reading.options();
    // Nothing is sent, so the closest look is the default here.
    options.entry("check").or_insert_with(|| json!("model"));
    let (source, options) = (connect::source(&validate.reading.inputs)?, Options::from_map(&options)?);
    let counts = if validate.json {
        let found = local::check(source, &options)?;
        output::print_json(&Printed { counts: found.report, findings: found.findings })?;
        found.report
    } else {
        print_lines(source, &options)?
    };
    let (read, invalid) = (HumanCount(counts.read), HumanCount(counts.invalid));
    eprintln!("{read} records read, {invalid} invalid, {} warnings", HumanCount(counts.warnings));
    Ok(if counts.errors > 0 { REJECTED } else { SUCCESS })
}

/// Goes on when nobody reads any more: the exit code tells as well.
fn print_lines(source: Source, options: &Options) -> Result<CheckReport, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut printed = Ok(());
    let counts = local::validate(source, options, |finding| {
        if printed.is_ok() {
            printed = write_line(&mut out, &finding);
        }
    })?;
    output::printed(printed.and_then(|()| out.flush()))?;
    Ok(counts)
}

fn write_line(out: &mut impl Write, found: &Located) -> io::Result<()> {
    let Located { source, line, finding } = found;
    let warning = if finding.severity == Severity::Warning { "warning: " } else { "" };
    writeln!(out, "{source}:{line}: {}: {warning}{} at {}", finding.rule, finding.message, finding.path)
}
