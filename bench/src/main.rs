//! Measures `cdp-batch` against its peers (`pack`), its memory against its bound (`memory`, and `rejects` for long
//! error logs), and the packages for Python and Node against Rust and against loops in those (`python`, `node`). Run it
//! through `cargo xtask bench`, which builds the client first.
//! Results go to `bench/results`, from where `cargo xtask gen`
//! takes them into the documents.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to the person who runs it")]

mod baseline;
mod corpus;
mod deflate;
mod emulator;
mod goals;
mod machine;
mod measure;
mod memory;
mod node;
mod pack;
mod packer;
mod peers;
mod plot;
mod python;
mod rejects;
mod table;
mod upload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What went wrong, as a sentence for the person who ran the bench.
type Result<T = ()> = std::result::Result<T, String>;

/// What to measure, and how long.
struct Plan {
    pack: bool,
    memory: bool,
    rejects: bool,
    python: bool,
    node: bool,
    /// A tenth of the input once, to see that it works; nothing is written to `bench/results`.
    quick: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((command, rest)) if command == corpus::WRITE => corpus::write_corpus(rest),
        Some((command, rest)) if command == baseline::PACK => baseline::pack(rest),
        Some((command, rest)) if command == deflate::DEFLATE => deflate::deflate(rest),
        _ => Plan::of(&arguments).and_then(|plan| measure_all(&plan)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

impl Plan {
    const ALL: Plan = Plan { pack: true, memory: true, rejects: true, python: true, node: true, quick: false };

    fn of(arguments: &[String]) -> Result<Self> {
        let mut plan = Plan { pack: false, memory: false, rejects: false, python: false, node: false, quick: false };
        for argument in arguments {
            match argument.as_str() {
                "pack" => plan.pack = true,
                "memory" => plan.memory = true,
                "rejects" => plan.rejects = true,
                "python" => plan.python = true,
                "node" => plan.node = true,
                "--quick" => plan.quick = true,
                _ => {
                    return Err(format!(
                        "there is no {argument}; use: bench [pack|memory|rejects|python|node] [--quick]"
                    ));
                }
            }
        }
        if !plan.pack && !plan.memory && !plan.rejects && !plan.python && !plan.node {
            plan = Plan { quick: plan.quick, ..Plan::ALL };
        }
        Ok(plan)
    }
}

fn measure_all(plan: &Plan) -> Result {
    println!("{}", machine::line());
    if plan.pack {
        pack::measure(plan.quick)?;
    }
    if plan.memory {
        memory::measure(plan.quick)?;
    }
    if plan.rejects {
        rejects::measure(plan.quick)?;
    }
    if plan.python {
        python::measure(plan.quick)?;
    }
    if plan.node {
        node::measure(plan.quick)?;
    }
    Ok(())
}

/// The folder `bench`.
fn home() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// The client, built optimised beside this program.
fn client() -> Result<PathBuf> {
    let here = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let client = here.with_file_name("cdp-batch").with_extension(std::env::consts::EXE_EXTENSION);
    if client.is_file() { Ok(client) } else { Err("the client is not built; run `cargo xtask bench`".into()) }
}

/// A folder for files that are measured: in memory where the system has such a place, so that no disk is.
fn scratch() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.into() } else { std::env::temp_dir() };
    tempfile::tempdir_in(&place).map_err(|error| format!("cannot make a folder in {}: {error}", place.display()))
}

/// Writes a file of `bench/results` or `docs`.
fn publish(path: &Path, text: &str) -> Result {
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("written: {}", path.display());
    Ok(())
}
