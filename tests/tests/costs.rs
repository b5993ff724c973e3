//! No instruction costs more than its snapshot says, and every instruction has one.

use std::collections::BTreeSet;
use std::path::Path;

use iog_client::PROGRAMS;
use iog_tests::costs::Report;
use serde_json::Value;

#[test]
fn no_instruction_costs_more_than_its_snapshot() {
    let report = Report::measure().unwrap();
    let snapshot = Report::snapshot().unwrap();
    if let Err(problems) = report.check(&snapshot) {
        panic!("{problems}");
    }
}

#[test]
fn every_instruction_is_measured() {
    let mut known = BTreeSet::new();
    for (program, _) in PROGRAMS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../idl/{program}.json"));
        let text = std::fs::read_to_string(path).unwrap();
        let idl: Value = serde_json::from_str(&text).unwrap();
        for instruction in idl["instructions"].as_array().unwrap() {
            known.insert(format!(
                "{program}.{}",
                instruction["name"].as_str().unwrap()
            ));
        }
    }
    let snapshot = Report::snapshot().unwrap();
    let measured: BTreeSet<String> = snapshot.instructions.into_keys().collect();
    assert_eq!(measured, known);
}

/// What users send most often, and what the network sends each hour, stays below a published target.
#[test]
fn the_dearest_instructions_keep_their_targets() {
    let instructions = Report::snapshot().unwrap().instructions;
    for (name, target) in [
        ("treasury.sell_io", 25_000),
        ("token.burn_io_for_iosd", 25_000),
        ("token.mint_emission", 8_000),
        ("market.create_order", 15_000),
        ("market.match_device", 8_000),
        ("market.settle", 15_000),
    ] {
        let units = instructions[name];
        assert!(units <= target, "{name}: {units} compute units");
    }
}

#[test]
fn two_runs_cost_the_same() {
    let [one, two] = [(); 2].map(|()| Report::measure().unwrap().instructions);
    assert_eq!(one, two);
}

#[test]
fn the_comparison_finds_what_became_dearer() {
    let snapshot = Report::snapshot().unwrap();
    let mut dearer = Report::snapshot().unwrap();
    let units = dearer.instructions.get_mut("token.burn_io").unwrap();
    *units += *units / 50;
    let problem = dearer.check(&snapshot).unwrap_err().to_string();
    assert!(problem.starts_with("token.burn_io: "), "{problem}");
    assert!(
        problem.ends_with("cargo xtask bench cu -o json"),
        "{problem}"
    );
    assert!(snapshot.check(&dearer).is_ok());
}
