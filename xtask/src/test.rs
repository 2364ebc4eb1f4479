//! `test`: every test there is, and one closing line.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::run::{self, cargo, watch};
use crate::tally::Tally;
use crate::{Result, c, conformance, crash, examples, go, kotlin, node, page, python, ruby, swift};

/// The tests of one language: `--lang` takes the first, the closing lines show the second.
type Own = (&'static str, &'static str, fn() -> Result<Tally>);

const OWN: &[Own] = &[
    ("rust", "unit and integration tests", || {
        counted(&mut cargo(&["test", "--locked", "--no-fail-fast", "--workspace"]))
    }),
    ("rust", "killed runs", || counted(&mut crash::test())),
    ("python", "Python package", python::tests),
    ("node", "Node package", node::tests),
    ("page", "Batch uploads page", page::tests),
    ("c", "C library", || c::tests("c")),
    ("cpp", "C++ header", || c::tests("cpp")),
    ("go", "Go package", go::tests),
    ("ruby", "Ruby gem", ruby::tests),
    ("kotlin", "Kotlin package", kotlin::tests),
    ("swift", "Swift package", swift::tests),
];

pub(crate) fn command(arguments: &[String]) -> Result {
    let [language] = crate::only_flags(arguments, ["--lang"])?;
    let language = language.as_deref();
    let asked_for = |own: &&Own| language.is_none_or(|language| language == own.0);
    let mut parts: Vec<Part> = OWN.iter().filter(asked_for).map(|(_, name, run)| timed(name, run)).collect();
    // The page is no language, and Swift is compiled at best: they have neither a driver nor examples.
    if !matches!(language, Some("page" | "swift")) {
        parts.push(timed("behaviour suite", || conformance::all(language, None)));
        parts.push(timed("examples", || examples::all(language)));
    }
    let failures = run::failures();
    if !failures.is_empty() {
        println!("\n== the last lines of what failed\n{}", failures.join("\n"));
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
