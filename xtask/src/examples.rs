//! `examples`: runs every example against an emulator of its own and compares what it prints with
//! `examples/expected/NAME.txt`, which is the same in each language.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use crate::run::output;
use crate::tally::Tally;
use crate::workspace::{self, program, root};
use crate::{Result, c, go, kotlin, node, python, ruby};

const CLIENT_KEY: &str = "example-client-key";
const API_TOKEN: &str = "example-api-token";

/// A language with examples, in `examples/NAME/*.EXTENSION`.
struct Language {
    name: &'static str,
    extensions: &'static [&'static str],
    /// How an example is started, by its name.
    command: fn(&str) -> Result<Ready>,
}

const LANGUAGES: &[Language] = &[
    Language { name: "c", extensions: &["c"], command: |name| Ok(Ready::Run(Command::new(c::example("c", name)?))) },
    Language {
        name: "cpp",
        extensions: &["cpp"],
        command: |name| Ok(Ready::Run(Command::new(c::example("cpp", name)?))),
    },
    Language { name: "go", extensions: &["go"], command: of_go },
    Language { name: "kotlin", extensions: &["kt", "java"], command: |name| Ok(Ready::Run(kotlin::example(name)?)) },
    Language { name: "node", extensions: &["mjs", "ts"], command: of_node },
    Language { name: "python", extensions: &["py"], command: of_python },
    Language {
        name: "ruby",
        extensions: &["rb"],
        command: |name| {
            let mut command = ruby::interpreter()?;
            command.arg(format!("examples/ruby/{name}.rb"));
            Ok(Ready::Run(command))
        },
    },
    Language {
        name: "rust",
        extensions: &["rs"],
        command: |name| Ok(Ready::Run(Command::new(workspace::example(name)?))),
    },
];

/// Whether an example can be run here.
enum Ready {
    Run(Command),
    /// What it needs could not be had.
    Skip(String),
}

pub(crate) fn command(arguments: &[String]) -> Result {
    let [language] = crate::only_flags(arguments, ["--lang"])?;
    let tally = all(language.as_deref())?;
    println!("\n{tally}");
    if tally.failed == 0 { Ok(()) } else { Err("some examples print something else than is expected".into()) }
}

/// Runs the examples of one language or all.
pub(crate) fn all(language: Option<&str>) -> Result<Tally> {
    let mut tally = Tally::default();
    for language in LANGUAGES.iter().filter(|known| language.is_none_or(|name| name == known.name)) {
        for name in names(language)? {
            let start = Instant::now();
            let outcome = one(language, &name);
            let called = format!("example {}/{name}", language.name);
            match outcome {
                Ok(None) => {
                    println!("{called} ... ok in {:.1} s", start.elapsed().as_secs_f64());
                    tally.passed += 1;
                }
                Ok(Some(reason)) => {
                    println!("{called} ... SKIPPED: {reason}");
                    tally.skipped += 1;
                }
                Err(message) => {
                    println!("{called} ... FAILED\n{message}");
                    tally.failed += 1;
                }
            }
        }
    }
    Ok(tally)
}

fn names(language: &Language) -> Result<Vec<String>> {
    let folder = Path::new("examples").join(language.name);
    let files = workspace::files()?;
    let sources = files.iter().map(Path::new).filter(|file| file.parent() == Some(&folder));
    let is_example = |file: &&Path| language.extensions.iter().any(|known| file.extension() == Some(known.as_ref()));
    let sources = sources.filter(is_example);
    Ok(sources.filter_map(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned()).collect())
}

/// Runs one example; gives why it was not run, if it was not.
fn one(language: &Language, name: &str) -> Result<Option<String>> {
    let expected = workspace::read(&format!("examples/expected/{}.txt", snake_case(name)))?;
    let mut example = match (language.command)(name)? {
        Ready::Run(command) => command,
        Ready::Skip(reason) => return Ok(Some(reason)),
    };
    let emulator = Emulator::start()?;
    example
        .current_dir(root())
        .env("CDP_BASE_URL", &emulator.url)
        .env("CDP_CLIENT_KEY", CLIENT_KEY)
        .env("CDP_API_TOKEN", API_TOKEN);
    example.env_remove("CDP_REGION");
    let printed = output(&mut example)?;
    if printed == expected { Ok(None) } else { Err(format!("expected:\n{expected}\nprinted:\n{printed}")) }
}

fn of_go(name: &str) -> Result<Ready> {
    match go::missing() {
        Some(reason) => Ok(Ready::Skip(reason)),
        None => Ok(Ready::Run(Command::new(go::example(name)?))),
    }
}

/// The name of a story: Node names files with hyphens, Kotlin and Java with capitals.
fn snake_case(name: &str) -> String {
    let mut story = String::new();
    for letter in name.replace('-', "_").chars() {
        if letter.is_uppercase() && !story.is_empty() {
            story.push('_');
        }
        story.extend(letter.to_lowercase());
    }
    story
}

/// Examples in TypeScript are compiled first.
fn of_node(name: &str) -> Result<Ready> {
    let home = node::examples()?;
    if name == "stream-rows" && !node::has_database() {
        return Ok(Ready::Skip("better-sqlite3 could neither be downloaded nor compiled".into()));
    }
    let script = home.join(format!("{name}.mjs"));
    let mut command = Command::new("node");
    command.arg(if script.exists() { script } else { node::compiled(name)? });
    Ok(Ready::Run(command))
}

/// An example that needs more than the package lists it in `requirements-NAME.txt`, and has an environment of its own.
fn of_python(name: &str) -> Result<Ready> {
    let mut interpreter = python::develop()?;
    if python::has_requirements(name) {
        match python::example_environment(name) {
            Ok(own) => interpreter = own,
            Err(reason) => return Ok(Ready::Skip(reason)),
        }
    }
    let mut command = Command::new(interpreter);
    command.arg(format!("examples/python/{name}.py"));
    // Airflow and dlt keep what they write in the person's own folder, Airflow logs to standard output, dlt calls its
    // makers.
    let own = workspace::target()?.join("python/data");
    command.env("AIRFLOW_HOME", own.join("airflow")).env("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR");
    command
        .env("AIRFLOW__CORE__DAGS_FOLDER", root().join("examples/python"))
        .env("AIRFLOW__CORE__LOAD_EXAMPLES", "false");
    command.env("DLT_DATA_DIR", own.join("dlt")).env("RUNTIME__DLTHUB_TELEMETRY", "false");
    Ok(Ready::Run(command))
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
