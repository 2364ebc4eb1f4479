//! Peak memory of the client for inputs of growing size, against the bound that the documents give.

use std::fmt::Write;
use std::process::{Command, Stdio};

use cdp_batch_sample::{Amount, Guests, write};
use wait4::Wait4;

use crate::emulator::Emulator;
use crate::measure::Sample;
use crate::{Result, client, home, machine, publish, scratch};

const MIB: u64 = 1 << 20;
const GB: u64 = 1_000_000_000;

/// The bound with two threads and parts on disk, whatever the input.
const BOUND: u64 = 64 * MIB;
/// Default of `max_batch_bytes`. With parts in memory, one is being sent while the next one is packed.
const PART: u64 = 50_000_000;

struct Scene {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Bytes of input.
    inputs: &'static [u64],
    bound: u64,
}

/// `OUT` stands for a folder of the run.
const SCENES: &[Scene] = &[
    Scene {
        name: "pack, parts on disk",
        arguments: &["pack", "-", "--out", "OUT"],
        inputs: &[GB / 10, GB, 4 * GB],
        bound: BOUND,
    },
    Scene {
        name: "upload, parts on disk",
        arguments: &["upload", "-", "--state-dir", "OUT"],
        inputs: &[GB / 10, 2 * GB],
        bound: BOUND,
    },
    Scene {
        name: "upload, parts in memory",
        arguments: &["upload", "-"],
        inputs: &[GB / 10, 2 * GB],
        bound: BOUND + 2 * PART,
    },
];

pub(crate) fn measure(quick: bool) -> Result {
    let mut text = format!("Machine: {}. Two threads, guests on standard input.\n\n", machine::line());
    text += "| job | input GB | seconds | CPU s/GB | peak MiB | bound MiB |\n|---|--:|--:|--:|--:|--:|\n";
    let mut over = Vec::new();
    for Scene { name, arguments, inputs, bound } in SCENES {
        for input in *inputs {
            let input = if quick { input / 20 } else { *input };
            let Sample { wall, cpu, peak } = one(arguments, input)?;
            let gigabytes = input as f64 / GB as f64;
            let (seconds, cpu) = (wall.as_secs_f64(), cpu.as_secs_f64() / gigabytes);
            println!("{name}, {gigabytes} GB: peak {} MiB of {} MiB, {seconds:.1} s", peak / MIB, bound / MIB);
            let _ =
                writeln!(text, "| {name} | {gigabytes} | {seconds:.1} | {cpu:.1} | {} | {} |", peak / MIB, bound / MIB);
            over.extend((peak > *bound).then(|| format!("{name} with {gigabytes} GB")));
        }
    }
    if !quick {
        publish(&home().join("results/memory.md"), &text)?;
    }
    if over.is_empty() { Ok(()) } else { Err(format!("over the bound: {}", over.join(", "))) }
}

/// What one run took.
fn one(arguments: &[&str], input: u64) -> Result<Sample> {
    let folder = scratch()?;
    let emulator = Emulator::start(folder.path())?;
    let mut command = Command::new(client()?);
    let out = folder.path().join("out");
    command.args(arguments.iter().map(|argument| if *argument == "OUT" { out.as_os_str() } else { argument.as_ref() }));
    command.args(["--threads", "2", "--json"]);
    emulator.name_to(&mut command);
    let start = std::time::Instant::now();
    let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("cannot start the client: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // If the client ends early, its status says so.
        let _ = write(&mut stdin, &mut Guests::new(1), Amount::Bytes(input));
    }
    let ended = child.wait4().map_err(|error| format!("cannot wait for the client: {error}"))?;
    if !ended.status.success() {
        return Err(format!("cdp-batch {} ended with {}", arguments.join(" "), ended.status));
    }
    let cpu = ended.rusage.utime + ended.rusage.stime;
    Ok(Sample { wall: start.elapsed(), cpu, peak: ended.rusage.maxrss })
}
