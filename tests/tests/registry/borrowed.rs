//! Another's accounts in the registry's places, and the code that each ends in.

use iog_client::registry::instructions::{
    AddClass, Commit, Measure, RefreshTier, RegisterDevice, RegisterOperator,
};
use iog_client::registry::{RegistryError, ID};
use iog_client::{pda, registry};
use iog_tests::world::{class_args, commit_ix, expect_code, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{swaps, Code, World};
use solana_instruction::error::InstructionError;

use super::measuring::{measure_ix, name, open_ix, refresh_ix, speed_test};

fn plain(code: InstructionError) -> Code {
    Code::plain(ID, code)
}

#[test]
fn anothers_accounts_end_in_their_own_codes() {
    let mut world = World::ready();
    let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
    let other_class = pda::registry::class(CLASS_COMMUNITY);
    let payer = world.wallet();
    world.open_window();
    let commit = commit_ix(&one, [1; 16]);
    let signers = [&payer, &one.device_key];
    use InstructionError as E;
    swaps::refused(
        &world,
        &commit,
        &signers,
        &[
            (
                "another's device",
                Commit::DEVICE,
                two.device,
                RegistryError::NotDeviceKey.into(),
            ),
            (
                "another's proof",
                Commit::ATTESTATION,
                two.attestation,
                plain(E::InvalidSeeds),
            ),
            (
                "another class",
                Commit::CLASS,
                other_class,
                RegistryError::WrongClass.into(),
            ),
            (
                "an operator for a device",
                Commit::DEVICE,
                one.operator,
                plain(E::AccountDataTooSmall),
            ),
            (
                "a proof for a device",
                Commit::DEVICE,
                two.attestation,
                plain(E::AccountDataTooSmall),
            ),
            (
                "rewards for a device",
                Commit::DEVICE,
                one.rewards,
                plain(E::AccountDataTooSmall),
            ),
            (
                "a ledger page for a device",
                Commit::DEVICE,
                pda::emission::page(0),
                plain(E::IllegalOwner),
            ),
            (
                "the token's config",
                Commit::CONFIG,
                pda::token::config(),
                plain(E::IllegalOwner),
            ),
            (
                "a device for the windows",
                Commit::WINDOWS,
                two.device,
                plain(E::AccountDataTooSmall),
            ),
            (
                "an account to be",
                Commit::DEVICE,
                pda::registry::device(&payer.pubkey_of()),
                plain(E::AccountDataTooSmall),
            ),
        ],
    );
}

/// Another device's tests give this one no tier.
#[test]
fn anothers_measurements_are_nobodys() {
    let mut world = World::ready();
    let (one, two) = (
        world.registered(CLASS_TEST, 1),
        world.registered(CLASS_TEST, 1),
    );
    for supplier in [&one, &two] {
        let open = open_ix(&world, supplier);
        world.govern(open);
    }
    let measurer = name(&mut world, 1).remove(0);
    let payer = world.wallet();
    let theirs = pda::registry::measurements(&two.device);
    let seeds = || plain(InstructionError::InvalidSeeds);
    let short = || plain(InstructionError::AccountDataTooSmall);
    let measure = measure_ix(&measurer, &one, speed_test(&world, 4));
    let wrong = [
        ("another's tests", Measure::MEASUREMENTS, theirs, seeds()),
        ("another device", Measure::DEVICE, two.device, seeds()),
        (
            "an operator for tests",
            Measure::MEASUREMENTS,
            one.operator,
            short(),
        ),
        (
            "another config",
            Measure::CONFIG,
            pda::token::config(),
            plain(InstructionError::IllegalOwner),
        ),
    ];
    swaps::refused(&world, &measure, &[&payer, &measurer], &wrong);
    let refresh = refresh_ix(&one);
    let wrong = [
        (
            "another's tests",
            RefreshTier::MEASUREMENTS,
            theirs,
            seeds(),
        ),
        ("another device", RefreshTier::DEVICE, two.device, seeds()),
    ];
    swaps::refused(&world, &refresh, &[&payer], &wrong);
}

#[test]
fn nothing_is_registered_twice_and_no_key_is_borrowed() {
    let mut world = World::ready();
    let one = world.registered(CLASS_TEST, 1);
    let taken = Code::anchor(solana_system_interface::program::ID, 0);
    let again = world.register_device(&one, 1);
    world.refuses(taken.clone(), again.clone(), &[&one.owner, &one.device_key]);
    let operator = RegisterOperator {
        authority: one.owner.pubkey_of(),
        operator: one.operator,
        name: [1; 32],
    };
    world.refuses(taken.clone(), operator.instruction(), &[&one.owner]);
    let authority = world.authority.insecure_clone();
    let class = AddClass {
        authority: authority.pubkey_of(),
        class: pda::registry::class(CLASS_TEST),
        args: class_args(CLASS_TEST),
    };
    world.refuses(taken.clone(), class.instruction(), &[&authority]);
    let start = registry::instructions::Initialize {
        authority: authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        attestor: one.owner.pubkey_of(),
        window_spread_secs: 0,
        quorum: 3,
    };
    world.refuses(taken, start.instruction(), &[&authority]);

    // A stranger's machine cannot be registered without its key.
    let two = world.unregistered(&one.owner, CLASS_TEST);
    let mut without = world.register_device(&two, 1);
    without.accounts[RegisterDevice::DEVICE_KEY].is_signer = false;
    expect_code(
        world.send(&[without], &[&one.owner]),
        plain(InstructionError::MissingRequiredSignature),
    );
}
