//! Wrong accounts in the registry's places.

use iog_client::registry::instructions::{
    AddClass, ApplyClass, CloseAttestation, Commit, Finalize, Heartbeat, Initialize, OpenWindow,
    RecordChallenge, RegisterDevice, RegisterOperator, SetConnectivity, SetRoles, SetSecurity,
    SetTunnelKey, UpdateOperator,
};
use iog_client::registry::{ProofTerms, RegistryError, ID};
use iog_client::{pda, registry};
use iog_tests::sweep;
use iog_tests::world::{
    class_args, commit_ix, expect_code, finalize_ix, opening, reveal_ix, set_state_ix, PubkeyOf,
    CLASS_COMMUNITY, CLASS_TEST,
};
use iog_tests::{swaps, Code, Supplier, World};

use super::catalog::{proof_of, rates_of, schedule_ix, update_ix};
use solana_instruction::error::InstructionError;

fn plain(code: InstructionError) -> Code {
    Code::plain(ID, code)
}

#[test]
fn no_place_takes_a_wrong_account() {
    let mut world = World::ready();
    let (authority, attestor) = (
        world.authority.insecure_clone(),
        world.attestor.insecure_clone(),
    );
    let add = AddClass {
        authority: authority.pubkey_of(),
        class: pda::registry::class(9),
        args: class_args(9),
    };
    sweep::refused(&world, &add.instruction(), &[&authority], &[]);
    let set_roles = SetRoles {
        authority: authority.pubkey_of(),
        attestor: attestor.pubkey_of(),
        catalog_authority: world.address(),
    };
    sweep::refused(&world, &set_roles.instruction(), &[&authority], &[]);
    let update = update_ix(
        &authority.pubkey_of(),
        CLASS_TEST,
        rates_of(&world, CLASS_TEST),
    );
    sweep::refused(&world, &update, &[&authority], &[]);
    let proof = ProofTerms {
        waves: 1,
        ..proof_of(&world, CLASS_TEST)
    };
    let schedule = schedule_ix(&authority.pubkey_of(), CLASS_TEST, proof);
    sweep::refused(&world, &schedule, &[&authority], &[]);
    let mut later = world.clone();
    later.govern(schedule);
    later.advance(86_400);
    let class = pda::registry::class(CLASS_TEST);
    sweep::refused(&later, &ApplyClass { class }.instruction(), &[], &[]);
    sweep::refused(&world, &OpenWindow {}.instruction(), &[], &[]);

    let owner = world.wallet();
    let operator = RegisterOperator {
        authority: owner.pubkey_of(),
        operator: pda::registry::operator(&owner.pubkey_of()),
        name: [0; 32],
    };
    sweep::refused(&world, &operator.instruction(), &[&owner], &[]);
    world.register_operator(&owner);
    let supplier = world.unregistered(&owner, CLASS_TEST);
    let register = world.register_device(&supplier, 1);
    sweep::refused(&world, &register, &[&owner, &supplier.device_key], &[]);
    world.must(register, &[&owner, &supplier.device_key]);

    let connect = SetConnectivity {
        attestor: attestor.pubkey_of(),
        device: supplier.device,
        test: world.speed_test(&supplier, 3),
    };
    sweep::refused(&world, &connect.instruction(), &[&attestor], &[]);
    let secure = SetSecurity {
        attestor: attestor.pubkey_of(),
        device: supplier.device,
        secure: true,
        evidence_hash: [1; 32],
    };
    sweep::refused(&world, &secure.instruction(), &[&attestor], &[]);
    owners(&world, &supplier);
    let beat = Heartbeat {
        device_key: supplier.device_key.pubkey_of(),
        device: supplier.device,
    };
    sweep::refused(&world, &beat.instruction(), &[&supplier.device_key], &[]);

    world.open_window();
    let (mut prover, roots) = iog_tests::world::prover(&world, &supplier);
    let commit = commit_ix(&supplier, roots);
    sweep::refused(&world, &commit, &[&supplier.device_key], &[]);
    let payer = world.wallet();
    world.must(commit, &[&payer, &supplier.device_key]);
    world.advance_slots(2);
    let record = world.record_challenge_ix(&supplier);
    sweep::refused(&world, &record, &[], &[]);
    world.govern(record);
    let bytes = opening(&world, &supplier, &mut prover, 0);
    sweep::refused(&world, &reveal_ix(&supplier, 0, bytes), &[], &[]);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    sweep::refused(&world, &finalize_ix(&supplier), &[], &[]);
}

/// What a device's owner signs.
fn owners(world: &World, supplier: &Supplier) {
    let owner = &supplier.owner;
    let rename = UpdateOperator {
        authority: owner.pubkey_of(),
        operator: supplier.operator,
        name: [1; 32],
    };
    sweep::refused(world, &rename.instruction(), &[owner], &[]);
    let tunnel = SetTunnelKey {
        owner: owner.pubkey_of(),
        device: supplier.device,
        tunnel_key: world.clone().address(),
    };
    sweep::refused(world, &tunnel.instruction(), &[owner], &[]);
    for state in [1, 2] {
        sweep::refused(world, &set_state_ix(supplier, state), &[owner], &[]);
    }
    let mut over = world.clone();
    over.set_device_state(supplier, 2);
    let close = CloseAttestation {
        owner: owner.pubkey_of(),
        device: supplier.device,
        attestation: supplier.attestation,
    };
    sweep::refused(&over, &close.instruction(), &[owner], &[]);
}

#[test]
fn initialising_takes_no_wrong_account() {
    let mut world = World::new();
    world.init_token();
    let authority = world.authority.insecure_clone();
    let start = Initialize {
        authority: authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        attestor: world.address(),
        window_spread_secs: 0,
    };
    sweep::refused(&world, &start.instruction(), &[&authority], &[]);
}

#[test]
fn anothers_accounts_end_in_their_own_codes() {
    let mut world = World::ready();
    let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
    let other_class = pda::registry::class(CLASS_COMMUNITY);
    let payer = world.wallet();
    world.open_window();
    let commit = commit_ix(&one, vec![[1; 20]; 3]);
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
                plain(E::InvalidAccountData),
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
    world.must(commit, &signers);
    world.advance_slots(2);
    let record = world.record_challenge_ix(&one);
    let clock =
        solana_pubkey::Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
    swaps::refused(
        &world,
        &record,
        &[&payer],
        &[
            (
                "another sysvar",
                RecordChallenge::SLOT_HASHES,
                clock,
                Code::anchor(ID, 2012),
            ),
            (
                "another's proof",
                RecordChallenge::ATTESTATION,
                two.attestation,
                plain(E::InvalidSeeds),
            ),
            (
                "another's device",
                RecordChallenge::DEVICE,
                two.device,
                plain(E::InvalidSeeds),
            ),
            (
                "another class",
                RecordChallenge::CLASS,
                other_class,
                RegistryError::WrongClass.into(),
            ),
        ],
    );
    world.govern(record);
    world.advance_slots(400);
    swaps::refused(
        &world,
        &finalize_ix(&one),
        &[&payer],
        &[
            (
                "another class's deadline",
                Finalize::CLASS,
                other_class,
                RegistryError::WrongClass.into(),
            ),
            (
                "another's proof",
                Finalize::ATTESTATION,
                two.attestation,
                plain(E::InvalidSeeds),
            ),
            (
                "another's failure",
                Finalize::DEVICE,
                two.device,
                plain(E::InvalidSeeds),
            ),
        ],
    );
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
