//! The support matrix: what the behaviour suite said of each language when it last ran whole. The README shows it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::Result;
use crate::tally::Tally;
use crate::workspace::{read, root};

pub(crate) const FILE: &str = "tests/support.md";
const HEAD: &str = "| language | cases and vectors passed | gaps |\n|---|--:|--:|\n";

/// Notes what a whole run said; gives whether the matrix had said so before.
pub(crate) fn note(language: &str, tally: Tally) -> Result<bool> {
    let old = read(FILE).unwrap_or_default();
    let new = with(&old, language, tally);
    if old != new {
        std::fs::write(root().join(FILE), &new).map_err(|error| format!("cannot write {FILE}: {error}"))?;
    }
    Ok(old == new)
}

fn with(matrix: &str, language: &str, tally: Tally) -> String {
    let name = name(language);
    let row = format!("| {name} | {} | {} |", tally.passed, tally.skipped);
    let rows = matrix.lines().skip(2).filter_map(|row| Some((row.split('|').nth(1)?.trim(), row)));
    let mut rows: BTreeMap<_, _> = rows.collect();
    rows.insert(&name, &row);
    let mut matrix = HEAD.to_string();
    for row in rows.values() {
        let _ = writeln!(matrix, "{row}");
    }
    matrix
}

/// What people call it.
fn name(language: &str) -> String {
    match language {
        "cpp" => "C++".into(),
        other => other.chars().take(1).flat_map(char::to_uppercase).chain(other.chars().skip(1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_one_row_which_its_last_run_writes() {
        let run = |passed, skipped| Tally { passed, failed: 0, skipped };
        let one = with("", "python", run(12, 0));
        assert_eq!(one, format!("{HEAD}| Python | 12 | 0 |\n"));
        let two = with(&one, "cpp", run(11, 1));
        assert_eq!(with(&two, "python", run(13, 0)), format!("{HEAD}| C++ | 11 | 1 |\n| Python | 13 | 0 |\n"));
    }
}
