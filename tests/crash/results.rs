//! What all trials have shown, counted, and as the tables of `docs/reliability.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::trial::{Blow, Failed, Seen, Trial};

/// Everything counted.
#[derive(Default)]
pub(crate) struct Results {
    /// Right ends and others, by kind of trial.
    kinds: BTreeMap<&'static str, [u64; 2]>,
    places: BTreeMap<String, Place>,
    operations: BTreeMap<String, Operation>,
    blows: BTreeMap<&'static str, u64>,
    faults: BTreeMap<String, u64>,
    processes: u64,
    lost: u64,
    doubled: u64,
}

#[derive(Default)]
struct Place {
    killed: u64,
    panicked: u64,
    /// Panics that ended the process with an error; after the others it went on by itself.
    internal: u64,
    lost: u64,
    doubled: u64,
}

#[derive(Default)]
struct Operation {
    failed: u64,
    /// Those that ended the process with an error.
    told: u64,
}

impl Results {
    /// Takes the outcome of a trial of this kind.
    pub(crate) fn count(&mut self, kind: &'static str, trial: &Trial, outcome: Result<Seen, Failed>) {
        let [right, wrong] = self.kinds.entry(kind).or_default();
        match outcome {
            Ok(seen) => {
                *right += 1;
                self.survived(seen);
            }
            Err(failed) => {
                *wrong += 1;
                self.failed(trial, &failed);
            }
        }
    }

    fn survived(&mut self, seen: Seen) {
        self.processes += seen.processes;
        seen.faults.into_iter().for_each(|(name, count)| *self.faults.entry(name).or_default() += count);
        let mut failed = seen.failed.into_iter();
        for (blow, code) in &seen.blows {
            *self.blows.entry(blow.name()).or_default() += 1;
            match blow {
                Blow::Abort(place) => self.place(place).killed += 1,
                Blow::Panic(place) => {
                    let place = self.place(place);
                    place.panicked += 1;
                    place.internal += u64::from(*code == Some(3));
                }
                Blow::Fail(_) => {
                    let operation = self.operations.entry(failed.next().unwrap_or_default()).or_default();
                    operation.failed += 1;
                    operation.told += u64::from(*code != Some(1));
                }
                _ => {}
            }
        }
    }

    fn failed(&mut self, trial: &Trial, failed: &Failed) {
        self.lost += failed.lost;
        self.doubled += failed.doubled;
        for blow in &trial.blows {
            if let Blow::Abort(place) | Blow::Panic(place) = blow {
                let place = self.place(place);
                place.lost += failed.lost;
                place.doubled += failed.doubled;
            }
        }
    }

    fn place(&mut self, place: &str) -> &mut Place {
        self.places.entry(name(place).to_string()).or_default()
    }

    /// Trials that ended right and otherwise.
    pub(crate) fn totals(&self) -> [u64; 2] {
        self.kinds.values().fold([0, 0], |[right, wrong], kind| [right + kind[0], wrong + kind[1]])
    }

    /// The tables, in Markdown.
    pub(crate) fn markdown(&self, seeds: &std::ops::Range<u64>) -> String {
        let mut text = format!(
            "Seeds {} to {}; {} processes in all. Records lost: {}. Records doubled: {}.\n\n",
            seeds.start,
            seeds.end - 1,
            self.processes,
            self.lost,
            self.doubled
        );
        let row = |text: &mut String, cells: &[&dyn std::fmt::Display]| {
            let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        };
        text.push_str("| what | trials | ended right | ended otherwise |\n|---|--:|--:|--:|\n");
        for (kind, [right, wrong]) in &self.kinds {
            row(&mut text, &[kind, &(right + wrong), right, wrong]);
        }
        text.push_str(
            "\n| kill point | killed there | panicked there | ended with `internal` | records lost | doubled |\n",
        );
        text.push_str("|---|--:|--:|--:|--:|--:|\n");
        for (name, place) in &self.places {
            let Place { killed, panicked, internal, lost, doubled } = place;
            row(&mut text, &[name, killed, panicked, internal, lost, doubled]);
        }
        text.push_str("\n| operation on the disk | failed | told as an error | survived |\n|---|--:|--:|--:|\n");
        for (operation, Operation { failed, told }) in &self.operations {
            row(&mut text, &[operation, failed, told, &(failed - told)]);
        }
        text.push_str("\n| survived | times |\n|---|--:|\n");
        for (blow, count) in &self.blows {
            row(&mut text, &[blow, count]);
        }
        for (fault, count) in &self.faults {
            row(&mut text, &[&format!("`{fault}`"), count]);
        }
        text
    }
}

/// A place or an operation without the number behind it.
fn name(place: &str) -> &str {
    place.rsplit_once(':').map_or(place, |(name, _)| name)
}
