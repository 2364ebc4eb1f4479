//! One trial: a run that is disturbed, begun again until it ends, and held against one that was not disturbed.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cdp_batch_emulator::{Config, FaultPlan, Reallocate};
use cdp_batch_sample::{Amount, Guests, write};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Result;
use crate::plan;
use crate::world::{Ended, World, names, scratch};

/// Guests of the input; a few more lines are refused here or there.
const RECORDS: u64 = 90;
/// Processes after the last that is disturbed before a trial counts as one that never ends: a service that fails all
/// the time ends a run, which is then begun again.
const PATIENCE: usize = 30;

/// What happens to one process.
#[derive(Clone, Debug)]
pub(crate) enum Blow {
    /// It dies at a place that it names.
    Abort(String),
    /// It panics there.
    Panic(String),
    /// This operation on the disk fails.
    Fail(u64),
    /// No file that it writes may grow beyond this.
    Full { blocks: u64 },
    /// `kill -9`, after so many places and then some time.
    Kill { after: usize, pause: Duration },
    /// Ctrl-C.
    Interrupt { after: usize },
    /// The service is started anew.
    Restart { after: usize },
    /// The service's clock moves past the time that upload URLs hold.
    Expire { after: usize },
}

impl Blow {
    /// The variable that makes the program do it to itself.
    pub(crate) fn variable(&self) -> Option<(&'static str, String)> {
        match self {
            Blow::Abort(place) => Some(("CDP_BATCH_CRASH_AT", place.clone())),
            Blow::Panic(place) => Some(("CDP_BATCH_PANIC_AT", place.clone())),
            Blow::Fail(number) => Some(("CDP_BATCH_FAIL_AT", number.to_string())),
            _ => None,
        }
    }

    /// The number of places after which it is done from outside.
    pub(crate) fn after(&self) -> Option<usize> {
        match self {
            Blow::Kill { after, .. } | Blow::Interrupt { after } | Blow::Restart { after } | Blow::Expire { after } => {
                Some(*after)
            }
            _ => None,
        }
    }

    /// Whether this output tells that it was done.
    pub(crate) fn shows_in(&self, stderr: &str) -> bool {
        let line = match self {
            Blow::Abort(place) | Blow::Panic(place) => format!("crash-point {place}"),
            Blow::Fail(number) => {
                let end = format!(":{number}");
                return stderr.lines().any(|line| line.starts_with("crash-disk ") && line.ends_with(&end));
            }
            Blow::Full { .. } => return true,
            _ => return false,
        };
        stderr.lines().any(|told| told == line)
    }

    /// What it is called in the results.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Blow::Abort(_) => "killed at a named point",
            Blow::Panic(_) => "panic",
            Blow::Fail(_) => "failed operation on the disk",
            Blow::Full { .. } => "full disk: files may not grow",
            Blow::Kill { .. } => "kill -9 at a random moment",
            Blow::Interrupt { .. } => "Ctrl-C",
            Blow::Restart { .. } => "service restarted",
            Blow::Expire { .. } => "clock moved past the URL's expiry",
        }
    }

    /// Whether a process may end like this after it.
    fn explains(&self, ended: &Ended) -> Result {
        let fits = match (self, ended.code) {
            // The service may fail for good before it comes to that, and it may come too late.
            (_, Some(1 | 3)) if !ended.was_hit => true,
            (Blow::Abort(_) | Blow::Kill { .. }, None) | (_, Some(1)) => true,
            // The service may have failed for good at the same moment.
            (Blow::Kill { .. } | Blow::Interrupt { .. } | Blow::Restart { .. } | Blow::Expire { .. }, Some(3)) => true,
            (Blow::Panic(_), Some(3)) => ended.stderr.contains("stopped on a bug"),
            (Blow::Fail(_), Some(2 | 3)) => ended.stderr.contains("no space left"),
            (Blow::Full { .. }, Some(2 | 3)) => ended
                .stderr
                .lines()
                .any(|line| line.starts_with("cdp-batch: ") && line.contains("cannot") && !line.contains("panic")),
            (Blow::Interrupt { .. }, Some(130)) => ended.stderr.contains("--run-id nightly"),
            _ => false,
        };
        match fits {
            true => Ok(()),
            false => Err(format!("after {self:?} it ended with {:?}: {}", ended.code, ended.stderr)),
        }
    }
}

/// The input of every trial, and what an undisturbed run makes of it.
pub(crate) struct Input {
    _folder: TempDir,
    file: PathBuf,
    /// Not known while it is being found out.
    end: Option<End>,
}

/// What came of a run, as far as it must not depend on what happened on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Records that arrived, sorted.
    arrived: Vec<String>,
    /// Rejected records, in input order.
    rejects: Vec<String>,
    counts: Value,
}

/// A trial as it is planned.
#[derive(Clone)]
pub(crate) struct Trial {
    pub(crate) name: String,
    pub(crate) faults: FaultPlan,
    pub(crate) reallocate: Reallocate,
    pub(crate) in_flight: u32,
    /// What happens to each process in turn.
    pub(crate) blows: Vec<Blow>,
    /// Whether other processes look at the batches in the end.
    pub(crate) is_looked_at: bool,
}

/// What was seen on the way to a right end.
#[derive(Default)]
pub(crate) struct Seen {
    /// Places of the first process, in order.
    pub(crate) places: Vec<String>,
    /// Its operations on the disk, in order.
    pub(crate) operations: Vec<String>,
    /// What happened to processes, and the exit code that each ended with.
    pub(crate) blows: Vec<(Blow, Option<i32>)>,
    /// Names of the operations on the disk that failed.
    pub(crate) failed: Vec<String>,
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) processes: u64,
}

/// Why a trial failed, and what it has cost.
pub(crate) struct Failed {
    pub(crate) message: String,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
}

impl From<String> for Failed {
    fn from(message: String) -> Self {
        Failed { message, lost: 0, doubled: 0 }
    }
}

impl Input {
    /// Guests, some of which we refuse and some of which the service refuses.
    pub(crate) fn new() -> Result<Self> {
        let folder = scratch()?;
        let file = folder.path().join("guests.ndjson");
        let mut text = Vec::new();
        let mut guests = Guests::new(5).with_defect_every(17);
        write(&mut text, &mut guests, Amount::Records(RECORDS)).map_err(|error| format!("sample: {error}"))?;
        let text = String::from_utf8_lossy(&text);
        let mut lines: Vec<&str> = text.lines().collect();
        // A record that no part may hold, one that repeats another's ref, and one at the very end.
        lines.insert(70, lines[3]);
        lines.insert(30, "{\"no\": \"record\"}");
        lines.push("not JSON");
        fs::write(&file, lines.join("\n")).map_err(|error| format!("cannot write the input: {error}"))?;
        let mut input = Input { _folder: folder, file, end: None };
        let (end, _) = input.play(&Trial::undisturbed()).map_err(|failed| failed.message)?;
        if end.arrived.len() + end.rejects.len() != lines.len() {
            return Err(format!("an undisturbed run ends with {end:?}"));
        }
        input.end = Some(end);
        Ok(input)
    }

    /// Plays a trial and compares its end.
    pub(crate) fn try_out(&self, trial: &Trial) -> std::result::Result<Seen, Failed> {
        let (end, seen) = self.play(trial)?;
        match &self.end {
            Some(right) if *right != end => {
                let (lost, doubled) = (missing(&right.arrived, &end.arrived), missing(&end.arrived, &right.arrived));
                let message = format!(
                    "it ended otherwise than an undisturbed run: {lost} records lost, {doubled} doubled, {} rejects \
                     instead of {}, counts {} instead of {}",
                    end.rejects.len(),
                    right.rejects.len(),
                    end.counts,
                    right.counts
                );
                Err(Failed { message, lost, doubled })
            }
            _ => Ok(seen),
        }
    }

    fn play(&self, trial: &Trial) -> std::result::Result<(End, Seen), Failed> {
        let keeps = trial.blows.iter().any(|blow| matches!(blow, Blow::Restart { .. }));
        let mut world = World::new(Config {
            faults: trial.faults.clone(),
            reallocate: trial.reallocate,
            state: keeps.then(PathBuf::new),
            ..Config::default()
        })?;
        let mut seen = Seen::default();
        let mut last = String::new();
        for run in 0..trial.blows.len() + PATIENCE {
            let blow = trial.blows.get(run);
            let ended = world.run(self.upload(&world, trial.in_flight), blow)?;
            if run == 0 {
                (seen.places, seen.operations) = (ended.told("crash-point"), ended.told("crash-disk"));
            }
            seen.processes += 1;
            if let Some(blow) = blow {
                blow.explains(&ended)?;
                if ended.was_hit {
                    seen.blows.push((blow.clone(), ended.code));
                    if let Blow::Fail(number) = blow {
                        let number = number.to_string();
                        let operations = ended.told("crash-disk");
                        let failed = operations.iter().filter_map(|operation| operation.rsplit_once(':'));
                        let failed = failed.filter(|(_, of)| *of == number).map(|(name, _)| name.to_string());
                        seen.failed.extend(failed);
                    }
                }
            }
            match ended.code {
                // What went wrong last may have kept a file from being removed.
                Some(1) if blow.is_none() => {
                    if trial.is_looked_at {
                        look_at(&mut world, &ended)?;
                    }
                    world.count_faults();
                    seen.faults = std::mem::take(&mut world.faults);
                    return Ok((End::of(&world, &ended)?, seen));
                }
                Some(3) | Some(1) => {}
                _ if blow.is_some() => {}
                code => return Err(format!("it ended with {code:?}: {}", ended.stderr).into()),
            }
            last = ended.stderr;
        }
        Err(format!("the run never ends: {last}").into())
    }

    fn upload(&self, world: &World, in_flight: u32) -> std::process::Command {
        let mut upload = world.program();
        upload.args(["upload", "--json", "--run-id", "nightly", "--max-batch-bytes", "6000", "--threads", "2"]);
        upload.args(["--set", "wait.min_ms=1", "--set", "wait.max_ms=8", "--set", "retry.base_ms=1"]);
        upload.args(["--set", "wait.timeout_ms=20000", "--max-in-flight", &in_flight.to_string()]);
        upload.arg("--state-dir").arg(world.state()).arg("--rejects").arg(rejects(&world.state()));
        upload.arg(&self.file);
        upload
    }
}

impl Trial {
    /// Nothing happens at all.
    pub(crate) fn undisturbed() -> Self {
        Trial {
            name: "undisturbed".into(),
            faults: FaultPlan::default(),
            reallocate: Reallocate::SameRef,
            in_flight: 1,
            blows: Vec::new(),
            is_looked_at: false,
        }
    }

    /// The same with these happening to its processes, and this said of it.
    pub(crate) fn with(&self, what: &str, blows: Vec<Blow>) -> Self {
        Trial { name: format!("{}, {what}", self.name), blows, ..self.clone() }
    }
}

impl End {
    fn of(world: &World, ended: &Ended) -> Result<Self> {
        let report: Value =
            serde_json::from_str(&ended.stdout).map_err(|error| format!("no report: {error}: {}", ended.stdout))?;
        let mut arrived: Vec<String> = world.emulator()?.arrived().into_iter().map(|record| record.text).collect();
        arrived.sort();
        let rejects = fs::read_to_string(rejects(&world.state())).map_err(|error| format!("no rejects: {error}"))?;
        let parts = names(&world.state().join("parts").join("nightly"))?;
        if !parts.is_empty() {
            return Err(format!("parts are left although everything is confirmed: {parts:?}"));
        }
        let complaints: Vec<String> =
            world.emulator()?.batches().into_iter().flat_map(|batch| batch.violations).collect();
        if !complaints.is_empty() {
            return Err(format!("the service complains: {complaints:?}"));
        }
        let rejects = rejects.lines().map(str::to_string).collect();
        Ok(End { arrived, rejects, counts: report["counts"].clone() })
    }
}

/// Two more processes, without anything from the first: one waits for its batches, one compares the journal with a list
/// that lags behind.
fn look_at(world: &mut World, ended: &Ended) -> Result {
    world.emulator()?.set_faults(plan::lagging()?);
    let report: Value = serde_json::from_str(&ended.stdout).map_err(|error| format!("no report: {error}"))?;
    let batches = report["batches"].as_array().cloned().unwrap_or_default();
    let refs: Vec<&str> = batches.iter().filter_map(|batch| batch["ref"].as_str()).collect();
    let mut wait = world.program();
    wait.args(["wait", "--json"]).args(&refs);
    let waited = world.run(wait, None)?;
    let statuses: Value = serde_json::from_str(&waited.stdout).unwrap_or_default();
    let is_end = |status: &Value| status == "success" || status == "error";
    let ends = statuses.as_array().into_iter().flatten().filter(|batch| is_end(&batch["status"]));
    if ends.count() != refs.len() {
        return Err(format!("waiting for {refs:?} gives {} {}", waited.stdout, waited.stderr));
    }
    let mut reconcile = world.program();
    reconcile.args(["reconcile", "--json", "--state-dir"]).arg(world.state());
    let reconciled = world.run(reconcile, None)?;
    let open: Value = serde_json::from_str(&reconciled.stdout).unwrap_or_default();
    match open == json!({"never_uploaded": [], "processing": [], "failed": [], "unknown": []}) {
        true => Ok(()),
        false => Err(format!("reconciling gives {} {}", reconciled.stdout, reconciled.stderr)),
    }
}

/// Beside the state folder.
fn rejects(state: &Path) -> PathBuf {
    state.with_file_name("rejects.ndjson")
}

/// How many of `all` are not in `found`, each as often as it is there.
fn missing(all: &[String], found: &[String]) -> u64 {
    let mut left: HashMap<&str, u64> = HashMap::new();
    found.iter().for_each(|record| *left.entry(record).or_default() += 1);
    let is_missing = |record: &&String| match left.get_mut(record.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    all.iter().filter(is_missing).count() as u64
}
