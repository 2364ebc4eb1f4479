//! Nothing lost, nothing doubled: a real `cdp-batch upload` that is killed at every point it passes, panics there, finds
//! the disk full, loses its service, and is begun again until it ends. Its end must be that of a run to which nothing
//! happened: the records that arrived, the rejects, the counts.
//!
//! The program itself says which points and operations there are. `--long` takes all of them; `--seed N` plays one
//! random trial, with `--long` all from that one on; `--report FILE` writes what was counted.
#![expect(clippy::print_stdout, reason = "this is a test runner of its own")]

mod plan;
mod results;
mod trial;
mod world;

use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use results::Results;
use trial::{Input, Trial};

/// What went wrong, as a sentence.
type Result<T = ()> = std::result::Result<T, String>;

/// Random trials of the long and the short form.
const SEEDS: [u64; 2] = [2_000, 200];

#[derive(Default)]
struct Arguments {
    is_long: bool,
    seed: Option<u64>,
    report: Option<String>,
}

fn main() -> ExitCode {
    match arguments().and_then(|arguments| try_out(&arguments)) {
        Ok([passed, 0]) => {
            println!("\ntest result: ok. {passed} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
            ExitCode::SUCCESS
        }
        Ok([passed, failed]) => {
            println!("\ntest result: FAILED. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
            ExitCode::FAILURE
        }
        Err(message) => {
            println!("{message}\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments> {
    let mut arguments = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--long" => arguments.is_long = true,
            "--seed" => {
                let seed = words.next().and_then(|seed| seed.parse().ok());
                arguments.seed = Some(seed.ok_or("--seed needs a number")?);
            }
            "--report" => arguments.report = Some(words.next().ok_or("--report needs a file")?),
            // What cargo hands to every test program.
            _ => {}
        }
    }
    Ok(arguments)
}

/// Plays every trial; how many ended right, and how many otherwise.
fn try_out(arguments: &Arguments) -> Result<[u64; 2]> {
    let is_long = arguments.is_long;
    let input = Input::new()?;
    let mut results = Results::default();
    let scenes = plan::scenes()?;
    let plain = scenes.first().ok_or("there is no scene")?;
    let seen = input.try_out(plain).map_err(|failed| failed.message)?;
    if let (Some(seed), false) = (arguments.seed, is_long) {
        play("random faults and kills", vec![plan::random(seed, &seen)?], &input, &mut results);
        return Ok(results.totals());
    }
    let (mut places, mut operations) = (Vec::new(), Vec::new());
    for (index, scene) in scenes.iter().enumerate() {
        let seen = input.try_out(scene).map_err(|failed| format!("{}: {}", scene.name, failed.message))?;
        places.extend(plan::at_places(scene, &seen, index == 0, is_long));
        if index == 0 {
            operations.extend(plan::at_operations(scene, &seen, is_long));
        }
    }
    let first = arguments.seed.unwrap_or(1);
    let seeds: Range<u64> = first..first + SEEDS[usize::from(!is_long)];
    let random = seeds.clone().map(|seed| plan::random(seed, &seen)).collect::<Result<Vec<_>>>()?;
    play("kill points", places, &input, &mut results);
    play("operations on the disk", operations, &input, &mut results);
    play("random faults and kills", random, &input, &mut results);
    if let Some(report) = &arguments.report {
        std::fs::write(report, results.markdown(&seeds)).map_err(|error| format!("cannot write {report}: {error}"))?;
        println!("written: {report}");
    }
    Ok(results.totals())
}

/// Plays trials of one kind, as many at once as there are processors.
fn play(kind: &'static str, trials: Vec<Trial>, input: &Input, results: &mut Results) {
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    let counted = Mutex::new(results);
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = input.try_out(trial);
                    if let Err(failed) = &outcome {
                        let told = failed.message.lines().filter(|line| !line.starts_with("crash-disk "));
                        let told: Vec<&str> = told.collect();
                        println!("FAILED {}, {:?}: {}", trial.name, trial.blows, told.join("\n"));
                    }
                    counted.lock().unwrap_or_else(PoisonError::into_inner).count(kind, trial, outcome);
                }
            });
        }
    });
    println!("{kind}: {} trials in {:.0} s", trials.len(), start.elapsed().as_secs_f64());
}
