//! Prints what each instruction costs; `-o json` writes the snapshot `bench/cu.json`, `--check` compares with it.

use anyhow::{bail, Result};
use iog_tests::costs::Report;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let report = Report::measure()?;
    match args[..] {
        [] => print(&report),
        ["-o", "json"] => report.save()?,
        ["--check"] => report.check(&Report::snapshot()?)?,
        _ => bail!("usage: cu [-o json | --check]"),
    }
    Ok(())
}

fn print(report: &Report) {
    println!("{:<32} {:>9}", "program", "bytes");
    for (name, bytes) in &report.programs {
        println!("{name:<32} {bytes:>9}");
    }
    println!("\n{:<32} {:>9}", "instruction", "units");
    for (name, units) in &report.instructions {
        println!("{name:<32} {units:>9}");
    }
}
