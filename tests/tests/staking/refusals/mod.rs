//! What staking refuses: each of its errors has a case that ends in it.

mod co_staking;
mod slashing;

use iog_client::staking::accounts::Config;
use iog_client::staking::instructions::{Initialize, SetGuardian};
use iog_client::staking::StakingError;
use iog_client::{market, pda, staking};
use iog_tests::world::{
    order_args, PubkeyOf, CASE_CAP_BPS, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS, MONTH_CAP_BPS,
};
use iog_tests::{cases, refusal, Case, Outcome, Supplier, World};
use solana_instruction::Instruction;

use crate::stage::{COOL_DOWN, MINIMUM as STAKED};

fn send(world: &mut World, instruction: Instruction, supplier: &Supplier) -> Outcome {
    world.send(&[instruction], &[&supplier.owner])
}

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&staking::ID),
        io_mint: world.io,
        case_cap_bps: CASE_CAP_BPS,
        month_cap_bps: MONTH_CAP_BPS,
    }
}

fn errors() -> Vec<Case> {
    use StakingError as E;
    vec![
        refusal("another's stake is raised", E::NotOwner, |world| {
            let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
            let mut add = world.increase_ix(&one, 1);
            add.owner = two.owner.pubkey_of();
            send(world, add.instruction(), &two)
        }),
        refusal("another's device is staked", E::NotOwner, |world| {
            let one = world.registered(CLASS_TEST, 1);
            let two = world.registered(CLASS_TEST, 1);
            let mut open = world.stake_ix(&one, STAKED);
            open.owner = two.owner.pubkey_of();
            open.owner_token = two.owner_token;
            send(world, open.instruction(), &two)
        }),
        refusal("another class", E::WrongClass, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let mut open = world.stake_ix(&supplier, STAKED);
            open.class = pda::registry::class(CLASS_COMMUNITY);
            send(world, open.instruction(), &supplier)
        }),
        refusal("another device's occupancy", E::WrongDevice, |world| {
            let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
            let mut request = world.unstake_ix(&one);
            request.occupancy = two.occupancy;
            send(world, request.instruction(), &one)
        }),
        refusal("another mint", E::WrongMint, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let authority = world.authority.insecure_clone();
            let mut add = world.increase_ix(&supplier, 1);
            add.io_mint = world.mint(&authority, 8);
            send(world, add.instruction(), &supplier)
        }),
        refusal("nothing is added", E::ZeroAmount, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let add = world.increase_ix(&supplier, 0).instruction();
            send(world, add, &supplier)
        }),
        refusal("one unit less than half", E::BelowMinimum, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let open = world.stake_ix(&supplier, STAKED / 2 - 1).instruction();
            send(world, open, &supplier)
        }),
        refusal("a terminated device", E::DeviceTerminated, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.set_device_state(&supplier, 2);
            let open = world.stake_ix(&supplier, STAKED).instruction();
            send(world, open, &supplier)
        }),
        refusal("a matched device", E::DeviceHired, |world| {
            let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &supplier);
            let request = world.unstake_ix(&supplier).instruction();
            send(world, request, &supplier)
        }),
        refusal("a device at work", E::DeviceHired, |world| {
            let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
            world.running(&renter, 1, 1, &[&supplier]);
            let request = world.unstake_ix(&supplier).instruction();
            send(world, request, &supplier)
        }),
        refusal("a second request", E::CoolingDown, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let request = world.unstake_ix(&supplier).instruction();
            world.must(request.clone(), &[&supplier.owner]);
            send(world, request, &supplier)
        }),
        refusal("no request", E::NotRequested, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let withdraw = world.withdraw_ix(&supplier).instruction();
            send(world, withdraw, &supplier)
        }),
        refusal("a second too early", E::CoolDownNotOver, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let request = world.unstake_ix(&supplier).instruction();
            world.must(request, &[&supplier.owner]);
            world.set_time(GENESIS_TS + COOL_DOWN - 1);
            let withdraw = world.withdraw_ix(&supplier).instruction();
            send(world, withdraw, &supplier)
        }),
        refusal("more than 64 bits hold", E::MathOverflow, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let config = pda::staking::config();
            world.edit::<Config>(&config, |config| config.staked_units = u64::MAX);
            let add = world.increase_ix(&supplier, 1).instruction();
            send(world, add, &supplier)
        }),
    ]
}

#[test]
fn every_error_has_its_refusal() {
    let world = World::ready();
    let mut all = errors();
    all.extend(co_staking::errors());
    all.extend(slashing::errors());
    all.push(refusal(
        "a stranger names a guardian",
        StakingError::NotAuthority,
        |world| {
            let stranger = world.wallet();
            let guardian = stranger.pubkey_of();
            let set = SetGuardian {
                authority: guardian,
                guardian,
            };
            world.send(&[set.instruction()], &[&stranger])
        },
    ));
    cases::run(&world, &all);
    // Before the program is initialised nobody else gets there first.
    let mut bare = World::new();
    bare.init_token();
    let first = [refusal(
        "a stranger initialises",
        StakingError::NotUpgradeAuthority,
        |world| {
            let stranger = world.wallet();
            let mut first = initialize(world);
            first.authority = stranger.pubkey_of();
            world.send(&[first.instruction()], &[&stranger])
        },
    )];
    cases::run(&bare, &first);
    all.extend(first);
    // Restitution has a table of its own, in the test of slashing.
    let before = |code| StakingError::from_code(code).filter(|_| code < 6_035);
    cases::cover(before, &all, &[]);
    cases::cover_from(6_045, StakingError::from_code, &all, &[]);
}

#[test]
fn only_the_real_program_data_names_the_authority() {
    let mut world = World::new();
    world.init_token();
    let authority = world.authority.insecure_clone();
    let refused = StakingError::NotUpgradeAuthority;
    for forged in [
        world.counterfeit(&pda::program_data(&staking::ID)),
        pda::program_data(&market::ID),
        world.address(),
    ] {
        let mut first = initialize(&world);
        first.program_data = forged;
        world.refuses(refused, first.instruction(), &[&authority]);
    }
    world.set_upgrade_authority(&staking::ID, None);
    let first = initialize(&world).instruction();
    world.refuses(refused, first, &[&authority]);
}
