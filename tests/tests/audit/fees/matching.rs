//! What renters deposit for whoever matches their orders.

use iog_client::pda;
use iog_tests::world::{PubkeyOf, Renter};
use iog_tests::{Supplier, World};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::super::stage::{book, stage, suppliers, HOUR};

/// For each GPU.
const LAMPORTS: u64 = 20_000;

/// What a wallet has more than 100 SOL; the lamports of a keeper that pays no signatures.
fn gained(world: &World, keeper: &Keypair) -> i64 {
    let lamports = i64::try_from(world.lamports(&keeper.pubkey_of())).unwrap();
    lamports - 100_000_000_000
}

/// Matches as this keeper, who pays the lease's rent and no signature.
fn match_as(world: &mut World, order: &Pubkey, supplier: &Supplier, keeper: &Keypair) {
    world.make_ready(supplier);
    let mut matched = world.match_ix(order, supplier);
    matched.keeper = keeper.pubkey_of();
    let payer = world.authority.insecure_clone();
    world.must(matched.instruction(), &[&payer, keeper]);
}

/// Books GPUs and lets the renter's first 30 seconds pass; the order's account holds the deposit beside its rent.
fn booked(world: &mut World, renter: &Renter, gpus: u32, hours: u32) -> Pubkey {
    let order = book(world, renter, 1, gpus, hours);
    let account = world.account(&order);
    let deposit = LAMPORTS * u64::from(gpus);
    assert_eq!(account.lamports, world.rent(account.data.len()) + deposit);
    world.advance(30);
    order
}

/// redteam 7d. Who matched the leases that began with an order gets 20,000 lamports a GPU when they close; nothing before.
#[test]
fn matching_is_paid_when_the_order_has_started() {
    let (mut world, _, renter) = stage(0);
    let devices = suppliers(&mut world, 3);
    let all: Vec<&Supplier> = devices.iter().collect();
    let keepers = [world.wallet(), world.wallet()];
    let order = booked(&mut world, &renter, 3, 1);
    for (device, keeper) in devices.iter().zip([0, 0, 1]) {
        match_as(&mut world, &order, device, &keepers[keeper]);
    }
    world.accept_all(&order, &all);
    world.serve_hour(&all, 6);
    let rent = i64::try_from(world.rent(480)).unwrap();
    assert_eq!(gained(&world, &keepers[0]), -2 * rent);
    world.wind_up(&order, &all);
    assert_eq!(gained(&world, &keepers[0]), 40_000);
    assert_eq!(gained(&world, &keepers[1]), 20_000);
    // The order's rent is the renter's again; three deposits and its signature are gone.
    let lamports = world.lamports(&renter.wallet.pubkey_of());
    assert_eq!(lamports, 100_000_000_000 - 60_000 - 5_000);
}

/// redteam 7d. An order that does not start, cancelled or expired, pays nobody: the whole deposit is the renter's again.
#[test]
fn an_order_that_does_not_start_pays_no_matcher() {
    for cancelled in [false, true] {
        let (mut world, first, renter) = stage(0);
        let second = suppliers(&mut world, 1).remove(0);
        let keeper = world.wallet();
        let order = booked(&mut world, &renter, 2, 1);
        for device in [&first, &second] {
            match_as(&mut world, &order, device, &keeper);
        }
        world.accept(&order, &first);
        let mut signatures = 1;
        if cancelled {
            world.cancel_order(&order, &renter);
            signatures += 1;
        } else {
            world.advance(1_200);
            world.expire_order(&order);
        }
        world.wind_up(&order, &[&first, &second]);
        assert_eq!(gained(&world, &keeper), 0);
        let lamports = world.lamports(&renter.wallet.pubkey_of());
        assert_eq!(lamports, 100_000_000_000 - signatures * 5_000);
    }
}

/// redteam 7d. A place is paid for once: of a device that dropped out and one that replaced it, who matched the first gets it.
#[test]
fn a_replacement_draws_nothing() {
    let (mut world, first, renter) = stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    let keepers = [world.wallet(), world.wallet()];
    let order = booked(&mut world, &renter, 1, 3);
    match_as(&mut world, &order, &first, &keepers[0]);
    world.accept(&order, &first);
    world.advance(300);
    world.leave_lease(&order, &first);
    match_as(&mut world, &order, &second, &keepers[1]);
    world.accept(&order, &second);
    world.advance(3 * HOUR);
    world.wind_up(&order, &[&second, &first]);
    assert_eq!(gained(&world, &keepers[0]), 20_000);
    assert_eq!(gained(&world, &keepers[1]), 0);
}

/// redteam 7d. A device that walked away before the start draws nothing, though its order started later with another in its place.
#[test]
fn a_device_that_walked_away_draws_nothing() {
    let (mut world, first, renter) = stage(0);
    let others = suppliers(&mut world, 3);
    let keepers = [world.wallet(), world.wallet()];
    let order = booked(&mut world, &renter, 2, 1);
    match_as(&mut world, &order, &first, &keepers[0]);
    match_as(&mut world, &order, &others[0], &keepers[1]);
    world.accept(&order, &first);
    world.advance(91);
    world.skip_device(&order, &others[0]);
    world.leave_lease(&order, &first);
    for device in &others[1..] {
        match_as(&mut world, &order, device, &keepers[1]);
    }
    world.accept_all(&order, &[&others[1], &others[2]]);
    world.advance(HOUR);
    world.wind_up(&order, &[&first, &others[1], &others[2]]);
    assert_eq!(gained(&world, &keepers[0]), 0);
    assert_eq!(gained(&world, &keepers[1]), 40_000);
    assert!(world
        .find(&pda::market::lease(&order, &first.device))
        .is_none());
}
