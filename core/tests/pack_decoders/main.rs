//! Every engine at every level, decoded by decoders that share nothing with it or with each other.
//!
//! A program that is missing skips its decoder, which is counted: this is a test without libtest's harness, and closes
//! with the same line.
#![expect(clippy::print_stdout, reason = "a test program reports on standard output")]

use std::fmt::Display;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use cdp_batch::pack::lab::Lab;
use cdp_batch_sample::{Amount, Guests, Orders, write};

const CHUNK: usize = 100_000;
const WINDOW: usize = 32_768;

type Result<T = ()> = std::result::Result<T, String>;

/// A gzip file and what is in it.
struct Member {
    file: PathBuf,
    text: Vec<u8>,
}

/// What became of one decoder.
enum Outcome {
    Passed,
    Failed(String),
    /// What it needs is not here.
    Skipped(&'static str),
}

fn main() -> ExitCode {
    // What `cargo test` hands to every test program, such as a name to filter by, means nothing here.
    let outcomes = match tempfile::tempdir().map_err(text_of).and_then(|folder| {
        let members = members(folder.path())?;
        Ok(decode_all(&members, folder.path()))
    }) {
        Ok(outcomes) => outcomes,
        Err(reason) => vec![("writing the members", Outcome::Failed(reason))],
    };
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, outcome) in outcomes {
        match outcome {
            Outcome::Passed => {
                passed += 1;
                println!("test {name} ... ok");
            }
            Outcome::Failed(reason) => {
                failed += 1;
                println!("test {name} ... FAILED: {reason}");
            }
            Outcome::Skipped(missing) => {
                skipped += 1;
                println!("test {name} ... skipped, {missing} is not here");
            }
        }
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {passed} passed; {failed} failed; {skipped} ignored; 0 measured");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Both engines, each level, each kind of text.
fn members(folder: &Path) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for (kind, text) in texts()? {
        for level in 1..=9 {
            for (name, lab) in [("engine", Lab::engine(level)), ("baseline", Lab::baseline(level))] {
                let mut lab = lab.ok_or("levels are 1 to 9")?;
                let file = folder.join(format!("{kind}-{name}-{level}.gz"));
                fs::write(&file, gzip(&mut lab, &text)).map_err(text_of)?;
                members.push(Member { file, text: text.clone() });
            }
        }
    }
    Ok(members)
}

fn texts() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let (mut guests, mut orders) = (Vec::new(), Vec::new());
    write(&mut guests, &mut Guests::new(11), Amount::Bytes(260_000)).map_err(text_of)?;
    write(&mut orders, &mut Orders::new(12), Amount::Bytes(150_000)).map_err(text_of)?;
    let mut rng = fastrand::Rng::with_seed(13);
    let noise: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(150_000).collect();
    // One byte for ever, then the same line at the edge of the window, again and again.
    let mut repeats = vec![b'"'; 120_000];
    while repeats.len() < 300_000 {
        repeats.extend_from_slice(b"{\"a\":1}\n");
        repeats.extend_from_within(repeats.len() - WINDOW + 3..repeats.len() - 100);
    }
    Ok(vec![("guests", guests), ("orders", orders), ("noise", noise), ("repeats", repeats), ("nothing", Vec::new())])
}

/// A gzip member of several chunks.
fn gzip(lab: &mut Lab, text: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    for start in (0..text.len()).step_by(CHUNK) {
        let dict_len = start.min(WINDOW);
        lab.deflate(&text[start - dict_len..text.len().min(start + CHUNK)], dict_len, &mut out);
    }
    out.extend_from_slice(&[3, 0]);
    out.extend_from_slice(&crc32fast::hash(text).to_le_bytes());
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out
}

fn decode_all(members: &[Member], folder: &Path) -> Vec<(&'static str, Outcome)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pack_decoders");
    vec![
        ("zlib-rs", outcome(members.iter().try_for_each(|member| same(member, &zlib_rs(&member.file)?)))),
        ("libdeflate", outcome(members.iter().try_for_each(|member| same(member, &libdeflate(member)?)))),
        ("gzip itself", by_program(members, "gzip", &["-kd", "--suffix", ".gz"], folder)),
        ("zlib, of Python", by_program(members, "python3", &[&path(&here.join("decode.py"))], folder)),
        ("Go compress/gzip", by_program(members, "go", &["run", &path(&here.join("decode.go"))], folder)),
        (
            "Java GZIPInputStream, available() is 0",
            by_program(members, "java", &[&path(&here.join("Decode.java"))], folder),
        ),
    ]
}

fn zlib_rs(file: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(file).map_err(text_of)?;
    let (mut member, mut text) = (flate2::bufread::GzDecoder::new(&bytes[..]), Vec::new());
    member.read_to_end(&mut text).map_err(text_of)?;
    Ok(text)
}

fn libdeflate(member: &Member) -> Result<Vec<u8>> {
    let bytes = fs::read(&member.file).map_err(text_of)?;
    let mut text = vec![0; member.text.len()];
    let len = libdeflater::Decompressor::new().gzip_decompress(&bytes, &mut text).map_err(text_of)?;
    text.truncate(len);
    Ok(text)
}

/// Starts the program once, with all files: it writes what is in `NAME.gz` into `NAME`.
fn by_program(members: &[Member], program: &'static str, arguments: &[&str], folder: &Path) -> Outcome {
    if Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return Outcome::Skipped(program);
    }
    // Go keeps what it compiles, and wants to know where.
    let mut command = Command::new(program);
    command.args(arguments).args(members.iter().map(|member| &member.file)).env("GOCACHE", folder.join("go"));
    outcome(command.output().map_err(text_of).and_then(|done| {
        if !done.status.success() {
            return Err(format!("{}: {}", done.status, String::from_utf8_lossy(&done.stderr)));
        }
        members.iter().try_for_each(|member| {
            let decoded = member.file.with_extension("");
            same(member, &fs::read(&decoded).map_err(text_of)?)?;
            fs::remove_file(&decoded).map_err(text_of)
        })
    }))
}

fn outcome(result: Result) -> Outcome {
    result.map_or_else(Outcome::Failed, |()| Outcome::Passed)
}

fn same(member: &Member, decoded: &[u8]) -> Result {
    if member.text == decoded { Ok(()) } else { Err(format!("{} is something else", member.file.display())) }
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn text_of(error: impl Display) -> String {
    error.to_string()
}
