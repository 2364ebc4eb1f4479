//! `cdp-batch upload`.

use std::path::Path;

use cdp_batch::client::Client;
use cdp_batch::operation::Operation;
use cdp_batch::run::RunReport;
use cdp_batch::source::Source;

use crate::args::Upload;
use crate::failure::{Failure, Outcome, REJECTED, SERVICE};
use crate::{connect, output, progress};

/// Uploads and reports.
pub(crate) fn run(upload: &Upload) -> Outcome {
    let client = connect::client(&upload.connection, upload.options())?;
    let source = connect::source(&upload.reading.inputs)?;
    if let Some(rejects) = upload.rejects.as_deref().filter(|path| source.reads(path)) {
        return Err(Failure::Local(format!("--rejects {} is an input; choose another file", rejects.display())));
    }
    upload_and_report(&client, source, upload.rejects.as_deref(), upload.json)
}

/// Uploads with the client's options, prints the report and writes the rejects, also of a run that failed half-way.
pub(crate) fn upload_and_report(client: &Client, source: Source, rejects: Option<&Path>, json: bool) -> Outcome {
    follow_and_report(client.upload(source, client.options().clone()), rejects, json)
}

/// Follows an upload to its end, prints its report and writes the rejects.
pub(crate) fn follow_and_report(upload: Operation<RunReport>, rejects: Option<&Path>, json: bool) -> Outcome {
    match progress::follow(upload) {
        Ok(report) => {
            show(&report, rejects, json)?;
            Ok(code(&report))
        }
        Err(error) => {
            // A run that read nothing has only its error to tell people; programs get the same JSON always.
            if let Some(report) = RunReport::of(&error).filter(|report| json || report.counts.read > 0) {
                show(report, rejects, json)?;
            }
            Err(Failure::Run(error))
        }
    }
}

fn show(report: &RunReport, rejects: Option<&Path>, json: bool) -> Result<(), Failure> {
    match json {
        true => output::print_json(report)?,
        false => output::print(&output::report(report))?,
    }
    if let Some(path) = rejects {
        let written = report.write_rejects(path)?;
        eprintln!("{written} rejected records are in {}", path.display());
    }
    Ok(())
}

/// A run that failed as a whole is the service's doing; rejected records are the input's.
fn code(report: &RunReport) -> u8 {
    match (report.ok(), report.counts.unknown) {
        (true, _) => 0,
        (false, 0) => REJECTED,
        (false, _) => SERVICE,
    }
}
