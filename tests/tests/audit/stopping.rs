//! Suppliers that stop: what silence costs, what the owner's wallet does, and when anybody may go.

use iog_client::market::MarketError as E;
use iog_client::registry::accounts::HardwareClass;
use iog_tests::world::{PubkeyOf, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::slots::{beat, begin, cost, serve, served, spent, to, BEFORE};
use super::stage::{book, device_signs, earned, run, stage, DAY, HOUR, HOURLY, PAID};

/// Leaving, signed by the device's own key.
fn leave_by_device(world: &World, order: &Pubkey, supplier: &Supplier) -> Instruction {
    let mut leave = world.leave_lease_ix(order, supplier);
    leave.signer = supplier.device_key.pubkey_of();
    leave.instruction()
}

fn set_base(world: &mut World, supplier: &Supplier, usd6: u64) {
    world.edit::<HardwareClass>(&supplier.class, |class| class.base_price_usd6 = usd6);
}

/// audit: market M5, redteam 6c. What the owner's wallet does, pausing, terminating or leaving, costs everything that is held: three hours
/// served and settled are the renter's.
#[test]
fn the_owner_that_stops_forfeits_all_that_is_held() {
    for act in ["pause", "terminate", "leave"] {
        let (mut world, supplier, renter, order) = served(3, 10);
        match act {
            "pause" => drop(world.set_device_state(&supplier, 1)),
            "terminate" => drop(world.set_device_state(&supplier, 2)),
            _ => drop(world.leave_lease(&order, &supplier)),
        }
        if act != "leave" {
            world.report_timeout(&order, &supplier);
        }
        assert_eq!(world.order(&order).refunded_units, 3 * HOURLY, "{act}");
        let timeouts = world.occupancy(&supplier).timeouts;
        assert_eq!(timeouts, u64::from(act != "leave"));
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), 0);
        assert_eq!(spent(&world, &renter), 0);
        world.check_escrows();
    }
}

/// redteam 6c. Silence costs one hour: a renter that knocks a machine out after five hours gets the last of them, whoever reports it.
#[test]
fn silence_forfeits_one_hour() {
    let (mut world, supplier, renter, order) = served(5, 25);
    world.advance(1_800);
    world.report_timeout(&order, &supplier);
    assert_eq!(world.order(&order).refunded_units, HOURLY);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), 4 * PAID);
    assert_eq!(spent(&world, &renter), cost(4 * HOURLY));
    world.check_escrows();
}

/// redteam 6c. The device's key lies beside the renter's job: it can do nothing that forfeits more than silence does. It cannot leave before
/// the agreed end, nor speak for the owner.
#[test]
fn the_devices_key_forfeits_no_more() {
    let (mut world, supplier, _, order) = served(5, 25);
    let keys = device_signs(&world, &supplier);
    let leave = leave_by_device(&world, &order, &supplier);
    world.refuses(E::AgreedToServe, leave, &[&keys[0], &keys[1]]);
    let mut pause = iog_tests::world::set_state_ix(&supplier, 1);
    pause.accounts[0].pubkey = supplier.device_key.pubkey_of();
    let refused = world.send(&[pause], &[&keys[0], &keys[1]]);
    assert!(refused.is_err(), "pausing is the owner's");
}

/// audit: market M5, redteam 6c. Until the end that it had agreed to, no lease pays a device more than the one that it left, whichever way it
/// left: neither a dearer order nor the dearer extension of one as cheap. Afterwards it earns what everybody does.
#[test]
fn nobody_leaves_for_a_better_price() {
    for act in ["leave", "silence", "pause"] {
        let (mut world, supplier, _, order) = served(1, 10);
        match act {
            "leave" => drop(world.leave_lease(&order, &supplier)),
            "silence" => drop({
                world.advance(1_800);
                world.report_timeout(&order, &supplier)
            }),
            _ => {
                world.set_device_state(&supplier, 1);
                world.report_timeout(&order, &supplier);
                world.set_device_state(&supplier, 0);
            }
        }
        let other = world.renter();
        let next = run(&mut world, &other, 1, 1, &[&supplier]);
        set_base(&mut world, &supplier, 1_600_000);
        world.extend(&next, &other, 2);
        let place = world.occupancy(&supplier);
        let until = GENESIS_TS + BEFORE + 10 * HOUR;
        assert_eq!((place.cap_usd6, place.cap_until_ts), (HOURLY, until));
        for _ in 0..3 {
            world.serve_hour(&[&supplier], 6);
        }
        world.wind_up(&next, &[&supplier]);
        assert_eq!(earned(&world, &supplier), 3 * PAID, "{act}");
        assert_eq!(spent(&world, &other), 3 * cost(HOURLY));
    }
}

/// redteam 6c. The cap ends with the agreed end.
#[test]
fn a_cap_ends_with_the_agreed_end() {
    let (mut world, supplier, renter, order) = served(1, 3);
    world.leave_lease(&order, &supplier);
    set_base(&mut world, &supplier, 1_600_000);
    for (at, pay) in [(-1, HOURLY), (0, 1_600_000)] {
        let mut world = world.clone();
        to(&mut world, BEFORE + 3 * HOUR + at);
        let next = book(&mut world, &renter, 2, 1, 1);
        world.match_device(&next, &supplier);
        let cap = world.lease(&next, &supplier).cap_usd6;
        assert_eq!(cap.min(1_600_000), pay);
        world.accept(&next, &supplier);
        world.serve_hour(&[&supplier], 6);
        world.wind_up(&next, &[&supplier]);
        let off = (pay * 225).div_ceil(10_000);
        assert_eq!(earned(&world, &supplier), pay - off);
    }
}

/// audit: market L11. After the end that it agreed to, before any extension, the device's own key may leave, and loses nothing: neither the
/// hours that are held nor the one that runs out.
#[test]
fn a_device_leaves_at_its_agreed_end() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 2, DAY);
    world.extend(&order, &renter, 8);
    let slots: Vec<i64> = (1..=12).collect();
    beat(&mut world, &supplier, &slots);
    world.settle_lease(&order, &supplier);
    let keys = device_signs(&world, &supplier);
    let leave = leave_by_device(&world, &order, &supplier);
    to(&mut world, BEFORE + 2 * HOUR - 1);
    let signers = [&keys[0], &keys[1]];
    world.refuses(E::AgreedToServe, leave.clone(), &signers);
    world.advance(1);
    world.must(leave, &signers);
    assert_eq!(world.order(&order).refunded_units, 0);
    assert_eq!(world.occupancy(&supplier).cap_until_ts, 0);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), 2 * PAID);
    assert_eq!(spent(&world, &renter), cost(2 * HOURLY));
}

/// redteam 7a, 6c. Nobody agrees to more than 720 hours, however long the booking.
#[test]
fn nobody_agrees_to_more_than_720_hours() {
    let (mut world, supplier, _, order) = begin(BEFORE, 800, 0);
    let agreed = BEFORE + 720 * HOUR;
    to(&mut world, agreed - 1);
    while world.lease(&order, &supplier).settled_count < 719 {
        world.settle_lease(&order, &supplier);
    }
    let keys = device_signs(&world, &supplier);
    let leave = leave_by_device(&world, &order, &supplier);
    world.refuses(E::AgreedToServe, leave.clone(), &[&keys[0], &keys[1]]);
    world.advance(1);
    world.must(leave, &[&keys[0], &keys[1]]);
    assert_eq!(GENESIS_TS + agreed, world.now());
}

/// redteam 6d. A chain that stood still accuses nobody: an hour without a block is no silence, until 3,000 slots have gone by since the last
/// sign.
#[test]
fn a_halt_of_the_chain_accuses_nobody() {
    let (mut world, supplier, _, order) = begin(BEFORE, 5, DAY);
    beat(&mut world, &supplier, &[1]);
    world.set_time(GENESIS_TS + 3_600);
    let keeper = world.authority.insecure_clone();
    let report = world.timeout_ix(&order, &supplier).instruction();
    world.refuses(E::DeviceServes, report.clone(), &[&keeper]);
    world.advance_slots(3_000);
    world.refuses(E::DeviceServes, report.clone(), &[&keeper]);
    world.advance_slots(1);
    world.must(report, &[&keeper]);
}

/// redteam 6d. Nor does an hour in which the chain stood still make a device one that hardly serves.
#[test]
fn a_halt_makes_nobody_one_that_hardly_serves() {
    let (mut world, supplier, _, order) = begin(BEFORE, 5, DAY);
    beat(&mut world, &supplier, &[1, 2]);
    world.set_time(GENESIS_TS + 4_200);
    let keeper = world.authority.insecure_clone();
    world.settle_lease(&order, &supplier);
    let report = world.timeout_ix(&order, &supplier).instruction();
    world.refuses(E::DeviceServes, report, &[&keeper]);
}

/// redteam 2a. Who leaves at once has served nothing, and proves before it is hired again; who served an hour may be matched for two hours
/// with a pass of the last day.
#[test]
fn leaving_at_once_is_no_way_around_a_proof() {
    for serves in [false, true] {
        let (mut world, supplier, renter) = stage(0);
        world.mark_passed(&supplier);
        to(&mut world, 3 * HOUR + BEFORE);
        let order = run(&mut world, &renter, 1, 10, &[&supplier]);
        if serves {
            serve(&mut world, &order, &supplier, 1);
        }
        world.leave_lease(&order, &supplier);
        to(&mut world, 5 * HOUR + 590);
        world.heartbeat(&supplier);
        let next = book(&mut world, &renter, 2, 1, 1);
        let matched = world.match_ix(&next, &supplier).instruction();
        if serves {
            world.must(matched, &[&renter.wallet]);
        } else {
            world.refuses(E::NotProved, matched, &[&renter.wallet]);
        }
    }
}
