//! The published multipliers, and how far the catalogue's are below them.

use crate::{alike, proved};
use iog_migrations::{catalog, Pool};
use std::collections::BTreeSet;

/// Bandwidths that the proof takes for one, with the deadlines that it needs.
const LOOKS_ALIKE: f64 = 1.3;
const SAME_TERMS: f64 = 1.05;
/// The registry's least multiplier but 0.
const LEAST_X100: u32 = 5;

type Multipliers = &'static [(u32, &'static [&'static str])];

const PUBLISHED_ENTERPRISE: Multipliers = &[
    (3_000, &["B200"]),
    (1_200, &["H200"]),
    (1_000, &["H100 80GB HBM3", "H100 PCIe", "H100 80GB PCIe"]),
    (500, &["A100 80GB PCIe", "A100-SXM4-80GB"]),
    (200, &["A100 40GB"]),
    (300, &["L40S"]),
    (125, &["RTX 4090", "RTX 4090 D"]),
];

#[rustfmt::skip]
const PUBLISHED_COMMUNITY: Multipliers = &[
    (0, &["RTX 5090", "CPU 16GB", "CPU 32GB", "CPU 64GB"]),
    (25, &["L4"]),
    (50, &["T4", "Apple M2", "Apple M2 Pro", "Apple M2 Max", "Apple M2 Ultra"]),
    (75, &["RTX 3060", "RTX 3060 Ti", "Quadro RTX 4000",
        "V100-SXM2-16GB", "V100-SXM2-32GB", "V100-PCIE-16GB", "V100-PCIE-32GB", "V100-FHHL-16GB"]),
    (100, &["Apple M3", "Apple M4", "RTX 3070", "RTX 3070 Ti", "RTX 4060", "RTX 4060 Ti", "RTX 4000 SFF Ada"]),
    (125, &["Apple M3 Pro", "Apple M4 Pro"]),
    (150, &["Apple M3 Max", "Apple M4 Max", "RTX 3080", "RTX 4070", "Quadro RTX 5000", "RTX A4000", "RTX A5000"]),
    (175, &["RTX 3080 Ti", "RTX 3090"]),
    (200, &["RTX 3090 Ti", "RTX A6000"]),
    (250, &["RTX 4070 Ti"]),
    (275, &["RTX 4080"]),
    (300, &["RTX 5000 Ada"]),
    (450, &["RTX 6000 Ada"]),
];

/// Those that are paid less than published.
#[rustfmt::skip]
const LOWERED: Multipliers = &[
    (400, &["H100 PCIe", "H100 80GB PCIe", "A100 80GB PCIe", "A100-SXM4-80GB"]),
    (133, &["L40S"]),
    (100, &["RTX 4090", "RTX 4090 D"]),
    (200, &["RTX 6000 Ada"]),
    (150, &["RTX 3090", "RTX 3090 Ti"]),
    (75, &["RTX 3080", "RTX 3080 Ti", "RTX 4080", "RTX 5000 Ada"]),
    (37, &["RTX 3070 Ti", "RTX 4070", "RTX 4070 Ti", "Quadro RTX 5000", "RTX A4000"]),
    (25, &["RTX 3060", "RTX 3060 Ti", "RTX 3070", "Quadro RTX 4000", "RTX 4000 SFF Ada", "T4",
        "Apple M3 Max", "Apple M4 Max", "Apple M2 Max"]),
    (18, &["RTX 4060", "RTX 4060 Ti"]),
    (8, &["Apple M4 Pro", "Apple M2 Pro"]),
    (7, &["Apple M3 Pro"]),
    (0, &["Apple M3", "Apple M4", "Apple M2"]),
];

fn flat(table: Multipliers) -> impl Iterator<Item = (u32, &'static str)> {
    let row = |(multiplier, names): &(u32, &'static [&'static str])| {
        let multiplier = *multiplier;
        names.iter().map(move |name| (multiplier, *name))
    };
    table.iter().flat_map(row)
}

#[test]
fn published_multipliers_and_pools_are_io_nets() {
    let mut published = BTreeSet::new();
    for (pool, table) in [(0, PUBLISHED_ENTERPRISE), (1, PUBLISHED_COMMUNITY)] {
        published.extend(flat(table).map(|(multiplier, name)| (pool, multiplier, name)));
    }
    let classes = catalog().unwrap();
    let ours: BTreeSet<(u8, u32, &str)> = classes
        .iter()
        .map(|class| {
            let pool = u8::from(class.pool == Pool::Community);
            (pool, class.published_x100(), class.name.as_str())
        })
        .collect();
    assert_eq!(ours, published);
}

#[test]
fn what_is_not_as_published_is_lower_and_says_so() {
    let classes = catalog().unwrap();
    let lowered: BTreeSet<(u32, &str)> = classes
        .iter()
        .filter(|class| class.published_x100.is_some())
        .map(|class| (class.multiplier_x100, class.name.as_str()))
        .collect();
    assert_eq!(lowered, flat(LOWERED).collect());
    for class in &classes {
        let multiplier = class.multiplier_x100;
        let below = class
            .published_x100
            .is_none_or(|published| multiplier < published);
        assert!(below, "{}", class.name);
        assert!(
            multiplier == 0 || multiplier >= LEAST_X100,
            "{}",
            class.name
        );
    }
}

/// Property 5 of the proof: the same table and bandwidths within 1.3 in one pool are one multiplier. One deadline for all of them cannot be: the slowest honest
/// card takes 1.24 times the fastest of its own class, and 1.24 * 1.3 walks are more than 1.5. Within 1.05 the terms are the same too.
#[test]
fn what_looks_alike_is_paid_alike() {
    let classes = proved();
    let mut pairs = 0;
    for one in &classes {
        for other in classes.iter().filter(|other| other.id > one.id) {
            let names = format!("{}, {}", one.name, other.name);
            if alike(one, other, LOOKS_ALIKE) {
                assert_eq!(one.multiplier_x100, other.multiplier_x100, "{names}");
                pairs += 1;
            }
            if alike(one, other, SAME_TERMS) {
                let terms = |class: &iog_migrations::Class| {
                    let shape = (class.tiles, class.waves, class.max_cards);
                    (shape, class.commit_slots, class.reveal_slots)
                };
                assert_eq!(terms(one), terms(other), "{names}");
            }
        }
    }
    assert_eq!(pairs, 24);
}
