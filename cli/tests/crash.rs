//! Nothing lost, nothing doubled: `cdp-batch upload` killed at every point that it passes, then run again.
//!
//! The program itself says which points there are. `CDP_BATCH_CRASH_LONG=1` kills at each of them; without it, at the
//! first and the last time that each is passed.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cdp_batch_emulator::{Config, Emulator, FaultPlan, Reallocate};
use cdp_batch_sample::{Amount, Guests, write};
use serde_json::{Value, json};

const RECORDS: u64 = 120;
/// Runs before a point counts as a trap.
const MOST_RUNS: usize = 12;

/// A folder with guests, some of which we refuse and some of which the service refuses.
struct World {
    _folder: tempfile::TempDir,
    guests: PathBuf,
}

/// What came of a run, as far as it must not depend on where the process was killed.
#[derive(Debug, PartialEq, Eq)]
struct End {
    /// Arrived records, sorted.
    arrived: Vec<String>,
    /// Rejected records, in input order.
    rejects: Vec<String>,
    /// Counts of the report.
    counts: Value,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let guests = folder.path().join("guests.ndjson");
        let mut sample = Guests::new(5).with_defect_every(17);
        write(&mut fs::File::create(&guests).unwrap(), &mut sample, Amount::Records(RECORDS)).unwrap();
        // A record that no part may hold, one that repeats another's ref, and one at the very end.
        let text = fs::read_to_string(&guests).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(70, lines[3]);
        lines.insert(30, "{\"no\": \"record\"}");
        lines.push("not JSON");
        fs::write(&guests, lines.join("\n")).unwrap();
        World { _folder: folder, guests }
    }

    fn command(&self, emulator: &Emulator, state: &Path) -> Command {
        let (mut command, config) = (Command::new(env!("CARGO_BIN_EXE_cdp-batch")), Config::default());
        command.env("CDP_BASE_URL", emulator.base_url()).env_remove("CDP_REGION");
        command.env("CDP_CLIENT_KEY", config.client_key).env("CDP_API_TOKEN", config.api_token);
        command.args(["upload", "--json", "--run-id", "nightly", "--max-batch-bytes", "6000", "--threads", "2"]);
        command.args(["--set", "wait.min_ms=2", "--set", "wait.max_ms=10", "--set", "retry.base_ms=2"]);
        command.arg("--state-dir").arg(state).arg("--rejects").arg(state.join("rejects.ndjson"));
        command.arg(&self.guests);
        command
    }

    /// Runs until it ends with a report of every record, killed at `kills` on the way, each in a run of its own.
    fn run(&self, config: Config, kills: &[String], more: &[&str]) -> (End, Vec<String>) {
        let emulator = Emulator::start(config).unwrap();
        let state = tempfile::tempdir().unwrap();
        let (mut passed, mut last) = (Vec::new(), String::new());
        for run in 0..MOST_RUNS {
            let mut command = self.command(&emulator, state.path());
            command.args(more).env("CDP_BATCH_CRASH_LIST", "1");
            command.envs(kills.get(run).map(|kill| ("CDP_BATCH_CRASH_AT", kill)));
            let Output { status, stdout, stderr } = command.output().unwrap();
            let stderr = String::from_utf8(stderr).unwrap();
            passed.extend(stderr.lines().filter_map(|line| line.strip_prefix("crash-point ")).map(str::to_string));
            // Killed, or out of patience with a service that fails all the time.
            if matches!(status.code(), None | Some(3)) {
                last = stderr;
                continue;
            }
            assert_eq!(status.code(), Some(1), "{kills:?}: {stderr}");
            let report: Value = serde_json::from_slice(&stdout).unwrap();
            let rejects = fs::read_to_string(state.path().join("rejects.ndjson")).unwrap();
            let rejects = rejects.lines().map(str::to_string).collect();
            let mut arrived: Vec<String> = emulator.arrived().into_iter().map(|record| record.text).collect();
            arrived.sort();
            assert_eq!(left_behind(state.path()), Vec::<String>::new(), "{kills:?}");
            return (End { arrived, rejects, counts: report["counts"].clone() }, passed);
        }
        unreachable!("{kills:?}: the run never ends: {last}");
    }

    /// Kills at every point (in the short form: at some), and compares each end with that of an undisturbed run.
    fn survives_every_point(&self, config: &Config, more: &[&str]) {
        let (undisturbed, passed) = self.run(config.clone(), &[], more);
        assert_eq!(undisturbed.arrived.len() + undisturbed.rejects.len(), RECORDS as usize + 3);
        let points = match is_long() {
            true => passed,
            false => first_and_last(&passed),
        };
        assert!(points.len() > 40, "{points:?}");
        for point in points {
            let (end, _) = self.run(config.clone(), std::slice::from_ref(&point), more);
            assert_eq!(end, undisturbed, "killed at {point}");
        }
    }
}

fn is_long() -> bool {
    std::env::var_os("CDP_BATCH_CRASH_LONG").is_some()
}

/// Files of a state folder that hold records although all are confirmed.
fn left_behind(state: &Path) -> Vec<String> {
    let parts = fs::read_dir(state.join("parts").join("nightly")).unwrap();
    parts.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// The first and the last time that each point is passed.
fn first_and_last(passed: &[String]) -> Vec<String> {
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in passed.iter().map(|point| point.rsplit_once(':').unwrap()) {
        times.insert(name, count.parse().unwrap());
    }
    let points = times.into_iter().flat_map(|(name, last)| [1, last].map(|count| format!("{name}:{count}")));
    points.collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn a_run_killed_at_any_point_ends_as_if_it_had_not_been() {
    World::new().survives_every_point(&Config::default(), &[]);
}

/// A failing seed is named by the assertion, and replays with `CDP_BATCH_CRASH_SEED`.
#[test]
fn a_run_with_random_faults_and_kills_ends_as_if_there_had_been_none() {
    let world = World::new();
    let (undisturbed, passed) = world.run(Config::default(), &[], &[]);
    let seeds = match std::env::var("CDP_BATCH_CRASH_SEED") {
        Ok(seed) => seed.parse().unwrap()..=seed.parse().unwrap(),
        Err(_) if is_long() => 1..=2_000,
        Err(_) => 1..=25,
    };
    for seed in seeds {
        let mut random = fastrand::Rng::with_seed(seed);
        let kills: Vec<String> = (0..random.usize(0..3)).map(|_| random.choice(&passed).unwrap().clone()).collect();
        let reallocate = *random.choice(&[Reallocate::SameRef, Reallocate::Conflict]).unwrap();
        let config = Config { faults: faults(seed), reallocate, ..Config::default() };
        let in_flight = random.u32(1..=4).to_string();
        let (end, _) = world.run(config, &kills, &["--max-in-flight", &in_flight]);
        assert_eq!(end, undisturbed, "seed {seed}, killed at {kills:?}");
    }
}

/// Everything that may go wrong on the way, now and then; the first ref arrives corrupted.
fn faults(seed: u64) -> FaultPlan {
    let now_and_then = |on: &str, what: Value| json!({"on": on, "match": {"probability": 0.06}, "do": what});
    let plan = json!({"seed": seed, "rules": [
        {"on": "upload", "match": {"ref_index": seed % 4}, "do": {"type": "corrupted"}},
        now_and_then("any", json!({"type": "drop_before"})),
        now_and_then("any", json!({"type": "drop_after"})),
        now_and_then("any", json!({"type": "status", "status": 500})),
        now_and_then("any", json!({"type": "status", "status": 429, "headers": {"retry-after": "0"}})),
        now_and_then("upload", json!({"type": "expire_url"})),
        now_and_then("upload", json!({"type": "cut_body", "after": 100})),
        now_and_then("inspect", json!({"type": "not_found_flicker"})),
        now_and_then("list", json!({"type": "lag", "seconds": 30})),
    ]});
    serde_json::from_value(plan).unwrap()
}
