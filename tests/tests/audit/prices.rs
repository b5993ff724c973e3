//! What each attack costs and pays, measured on the built programs and printed into `docs/market.md`. With `IOG_WRITE_DOCS=1` the test writes
//! the table; else it fails where the table differs from what it measures.

use std::fmt::Write as _;
use std::path::Path;

use iog_client::registry::accounts::HardwareClass;
use iog_tests::world::{order_args, Currency, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{earned, suppliers, HOUR};

/// An H100's hour, US dollars with 6 decimals.
const H100: u64 = 1_520_000;
/// A signature, in lamports, and lamports of a dollar at 150 USD a SOL.
const SIGNATURE: u64 = 5_000;
const LAMPORTS_PER_USD: u64 = 1_000_000_000 / 150;
/// Minimum stake of an H100 at 0.25 USD an IO.
const STAKE_USD: u64 = 500;

struct Row {
    attack: &'static str,
    costs: String,
    pays: String,
}

fn usd(usd6: u64) -> String {
    format!("{}.{:04} USD", usd6 / 1_000_000, usd6 % 1_000_000 / 100)
}

fn lamports(count: u64) -> u64 {
    count * SIGNATURE * 1_000_000 / LAMPORTS_PER_USD
}

/// A world in which a GPU-hour costs what an H100's does.
fn world(dispute_secs: u32) -> World {
    let mut world = World::with_disputes(dispute_secs);
    let class = iog_client::pda::registry::class(CLASS_TEST);
    world.edit::<HardwareClass>(&class, |class| class.base_price_usd6 = H100);
    world
}

fn book(world: &mut World, renter: &Renter, id: u64, gpus: u32, hours: u32) -> Pubkey {
    world.book_in(
        Currency::Usd,
        renter,
        CLASS_TEST,
        order_args(id, gpus, hours),
    )
}

/// Seven devices that accept and a silent eighth: what the renter loses in `rounds`, and what the seven earn.
fn sabotage(rounds: usize) -> (u64, u64) {
    let mut world = world(0);
    let renter = world.renter();
    let before = world.balance(&renter.usd);
    let friends = suppliers(&mut world, 7);
    let silent = suppliers(&mut world, rounds);
    let order = book(&mut world, &renter, 1, 8, 1);
    for friend in &friends {
        world.match_device(&order, friend);
    }
    for (round, key) in silent.iter().enumerate() {
        world.match_device(&order, key);
        if round == 0 {
            world.accept_all(&order, &friends.iter().collect::<Vec<_>>());
        }
        world.advance(91);
        world.skip_device(&order, key);
    }
    world.cancel_order(&order, &renter);
    for friend in &friends {
        world.close_lease(&order, friend);
    }
    world.refund_rest(&order);
    let paid = friends.iter().map(|friend| earned(&world, friend)).sum();
    (before - world.balance(&renter.usd), paid)
}

/// A device serves so many hours of a booking of `hours`, all of them settled; returns what it is paid by then.
fn served(world: &mut World, hours: u32, of: u32) -> (Pubkey, Supplier, Renter) {
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    let order = book(world, &renter, 1, 1, of);
    world.fill(&order, &[&supplier]);
    for _ in 0..hours {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    (order, supplier, renter)
}

fn standing_in_the_way() -> Row {
    let (once, paid) = sabotage(1);
    let (most, paid_most) = sabotage(5);
    assert_eq!((paid, paid_most), (0, 0));
    Row {
        attack: "Two staked keys that accept nothing stand in the way of an order for 8 H100",
        costs: format!("a rest of an hour each time, stake of {STAKE_USD} USD a key"),
        pays: format!(
            "nothing; the renter loses {} a round, {} at most",
            usd(once),
            usd(most)
        ),
    }
}

fn never_whole() -> Row {
    let worth = H100 * 30 / 3_600;
    let round = lamports(3);
    let rounds = 1_000_000_000 / round;
    Row {
        attack: "1,000 USD of matches that never become whole, three signatures each",
        costs: format!("{} each, {rounds} of them", usd(round)),
        pays: format!(
            "nothing; a node that waits loses {} each, one that declines at once a signature ({})",
            usd(worth),
            usd(lamports(1))
        ),
    }
}

fn knocked_out() -> Row {
    let mut world = world(86_400);
    let (order, supplier, _) = served(&mut world, 24, 25);
    let before = world.order(&order).refunded_units;
    world.advance(2_400);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    let _ = world.send(&[settle], &[&keeper]);
    world.report_timeout(&order, &supplier);
    Row {
        attack: "A renter knocks a machine out after 24 of 25 hours, and reports it",
        costs: "the rest of its job".into(),
        pays: format!(
            "{} of {}",
            usd(world.order(&order).refunded_units - before),
            usd(24 * H100)
        ),
    }
}

fn extortion() -> Row {
    let mut world = world(86_400);
    let (order, supplier, renter) = served(&mut world, 24, 48);
    let deposit = world.fund_dispute(&order, &renter, &supplier);
    Row {
        attack: "A dispute that freezes 24 hours of an H100 for 72",
        costs: format!(
            "a deposit of {}, the supplier's where it is right",
            usd(deposit)
        ),
        pays:
            "what the resolver takes from the supplier, nothing where slots are proved and it looks"
                .into(),
    }
}

fn long_discount() -> Row {
    let mut world = world(0);
    world.advance(86_400);
    let mut factors = iog_tests::world::price_book_args();
    factors.commitment_bps = [9_800, 9_500, 9_000];
    world.govern(world.set_price_book_ix(CLASS_TEST, factors).instruction());
    let (order, supplier, renter) = served(&mut world, 12, 720);
    world.end_early(&order, &renter);
    world.wind_up(&order, &[&supplier]);
    let paid = earned(&world, &supplier);
    // What the same hours cost without a discount, less the supplier's fee; the shares' roundings are units.
    let fair = 12 * (H100 - (H100 * 225).div_ceil(10_000));
    assert!(fair - paid < 100, "{fair} {paid}");
    Row {
        attack: "720 hours booked at 10 % off and ended after 12",
        costs: "the discount that was not reached".into(),
        pays: format!("nothing: the hours are billed at {}", usd(H100)),
    }
}

fn own_rent() -> Row {
    let mut world = world(0);
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    let fees = world.escrow(Currency::Io).fee_units;
    // At 0.25 USD an IO: base units of IO in millionths of a dollar.
    Row {
        attack: "An hour of renting an H100 from oneself, in IO",
        costs: usd(fees / 400),
        pays: "an hour of record; no proof of work is saved beyond 72 hours from a pass".into(),
    }
}

fn silent_hour() -> Row {
    let mut world = world(0);
    let (order, supplier, _) = served(&mut world, 0, 2);
    world.heartbeat(&supplier);
    world.advance(2 * HOUR);
    world.wind_up(&order, &[&supplier]);
    Row {
        attack: "A supplier that beats once and goes, 2 hours of an H100",
        costs: "record, a rest, and its place".into(),
        pays: format!("{} of {}", usd(earned(&world, &supplier)), usd(2 * H100)),
    }
}

/// What a renter that keeps one GPU of a whole order waiting pays for a minute, fees in it.
fn holding() -> Row {
    let mut world = world(0);
    let renter = world.renter();
    let before = world.balance(&renter.usd);
    let one = world.supplier(CLASS_TEST);
    let two = world.supplier(CLASS_TEST);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &one);
    world.match_device(&order, &two);
    world.accept(&order, &one);
    world.advance(60);
    world.cancel_order(&order, &renter);
    world.close_lease(&order, &one);
    world.refund_rest(&order);
    let minute = before - world.balance(&renter.usd);
    let hours = 1_000_000_000 / (minute * 60 * 8);
    Row {
        attack: "1,000 USD of holding a machine of 8 H100 in whole orders that are cancelled",
        costs: format!("{} a GPU and minute: {hours} hours", usd(minute)),
        pays: "nothing; the supplier is paid for them".into(),
    }
}

/// What 1,000 USD of deposits freeze, as one dispute of 24 hours is measured.
fn freezing() -> Row {
    let mut world = world(86_400);
    let (order, supplier, renter) = served(&mut world, 24, 48);
    let deposit = world.fund_dispute(&order, &renter, &supplier);
    let frozen = 1_000_000_000 / deposit * 24 * H100;
    Row {
        attack: "1,000 USD of deposits for disputes that are lost",
        costs: "all of it, once".into(),
        pays: format!("nothing; {} of others' pay waits for 72 hours", usd(frozen)),
    }
}

/// How long a class's utilisation needs for the share that one hand holds, and what its fees are by then.
fn own_hires() -> Row {
    let mut world = world(0);
    let one = world.supplier(CLASS_TEST);
    let renter = world.renter();
    let order = world.running(&renter, 1, 24, &[&one]);
    let start = world.now();
    let mut hours = 0;
    while world.price_book(CLASS_TEST).utilisation_bps < 4_000 {
        hours += 1;
        world.warp_to(start + hours * HOUR);
        world.list_device(&one, 1);
        world.delist_device(&one);
        world.list_device(&one, 1);
    }
    world.end_early(&order, &renter);
    let fees = 2 * H100 * u64::try_from(hours).unwrap() * 25 / 10_000;
    Row {
        attack: "Own hires that lift a class's utilisation by 40 points",
        costs: format!("{hours} hours of fees, {} a GPU in IO", usd(fees)),
        pays: "a price that rises with the slope above the kink".into(),
    }
}

/// Rules against each other: what one card can vouch for, by the passes that the programs take.
fn keys_of_a_card() -> Row {
    let world = world(0);
    let class: HardwareClass = world.read(&iog_client::pda::registry::class(CLASS_TEST));
    let valid = class.proof_valid_hours;
    Row {
        attack: "One card that proves a key an hour, for many",
        costs: "a stake for each key".into(),
        pays: format!(
            "{valid} keys that can be hired at any time; 73 that share an hour's emission, each renting itself"
        ),
    }
}

fn table() -> String {
    let mut text = String::from("| attack | costs whoever does it | pays |\n|---|---|---|\n");
    for row in [
        standing_in_the_way(),
        never_whole(),
        knocked_out(),
        extortion(),
        long_discount(),
        own_rent(),
        silent_hour(),
        holding(),
        freezing(),
        own_hires(),
        keys_of_a_card(),
    ] {
        let _ = writeln!(text, "| {} | {} | {} |", row.attack, row.costs, row.pays);
    }
    text
}

/// "Rules against each other" and "A griefer with 1,000 USD" of the attack on the rules, recomputed.
#[test]
fn the_docs_say_what_attacks_cost() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/market.md");
    let docs = std::fs::read_to_string(&file).expect("docs/market.md");
    let (begin, end) = ("<!-- prices: begin -->\n", "<!-- prices: end -->");
    let (before, rest) = docs.split_once(begin).expect("the table's begin");
    let (stated, after) = rest.split_once(end).expect("the table's end");
    let measured = table();
    if std::env::var_os("IOG_WRITE_DOCS").is_some() {
        let docs = format!("{before}{begin}{measured}{end}{after}");
        std::fs::write(&file, docs).expect("writing docs/market.md");
        return;
    }
    assert_eq!(stated, measured, "write it with IOG_WRITE_DOCS=1");
}

/// audit: market L14. What a record costs that was made by renting from oneself: four served hours make 6,000 basis points, for 0.03 USD of fees.
/// The docs say so among the limits: a record is no filter against liars.
#[test]
fn a_bought_record_costs_its_fees() {
    let mut world = world(0);
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    assert_eq!(reputation(&world, &supplier), 5_000);
    let order = world.running(&renter, 1, 4, &[&supplier]);
    for _ in 0..4 {
        world.serve_hour(&[&supplier], 6);
    }
    world.wind_up(&order, &[&supplier]);
    assert_eq!(reputation(&world, &supplier), 6_000);
    // Base units of IO at 0.25 USD, in millionths of a dollar.
    let fees = world.escrow(Currency::Io).fee_units / 400;
    assert_eq!(fees, 30_460);
}

/// `(served + 8) / (served + missed + 16)` hours, in sixths.
fn reputation(world: &World, supplier: &Supplier) -> u64 {
    let place = world.occupancy(supplier);
    (place.slots_served + 48) * 10_000 / (place.slots_served + place.slots_missed + 96)
}
