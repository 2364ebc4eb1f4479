//! Byte vectors: fixed inputs whose packed bytes are the same on every machine and in every language.
//!
//! Sizes and MD5s are compared with the committed ones; that the bytes are right is shown by two decoders that share
//! nothing with the product: Python's zlib and the `gzip` program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::case::read_json;
use crate::content::{Content, Files};
use crate::driver::{Driver, Transcript};

const FILE: &str = "vectors.json";
const LIMIT: Duration = Duration::from_secs(60);

/// Each vector is packed with each of these numbers of threads, and must give the same bytes.
const THREADS: &[usize] = &[1, 2, 5];

/// For each file given with its size and MD5: fails unless it is that, and one gzip member with nothing behind it. Prints
/// what they hold.
const PYTHON: &str = "
import hashlib, sys, zlib
for path, size, md5 in zip(*[iter(sys.argv[1:])] * 3):
    data = open(path, 'rb').read()
    assert len(data) == int(size), '%s has %d bytes' % (path, len(data))
    assert hashlib.md5(data).hexdigest() == md5, '%s has another MD5' % path
    member = zlib.decompressobj(31)
    text = member.decompress(data) + member.flush()
    assert member.eof and not member.unused_data, '%s is not exactly one gzip member' % path
    sys.stdout.buffer.write(text)
";

/// A fixed input and the parts it must become.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    name: String,
    why: String,
    /// [`Content`], kept as written.
    input: Value,
    options: Map<String, Value>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    md5: String,
    records: u64,
    size: u64,
}

/// Reads the vectors in `folder`.
pub(crate) fn load(folder: &Path) -> Result<Vec<Vector>, String> {
    serde_json::from_value(read_json(&folder.join(FILE))?).map_err(|error| format!("{FILE}: {error}"))
}

/// The name to run a vector by.
pub(crate) fn name(vector: &Vector) -> String {
    format!("vector-{}", vector.name)
}

/// Packs the vector's input and compares. Gives what was not as expected.
pub(crate) fn check(vector: &Vector, command: &[String]) -> Vec<String> {
    match pack(vector, command) {
        Err(error) => vec![error],
        Ok(parts) if parts == vector.parts => Vec::new(),
        Ok(parts) => vec![format!("parts: expected {:?}, got {parts:?}", vector.parts)],
    }
}

/// Writes the parts as they are now into the vectors, after both decoders agree with them.
pub(crate) fn bless(folder: &Path, mut vectors: Vec<Vector>, command: &[String]) -> Result<(), String> {
    for vector in &mut vectors {
        vector.parts = pack(vector, command).map_err(|error| format!("{}: {error}", vector.name))?;
    }
    let text = serde_json::to_string_pretty(&vectors).map_err(|error| error.to_string())?;
    fs::write(folder.join(FILE), text + "\n").map_err(|error| format!("{FILE}: {error}"))
}

/// Packs with every number of threads; the bytes must be equal, and decode to the input.
fn pack(vector: &Vector, command: &[String]) -> Result<Vec<Part>, String> {
    let input: Content = serde_json::from_value(vector.input.clone()).map_err(|error| format!("input: {error}"))?;
    let input = input.bytes(&Files::new())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let deadline = Instant::now() + LIMIT;
    let mut driver = Driver::start(command, folder.path(), folder.path(), &Transcript::default())?;
    let mut ask = |request: Value| match request {
        Value::Object(request) => driver.ask(request, deadline, || Ok(())),
        _ => Err("a request is an object".into()),
    };
    // Packing needs no network: this service does not exist.
    let client = json!({"op": "client", "base_url": "http://127.0.0.1:9", "client_key": "k", "api_token": "t"});
    let made = ask(client)?;
    if let Some(error) = made.get("error") {
        return Err(format!("client: {error}"));
    }
    let mut first: Option<(Vec<Part>, Vec<Vec<u8>>)> = None;
    for threads in THREADS {
        let mut options = vector.options.clone();
        options.insert("threads".into(), json!(threads));
        let out = folder.path().join(format!("threads-{threads}"));
        let source = json!({"bytes_base64": STANDARD.encode(&input)});
        let answer = ask(json!({"op": "pack", "source": source, "options": options, "out": out}))?;
        let packed = &answer["ok"]["parts"];
        let parts: Vec<Part> = serde_json::from_value(packed.clone())
            .map_err(|error| format!("pack with {threads} threads: {error} in {answer}"))?;
        let paths: Vec<PathBuf> = packed
            .as_array()
            .into_iter()
            .flatten()
            .map(|part| folder.path().join(part["path"].as_str().unwrap_or_default()))
            .collect();
        let files: Result<Vec<_>, _> = paths.iter().map(fs::read).collect();
        let made = (parts, files.map_err(|error| error.to_string())?);
        match &first {
            Some(first) if *first != made => return Err(format!("{threads} threads give other bytes than one")),
            Some(_) => {}
            None => {
                decode(&made.0, &paths, &input)?;
                first = Some(made);
            }
        }
    }
    driver.finish(deadline)?;
    first.map(|(parts, _)| parts).ok_or_else(|| "nothing was packed".into())
}

/// Decodes the parts with both tools and compares with the input.
fn decode(parts: &[Part], paths: &[PathBuf], input: &[u8]) -> Result<(), String> {
    let mut python = Command::new("python3");
    python.args(["-c", PYTHON]);
    for (part, path) in parts.iter().zip(paths) {
        python.arg(path).args([part.size.to_string(), part.md5.clone()]);
    }
    let by_python = printed("python3", python.output())? == input;
    let by_gzip = printed("gzip", Command::new("gzip").arg("-dc").args(paths).output())? == input;
    match by_python && by_gzip {
        true => Ok(()),
        false => Err(format!("decoding gives another input (python3 agrees: {by_python}, gzip agrees: {by_gzip})")),
    }
}

fn printed(tool: &str, output: std::io::Result<std::process::Output>) -> Result<Vec<u8>, String> {
    let output = output.map_err(|error| format!("cannot start {tool}: {error}"))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("{tool} refuses a part: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
