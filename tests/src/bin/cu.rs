//! Prints what each instruction costs; `-o json` writes the snapshot `bench/cu.json`, `--check` compares with it. `scale` prints what the
//! proofs of a network take of the chain by that snapshot, and fails where it is too much.

use anyhow::{bail, Result};
use iog_tests::costs::{hour, scale, Report};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if args == ["scale"] {
        let hour = Report::snapshot()?.hour;
        print_scale(&hour)?;
        return scale::check(&hour);
    }
    let report = Report::measure()?;
    match args[..] {
        [] => print(&report),
        ["-o", "json"] => report.save()?,
        ["--check"] => report.check(&Report::snapshot()?)?,
        _ => bail!("usage: cu [-o json | --check | scale]"),
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
    println!(
        "\n{:<32} {:>9} {:>9} {:>6} {:>9}",
        "idle hour of 8 cards", "units", "in block", "bytes", "lamports"
    );
    for (name, sent) in &report.hour {
        let what = format!("{} x {name}", sent.times);
        let hour::Sent {
            units,
            block_units,
            bytes,
            lamports,
            ..
        } = sent;
        println!("{what:<32} {units:>9} {block_units:>9} {bytes:>6} {lamports:>9}");
    }
    println!("{:<32} {:>36}", "all", hour::lamports(&report.hour));
}

fn print_scale(hour: &hour::Hour) -> Result<()> {
    println!(
        "{:<32} {:>7} {:>6} {:>13} {:>11} {:>9}",
        "", "keys", "slots", "transactions", "units", "of block"
    );
    for keys in [scale::HOST_KEYS, scale::MOST_KEYS, 8 * scale::HOST_KEYS] {
        for load in scale::loads(hour, keys)? {
            let bps = load.block_bps();
            println!(
                "{:<32} {keys:>7} {:>6} {:>13} {:>11} {:>6}.{:02} %",
                load.what,
                load.slots,
                load.transactions_a_slot(),
                load.units_a_slot(),
                bps / 100,
                bps % 100
            );
        }
    }
    println!(
        "\nkeys whose openings take a tenth of every block: {}",
        scale::most_keys(hour)?
    );
    Ok(())
}
