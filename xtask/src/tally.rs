//! Running checks and test suites, and counting what they say.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::run;

/// What passed and what failed so far.
#[derive(Default)]
pub struct Tally {
    passed: u64,
    failures: Vec<String>,
    failed_tests: u64,
}

impl Tally {
    /// Runs one check, which counts as one test. True if it passed.
    pub fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        match run::step(name, work) {
            Ok(()) => {
                self.passed += 1;
                true
            }
            Err(error) => {
                eprintln!("FAILED {error:#}");
                self.fail(name, 1);
                false
            }
        }
    }

    /// Runs a workspace's tests and counts them.
    pub fn suite(&mut self, name: &str, workspace: &Path) {
        let name = format!("tests: {name}");
        match run::step(&name, || cargo_test(workspace)) {
            Ok(suite) => {
                self.passed += suite.passed;
                // A suite that did not compile or crashed has no line that says so.
                if suite.failed > 0 || !suite.success || suite.passed == 0 {
                    self.fail(&name, suite.failed.max(1));
                }
            }
            Err(error) => {
                eprintln!("FAILED {error:#}");
                self.fail(&name, 1);
            }
        }
    }

    pub fn failed(&self) -> u64 {
        self.failed_tests
    }

    /// Names of what failed.
    pub fn names(&self) -> &[String] {
        &self.failures
    }

    fn fail(&mut self, name: &str, tests: u64) {
        self.failed_tests += tests;
        self.failures.push(name.into());
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed_tests)
    }
}

struct Suite {
    passed: u64,
    failed: u64,
    success: bool,
}

/// Runs cargo in a workspace; its output is ours.
pub fn cargo(workspace: &Path, args: &[&str]) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    run::check(
        command.args(args).current_dir(workspace),
        "see its output above",
    )
}

fn cargo_test(workspace: &Path) -> Result<Suite> {
    let mut child = Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--no-fail-fast"])
        .current_dir(workspace)
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo test")?;
    let mut suite = Suite {
        passed: 0,
        failed: 0,
        success: false,
    };
    let stdout = child.stdout.take().context("cargo test has no output")?;
    let (said, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if said.send(line).is_err() {
                return;
            }
        }
    });
    // What a test has left running may hold the pipe open for ever: cargo's own end is the end.
    let mut over = false;
    loop {
        let line = match lines.recv_timeout(QUIET) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) if !over => {
                over = child.try_wait()?.is_some();
                continue;
            }
            Err(_) => break,
        };
        if let Some((passed, failed)) = counts(&line) {
            suite.passed += passed;
            suite.failed += failed;
        }
        println!("{line}");
    }
    suite.success = child.wait()?.success();
    Ok(suite)
}

/// How long a suite says nothing before it is asked whether it lives.
const QUIET: Duration = Duration::from_secs(2);

/// Numbers of a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; ...`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        let mut words = rest.split([' ', '.', ';']).filter(|part| !part.is_empty());
        let mut before = None;
        words.find_map(|part| {
            let found = (part == word).then_some(before).flatten();
            before = part.parse().ok();
            found
        })
    };
    Some((number("passed")?, number("failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_result_line_of_a_test_binary() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(counts(line), Some((12, 0)));
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counts(line), Some((3, 2)));
        assert_eq!(counts("test passes ... ok"), None);
    }

    #[test]
    fn a_failed_check_counts_and_is_named() {
        let mut tally = Tally::default();
        assert!(tally.check("fine", || Ok(())));
        assert!(!tally.check("broken", || anyhow::bail!("no")));
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
        assert_eq!(tally.names(), ["broken"]);
    }
}
