//! How late a node looks at the chain, which is when it beats, while a job does its worst on all cores.

use crate::{Bench, SECS};
use anyhow::{ensure, Context, Result};
use std::time::Duration;

/// The server of the first node's own endpoint.
pub const ENDPOINT: u8 = 12;
/// From look to look: a fifth of a second in place of the default of five, so that 2,000 looks take some minutes.
pub const INTERVAL_TEXT: &str = "0.2";
const INTERVAL: Duration = Duration::from_millis(200);
const LOOKS: usize = 2_000;
/// Twice as many loops as this machine has cores, and one that fills its disk again and again.
const HOSTILE: &str = "for i in 1 2 3 4; do (while :; do :; done) & done; while :; do dd if=/dev/zero of=/work/full bs=1M 2>/dev/null; rm -f /work/full; done";
/// Asked for once in each look.
const METHOD: &str = "getMultipleAccounts";

/// Milliseconds by which one look in a thousand is later than the interval after the one before, its own work included.
pub fn lateness_p999_ms(bench: &Bench, order: &str) -> Result<f64> {
    let looks = std::env::var("IOG_BENCH_LOOKS").ok();
    let looks = looks.map_or(Ok(LOOKS), |text| text.parse())?;
    let log = bench.renter.folder.join("hostile.log");
    let args = ["order", "exec", order, "--", "sh", "-c", HOSTILE];
    let mut hostile = bench
        .renter
        .spawn(&args)?
        .start(&bench.renter.host.inside, &log)?;
    bench.rpc.time(METHOD);
    let patience = (INTERVAL * u32::try_from(looks)?).saturating_mul(3) + SECS;
    let until = std::time::Instant::now() + patience;
    let mut gaps = Vec::new();
    while gaps.len() < looks {
        ensure!(
            hostile.is_running(),
            "the hostile job ended: {}",
            hostile.tail()
        );
        ensure!(
            std::time::Instant::now() < until,
            "{} looks only within {patience:?}",
            gaps.len()
        );
        std::thread::sleep(INTERVAL);
        let times = bench.rpc.times(METHOD);
        gaps = times
            .windows(2)
            .filter_map(|two| Some(two.get(1)?.duration_since(*two.first()?)))
            // Several of one look.
            .filter(|gap| *gap > INTERVAL / 2)
            .collect();
    }
    gaps.sort_unstable();
    let at = (gaps.len() * 999).div_ceil(1_000).saturating_sub(1);
    let gap = gaps.get(at).context("no look")?;
    let late = gap.saturating_sub(INTERVAL).as_secs_f64() * 1_000.0;
    let middle = gaps.get(gaps.len() / 2).context("no look")?;
    println!(
        "{} looks, {INTERVAL_TEXT} s apart, hostile job on all cores: {:.0} ms late in the median",
        gaps.len(),
        middle.saturating_sub(INTERVAL).as_secs_f64() * 1_000.0
    );
    Ok(late)
}
