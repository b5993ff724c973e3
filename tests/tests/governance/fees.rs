//! What a changed parameter does, and to whom.

use iog_client::emission::EmissionError;
use iog_client::market::accounts::Order;
use iog_client::market::ParameterId;
use iog_client::registry::accounts::Device;
use iog_client::{emission, market};
use iog_tests::world::{order_args, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

const DAY: i64 = 86_400;
/// A GPU-hour of 1 USD at 0.25 USD less twice 0.1 %, rounded up: what the renter's price comes to in IO.
const PRICE: u64 = 400_801_604;

fn set_fee(world: &mut World, id: ParameterId, value: u64) {
    let authority = world.authority.pubkey_of();
    let set = market::instructions::SetParameter {
        authority,
        id,
        value,
    };
    world.govern(set.instruction());
}

fn apply_fee(world: &mut World, id: ParameterId) {
    let anyone = world.wallet();
    let apply = market::instructions::ApplyParameter { id }.instruction();
    world.must(apply, &[&anyone]);
}

fn stage() -> (World, Supplier, Renter) {
    let mut world = World::ready();
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    (world, supplier, renter)
}

fn total(world: &World, order: &Pubkey) -> u64 {
    world.read::<Order>(order).deposited_units
}

/// What the supplier is paid for one served hour.
fn earned(world: &mut World, order: &Pubkey, supplier: &Supplier) -> u64 {
    let before = world.earned(supplier);
    world.serve_hour(&[supplier], 6);
    world.settle_lease(order, supplier);
    world.check_order_books(order);
    world.earned(supplier) - before
}

#[test]
fn the_renters_fees_rise_after_a_day_for_new_orders_only() {
    for id in [ParameterId::ReservationFeeBps, ParameterId::NetworkFeeBps] {
        let (mut world, _, renter) = stage();
        let first = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        // 25 basis points, rounded up.
        assert_eq!(total(&world, &first), PRICE + 1_002_005);
        let before = match id {
            ParameterId::ReservationFeeBps => 0,
            _ => 1_002_005,
        };
        set_fee(&mut world, id.clone(), 500);
        let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
        assert_eq!(total(&world, &second), total(&world, &first));
        world.set_time(GENESIS_TS + DAY);
        let third = world.book(&renter, CLASS_TEST, order_args(3, 1, 1));
        assert_eq!(total(&world, &third), total(&world, &first), "not applied");
        apply_fee(&mut world, id.clone());
        let fourth = world.book(&renter, CLASS_TEST, order_args(4, 1, 1));
        // 500 basis points, rounded up.
        assert_eq!(total(&world, &fourth), PRICE + before + 20_040_081);
        // Lowering binds the next order at once.
        set_fee(&mut world, id, 0);
        let fifth = world.book(&renter, CLASS_TEST, order_args(5, 1, 1));
        assert_eq!(total(&world, &fifth), PRICE + before);
        assert_eq!(total(&world, &first), PRICE + 1_002_005);
    }
}

#[test]
fn an_order_keeps_the_suppliers_fee_that_it_was_made_with() {
    let (mut world, supplier, renter) = stage();
    set_fee(&mut world, ParameterId::SupplierFeeBps, 500);
    world.set_time(GENESIS_TS + DAY - 3_600);
    let old = world.running(&renter, 1, 2, &[&supplier]);
    // 25 basis points, rounded up, before the change and after.
    assert_eq!(earned(&mut world, &old, &supplier), PRICE - 1_002_005);
    apply_fee(&mut world, ParameterId::SupplierFeeBps);
    assert_eq!(world.read::<Order>(&old).supplier_fee_bps, 25);
    assert_eq!(earned(&mut world, &old, &supplier), PRICE - 1_002_005);
    world.close_lease(&old, &supplier);
    // An order made afterwards has the new fee.
    let new = world.running(&renter, 2, 1, &[&supplier]);
    assert_eq!(world.read::<Order>(&new).supplier_fee_bps, 500);
    assert_eq!(earned(&mut world, &new, &supplier), PRICE - 20_040_081);
    world.close_lease(&new, &supplier);
    // And one that is open while the fee is lowered to nothing keeps its own too.
    let open = world.running(&renter, 3, 1, &[&supplier]);
    set_fee(&mut world, ParameterId::SupplierFeeBps, 0);
    assert_eq!(earned(&mut world, &open, &supplier), PRICE - 20_040_081);
}

#[test]
fn a_raised_age_shuts_nobody_out_for_a_day() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    let authority = world.authority.pubkey_of();
    let set = |value| {
        emission::instructions::SetParameter {
            authority,
            id: emission::ParameterId::MinAgeSecs,
            value,
        }
        .instruction()
    };
    // One more than the device's age will be in a day and an hour.
    let higher = 43_200 + 86_400 + 3_600 + 1;
    world.govern(set(higher));
    world.check_in(&supplier);
    world.set_time(GENESIS_TS + DAY);
    world.close_hours(24);
    world.check_in(&supplier);
    let apply = emission::instructions::ApplyParameter {
        id: emission::ParameterId::MinAgeSecs,
    };
    world.govern(apply.instruction());
    world.set_time(GENESIS_TS + DAY + 3_600);
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    let anyone = world.wallet();
    world.refuses(EmissionError::TooNew, check_in.clone(), &[&anyone]);
    // Lowering lets it in at once.
    world.govern(set(higher - 1));
    world.must(check_in, &[&anyone]);
}
