//! Packers side by side: interleaved rounds over the same files, medians, sizes, and every output unpacked and compared.

use std::path::Path;
use std::process::Command;

use crate::corpus::{CORPORA, Corpus};
use crate::measure::{Sample, median, rounds, run};
use crate::packer::{Family, Packer, field, packed_files};
use crate::{Result, goals, home, machine, peers, plot, publish, scratch, table};

/// The figures of one packer on one corpus.
pub(crate) struct Row {
    pub(crate) packer: Packer,
    /// One for each round.
    pub(crate) samples: Vec<Sample>,
    /// Bytes of what it wrote.
    pub(crate) packed: u64,
}

/// The figures of one corpus.
pub(crate) struct Outcome {
    pub(crate) corpus: &'static Corpus,
    /// Bytes of the input.
    pub(crate) size: u64,
    pub(crate) rows: Vec<Row>,
}

impl Outcome {
    /// The figures of this packer.
    pub(crate) fn row(&self, packer: Packer) -> Option<&Row> {
        self.rows.iter().find(|row| row.packer == packer)
    }
}

impl Row {
    pub(crate) fn seconds(&self) -> f64 {
        median(self.samples.iter().map(|sample| sample.wall.as_secs_f64()))
    }

    pub(crate) fn cpu_seconds(&self) -> f64 {
        median(self.samples.iter().map(|sample| sample.cpu.as_secs_f64()))
    }

    pub(crate) fn peak(&self) -> u64 {
        self.samples.iter().map(|sample| sample.peak).max().unwrap_or(0)
    }

    /// How many times as long this takes as `other`: the median over the rounds, as a busy moment slows both.
    pub(crate) fn times(&self, other: &Row) -> f64 {
        let pairs = self.samples.iter().zip(&other.samples);
        median(pairs.map(|(ours, theirs)| ours.wall.as_secs_f64() / theirs.wall.as_secs_f64()))
    }
}

pub(crate) fn measure(quick: bool) -> Result {
    let (packers, mut skipped) = available();
    let mut outcomes = Vec::new();
    for corpus in CORPORA {
        match one(corpus, &packers, quick) {
            Ok(outcome) => {
                println!("\n{}", table::of_packers(&outcome));
                outcomes.push(outcome);
            }
            Err(message) => {
                println!("skipped: corpus {}: {message}", corpus.name);
                skipped.push(format!("corpus {}: {message}", corpus.name));
            }
        }
    }
    println!("\n{}\n{}", goals::table(&outcomes), table::of_levels(&outcomes));
    println!("{} skipped", skipped.len());
    if quick {
        return Ok(());
    }
    let tables: Vec<String> = outcomes.iter().map(table::of_packers).collect();
    let machine = machine::line();
    publish(&home().join("results/pack.md"), &format!("Machine: {machine}.\n\n{}", tables.join("\n")))?;
    publish(&home().join("results/goals.md"), &format!("Machine: {machine}.\n\n{}", goals::table(&outcomes)))?;
    publish(&home().join("results/levels.md"), &table::of_levels(&outcomes))?;
    publish(&home().join("results/pack.json"), &table::json(&outcomes))?;
    publish(&home().join("../docs/packing.svg"), &plot::frontier(&outcomes))
}

/// The packers that are here, and why the others are not.
fn available() -> (Vec<Packer>, Vec<String>) {
    let missing = Family::ALL.map(|family| (family, peers::missing(family)));
    let is_here = |packer: &Packer| missing.iter().any(|(family, reason)| *family == packer.family && reason.is_none());
    let packers = field().filter(is_here).collect();
    let skipped: Vec<String> = missing.into_iter().filter_map(|(_, reason)| reason).collect();
    skipped.iter().for_each(|reason| println!("skipped: {reason}"));
    (packers, skipped)
}

fn one(corpus: &'static Corpus, packers: &[Packer], quick: bool) -> Result<Outcome> {
    let rounds = rounds(quick);
    let folder = scratch()?;
    let input = folder.path().join("input.ndjson");
    let size = corpus.write(&input, quick)?;
    let packers = packers.iter().filter(|packer| corpus.is_records || !packer.family.needs_records());
    let mut rows: Vec<Row> = packers.map(|&packer| Row { packer, samples: Vec::new(), packed: 0 }).collect();
    for round in 0..rounds {
        println!("{} ({} MB), round {} of {rounds}", corpus.name, size / 1_000_000, round + 1);
        for row in &mut rows {
            let target =
                tempfile::tempdir_in(folder.path()).map_err(|error| format!("cannot make a folder: {error}"))?;
            row.samples.push(run(&mut row.packer.command(&input, target.path())?)?);
            if round == 0 {
                row.packed =
                    verified_size(target.path(), &input).map_err(|reason| format!("{}: {reason}", row.packer))?;
            }
        }
    }
    Ok(Outcome { corpus, size, rows })
}

/// The size of what a packer wrote, after gzip has unpacked it and it was the input again.
fn verified_size(folder: &Path, input: &Path) -> Result<u64> {
    let files = packed_files(folder)?;
    let mut compare = Command::new("sh");
    compare.args(["-c", "input=$1; shift; gzip -dc \"$@\" | cmp - \"$input\"", "sh"]).arg(input).args(&files);
    run(&mut compare).map_err(|_| "what it wrote is not the input".to_owned())?;
    let sizes = files.iter().map(|file| file.metadata().map(|metadata| metadata.len()));
    sizes.sum::<std::io::Result<u64>>().map_err(|error| format!("cannot read the size of what it wrote: {error}"))
}
