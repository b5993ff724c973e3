//! What owners do with their devices, and how they are counted.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::{Config, Device, HardwareClass, Operator};
use iog_client::registry::events::{
    AttestationClosed, DeviceStateSet, OperatorUpdated, PlatformSet, TunnelKeySet,
};
use iog_client::registry::instructions::{
    CloseAttestation, RegisterDevice, SetTunnelKey, UpdateOperator,
};
use iog_client::registry::{self, DeviceArgs, RegistryError};
use iog_tests::world::{finalize_ix, try_commit, PubkeyOf, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::{Code, Supplier, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// Devices of the network, of the operator and of the class, and the class's active GPUs.
fn counts(world: &World, supplier: &Supplier) -> (u64, u32, u32, u64) {
    let config = world.read::<Config>(&pda::registry::config());
    let operator = world.read::<Operator>(&supplier.operator);
    let class = world.read::<HardwareClass>(&supplier.class);
    (
        config.devices,
        operator.devices,
        class.devices,
        class.gpus_active,
    )
}

fn close_ix(supplier: &Supplier) -> Instruction {
    CloseAttestation {
        owner: supplier.owner.pubkey_of(),
        device: supplier.device,
        attestation: supplier.attestation,
    }
    .instruction()
}

#[test]
fn active_gpus_are_counted_through_every_change_of_state() {
    let mut world = World::ready();
    let one = world.registered(CLASS_UNPROVED, 8);
    let two = world.add_device(&one.owner, CLASS_UNPROVED, 3);
    assert_eq!(counts(&world, &one), (2, 2, 2, 11));
    // Before, after, and what is counted then; a state that is set again changes nothing.
    let steps = [
        (0, 1, (2, 2, 2, 3)),
        (1, 1, (2, 2, 2, 3)),
        (1, 0, (2, 2, 2, 11)),
        (0, 0, (2, 2, 2, 11)),
        (0, 1, (2, 2, 2, 3)),
        (1, 2, (1, 1, 1, 3)),
    ];
    let mut active = 11;
    for (before, after, expected) in steps {
        let meta = world.set_device_state(&one, after);
        let set = DeviceStateSet {
            device: one.device,
            state_before: before,
            state_after: after,
            class_gpus_active_before: active,
            class_gpus_active_after: expected.3,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::DeviceStateSet(set))]
        );
        assert_eq!(counts(&world, &one), expected);
        active = expected.3;
    }
    // From service straight to the end.
    world.set_device_state(&two, 2);
    assert_eq!(counts(&world, &two), (0, 0, 0, 0));
}

#[test]
fn an_operator_gets_another_name() {
    let mut world = World::ready();
    let owner = world.wallet();
    let operator = world.register_operator(&owner);
    let before = world.read::<Operator>(&operator);
    let rename = UpdateOperator {
        authority: owner.pubkey_of(),
        operator,
        name: [b'y'; 32],
    };
    let meta = world.must(rename.instruction(), &[&owner]);
    let updated = OperatorUpdated {
        operator,
        name_before: before.name,
        name_after: [b'y'; 32],
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::OperatorUpdated(updated))]
    );
    let expected = Operator {
        name: [b'y'; 32],
        ..before.clone()
    };
    assert_eq!(world.read::<Operator>(&operator), expected);
}

#[test]
fn a_tunnels_key_is_replaced_and_taken_away() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let before = world.read::<Device>(&supplier.device);
    let mut last = before.tunnel_key;
    for key in [world.address(), Pubkey::default(), world.address()] {
        let set = SetTunnelKey {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            tunnel_key: key,
        };
        let meta = world.must(set.instruction(), &[&supplier.owner]);
        let expected = TunnelKeySet {
            device: supplier.device,
            before: last,
            after: key,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::TunnelKeySet(expected))]
        );
        let expected = Device {
            tunnel_key: key,
            ..before.clone()
        };
        assert_eq!(world.read::<Device>(&supplier.device), expected);
        last = key;
    }
}

/// redteam link X6: what a machine runs on is on chain, by its owner's word.
#[test]
fn a_platform_is_registered_and_set_anew() {
    let mut world = World::ready();
    let owner = world.wallet();
    world.register_operator(&owner);
    let supplier = world.unregistered(&owner, CLASS_TEST);
    let key = world.address();
    let register = RegisterDevice {
        authority: owner.pubkey_of(),
        device_key: supplier.device_key.pubkey_of(),
        operator: supplier.operator,
        class: supplier.class,
        device: supplier.device,
        attestation: supplier.attestation,
        args: DeviceArgs {
            tunnel_key: key,
            quantity: 1,
            country: *b"DE",
            platform: 1,
        },
    };
    world.must(register.instruction(), &[&owner, &supplier.device_key]);
    let registered = world.read::<Device>(&supplier.device);
    assert_eq!(registered.platform, 1);
    for (before, after) in [(1, 2), (2, 0), (0, 0)] {
        let meta = world.set_platform(&supplier, after).unwrap();
        let expected = PlatformSet {
            device: supplier.device,
            before,
            after,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::PlatformSet(expected))]
        );
        let expected = Device {
            platform: after,
            ..registered.clone()
        };
        assert_eq!(world.read::<Device>(&supplier.device), expected);
    }
}

#[test]
fn a_terminated_devices_proof_gives_its_rent_back_and_its_history_stays() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    try_commit(&mut world, &supplier, [1; 16]).unwrap();
    world.set_device_state(&supplier, 2);
    let owner = supplier.owner.insecure_clone();
    let close = close_ix(&supplier);
    world.refuses(RegistryError::ProofOpen, close.clone(), &[&owner]);
    // Anyone ends the proof after its deadline, as a failure.
    world.advance_slots(813);
    world.govern(finalize_ix(&supplier));
    let rent = world.lamports(&supplier.attestation);
    let (payer, before) = (world.wallet(), world.lamports(&owner.pubkey_of()));
    let meta = world.must(close.clone(), &[&payer, &owner]);
    let closed = AttestationClosed {
        device: supplier.device,
        owner: owner.pubkey_of(),
        lamports: rent,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::AttestationClosed(closed))]
    );
    assert_eq!(world.lamports(&owner.pubkey_of()), before + rent);
    assert!(world.find(&supplier.attestation).is_none());
    assert!(world.send(&[close], &[&payer, &owner]).is_err());

    // The key cannot come back: its device, and with it the failure, stays.
    let again = world.register_device(&supplier, 1);
    world.refuses(Code::in_use(), again, &[&owner, &supplier.device_key]);
    let device = world.read::<Device>(&supplier.device);
    assert_eq!((device.state, device.proofs_failed), (2, 1));
}
