//! A device that falls silent, and the one that takes its place.

use crate::world::{count, done_kinds, World};
use iog_client::{market, pda};
use iog_keeper::config::Device;
use iog_keeper::Role;
use iog_math::units::HOUR;

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_device_is_replaced_within_its_order() {
    let world = World::new().await;
    let mut first = world.keeper("keeper");
    let order = world.order(3).await;
    let kinds = done_kinds(&first.tick().await.unwrap());
    assert_eq!(count(&kinds, "accept"), 1, "{kinds:?}");
    drop(first);
    world.join("supplier-b", "device-b").await;

    // Its machine is gone; another keeper schedules and cranks, and has the second device.
    let mut other = world.keeper_with("supplier-b", |config| {
        config.devices = vec![Device::new(world.key_file("device-b"))];
        assert!(config.has(Role::Scheduler) && config.has(Role::Crank));
    });
    let (renter, supplier) = (world.address("renter"), world.address("supplier-b"));
    let before = (world.io_of(&renter), world.io_of(&supplier));
    let start = world.read::<market::Order>(&order).unwrap();
    let mut kinds = Vec::new();
    for _ in 0..4 {
        world.net.net.advance_secs(600).unwrap();
        kinds.extend(done_kinds(&other.tick().await.unwrap()));
    }
    for kind in ["report_timeout", "match", "accept"] {
        assert_eq!(count(&kinds, kind), 1, "{kind} in {kinds:?}");
    }
    let lease = pda::market::lease(&order, &pda::registry::device(&world.address("device-b")));
    let replaced: market::Lease = world.read(&lease).unwrap();
    assert!(replaced.started_ts >= start.started_ts + 1_800);
    let silent: market::Occupancy = world.read(&pda::market::occupancy(&world.device)).unwrap();
    assert_eq!((silent.timeouts, silent.lease), (1, Default::default()));

    // From then on it serves to the end; what nobody served goes back.
    let mut paid_out = Vec::new();
    while world.read::<market::Order>(&order).is_some() {
        world.net.net.advance_secs(600).unwrap();
        paid_out.extend(done_kinds(&other.tick().await.unwrap()));
        assert!(world.net.net.clock().unwrap().unix_timestamp < start.end_ts + 2 * HOUR);
    }
    assert_eq!(count(&paid_out, "close_order"), 1);
    assert_eq!(count(&paid_out, "close_lease"), 2);
    assert!(count(&paid_out, "refund") >= 1, "{paid_out:?}");
    let escrow: market::Escrow = world.read(&pda::market::escrow(&start.mint)).unwrap();
    assert_eq!((escrow.escrowed_units, escrow.refunds_due_units), (0, 0));
    assert_eq!(
        escrow.deposited_units,
        escrow.paid_units + escrow.refunded_units + escrow.fee_units
    );
    assert!(escrow.refunded_units > 0 && escrow.paid_units > 0);
    assert_eq!(world.io_of(&renter) - before.0, escrow.refunded_units);
    assert_eq!(world.io_of(&supplier) - before.1, escrow.paid_units);
}
