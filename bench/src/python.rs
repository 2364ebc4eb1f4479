//! The Python package: an upload of a file against the same one in Rust, rows against a loop in Python, and memory.

use std::collections::BTreeMap;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::corpus::CORPORA;
use crate::measure::{median, printed, rounds, run};
use crate::upload::{Host, against_rust};
use crate::{Result, client, home, machine, peers, publish, scratch};

const MIB: f64 = 1_048_576.0;

/// What makes parts of dicts.
const ENGINES: &[(&str, &str)] = &[
    ("cdp-batch", "`Client.pack`, two threads, `check=\"none\"` like the others"),
    ("checked", "`Client.pack`, two threads, each record checked"),
    ("orjson", "`orjson.dumps`, `zlib` level 6 and `hashlib` in a loop"),
    ("json", "`json.dumps`, `zlib` level 6 and `hashlib` in a loop"),
];

/// Bytes of rows, as text. A dict is many times its text.
const ROW_BYTES: u64 = 60_000_000;

/// Rows of a generator whose peak memory is looked at.
const ROWS: &[u64] = &[100_000, 400_000, 1_600_000];

pub(crate) fn measure(quick: bool) -> Result {
    let place = scratch()?;
    let python = Python::new(place.path())?;
    let mut text = format!("Machine: {}, {}.\n\n", machine::line(), python.version()?);
    let host = Host {
        name: "Python, `Client.upload`",
        upload: &|| python.command("upload.py"),
        start: &|| python.importing(),
    };
    text += &against_rust(&host, place.path(), quick)?;
    text += &rows(&python, place.path(), quick)?;
    text += &memory(&python, place.path(), quick)?;
    println!("\n{text}");
    if !quick {
        publish(&home().join("results/python.md"), &text)?;
    }
    Ok(())
}

/// An interpreter, and the package with its native half built optimised.
struct Python {
    program: PathBuf,
    packages: PathBuf,
}

impl Python {
    fn new(place: &Path) -> Result<Self> {
        let program = peers::python()?;
        if !peers::has_module("orjson") && !peers::pip_install("orjson") {
            return Err("orjson is not here and could not be installed".into());
        }
        let source = home().with_file_name("bindings-python").join("python/cdp_batch");
        let packages = place.join("packages");
        let package = packages.join("cdp_batch");
        let failed = |error: std::io::Error| format!("cannot copy the package: {error}");
        fs::create_dir_all(&package).map_err(failed)?;
        for file in fs::read_dir(&source).map_err(failed)?.filter_map(std::result::Result::ok) {
            if file.path().extension().is_some_and(|extension| extension == "py") {
                fs::copy(file.path(), package.join(file.file_name())).map_err(failed)?;
            }
        }
        let native = client()?.with_file_name(format!("{DLL_PREFIX}_native{DLL_SUFFIX}"));
        fs::copy(native, package.join("_native.abi3.so")).map_err(failed)?;
        Ok(Python { program, packages })
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(home().join("peers").join(script)).env("PYTHONPATH", &self.packages);
        command
    }

    /// Only loads the package.
    fn importing(&self) -> Command {
        let mut import = Command::new(&self.program);
        import.args(["-c", "import cdp_batch"]).env("PYTHONPATH", &self.packages);
        import
    }

    fn version(&self) -> Result<String> {
        let printed = printed(Command::new(&self.program).arg("--version"))?;
        Ok(printed.trim().to_owned())
    }
}

/// Dicts to packed parts.
fn rows(python: &Python, place: &Path, quick: bool) -> Result<String> {
    let mut text = String::new();
    for corpus in &CORPORA[..3] {
        let records = place.join("rows.ndjson");
        let size = corpus.write_bytes(&records, if quick { ROW_BYTES / 10 } else { ROW_BYTES })?;
        let mut seconds: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut bytes: BTreeMap<&str, u64> = BTreeMap::new();
        for _ in 0..rounds(quick) {
            for (engine, _) in ENGINES {
                let mut pack = python.command("rows.py");
                let told: Value =
                    serde_json::from_str(&printed(pack.arg(engine).arg(&records).arg(place.join("out")))?)
                        .map_err(|error| format!("rows.py printed no JSON: {error}"))?;
                seconds.entry(engine).or_default().push(told["seconds"].as_f64().unwrap_or(f64::NAN));
                bytes.insert(engine, told["bytes"].as_u64().unwrap_or(0));
            }
        }
        let megabytes = size as f64 / 1e6;
        let _ =
            writeln!(text, "Dicts of {megabytes:.0} MB of {} to packed parts, in memory until then:\n", corpus.name);
        text += "| by | MB/s | size | time, cdp-batch = 1 |\n|---|--:|--:|--:|\n";
        for (engine, what) in ENGINES {
            let ratio = median(seconds[engine].iter().zip(&seconds["cdp-batch"]).map(|(theirs, ours)| theirs / ours));
            let speed = megabytes / median(seconds[engine].iter().copied());
            let percent = bytes[engine] as f64 / size as f64 * 100.0;
            let _ = writeln!(text, "| {what} | {speed:.0} | {percent:.2} % | {ratio:.2} |");
        }
        text.push('\n');
    }
    Ok(text)
}

/// Peak memory with the number of rows.
fn memory(python: &Python, place: &Path, quick: bool) -> Result<String> {
    let mut text = String::from("Peak memory of the whole process while it packs the rows of a generator:\n\n");
    text += "| rows | peak MiB |\n|--:|--:|\n";
    for count in ROWS {
        let count = if quick { count / 20 } else { *count };
        let mut pack = python.command("rows.py");
        let sample = run(pack.args(["memory", &count.to_string()]).arg(place.join("out")))?;
        let _ = writeln!(text, "| {count} | {:.0} |", sample.peak as f64 / MIB);
    }
    Ok(text)
}
