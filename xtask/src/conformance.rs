//! `conformance`: the behaviour suite (`tests/cases`), once for each language that has a driver.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::run::watch;
use crate::tally::Tally;
use crate::workspace::{program, root};

struct Language {
    name: &'static str,
    /// Builds the driver and gives the program to start.
    driver: fn() -> Result<PathBuf>,
}

const LANGUAGES: &[Language] = &[Language { name: "rust", driver: || program("cdp-batch-driver", "cdp-batch-driver") }];

pub(crate) fn command(arguments: &[String]) -> Result {
    let [language, case] = crate::only_flags(arguments, ["--lang", "--case"])?;
    let tally = all(language.as_deref(), case.as_deref())?;
    println!("\n{tally}");
    if tally.failed == 0 { Ok(()) } else { Err("some cases failed; they are named above".into()) }
}

/// Runs one language or all, one case or all.
pub(crate) fn all(language: Option<&str>, case: Option<&str>) -> Result<Tally> {
    let wanted: Vec<_> = LANGUAGES.iter().filter(|known| language.is_none_or(|name| name == known.name)).collect();
    if wanted.is_empty() {
        let known = LANGUAGES.iter().map(|language| language.name).collect::<Vec<_>>().join(", ");
        return Err(format!("no driver for {}: there is one for {known}", language.unwrap_or_default()));
    }
    let runner = program("cdp-batch-conformance", "cdp-batch-conformance")?;
    let mut tally = Tally::default();
    for language in wanted {
        println!("-- {}", language.name);
        let mut command = Command::new(&runner);
        command.current_dir(root()).args(["--lang", language.name, "--driver"]).arg((language.driver)()?);
        command.args(case.iter().flat_map(|case| ["--case", case]));
        // The last closing line counts: a driver may print one of its own.
        let mut reported = None;
        let ended_well = watch(&mut command, |line| reported = Tally::of_closing_line(line).or(reported))?;
        let reported = reported.unwrap_or(Tally::ONE_FAILURE);
        tally += reported;
        if !ended_well && reported.failed == 0 {
            tally += Tally::ONE_FAILURE;
        }
    }
    Ok(tally)
}
