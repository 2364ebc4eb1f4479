//! Runs a program and says what it took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::Result;

/// What one run took. Programs that it started and waited for are included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// Bytes of memory at the highest point, of the program that had the most.
    pub(crate) peak: u64,
}

/// Runs to the end. What it prints on standard output is dropped, unless its caller took it.
pub(crate) fn run(command: &mut Command) -> Result<Sample> {
    run_to(command, 0)
}

/// Runs to the end, which must have this exit code.
pub(crate) fn run_to(command: &mut Command, code: i32) -> Result<Sample> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let child = child.map_err(|error| format!("cannot start {name}: {error}"))?;
    let ended = child.wait4().map_err(|error| format!("cannot wait for {name}: {error}"))?;
    let wall = start.elapsed();
    if ended.status.code() != Some(code) {
        return Err(format!("{name} ended with {}", ended.status));
    }
    Ok(Sample { wall, cpu: ended.rusage.utime + ended.rusage.stime, peak: ended.rusage.maxrss })
}

/// How often each is measured, one after the other, so that a busy moment meets all.
pub(crate) fn rounds(quick: bool) -> usize {
    if quick { 1 } else { 5 }
}

/// Runs to the end and takes what it prints.
pub(crate) fn printed(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let done = done.map_err(|error| format!("cannot start {name}: {error}"))?;
    if !done.status.success() {
        return Err(format!("{name} ended with {}", done.status));
    }
    String::from_utf8(done.stdout).map_err(|_| format!("{name} did not print UTF-8"))
}

/// The value in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => (sorted[middle - 1] + sorted[middle]) / 2.0,
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middle_ones() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
    }
}
