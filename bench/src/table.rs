//! Figures as Markdown and JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::machine;
use crate::pack::{Outcome, Row};
use crate::packer::{Family, Packer};

/// What the others are compared with: the default.
const REFERENCE: Packer = Packer { family: Family::Ours, level: 6, threads: 2 };

const MIB: f64 = 1_048_576.0;

/// The packers on one corpus, fastest first.
pub(crate) fn of_packers(outcome: &Outcome) -> String {
    let Outcome { corpus, size, rows } = outcome;
    let megabytes = *size as f64 / 1e6;
    let mut text = format!("### {}\n\n{:.0} MB: {}.\n\n", corpus.name, megabytes, corpus.what);
    text += "| packer | level | threads | MB/s | size | CPU s/GB | peak MiB | time, cdp-batch -6 = 1 |\n";
    text += "|---|--:|--:|--:|--:|--:|--:|--:|\n";
    let reference = outcome.row(REFERENCE);
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by(|a, b| a.seconds().total_cmp(&b.seconds()));
    for row in sorted {
        let Packer { family, level, threads } = row.packer;
        let name = if family == Family::Ours { format!("**{}**", family.name()) } else { family.name().into() };
        let times = reference.map_or_else(String::new, |reference| format!("{:.2}", row.times(reference)));
        let _ = writeln!(
            text,
            "| {name} | {level} | {threads} | {:.0} | {:.2} % | {:.1} | {:.0} | {times} |",
            megabytes / row.seconds(),
            percent(row, *size),
            row.cpu_seconds() / megabytes * 1000.0,
            row.peak() as f64 / MIB,
        );
    }
    text
}

/// Our levels on all corpora, with two threads.
pub(crate) fn of_levels(outcomes: &[Outcome]) -> String {
    let corpora: Vec<&Outcome> = outcomes.iter().collect();
    let mut text = "| level |".to_owned();
    for outcome in &corpora {
        let _ = write!(text, " {} MB/s | size |", outcome.corpus.name);
    }
    text += "\n|--:|";
    text += &"--:|--:|".repeat(corpora.len());
    for level in 1..=9 {
        let _ = write!(text, "\n| {level} |");
        for outcome in &corpora {
            let row = outcome.row(Packer { level, ..REFERENCE });
            let throughput = row.map_or(f64::NAN, |row| outcome.size as f64 / 1e6 / row.seconds());
            let size = row.map_or(f64::NAN, |row| percent(row, outcome.size));
            let _ = write!(text, " {throughput:.0} | {size:.2} % |");
        }
    }
    text + "\n"
}

/// Size of the output, in per cent of the input.
pub(crate) fn percent(row: &Row, size: u64) -> f64 {
    row.packed as f64 / size as f64 * 100.0
}

/// Every single measurement, for other programs.
pub(crate) fn json(outcomes: &[Outcome]) -> String {
    let corpora: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let rows: Vec<Value> = outcome.rows.iter().map(|row| {
            let seconds: Vec<f64> = row.samples.iter().map(|sample| sample.wall.as_secs_f64()).collect();
            let cpu_seconds: Vec<f64> = row.samples.iter().map(|sample| sample.cpu.as_secs_f64()).collect();
            json!({
                "packer": row.packer.family.name(), "level": row.packer.level, "threads": row.packer.threads,
                "packed_bytes": row.packed, "seconds": seconds, "cpu_seconds": cpu_seconds, "peak_bytes": row.peak(),
            })
        }).collect();
            json!({ "corpus": outcome.corpus.name, "input_bytes": outcome.size, "packers": rows })
        })
        .collect();
    format!("{:#}\n", json!({ "machine": machine::line(), "corpora": corpora }))
}
