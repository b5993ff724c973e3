//! Figures that must hold.

use crate::mesh::Mesh;
use anyhow::{ensure, Result};

const LEAST_LINKED: f64 = 0.97;
const LEAST_RELAYED: f64 = 0.92;
const LONGEST_TO_LOG_S: f64 = 10.0;
/// Of a beat that is due each five seconds.
const LATEST_BEAT_MS: f64 = 5_000.0;
const LONGEST_TO_FORM_S: f64 = 60.0;
const LEAST_MESH: f64 = 0.95;
const LEAST_OVER_BORINGTUN: f64 = 3.0;
const MOST_ROUND_TRIP_MS: f64 = 1.0;

/// Says which limits hold; fails where one does not.
pub fn held(
    to_first_log_s: f64,
    linked: f64,
    relayed: f64,
    late_ms: f64,
    mesh: &Mesh,
) -> Result<()> {
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
        (
            "one beat in a thousand late by",
            late_ms < LATEST_BEAT_MS,
            format!("under {LATEST_BEAT_MS} ms"),
        ),
        (
            "a cluster of four",
            mesh.form_s < LONGEST_TO_FORM_S,
            format!("under {LONGEST_TO_FORM_S} s"),
        ),
        (
            "mesh over direct",
            mesh.shaped >= LEAST_MESH,
            format!("at least {LEAST_MESH}"),
        ),
        (
            "mesh over boringtun",
            mesh.over_boringtun >= LEAST_OVER_BORINGTUN,
            format!("at least {LEAST_OVER_BORINGTUN}"),
        ),
        (
            "round trip over the line's",
            mesh.round_trip_ms <= MOST_ROUND_TRIP_MS,
            format!("{MOST_ROUND_TRIP_MS} ms at most"),
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
