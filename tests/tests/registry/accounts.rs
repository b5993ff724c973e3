//! Wrong accounts in the registry's places.

use iog_client::pda;
use iog_client::registry::instructions::{
    AddClass, CloseAttestation, Heartbeat, Initialize, OpenWindow, RegisterOperator, SetPlatform,
    SetSecurity, SetTunnelKey, UpdateOperator,
};
use iog_client::registry::{ClassTerms, RegistryRole, ID};
use iog_tests::sweep;
use iog_tests::world::{
    class_args, commit_ix, finalize_ix, opening, reveal_ix, set_state_ix, PubkeyOf, CLASS_TEST,
};
use iog_tests::{Supplier, World};

use super::catalog::{apply_ix, drop_ix, rates_of, schedule_ix, terms_of, update_ix, DAY, WEEK};
use super::measuring::{
    apply_measurer_ix, drop_measurer_ix, measure_ix, name, open_ix, refresh_ix, set_measurer_ix,
    speed_test,
};
use super::roles::{apply_role_ix, drop_role_ix, set_role_ix};

const OWNED: &str = "only its own program creates such an account, at one address";

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
    let update = update_ix(
        &authority.pubkey_of(),
        CLASS_TEST,
        rates_of(&world, CLASS_TEST),
    );
    sweep::refused(&world, &update, &[&authority], &[]);
    let terms = ClassTerms {
        waves: 1,
        ..terms_of(&world, CLASS_TEST)
    };
    let schedule = schedule_ix(&authority.pubkey_of(), CLASS_TEST, terms);
    sweep::refused(&world, &schedule, &[&authority], &[]);
    let mut later = world.clone();
    later.govern(schedule);
    let drop_terms = drop_ix(&authority.pubkey_of(), CLASS_TEST);
    sweep::refused(&later, &drop_terms, &[&authority], &[]);
    later.advance(WEEK);
    sweep::refused(&later, &apply_ix(CLASS_TEST), &[], &[]);
    sweep::refused(&world, &OpenWindow {}.instruction(), &[], &[]);
    named(&world);

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

    let open = open_ix(&world, &supplier);
    sweep::refused(&world, &open, &[&authority], &[]);
    world.govern(open);
    let measurer = name(&mut world, 1).remove(0);
    let measure = measure_ix(&measurer, &supplier, speed_test(&world, 3));
    sweep::refused(&world, &measure, &[&measurer], &[]);
    sweep::refused(&world, &refresh_ix(&supplier), &[], &[]);
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
    let (mut prover, root) = iog_tests::world::prover(&world, &supplier);
    let commit = commit_ix(&supplier, root);
    sweep::refused(&world, &commit, &[&supplier.device_key], &[]);
    let payer = world.wallet();
    world.must(commit, &[&payer, &supplier.device_key]);
    world.advance_slots(66);
    let record = world.record_challenge_ix(&supplier);
    let owned = [(0, sweep::Wrong::Copy, OWNED)];
    sweep::refused(&world, &record, &[], &owned);
    world.govern(record);
    let bytes = opening(&world, &supplier, &mut prover, 0);
    sweep::refused(&world, &reveal_ix(&supplier, 0, bytes), &[], &owned);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    sweep::refused(&world, &finalize_ix(&supplier), &[], &[]);
}

/// Naming, dropping and following, of measurers and of the other roles.
fn named(world: &World) {
    let mut world = world.clone();
    world.advance(DAY);
    let authority = world.authority.insecure_clone();
    let (by, key) = (authority.pubkey_of(), world.address());
    let role = RegistryRole::Attestor;
    for (set, drop, apply) in [
        (
            set_measurer_ix(&world, 0, key),
            drop_measurer_ix(by, 0),
            apply_measurer_ix(0),
        ),
        (
            set_role_ix(&world, role.clone(), key),
            drop_role_ix(by, role.clone()),
            apply_role_ix(role),
        ),
    ] {
        sweep::refused(&world, &set, &[&authority], &[]);
        world.govern(set);
        sweep::refused(&world, &drop, &[&authority], &[]);
        let mut later = world.clone();
        later.advance(DAY);
        sweep::refused(&later, &apply, &[], &[]);
    }
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
    let platform = SetPlatform {
        owner: owner.pubkey_of(),
        device: supplier.device,
        platform: 1,
    };
    sweep::refused(world, &platform.instruction(), &[owner], &[]);
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
        quorum: 9,
    };
    sweep::refused(&world, &start.instruction(), &[&authority], &[]);
}
