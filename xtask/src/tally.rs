//! Counts what the test runners report.

/// What passed, failed and was not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Nothing but one failure: a runner that ended badly without saying why.
    pub(crate) const ONE_FAILURE: Tally = Tally { passed: 0, failed: 1, skipped: 0 };

    /// The line with which libtest closes: `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
    pub(crate) fn of_libtest(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        Self::of_counts(counts, "; ", "ignored")
    }

    /// The plain closing line: `3 passed, 0 failed`, perhaps with `, 1 skipped`.
    pub(crate) fn of_closing_line(line: &str) -> Option<Self> {
        Self::of_counts(line, ", ", "skipped")
    }

    /// The line with which pytest closes: `1 failed, 12 passed, 2 skipped in 3.40s`.
    pub(crate) fn of_pytest(line: &str) -> Option<Self> {
        let (counts, _) = line.trim_matches([' ', '=']).rsplit_once(" in ")?;
        let mut tally = Tally::default();
        for count in counts.split(", ") {
            let (number, name) = count.split_once(' ')?;
            let number: u64 = number.parse().ok()?;
            match name {
                "passed" => tally.passed += number,
                "failed" | "error" | "errors" | "xpassed" => tally.failed += number,
                "skipped" | "xfailed" => tally.skipped += number,
                "deselected" | "warning" | "warnings" => {}
                _ => return None,
            }
        }
        Some(tally)
    }

    /// One of the lines with which Node's test runner closes: `ℹ pass 12`.
    pub(crate) fn of_node(line: &str) -> Option<Self> {
        let (name, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
        let number = number.parse().ok()?;
        match name {
            "pass" => Some(Tally { passed: number, ..Tally::default() }),
            "fail" | "cancelled" => Some(Tally { failed: number, ..Tally::default() }),
            "skipped" | "todo" => Some(Tally { skipped: number, ..Tally::default() }),
            _ => None,
        }
    }

    /// One of the lines that `go test -v` prints for a test that is no part of another: `--- PASS: TestName (0.00s)`.
    pub(crate) fn of_go(line: &str) -> Option<Self> {
        let (verdict, _) = line.strip_prefix("--- ")?.split_once(": ")?;
        match verdict {
            "PASS" => Some(Tally { passed: 1, ..Tally::default() }),
            "FAIL" => Some(Tally::ONE_FAILURE),
            "SKIP" => Some(Tally { skipped: 1, ..Tally::default() }),
            _ => None,
        }
    }

    /// The line with which Minitest closes: `9 runs, 31 assertions, 1 failures, 0 errors, 2 skips`.
    pub(crate) fn of_minitest(line: &str) -> Option<Self> {
        let mut counts = line.split(", ").map(|count| count.split_once(' '));
        let mut number = |name: &str| {
            let (number, found) = counts.next()??;
            (found == name).then(|| number.parse::<u64>().ok())?
        };
        let runs = number("runs")?;
        number("assertions")?;
        let (failed, skipped) = (number("failures")? + number("errors")?, number("skips")?);
        Some(Tally { passed: runs.saturating_sub(failed + skipped), failed, skipped })
    }

    /// The line with which surefire closes: `Tests run: 12, Failures: 1, Errors: 0, Skipped: 2`. Lines of single classes
    /// say how long they took.
    pub(crate) fn of_surefire(line: &str) -> Option<Self> {
        let (_, counts) = line.split_once("Tests run: ")?;
        let mut numbers = counts.split(", ").map(|count| count.rsplit(": ").next()?.trim().parse::<u64>().ok());
        let mut number = || numbers.next()?;
        let (run, failed, errors, skipped) = (number()?, number()?, number()?, number()?);
        let failed = failed + errors;
        let is_of_one_class = counts.contains("Time elapsed");
        (!is_of_one_class).then_some(Tally { passed: run.checked_sub(failed + skipped)?, failed, skipped })
    }

    fn of_counts(text: &str, separator: &str, skipped: &str) -> Option<Self> {
        let mut words = text.split(separator).map(|part| part.split_once(' '));
        let mut number = |name: &str| {
            let (number, found) = words.next()??;
            (found == name).then(|| number.parse::<u64>().ok())?
        };
        let (passed, failed) = (number("passed")?, number("failed")?);
        Some(Tally { passed, failed, skipped: number(skipped).unwrap_or(0) })
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_closing_line_are_read() {
        let libtest =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.4s";
        assert_eq!(Tally::of_libtest(libtest), Some(Tally { passed: 12, failed: 3, skipped: 1 }));
        let plain = Tally { passed: 50, failed: 0, skipped: 2 };
        assert_eq!(Tally::of_closing_line("50 passed, 0 failed, 2 skipped"), Some(plain));
        assert_eq!(
            Tally::of_closing_line(&Tally { skipped: 0, ..plain }.to_string()),
            Some(Tally { skipped: 0, ..plain })
        );
    }

    #[test]
    fn the_closing_line_of_pytest_is_read() {
        let tally = Tally { passed: 12, failed: 3, skipped: 4 };
        assert_eq!(Tally::of_pytest("2 failed, 12 passed, 4 skipped, 1 warning, 1 error in 3.40s"), Some(tally));
        assert_eq!(Tally::of_pytest("===== 12 passed in 0.10s ====="), Some(Tally { passed: 12, ..Tally::default() }));
        assert_eq!(Tally::of_pytest("cannot open 3 files in folder"), None);
    }

    #[test]
    fn the_closing_lines_of_node_are_read() {
        let mut tally = Tally::default();
        for line in
            ["ℹ tests 6", "ℹ suites 1", "ℹ pass 4", "ℹ fail 1", "ℹ cancelled 0", "ℹ skipped 1", "ℹ duration_ms 5.2"]
        {
            tally += Tally::of_node(line).unwrap_or_default();
        }
        assert_eq!(tally, Tally { passed: 4, failed: 1, skipped: 1 });
    }

    #[test]
    fn the_lines_of_go_are_read() {
        let mut tally = Tally::default();
        for line in
            ["--- PASS: TestA (0.01s)", "    --- FAIL: TestB/part (0.00s)", "--- FAIL: TestB (0.00s)", "ok  \tpackage"]
        {
            tally += Tally::of_go(line).unwrap_or_default();
        }
        assert_eq!(tally, Tally { passed: 1, failed: 1, skipped: 0 });
    }

    #[test]
    fn the_closing_line_of_minitest_is_read() {
        let tally = Tally { passed: 5, failed: 3, skipped: 1 };
        assert_eq!(Tally::of_minitest("9 runs, 31 assertions, 1 failures, 2 errors, 1 skips"), Some(tally));
        assert_eq!(Tally::of_minitest("Finished in 0.1s, 2 runs/s"), None);
    }

    #[test]
    fn the_closing_line_of_surefire_is_read_and_those_of_classes_are_not() {
        let closing = "[ERROR] Tests run: 12, Failures: 1, Errors: 1, Skipped: 2";
        assert_eq!(Tally::of_surefire(closing), Some(Tally { passed: 8, failed: 2, skipped: 2 }));
        assert_eq!(
            Tally::of_surefire("[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s"),
            None
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["", "test a_test ... ok", "case 3: 1 passed, 0 failed", "passed, failed", "1 passed"] {
            assert_eq!((Tally::of_libtest(line), Tally::of_closing_line(line)), (None, None), "{line}");
        }
    }
}
