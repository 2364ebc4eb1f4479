//! Reports and lists as text for people and JSON for programs, on stdout.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use cdp_batch::run::{Example, Reason, RunReport};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::failure::Failure;

/// Reasons shown to people; JSON has all.
const REASONS: usize = 20;

/// Prints text; a reader that has gone away (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    printed(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
}

/// Whether printing was no failure.
pub(crate) fn printed(done: io::Result<()>) -> Result<(), Failure> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::local("cannot write to standard output", error))
        }
        _ => Ok(()),
    }
}

/// Prints a value as indented JSON, while it is made.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let made = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
    printed(made.and_then(|()| writeln!(out)).and_then(|()| out.flush()))
}

/// A table with aligned columns.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let header = header.iter().map(|cell| cell.to_string()).collect::<Vec<_>>();
    let mut text = String::new();
    for row in std::iter::once(&header).chain(rows) {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = width)).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

/// A run's report for people.
pub(crate) fn report(report: &RunReport) -> String {
    let mut text = String::new();
    let counts = &report.counts;
    let _ = writeln!(text, "run {}{}", report.run_id, if report.resumed { " (resumed)" } else { "" });
    for (name, count) in [
        ("read", counts.read),
        ("confirmed", counts.confirmed),
        ("rejected", counts.rejected),
        ("unknown", counts.unknown),
    ] {
        let _ = writeln!(text, "{:>12} {name}", HumanCount(count).to_string());
    }
    if !report.batches.is_empty() {
        let rows: Vec<Vec<String>> = report
            .batches
            .iter()
            .map(|batch| {
                vec![
                    batch.batch_ref.to_string(),
                    batch.status.clone(),
                    number(batch.records),
                    number(batch.succeeded),
                    number(batch.failed),
                    batch.size.map_or_else(String::new, |size| HumanBytes(size).to_string()),
                ]
            })
            .collect();
        let _ = write!(text, "\n{}", table(&["batch", "status", "records", "succeeded", "failed", "size"], &rows));
    }
    for batch in report.batches.iter().filter(|batch| batch.disagrees()) {
        let [counted, logged] = [batch.failed, batch.logged].map(number);
        let _ = writeln!(text, "batch {}: {counted} failed by its counts, {logged} by its error log", batch.batch_ref);
    }
    text.push_str(&reasons("rejected", &report.summary));
    text.push_str(&reasons("to repeat", &report.repeats));
    text
}

/// Grouped reasons as a table, each followed by what usually helps; nothing if there are none.
pub(crate) fn reasons(what: &str, reasons: &[Reason]) -> String {
    let shown = &reasons[..reasons.len().min(REASONS)];
    if shown.is_empty() {
        return String::new();
    }
    let row = |reason: &Reason| {
        let example = reason.examples.first().map(place).unwrap_or_default();
        vec![HumanCount(reason.count).to_string(), reason.code.clone(), reason.message.clone(), example]
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    let mut text = format!("\n{}", table(&[what, "code", "why", "for example"], &rows));
    let mut told = HashSet::new();
    for reason in shown {
        if let Some(help) = reason.help.filter(|help| told.insert(*help)) {
            let _ = writeln!(text, "{}: {help}", reason.message);
        }
    }
    if let Some(more) = reasons.len().checked_sub(REASONS + 1) {
        let _ = writeln!(text, "and {} more reasons", more + 1);
    }
    text
}

/// Where a rejected record is, as an editor opens it.
fn place(example: &Example) -> String {
    match (&example.source, example.line, example.record_ref) {
        (Some(source), Some(line), _) => format!("{source}:{line}"),
        (_, _, Some(record_ref)) => record_ref.to_string(),
        _ => String::new(),
    }
}

fn number(count: Option<u64>) -> String {
    count.map_or_else(String::new, |count| HumanCount(count).to_string())
}
