//! Figures that must hold.

use anyhow::{ensure, Result};

const LEAST_LINKED: f64 = 0.97;
const LEAST_RELAYED: f64 = 0.92;
const LONGEST_TO_LOG_S: f64 = 10.0;

/// Says which limits hold; fails where one does not.
pub fn held(to_first_log_s: f64, linked: f64, relayed: f64) -> Result<()> {
    let limits = [
        (
            "linked over direct",
            linked >= LEAST_LINKED,
            format!("at least {LEAST_LINKED}"),
        ),
        (
            "relayed over direct",
            relayed >= LEAST_RELAYED,
            format!("at least {LEAST_RELAYED}"),
        ),
        (
            "order to first log",
            to_first_log_s <= LONGEST_TO_LOG_S,
            format!("{LONGEST_TO_LOG_S} s at most"),
        ),
    ];
    for (what, holds, limit) in &limits {
        println!(
            "{what}: {limit}: {}",
            if *holds { "holds" } else { "MISSED" }
        );
    }
    ensure!(
        limits.iter().all(|(_, holds, _)| *holds),
        "a limit is missed"
    );
    Ok(())
}
