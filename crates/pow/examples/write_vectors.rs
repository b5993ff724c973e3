//! Writes `vectors/` from the reference implementation; only for a new version of the specification:
//! `cargo run -p iog-pow --example write_vectors`.

#[path = "../tests/common/mod.rs"]
mod common;

use common::vectors::{make, path, CASES};

fn main() -> std::io::Result<()> {
    for case in CASES {
        let json = serde_json::to_string_pretty(&make(&case))?;
        std::fs::write(path(case.name), json + "\n")?;
    }
    Ok(())
}
