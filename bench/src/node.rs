//! The Node package: an upload of a file against the same one in Rust, streams and rows against `zlib` and `crypto`, the
//! delay of the event loop, and memory.

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
use crate::{Result, client, home, machine, publish, scratch};

const MIB: f64 = 1_048_576.0;

/// What makes parts.
const ENGINES: &[(&str, &str)] = &[
    ("cdp-batch", "`client.pack`, two threads, `check: 'none'` like the other"),
    ("checked", "`client.pack`, two threads, each record checked"),
    ("zlib", "`createGzip` level 6, `createHash('md5')`"),
];

/// Bytes that are streamed, and bytes of rows, as text. An object is many times its text.
const STREAM_BYTES: u64 = 200_000_000;
const ROW_BYTES: u64 = 60_000_000;

/// Rows of a generator whose peak memory is looked at. V8's young generation is as large as it gets after the first of them.
const ROWS: &[u64] = &[400_000, 800_000, 1_600_000];

pub(crate) fn measure(quick: bool) -> Result {
    let place = scratch()?;
    let node = Node::new(place.path())?;
    let mut text = format!("Machine: {}, Node {}.\n\n", machine::line(), node.version()?);
    let host =
        Host { name: "Node, `client.upload`", upload: &|| node.command("upload.mjs"), start: &|| node.importing() };
    text += &against_rust(&host, place.path(), quick)?;
    text += &parts(&node, place.path(), "stream", "A stream of", STREAM_BYTES, quick)?;
    text += &parts(&node, place.path(), "rows", "Objects of", ROW_BYTES, quick)?;
    text += &memory(&node, place.path(), quick)?;
    println!("\n{text}");
    if !quick {
        publish(&home().join("results/node.md"), &text)?;
    }
    Ok(())
}

/// A folder with the scripts, and with the package with its native half built optimised.
struct Node(PathBuf);

impl Node {
    fn new(place: &Path) -> Result<Self> {
        let source = home().with_file_name("bindings-node");
        let native = client()?.with_file_name(format!("{DLL_PREFIX}cdp_batch_node{DLL_SUFFIX}"));
        let mut build = Command::new("node");
        printed(build.arg(source.join("scripts/build.mjs")).env("CDP_BATCH_NATIVE", native))?;
        let folder = place.join("node");
        let package = folder.join("node_modules/cdp-batch");
        copy(&source.join("dist"), &package.join("dist"), |_| true)?;
        copy(&source, &package, |name| name.ends_with(".node") || name == "package.json")?;
        copy(&home().join("peers"), &folder, |name| name.ends_with(".mjs"))?;
        Ok(Node(folder))
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg("--expose-gc").arg(self.0.join(script)).env_remove("NODE_OPTIONS");
        command
    }

    /// Only loads the package.
    fn importing(&self) -> Command {
        let mut import = Command::new("node");
        import.args(["--input-type=module", "--eval", "import 'cdp-batch'"]).current_dir(&self.0);
        import
    }

    fn version(&self) -> Result<String> {
        Ok(printed(Command::new("node").arg("--version"))?.trim().trim_start_matches('v').to_owned())
    }
}

fn copy(from: &Path, into: &Path, is_wanted: impl Fn(&str) -> bool) -> Result {
    let failed = |error: std::io::Error| format!("cannot copy {}: {error}", from.display());
    fs::create_dir_all(into).map_err(failed)?;
    for file in fs::read_dir(from).map_err(failed)?.filter_map(std::result::Result::ok) {
        if file.path().is_file() && is_wanted(&file.file_name().to_string_lossy()) {
            fs::copy(file.path(), into.join(file.file_name())).map_err(failed)?;
        }
    }
    Ok(())
}

/// A stream of bytes, or objects, to packed parts.
fn parts(node: &Node, place: &Path, kind: &str, what: &str, bytes: u64, quick: bool) -> Result<String> {
    let mut text = String::new();
    for corpus in &CORPORA[..3] {
        let records = place.join("records.ndjson");
        let size = corpus.write_bytes(&records, if quick { bytes / 10 } else { bytes })?;
        let mut told: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for _ in 0..rounds(quick) {
            for (engine, _) in ENGINES {
                let mut pack = node.command("node.mjs");
                let printed = printed(pack.args([engine, kind]).arg(&records).arg(place.join("out")))?;
                let value =
                    serde_json::from_str(&printed).map_err(|error| format!("node.mjs printed no JSON: {error}"))?;
                told.entry(engine).or_default().push(value);
            }
        }
        let number = |value: &Value, name: &str| value[name].as_f64().unwrap_or(f64::NAN);
        let megabytes = size as f64 / 1e6;
        let _ = writeln!(text, "{what} {megabytes:.0} MB of {} to packed parts:\n", corpus.name);
        text += "| by | MB/s | size | longest delay of the event loop | time, cdp-batch = 1 |\n|---|--:|--:|--:|--:|\n";
        for (engine, what) in ENGINES {
            let pairs = told[engine].iter().zip(&told["cdp-batch"]);
            let ratio = median(pairs.map(|(theirs, ours)| number(theirs, "seconds") / number(ours, "seconds")));
            let speed = megabytes / median(told[engine].iter().map(|value| number(value, "seconds")));
            let percent = number(&told[engine][0], "bytes") / size as f64 * 100.0;
            let delay = median(told[engine].iter().map(|value| number(value, "delay")));
            let _ = writeln!(text, "| {what} | {speed:.0} | {percent:.2} % | {delay:.0} ms | {ratio:.2} |");
        }
        text.push('\n');
    }
    Ok(text)
}

/// Peak memory with the number of rows.
fn memory(node: &Node, place: &Path, quick: bool) -> Result<String> {
    let mut text = String::from("Peak memory of the whole process while it packs the objects of a generator:\n\n");
    text += "| objects | peak MiB |\n|--:|--:|\n";
    for count in ROWS {
        let count = if quick { count / 20 } else { *count };
        let mut pack = node.command("node.mjs");
        let sample = run(pack.args(["memory", &count.to_string(), "-"]).arg(place.join("out")))?;
        let _ = writeln!(text, "| {count} | {:.0} |", sample.peak as f64 / MIB);
    }
    Ok(text)
}
