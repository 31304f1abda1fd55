//! How many tests passed and failed, out of what cargo and forge print.

use std::ops::AddAssign;

/// Counted tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Left out on purpose.
    pub skipped: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Adds up all result lines of a run:
/// cargo's `test result: ok. 5 passed; 0 failed; 1 ignored; …`, once for each test binary, and
/// forge's `Suite result: ok. 5 passed; 0 failed; 1 skipped; …`, once for each test contract.
pub fn read(output: &str) -> Totals {
    let mut totals = Totals::default();
    for line in output.lines().filter_map(result_line) {
        totals += line;
    }
    totals
}

/// What failed tests said: the parts of cargo's output between `failures:` and the result line, and forge's `[FAIL` lines.
pub fn failures(output: &str) -> String {
    let mut told = Vec::new();
    let mut inside = false;
    for line in output.lines() {
        let start = line.trim_start();
        inside = (inside || line == "failures:") && !start.starts_with("test result: ");
        if inside || start.starts_with("[FAIL") {
            told.push(line);
        }
    }
    told.join("\n")
}

fn result_line(line: &str) -> Option<Totals> {
    let line = line.trim_start();
    let rest = line.strip_prefix("test result: ").or_else(|| line.strip_prefix("Suite result: "))?;
    let (_, counts) = rest.split_once(". ")?;
    let mut totals = Totals::default();
    for count in counts.split("; ") {
        let Some((number, word)) = count.split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match word {
            "passed" => totals.passed = number,
            "failed" => totals.failed = number,
            "ignored" | "skipped" => totals.skipped = number,
            _ => {}
        }
    }
    Some(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_both_runners_are_added_up() {
        let output = "
running 2 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s
test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s
Suite result: ok. 50 passed; 0 failed; 2 skipped; finished in 8.81ms (3.27ms CPU time)
Ran 1 test suite in 10ms (8.81ms CPU time): 50 tests passed, 0 failed, 2 skipped (52 total tests)
";
        assert_eq!(read(output), Totals { passed: 55, failed: 4, skipped: 3 });
    }

    #[test]
    fn what_a_failed_test_said_is_found_among_what_others_printed() {
        let output = "
test a ... ok
test b ... FAILED

failures:

---- b stdout ----
left: 1, right: 2

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
test c ... ok
[FAIL: wrong head] test_Head() (gas: 1)
";
        let told = failures(output);
        assert!(told.contains("left: 1, right: 2") && told.contains("wrong head"), "{told}");
        assert!(!told.contains("test a") && !told.contains("test c"), "{told}");
        assert_eq!(failures("test a ... ok"), "");
    }

    #[test]
    fn a_test_cannot_forge_a_result_in_the_middle_of_a_line() {
        assert_eq!(read("printed: test result: ok. 9 passed; 0 failed; 0 ignored"), Totals::default());
        assert_eq!(read(""), Totals::default());
    }
}
