//! Where the time of the link goes: processor seconds of each process while bytes pass unshaped.

use crate::{Bench, UNSHAPED_BYTES};
use anyhow::Result;
use std::{collections::BTreeMap, fs, time::Instant};

/// Clock ticks of a second in `/proc`, on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// Prints a line for each process that worked: seconds in user space and in the kernel.
pub fn print(bench: &Bench, url: &str) -> Result<()> {
    let spaces = [
        &bench.nodes[0].host.inside,
        &bench.renter.host.inside,
        &bench.product.lab.internet,
    ];
    let look = || -> BTreeMap<i32, (String, u64, u64)> {
        let all = spaces.iter().flat_map(|space| space.processes());
        all.filter_map(|pid| Some((pid, spent(pid)?))).collect()
    };
    let (before, since) = (look(), Instant::now());
    bench.fetch(url, UNSHAPED_BYTES)?;
    let wall = since.elapsed().as_secs_f64();
    println!(
        "{} MiB by the link in {wall:.2} s; processor seconds:",
        UNSHAPED_BYTES >> 20
    );
    for (pid, (name, user, kernel)) in look() {
        let (_, user_before, kernel_before) = before.get(&pid).cloned().unwrap_or_default();
        let user = user.saturating_sub(user_before) as f64 / TICKS;
        let kernel = kernel.saturating_sub(kernel_before) as f64 / TICKS;
        if user + kernel >= 0.05 {
            println!("  {name:<24} user {user:.2}  kernel {kernel:.2}");
        }
    }
    Ok(())
}

/// Its name and first word, and ticks in user space and kernel.
fn spent(pid: i32) -> Option<(String, u64, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let words: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let mut words_of_line = line.split('\0').filter(|word| !word.starts_with('-'));
    let program = words_of_line.next()?.rsplit('/').next()?.to_string();
    let verb = words_of_line
        .find(|word| word.chars().all(|letter| letter.is_ascii_lowercase()))
        .unwrap_or_default();
    Some((
        format!("{program} {verb}"),
        words.get(11)?.parse().ok()?,
        words.get(12)?.parse().ok()?,
    ))
}
