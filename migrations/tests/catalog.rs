//! The hardware catalogue: its numbers follow its rules, and a network loads all of it.

use iog_client::{decode, pda, registry::accounts::HardwareClass, AccountData};
use iog_migrations::{
    catalog,
    localnet::{up, Options, Running},
    run, Class, Outcome, Plan, Pool,
};
use iog_pow::Shape;
use std::{collections::BTreeSet, time::Duration};

/// Classes by the ranges of their ids.
const GEFORCE: std::ops::Range<u16> = 121..141;
const APPLE: std::ops::Range<u16> = 201..300;
const RETIRED: std::ops::Range<u16> = 211..300;
const CPUS: std::ops::Range<u16> = 301..400;
const HOUR_SLOTS: u64 = 9_000;
/// The latest opening of a window, and the slots in which a challenge must be recorded.
const SPREAD_SLOTS: u64 = 4_500;
const CHALLENGE_SLOTS: u64 = 512;

/// A CPU is never proved: no rule of proofs is about it.
fn is_proved(class: &Class) -> bool {
    !CPUS.contains(&class.id)
}

/// Largest power of two that is at most `n`.
fn power_of_two(n: u32) -> u32 {
    1 << n.ilog2()
}

#[test]
fn it_has_46_processors_and_three_classes_of_cpus() {
    let classes = catalog().unwrap();
    let names: BTreeSet<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let ids: BTreeSet<u16> = classes.iter().map(|class| class.id).collect();
    assert_eq!((names.len(), ids.len()), (classes.len(), classes.len()));
    let cpus = classes.iter().filter(|class| CPUS.contains(&class.id));
    assert_eq!(cpus.count(), 3);
    let retired = classes.iter().filter(|class| RETIRED.contains(&class.id));
    assert_eq!(retired.clone().count(), 4);
    assert!(retired.into_iter().all(|class| !class.enabled));
    assert_eq!(classes.iter().filter(|class| class.enabled).count(), 46 + 3);
}

/// The published multipliers, as a table of its own.
#[test]
fn multipliers_and_pools_are_the_published_ones() {
    let classes = catalog().unwrap();
    let enterprise: &[(u32, &[&str])] = &[
        (3_000, &["B200"]),
        (1_200, &["H200"]),
        (1_000, &["H100 80GB HBM3", "H100 PCIe", "H100 80GB PCIe"]),
        (500, &["A100 80GB PCIe", "A100-SXM4-80GB"]),
        (200, &["A100 40GB"]),
        (300, &["L40S"]),
        (125, &["RTX 4090", "RTX 4090 D"]),
    ];
    let community: &[(u32, &[&str])] = &[
        (0, &["RTX 5090", "CPU 16GB", "CPU 32GB", "CPU 64GB"]),
        (25, &["L4"]),
        (
            50,
            &[
                "T4",
                "Apple M2",
                "Apple M2 Pro",
                "Apple M2 Max",
                "Apple M2 Ultra",
            ],
        ),
        (
            75,
            &[
                "RTX 3060",
                "RTX 3060 Ti",
                "Quadro RTX 4000",
                "V100-SXM2-16GB",
                "V100-SXM2-32GB",
                "V100-PCIE-16GB",
                "V100-PCIE-32GB",
                "V100-FHHL-16GB",
            ],
        ),
        (
            100,
            &[
                "Apple M3",
                "Apple M4",
                "RTX 3070",
                "RTX 3070 Ti",
                "RTX 4060",
                "RTX 4060 Ti",
                "RTX 4000 SFF Ada",
            ],
        ),
        (125, &["Apple M3 Pro", "Apple M4 Pro"]),
        (
            150,
            &[
                "Apple M3 Max",
                "Apple M4 Max",
                "RTX 3080",
                "RTX 4070",
                "Quadro RTX 5000",
                "RTX A4000",
                "RTX A5000",
            ],
        ),
        (175, &["RTX 3080 Ti", "RTX 3090"]),
        (200, &["RTX 3090 Ti", "RTX A6000"]),
        (250, &["RTX 4070 Ti"]),
        (275, &["RTX 4080"]),
        (300, &["RTX 5000 Ada"]),
        (450, &["RTX 6000 Ada"]),
    ];
    let mut published = BTreeSet::new();
    for (pool, table) in [(0, enterprise), (1, community)] {
        for (multiplier, names) in table {
            published.extend(names.iter().map(|name| (pool, *multiplier, *name)));
        }
    }
    let ours: BTreeSet<(u8, u32, &str)> = classes
        .iter()
        .map(|class| {
            let pool = u8::from(class.pool == Pool::Community);
            (pool, class.multiplier_x100, class.name.as_str())
        })
        .collect();
    assert_eq!(ours, published);
}

#[test]
fn prices_are_listed_or_scale_with_the_multiplier() {
    let listed = [
        ("A100 80GB PCIe", "0.76"),
        ("A100-SXM4-80GB", "0.76"),
        ("RTX 4090", "0.37"),
        ("RTX 3080", "0.20"),
        ("RTX A6000", "0.75"),
        ("RTX A4000", "0.23"),
    ];
    for class in catalog().unwrap() {
        if let Some((_, price)) = listed.iter().find(|(name, _)| *name == class.name) {
            assert_eq!(class.base_price_usd, *price, "{}", class.name);
            continue;
        }
        // Cents and multiplier of the card that it scales from.
        let (cents, multiplier) = if CPUS.contains(&class.id) {
            let price = format!("0.{:02}", class.vram_gb / 16);
            assert_eq!(class.base_price_usd, price, "{}", class.name);
            continue;
        } else if class.pool == Pool::Enterprise && class.multiplier_x100 >= 200 {
            (76, 500)
        } else if class.pool == Pool::Enterprise {
            (37, 125)
        } else if GEFORCE.contains(&class.id) || APPLE.contains(&class.id) {
            (20, 150)
        } else if class.vram_gb < 32 {
            (23, 150)
        } else {
            (75, 200)
        };
        // half up
        let scaled = (2 * cents * class.multiplier_x100 + multiplier) / (2 * multiplier);
        let price = match scaled {
            0 => "0".to_string(),
            cents => format!("{}.{:02}", cents / 100, cents % 100),
        };
        assert_eq!(class.base_price_usd, price, "{}", class.name);
    }
}

#[test]
fn proofs_have_the_sizes_and_deadlines_of_the_rules() {
    let classes = catalog().unwrap();
    for class in classes.iter().filter(|class| is_proved(class)) {
        let name = &class.name;
        assert_eq!(class.proof_valid_hours, 3, "{name}");
        let gib_rows = (1 << 30) / 512;
        let share = if APPLE.contains(&class.id) { 4 } else { 7 };
        assert_eq!(
            class.rows,
            u32::from(class.vram_gb) * gib_rows / 8 * share,
            "{name}"
        );
        let shape = Shape::new(class.rows, class.lanes, class.waves).unwrap();
        let lanes = power_of_two(shape.panels()).min(1 << 22);
        assert_eq!(class.lanes, lanes, "{name}");
        assert!(lanes >= 1 << 16, "{name}");
        assert_eq!(class.waves, 24, "{name}");
        // Signature, header, five keys, blockhash and instruction take less than 300 of a transaction's 1,232 bytes.
        assert!(shape.opening_len() + 300 <= 1_232, "{name}");

        let steps = u64::from(class.lanes) * 8 * u64::from(class.waves);
        let hashes = u64::from(class.rows) * 128 + steps * 49;
        let (hash_rate, product_rate) = match class.pool {
            Pool::Enterprise => (1_000_000_000, 20_000_000_000_000),
            Pool::Community => (250_000_000, 2_000_000_000_000),
        };
        let secs = hashes.div_ceil(hash_rate) + (steps * 524_288).div_ceil(product_rate);
        let slots = ((2 * secs + 30) * 5).div_ceil(2).next_multiple_of(25);
        assert_eq!(u64::from(class.commit_slots), slots, "{name}");
        assert_eq!(class.reveal_slots, class.commit_slots, "{name}");
        assert_eq!(class.audit_modulus, 1, "{name}");
        let whole = SPREAD_SLOTS + slots + CHALLENGE_SLOTS + slots;
        assert!(whole <= HOUR_SLOTS, "{name}: {whole} slots");
    }
}

/// redteam 2d
#[test]
fn what_is_never_proved_earns_nothing() {
    let classes = catalog().unwrap();
    for class in classes.iter().filter(|class| !is_proved(class)) {
        let name = &class.name;
        let terms = (class.proof_valid_hours, class.multiplier_x100);
        assert_eq!(terms, (0, 0), "{name}");
        // The smallest that the registry takes.
        let shape = (class.rows, class.lanes, class.waves);
        assert_eq!(shape, (32, 1, 1), "{name}");
        let deadlines = (class.commit_slots, class.reveal_slots, class.audit_modulus);
        assert_eq!(deadlines, (1, 1, 1), "{name}");
    }
}

/// A card of the next smaller size cannot hold the table.
#[test]
fn no_smaller_card_holds_a_classs_table() {
    let classes = catalog().unwrap();
    let cards = classes
        .iter()
        .filter(|class| is_proved(class) && !APPLE.contains(&class.id));
    let sizes: BTreeSet<u64> = cards.clone().map(|class| class.vram_gb.into()).collect();
    for class in cards {
        let table = u64::from(class.rows) * 512;
        let smaller = sizes.range(..u64::from(class.vram_gb)).next_back();
        assert!(
            smaller.is_none_or(|gb| table > gb << 30),
            "{}: {table} bytes",
            class.name
        );
    }
}

fn class(running: &Running, id: u16) -> HardwareClass {
    let address = pda::registry::class(id);
    let account = running.net.get_account(&address).unwrap().unwrap();
    assert_eq!(account.owner, HardwareClass::OWNER);
    decode(&account.data).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_loads_all_of_it_in_batches_and_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::new(dir.path()).unwrap();
    options.programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy").into();
    options.block_interval = Duration::from_millis(20);
    options.plan.catalog = true;
    let plan = Plan {
        usdc_mint: None,
        ..options.plan.clone()
    };
    let running = up(options, |_| ()).await.unwrap();
    let classes = catalog().unwrap();
    for wanted in &classes {
        let stored = class(&running, wanted.id);
        let name = String::from_utf8(stored.name.to_vec()).unwrap();
        assert_eq!(name.trim_end_matches('\0'), wanted.name);
        assert_eq!(
            (stored.multiplier_x100, stored.vram_gb, stored.enabled),
            (
                wanted.multiplier_x100,
                wanted.vram_gb,
                u8::from(wanted.enabled)
            ),
            "{}",
            wanted.name
        );
        assert_eq!(
            (stored.rows, stored.lanes, stored.waves),
            (wanted.rows, wanted.lanes, wanted.waves),
            "{}",
            wanted.name
        );
        assert_eq!(
            stored.proof_valid_hours, wanted.proof_valid_hours,
            "{}",
            wanted.name
        );
    }
    for wanted in &classes {
        let book = running.net.get_account(&pda::market::price_book(wanted.id));
        assert!(book.unwrap().is_some(), "{}", wanted.name);
    }
    // Two classes of one batch and one of another are missing, as if the catalogue had grown: nothing else is sent.
    for id in [101, 103, 301] {
        let address = pda::registry::class(id);
        let mut account = running.net.get_account(&address).unwrap().unwrap();
        account.data.clear();
        account.lamports = 0;
        account.owner = solana_pubkey::Pubkey::default();
        running.net.set_account(&address, account).unwrap();
    }
    let mut sent = Vec::new();
    let authority = running.wallets.get("authority");
    let reports = run(&running.sender, authority, &plan, 0, false, |report| {
        if let Outcome::Done(_) = report.outcome {
            sent.push((report.number, report.step.clone()));
        }
    })
    .await
    .unwrap();
    let numbers: Vec<u32> = sent.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [10, 10], "{sent:?}");
    assert!(reports.len() > 10);
    for id in [101, 103, 301] {
        assert_eq!(class(&running, id).id, id);
    }
}
