//! Each error of the registry has a transaction that ends in it.

mod classes;
mod measurers;
mod people;
mod proofs;

use iog_client::registry::accounts::Config;
use iog_client::registry::instructions::OpenWindow;
use iog_client::{pda, registry::RegistryError};
use iog_tests::world::{set_state_ix, try_commit, CLASS_TEST};
use iog_tests::{cases, Outcome, Supplier, World};
use solana_instruction::Instruction;

fn anyone(world: &mut World, instruction: Instruction) -> Outcome {
    let payer = world.wallet();
    world.send(&[instruction], &[&payer])
}

fn govern(world: &mut World, instruction: Instruction) -> Outcome {
    let authority = world.authority.insecure_clone();
    world.send(&[instruction], &[&authority])
}

fn set_state(world: &mut World, supplier: &Supplier, state: u8) -> Outcome {
    world.send(&[set_state_ix(supplier, state)], &[&supplier.owner])
}

fn try_register(world: &mut World, class_id: u16, quantity: u32) -> Outcome {
    let owner = world.wallet();
    world.register_operator(&owner);
    let supplier = world.unregistered(&owner, class_id);
    let register = world.register_device(&supplier, quantity);
    world.send(&[register], &[&owner, &supplier.device_key])
}

/// A device with a root of nothing committed.
fn committed(world: &mut World) -> Supplier {
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    try_commit(world, &supplier, [1; 16]).expect("the commit");
    supplier
}

fn challenged(world: &mut World) -> Supplier {
    let supplier = committed(world);
    world.challenge(&supplier);
    supplier
}

/// Anchors a window that opens later in this hour, and tells when.
fn anchored(world: &mut World) -> i64 {
    world.edit::<Config>(&pda::registry::config(), |config| {
        config.window_spread_secs.value = 600;
    });
    anyone(world, OpenWindow {}.instruction()).expect("the anchor");
    let window = world.window().expect("anchored");
    assert!(
        window.opens_ts > world.now(),
        "the draw falls on the hour's first second"
    );
    window.opens_ts
}

#[test]
fn each_error_has_its_refusal() {
    let mut all = people::errors();
    all.extend(classes::errors());
    all.extend(measurers::errors());
    all.extend(proofs::errors());
    let unreachable = [
        (
            RegistryError::SlotHashesMalformed,
            "the address is pinned to the runtime's own sysvar, which is always whole",
        ),
        (
            RegistryError::InvalidTier,
            "tiers follow from speed tests; the number is kept for clients that know it",
        ),
    ];
    cases::cover(RegistryError::from_code, &all, &unreachable);
    cases::run(&World::ready(), &all);
}
