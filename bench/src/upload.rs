//! The same upload from Rust and from another language.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::corpus::CORPORA;
use crate::emulator::Emulator;
use crate::measure::{Sample, median, rounds, run};
use crate::{Result, client};

/// How another language uploads: what the table calls it, the program that uploads the file it is given, and one that
/// only loads the package.
pub(crate) struct Host<'a> {
    pub(crate) name: &'a str,
    pub(crate) upload: &'a dyn Fn() -> Command,
    pub(crate) start: &'a dyn Fn() -> Command,
}

/// Whole processes in turn; what it takes to start each is taken off.
pub(crate) fn against_rust(host: &Host<'_>, place: &Path, quick: bool) -> Result<String> {
    let corpus = place.join("guests.ndjson");
    let size = CORPORA[0].write(&corpus, quick)?;
    let mut samples: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    for _ in 0..rounds(quick) {
        let emulator = Emulator::start(place)?;
        let mut rust = Command::new(client()?);
        rust.args(["upload", "--json", "--threads", "2", "--set", "wait.min_ms=5", "--set", "wait.max_ms=20"]);
        emulator.name_to(rust.arg(&corpus));
        samples.entry("rust").or_default().push(run(rust.stderr(Stdio::null()))?);
        drop(emulator);
        let emulator = Emulator::start(place)?;
        let mut upload = (host.upload)();
        emulator.name_to(upload.arg(&corpus));
        samples.entry("host").or_default().push(run(&mut upload)?);
        samples.entry("rust start").or_default().push(run(Command::new(client()?).arg("--version"))?);
        samples.entry("host start").or_default().push(run(&mut (host.start)())?);
    }
    let wall = |name: &str| median(samples[name].iter().map(|sample| sample.wall.as_secs_f64()));
    let ratio = median(samples["host"].iter().zip(&samples["rust"]).map(|(host, rust)| {
        (host.wall.as_secs_f64() - wall("host start")) / (rust.wall.as_secs_f64() - wall("rust start"))
    }));
    let mut text = format!("Upload of a file of {:.0} MB of guests:\n\n", size as f64 / 1e6);
    text += "| from | seconds | of them to start | without that, Rust = 1 |\n|---|--:|--:|--:|\n";
    let _ = writeln!(text, "| Rust, `cdp-batch upload` | {:.2} | {:.2} | 1.00 |", wall("rust"), wall("rust start"));
    let _ = writeln!(text, "| {} | {:.2} | {:.2} | {ratio:.2} |\n", host.name, wall("host"), wall("host start"));
    Ok(text)
}
