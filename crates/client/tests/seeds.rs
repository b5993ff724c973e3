//! The finders' seeds are the programs': compared as text, since no program crate can be linked here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PROGRAMS: [&str; 6] = [
    "emission", "market", "registry", "staking", "token", "treasury",
];

/// The constants `pub const X_SEED: &[u8] = <text>;` of a file, by name.
fn seeds(path: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.strip_prefix("pub const ")?.split_once(": &[u8] = ")?;
            Some((name.to_string(), value.trim_end_matches(';').to_string()))
        })
        .collect()
}

/// The seed behind `iog_common::<file>::SEED`.
fn shared(value: &str) -> Option<String> {
    let file = value.strip_prefix("iog_common::")?.strip_suffix("::SEED")?;
    let path = format!("../../programs/common/src/{file}.rs");
    seeds(&path).remove("SEED")
}

#[test]
fn finders_use_the_programs_seeds() {
    for program in PROGRAMS {
        let mut theirs = seeds(&format!("../../programs/{program}/src/constants.rs"));
        for value in theirs.values_mut() {
            if let Some(shared) = shared(value) {
                *value = shared;
            }
        }
        let ours = seeds(&format!("src/pda/{program}.rs"));
        assert!(!ours.is_empty(), "{program} has no seeds");
        assert_eq!(ours, theirs, "{program}");
    }
}

#[test]
fn the_typescript_finders_use_them_too() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/ts/src/pda.ts");
    let text = fs::read_to_string(path).unwrap().replace('\n', " ");
    let mut found = 0;
    for call in text.split("find(IOG_").skip(1) {
        let (program, rest) = call.split_once("_PROGRAM_ADDRESS, [\"").unwrap();
        let (seed, _) = rest.split_once('"').unwrap();
        let ours = seeds(&format!("src/pda/{}.rs", program.to_lowercase()));
        let quoted = format!("b{seed:?}");
        assert!(ours.values().any(|s| *s == quoted), "{program}: {seed}");
        found += 1;
    }
    assert_eq!(found, 23);
}
