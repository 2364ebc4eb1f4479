//! Peak memory of a run whose every record is refused: an error log as long as its batch, joined with the part.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::emulator::Emulator;
use crate::measure::{Sample, run_to};
use crate::{Result, client, home, machine, publish, scratch};

const MIB: u64 = 1 << 20;
/// The bound of a run with parts on disk (see `memory`).
const BASE: u64 = 64 * MIB;
/// What a line of the log may add: 20 bytes to hold it, half as much again while the lines are put in order.
const LINE: u64 = 32;
/// Lines of the logs.
const LINES: [u64; 2] = [100_000, 1_000_000];
/// Exit code of a run that was refused records.
const REJECTED: i32 = 1;
const FAULTS: &str = r#"{"rules":[{"on":"upload","do":{"type":"reject_records","every":1}}]}"#;

pub(crate) fn measure(quick: bool) -> Result {
    let mut text = format!("Machine: {}. Two threads, one batch, every record of it refused.\n\n", machine::line());
    text += "| log lines | seconds | CPU seconds | peak MiB | bound MiB |\n|--:|--:|--:|--:|--:|\n";
    let mut over = Vec::new();
    for lines in LINES {
        let lines = if quick { lines / 20 } else { lines };
        let Sample { wall, cpu, peak } = one(lines)?;
        let (bound, seconds, cpu) = (BASE + lines * LINE, wall.as_secs_f64(), cpu.as_secs_f64());
        println!("{lines} lines: peak {} MiB of {} MiB, {seconds:.1} s", peak / MIB, bound / MIB);
        let _ = writeln!(text, "| {lines} | {seconds:.1} | {cpu:.1} | {} | {} |", peak / MIB, bound / MIB);
        over.extend((peak > bound).then(|| format!("{lines} lines")));
    }
    if !quick {
        publish(&home().join("results/rejects.md"), &text)?;
    }
    if over.is_empty() { Ok(()) } else { Err(format!("over the bound: {}", over.join(", "))) }
}

/// What one run took; each refused record was led back to its line.
fn one(lines: u64) -> Result<Sample> {
    let folder = scratch()?;
    let here = |name: &str| folder.path().join(name);
    let guests = here("guests.ndjson");
    write_guests(&guests, lines).map_err(|error| format!("cannot write the guests: {error}"))?;
    std::fs::write(here("faults.json"), FAULTS).map_err(|error| format!("cannot write the faults: {error}"))?;
    let emulator = Emulator::start_with(folder.path(), &["--faults", "faults.json"])?;
    let mut command = Command::new(client()?);
    command.arg("upload").arg(&guests).arg("--state-dir").arg(here("state"));
    command.arg("--rejects").arg(here("rejects.ndjson")).args(["--threads", "2", "--json"]);
    emulator.name_to(&mut command);
    let sample = run_to(command.stderr(Stdio::null()), REJECTED)?;
    let read = |name| std::fs::read(here(name)).map_err(|error| format!("cannot read {name}: {error}"));
    if read("rejects.ndjson")? != read("guests.ndjson")? {
        return Err("the refused records are not those that were sent".into());
    }
    Ok(sample)
}

/// Guests so small that a million of them fit into one batch.
fn write_guests(path: &Path, lines: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    // Any odd number: the refs are as random to the service as they are in practice.
    let mut state = 1_u128;
    for number in 0..lines {
        state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
        let bytes = (state ^ (state >> 64)).to_be_bytes();
        let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let [a, b, c, d, e] = [&hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]];
        let value = format!(r#"{{"guestType":"customer","identifiers":[{{"provider":"CRM","id":"{number}"}}]}}"#);
        writeln!(file, r#"{{"ref":"{a}-{b}-4{c}-8{d}-{e}","schema":"guest","mode":"upsert","value":{value}}}"#)?;
    }
    file.flush()
}
