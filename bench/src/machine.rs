//! Which machine a figure belongs to.

use std::fs::read_to_string;
use std::process::Command;

/// One line: processor, cores, memory, system, compiler.
pub(crate) fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = entry("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into());
    let kilobytes = entry("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let memory = kilobytes.map_or("memory unknown".into(), |kib| format!("{:.0} GiB", kib / 1_048_576.0));
    let compiler = Command::new("rustc").arg("--version").output().ok();
    let compiler = compiler.map_or("rustc".into(), |done| String::from_utf8_lossy(&done.stdout).trim().to_owned());
    format!("{processor}, {cores} cores, {memory}, {}, {compiler}", std::env::consts::OS)
}

/// The value of the first `name : value` line of a file that the system writes.
fn entry(path: &str, name: &str) -> Option<String> {
    let text = read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
