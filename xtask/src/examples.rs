//! `examples`: runs every Rust example against an emulator of its own and compares what it prints with
//! `examples/expected/NAME.txt`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::Result;
use crate::run::output;
use crate::tally::Tally;
use crate::workspace::{self, program, root};

const FOLDER: &str = "examples/rust";
const CLIENT_KEY: &str = "example-client-key";
const API_TOKEN: &str = "example-api-token";

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    let tally = all()?;
    println!("\n{tally}");
    if tally.failed == 0 { Ok(()) } else { Err("some examples print something else than is expected".into()) }
}

/// Runs all examples.
pub(crate) fn all() -> Result<Tally> {
    let mut tally = Tally::default();
    for name in names()? {
        match one(&name) {
            Ok(()) => {
                println!("example {name} ... ok");
                tally.passed += 1;
            }
            Err(message) => {
                println!("example {name} ... FAILED\n{message}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

fn names() -> Result<Vec<String>> {
    let files = workspace::files()?;
    let sources = files.iter().map(Path::new).filter(|file| file.parent() == Some(Path::new(FOLDER)));
    let sources = sources.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    Ok(sources.filter_map(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned()).collect())
}

fn one(name: &str) -> Result {
    let expected = workspace::read(&format!("examples/expected/{name}.txt"))?;
    let emulator = Emulator::start()?;
    let mut example = Command::new(workspace::example(name)?);
    example
        .current_dir(root())
        .env("CDP_BASE_URL", &emulator.url)
        .env("CDP_CLIENT_KEY", CLIENT_KEY)
        .env("CDP_API_TOKEN", API_TOKEN);
    example.env_remove("CDP_REGION");
    let printed = output(&mut example)?;
    if printed == expected { Ok(()) } else { Err(format!("expected:\n{expected}\nprinted:\n{printed}")) }
}

/// A running `cdp-batch emulator`; ends when dropped.
struct Emulator {
    process: Child,
    /// Kept open: a program that prints to a closed pipe fails.
    stdout: Option<BufReader<ChildStdout>>,
    url: String,
}

impl Emulator {
    fn start() -> Result<Self> {
        let mut command = Command::new(program("cdp-batch")?);
        command.args(["emulator", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        command.args(["--client-key", CLIENT_KEY, "--api-token", API_TOKEN]);
        command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("cannot start the emulator: {error}"))?;
        let stdout = process.stdout.take().map(BufReader::new);
        let mut emulator = Emulator { process, stdout, url: String::new() };
        let mut lines = emulator.stdout.iter_mut().flat_map(BufRead::lines).map_while(std::result::Result::ok);
        let url = lines.find_map(|line| Some(line.strip_prefix("listening on ")?.to_owned()));
        emulator.url = url.ok_or("the emulator did not say where it listens")?;
        Ok(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
