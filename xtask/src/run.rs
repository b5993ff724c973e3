//! Running other programs, and saying how long a step took.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{bail, Context, Result};

/// Runs a step and prints its name and seconds.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {name}");
    let start = Instant::now();
    let result = work().with_context(|| name.to_string())?;
    eprintln!("    {name}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(result)
}

/// Runs to the end with the terminal's own output and fails with `advice` if the program does.
pub fn check(command: &mut Command, advice: &str) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}: {advice}", name(command)))?;
    if !status.success() {
        bail!("{} failed ({status}): {advice}", name(command));
    }
    Ok(())
}

/// Like `check`, and says nothing unless it fails.
pub fn quiet(command: &mut Command, advice: &str) -> Result<()> {
    output(command, advice).map(|_| ())
}

/// Standard output of a program that must succeed; its errors are part of ours.
pub fn output(command: &mut Command, advice: &str) -> Result<String> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}: {advice}", name(command)))?;
    if !out.status.success() {
        let errors = String::from_utf8_lossy(&out.stderr);
        bail!(
            "{} failed ({}): {advice}\n{}",
            name(command),
            out.status,
            errors.trim_end()
        );
    }
    String::from_utf8(out.stdout).with_context(|| format!("output of {}", name(command)))
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
