//! `test`: every test there is, and one closing line.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::run::{cargo, watch};
use crate::tally::Tally;
use crate::{Result, c, conformance, crash, examples, go, kotlin, node, page, python, ruby, swift};

pub(crate) fn command(arguments: &[String]) -> Result {
    let [language] = crate::only_flags(arguments, ["--lang"])?;
    let mut parts = Vec::new();
    if language.as_deref().is_none_or(|language| language == "rust") {
        parts.push(timed("unit and integration tests", || {
            let mut tests = cargo(&["test", "--locked", "--no-fail-fast", "--workspace"]);
            counted(&mut tests)
        }));
        parts.push(timed("killed runs", || counted(&mut crash::test())));
    }
    if language.as_deref().is_none_or(|language| language == "python") {
        parts.push(timed("Python package", python::tests));
    }
    if language.as_deref().is_none_or(|language| language == "node") {
        parts.push(timed("Node package", node::tests));
    }
    if language.as_deref().is_none_or(|language| language == "page") {
        parts.push(timed("Batch uploads page", page::tests));
    }
    for (name, part) in [("c", "C library"), ("cpp", "C++ header")] {
        if language.as_deref().is_none_or(|language| language == name) {
            parts.push(timed(part, || c::tests(name)));
        }
    }
    if language.as_deref().is_none_or(|language| language == "go") {
        parts.push(timed("Go package", go::tests));
    }
    if language.as_deref().is_none_or(|language| language == "ruby") {
        parts.push(timed("Ruby gem", ruby::tests));
    }
    if language.as_deref().is_none_or(|language| language == "kotlin") {
        parts.push(timed("Kotlin package", kotlin::tests));
    }
    if language.as_deref().is_none_or(|language| language == "swift") {
        parts.push(timed("Swift package", swift::tests));
    }
    // The page is no language, and Swift is compiled at best: they have neither a driver nor examples.
    if !matches!(language.as_deref(), Some("page" | "swift")) {
        parts.push(timed("behaviour suite", || conformance::all(language.as_deref(), None)));
        parts.push(timed("examples", || examples::all(language.as_deref())));
    }
    println!();
    let mut total = Tally::default();
    for Part { name, took, tally } in parts {
        println!("{name}: {tally} in {:.0} s", took.as_secs_f64());
        total += tally;
    }
    println!("\n{total}");
    if total.failed == 0 { Ok(()) } else { Err("some tests failed; they are named above".into()) }
}

struct Part {
    name: &'static str,
    took: Duration,
    tally: Tally,
}

/// Runs one part. A part that cannot even start is one failure, and the others still run.
fn timed(name: &'static str, run: impl FnOnce() -> Result<Tally>) -> Part {
    println!("\n== {name}");
    let start = Instant::now();
    let tally = run().unwrap_or_else(|message| {
        println!("{message}");
        Tally::ONE_FAILURE
    });
    Part { name, took: start.elapsed(), tally }
}

/// Runs `cargo test` and counts what it reports.
fn counted(tests: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let ended_well = watch(tests, |line| tally += Tally::of_libtest(line).unwrap_or_default())?;
    if !ended_well && tally.failed == 0 {
        // It did not compile, or a test took its process along.
        tally += Tally::ONE_FAILURE;
    }
    Ok(tally)
}
