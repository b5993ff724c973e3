//! Orders on a device of eight cards.

use iog_client::market::MarketError as E;
use iog_client::registry::accounts::HardwareClass;
use iog_tests::world::{order_args, parts_of, Currency, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

/// A GPU-hour, and both sides' fees in US dollars: 225 basis points each.
const HOURLY: u64 = 1_000_000;
const FEE: u64 = 22_500;
const PAID: u64 = HOURLY - FEE;

/// Devices of so many cards each, and a renter.
fn stage<const N: usize>(cards: [u32; N]) -> (World, [Supplier; N], Renter) {
    let mut world = World::with_disputes(0);
    let devices = cards.map(|cards| world.cluster(CLASS_TEST, cards));
    let renter = world.renter();
    (world, devices, renter)
}

/// An order in US dollars of machines of so many GPUs, 0 for any.
fn book(world: &mut World, renter: &Renter, machine: u16, gpus: u32, hours: u32) -> Pubkey {
    let mut args = order_args(1, gpus, hours);
    args.parts = parts_of(&[(CLASS_TEST, machine, gpus)]);
    world.book_in(Currency::Usd, renter, CLASS_TEST, args)
}

fn earned(world: &World, supplier: &Supplier) -> u64 {
    let earnings = world.earnings(supplier, Currency::Usd);
    earnings.due_units + earnings.withdrawn_units
}

/// One match and one acceptance hire eight GPUs, one proof of theirs is asked for, and one lease pays for eight: a full hour, and four of six
/// slots of the next.
#[test]
fn one_order_of_eight_runs_on_one_device() {
    let (mut world, [eight], renter) = stage([8]);
    let order = book(&mut world, &renter, 8, 8, 2);
    assert_eq!(world.order(&order).deposited_units, 16 * (HOURLY + FEE));
    world.heartbeat(&eight);
    let unproved = world.match_ix(&order, &eight).instruction();
    world.refuses(E::NotProved, unproved.clone(), &[&renter.wallet]);
    world.prove(&eight);
    world.must(unproved, &[&renter.wallet]);
    world.accept(&order, &eight);
    assert_eq!(world.lease(&order, &eight).gpus, 8);
    assert_eq!(world.occupancy(&eight).hired_gpus, 8);
    world.serve_hour(&[&eight], 6);
    world.settle_lease(&order, &eight);
    assert_eq!(earned(&world, &eight), 8 * PAID);
    world.serve_hour(&[&eight], 4);
    world.wind_up(&order, &[&eight]);
    // 8 USD * 4 / 6, and 225 basis points of it, rounded up.
    assert_eq!(earned(&world, &eight), 8 * PAID + 5_333_333 - 120_000);
    assert_eq!(world.occupancy(&eight).hired_gpus, 0);
    world.check_escrows();
}

/// Nine GPUs are eight behind one key and one behind another; each lease is paid for its own, and one that falls silent costs the renter
/// nothing of the other.
#[test]
fn nine_gpus_are_eight_and_one() {
    let (mut world, [eight, one], renter) = stage([8, 1]);
    let order = book(&mut world, &renter, 0, 9, 1);
    world.match_device(&order, &one);
    let [part, ..] = world.order(&order).parts;
    assert_eq!((part.gpus, part.matched), (9, 1));
    world.match_device(&order, &eight);
    world.accept_all(&order, &[&one, &eight]);
    let gpus = [&eight, &one].map(|device| world.lease(&order, device).gpus);
    assert_eq!(gpus, [8, 1]);
    // The small one serves half of the hour.
    world.serve_hour(&[&eight], 6);
    world.wind_up(&order, &[&one, &eight]);
    assert_eq!(earned(&world, &eight), 8 * PAID);
    assert_eq!(earned(&world, &one), 0);
    world.check_escrows();
}

/// Eight cards are hired whole or not: seven GPUs, or machines of four, they do not fill.
#[test]
fn eight_cards_are_hired_together() {
    for (machine, gpus, code) in [(0, 7, E::TooManyGpus), (4, 8, E::WrongMachine)] {
        let (mut world, [eight], renter) = stage([8]);
        let order = book(&mut world, &renter, machine, gpus, 1);
        world.make_ready(&eight);
        let matching = world.match_ix(&order, &eight).instruction();
        world.refuses(code, matching, &[&renter.wallet]);
    }
}

/// Terms that allow fewer cards end no order that runs: it is extended as before.
#[test]
fn an_order_that_runs_is_extended_whatever_the_terms_allow() {
    let (mut world, [eight], renter) = stage([8]);
    let order = book(&mut world, &renter, 8, 8, 1);
    world.fill(&order, &[&eight]);
    world.edit::<HardwareClass>(&eight.class, |class| class.max_cards = 1);
    world.extend(&order, &renter, 1);
    assert_eq!(world.order(&order).hours, 2);
}
