//! `conformance`: the behaviour suite, once for each language that has a driver (`tests/drivers/LANGUAGE/driver.json`).

use std::process::Command;

use crate::run::watch;
use crate::support;
use crate::tally::Tally;
use crate::workspace::{files, program, root};
use crate::{Result, go};

pub(crate) fn command(arguments: &[String]) -> Result {
    let [language, case] = crate::only_flags(arguments, ["--lang", "--case"])?;
    let tally = all(language.as_deref(), case.as_deref())?;
    println!("\n{tally}");
    if tally.failed == 0 { Ok(()) } else { Err("some cases failed; they are named above".into()) }
}

/// Runs one language or all, one case or all. The runner builds the drivers. A support matrix that said something else
/// of a language is a failure, as other generated text that is stale is.
pub(crate) fn all(language: Option<&str>, case: Option<&str>) -> Result<Tally> {
    let known = languages()?;
    let wanted: Vec<_> = known.iter().filter(|known| language.is_none_or(|name| name == *known)).collect();
    if wanted.is_empty() {
        return Err(format!("no driver for {}: there is one for {}", language.unwrap_or("any"), known.join(", ")));
    }
    let runner = program("cdp-batch-conformance")?;
    let mut tally = Tally::default();
    for language in wanted {
        println!("-- {language}");
        if let Some(reason) = (language == "go").then(go::missing).flatten() {
            println!("the suite ... SKIPPED: {reason}");
            tally.skipped += 1;
            continue;
        }
        let mut command = Command::new(&runner);
        command.current_dir(root()).args(["--lang", language]).args(case.iter().flat_map(|case| ["--case", case]));
        let mut reported = None;
        let ended_well = watch(&mut command, |line| reported = Tally::of_closing_line(line).or(reported))?;
        let reported = reported.unwrap_or_default();
        tally += reported;
        if !ended_well && reported.failed == 0 {
            tally += Tally::ONE_FAILURE;
        }
        if ended_well && case.is_none() && !support::note(language, reported)? {
            println!("{} said something else of {language} and is written anew; run `cargo xtask gen`", support::FILE);
            tally += Tally::ONE_FAILURE;
        }
    }
    Ok(tally)
}

fn languages() -> Result<Vec<String>> {
    let of = |file: &String| Some(file.strip_prefix("tests/drivers/")?.strip_suffix("/driver.json")?.to_owned());
    Ok(files()?.iter().filter_map(of).collect())
}
