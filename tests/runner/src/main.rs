//! Runs the behaviour suite with a language's driver: `cdp-batch-conformance [--lang X] [--case NAME]... [--bless]`.
//! `tests/README.md` says how cases and drivers are written.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool prints")]

mod case;
mod content;
mod contract;
mod driver;
mod folder;
mod language;
mod pattern;
mod play;
mod secrets;
mod service;
mod vectors;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use contract::Contract;
use language::Language;

/// Cases at a time.
const SIDE_BY_SIDE: usize = 2;

/// What the command line asks for.
struct Asked {
    language: String,
    names: Vec<String>,
    bless: bool,
}

/// Something to run, under a name.
struct Job<'a> {
    name: String,
    run: Box<dyn Fn() -> Vec<String> + Sync + 'a>,
}

fn main() -> ExitCode {
    match asked().and_then(|asked| run(&asked)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked { language: "rust".into(), names: Vec::new(), bless: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--lang" => asked.language = value()?,
            "--case" => asked.names.push(value()?),
            "--bless" => asked.bless = true,
            _ => return Err(format!("unknown argument {argument}; use [--lang X] [--case NAME]... [--bless]")),
        }
    }
    Ok(asked)
}

/// Runs everything asked for; gives how much of it failed.
fn run(asked: &Asked) -> Result<usize, String> {
    let tests = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let tests = tests.canonicalize().map_err(|error| format!("{}: {error}", tests.display()))?;
    let root = tests.parent().ok_or("tests has no parent")?;
    let language = Language::load(root, &asked.language)?;
    let contract = Contract::load(&tests)?;
    let cases = case::load(&tests.join("cases"))?;
    let vectors = vectors::load(&tests.join("vectors"))?;
    let command = &language.command;
    if asked.bless {
        return vectors::bless(&tests.join("vectors"), vectors, command).map(|()| 0);
    }
    let of_case = |case| Job { name: case_name(case), run: Box::new(|| play::play(case, command, &contract)) };
    let of_vector = |vector| Job { name: vectors::name(vector), run: Box::new(|| vectors::check(vector, command)) };
    let mut jobs: Vec<Job<'_>> = cases.iter().map(of_case).chain(vectors.iter().map(of_vector)).collect();
    if let Some(unknown) =
        language.gaps.keys().chain(&asked.names).find(|name| jobs.iter().all(|job| job.name != **name))
    {
        return Err(format!("there is no case {unknown}"));
    }
    if !asked.names.is_empty() {
        jobs.retain(|job| asked.names.contains(&job.name));
    }
    let (skipped, jobs): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| language.gaps.contains_key(&job.name));
    for job in &skipped {
        println!("skip {}: {}", job.name, language.gaps[&job.name]);
    }
    let failed = run_all(&jobs);
    let tail = if skipped.is_empty() { String::new() } else { format!(", {} skipped", skipped.len()) };
    println!("{} passed, {failed} failed{tail}", jobs.len() - failed);
    Ok(failed)
}

fn case_name(case: &case::Case) -> String {
    case.name.clone()
}

/// Runs the jobs and prints each one's line as it ends; gives how many failed.
fn run_all(jobs: &[Job<'_>]) -> usize {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let started = Instant::now();
            let problems = (job.run)();
            if problems.is_empty() {
                println!("ok   {} ({} ms)", job.name, started.elapsed().as_millis());
            } else {
                failed.fetch_add(1, Ordering::Relaxed);
                // One write, so that two jobs' lines do not mix.
                println!("FAIL {}\n     {}", job.name, problems.join("\n     "));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(work);
        }
    });
    failed.into_inner()
}
