//! What the tests of the market begin with.

use iog_client::market::Event;
use iog_tests::world::{Renter, CLASS_TEST};
use iog_tests::{Meta, Supplier, World};
use solana_instruction::Instruction;

use iog_tests::Outcome;

/// What a renter begins with.
pub const WALLET: u64 = 2_000_000_000_000;
/// One dollar at 0.25 USD less twice 0.1 %: 10^16 / 24,950,000, rounded up.
pub const PRICE: u64 = 400_801_604;
/// 25 basis points of one hour, rounded up, and what is left to the supplier.
pub const SUPPLIER_FEE: u64 = 1_002_005;
pub const PAID: u64 = 399_799_599;
/// The same of the renter for an hour that was served, rounded down.
pub const RENTER_FEE: u64 = 1_002_004;
/// 5 % of one hour, rounded up: the deposit of its dispute.
pub const DEPOSIT: u64 = 20_040_081;
/// 0.25 USD, as the oracle says it.
pub const QUARTER: i64 = 25_000_000;
pub const HOUR: i64 = 3_600;

/// One supplier and one renter; what is settled is earned at once.
pub fn stage() -> (World, Supplier, Renter) {
    stage_with(0)
}

/// The same with a dispute window.
pub fn stage_with(dispute_secs: u32) -> (World, Supplier, Renter) {
    let mut world = World::with_disputes(dispute_secs);
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    (world, supplier, renter)
}

/// The market's events of a transaction.
pub fn market_events(meta: &Meta) -> Vec<Event> {
    let ours = |event: &iog_client::Event| match event {
        iog_client::Event::Market(event) => Some(event.clone()),
        _ => None,
    };
    meta.events.iter().filter_map(ours).collect()
}

/// Sends as a keeper, who is anybody.
pub fn send(world: &mut World, instruction: Instruction) -> Outcome {
    let keeper = world.authority.insecure_clone();
    world.send(&[instruction], &[&keeper])
}

/// Winds an order up at its end and that of its last dispute window; its leases are those of these devices.
pub fn finish(world: &mut World, order: &solana_pubkey::Pubkey, suppliers: &[&Supplier]) {
    world.wind_up(order, suppliers);
    world.check_escrows();
}
