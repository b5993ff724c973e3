//! Operators, owners and devices.

use super::{committed, set_state, try_register};
use iog_client::pda;
use iog_client::registry::accounts::Config;
use iog_client::registry::instructions::{
    CloseAttestation, Heartbeat, Initialize, RegisterDevice, SetTunnelKey, UpdateOperator,
};
use iog_client::registry::{ClassArgs, DeviceArgs, RegistryError, ID};
use iog_tests::world::{class_args, try_commit, PubkeyOf, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::{refusal, Case, Code, Outcome, Supplier, World};
use solana_pubkey::Pubkey;

/// Registers a device after something of the instruction was changed; the owner's key is the second argument.
fn register_changed(world: &mut World, change: fn(&mut RegisterDevice, Pubkey)) -> Outcome {
    let owner = world.wallet();
    world.register_operator(&owner);
    let supplier = world.unregistered(&owner, CLASS_TEST);
    let mut register = RegisterDevice {
        authority: owner.pubkey_of(),
        device_key: supplier.device_key.pubkey_of(),
        operator: supplier.operator,
        class: supplier.class,
        device: supplier.device,
        attestation: supplier.attestation,
        args: DeviceArgs {
            tunnel_key: world.address(),
            quantity: 1,
            country: *b"DE",
            platform: 0,
        },
    };
    change(&mut register, owner.pubkey_of());
    world.send(&[register.instruction()], &[&owner, &supplier.device_key])
}

fn set_tunnel_key(world: &mut World, supplier: &Supplier, tunnel_key: Pubkey) -> Outcome {
    let set = SetTunnelKey {
        owner: supplier.owner.pubkey_of(),
        device: supplier.device,
        tunnel_key,
    };
    world.send(&[set.instruction()], &[&supplier.owner])
}

fn close_attestation(world: &mut World, supplier: &Supplier) -> Outcome {
    let close = CloseAttestation {
        owner: supplier.owner.pubkey_of(),
        device: supplier.device,
        attestation: supplier.attestation,
    };
    world.send(&[close.instruction()], &[&supplier.owner])
}

pub fn errors() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a stranger initialises", E::NotUpgradeAuthority, |world| {
            *world = World::new();
            world.init_token();
            let stranger = world.wallet();
            let start = Initialize {
                authority: stranger.pubkey_of(),
                program_data: pda::program_data(&ID),
                attestor: stranger.pubkey_of(),
                window_spread_secs: 0,
                quorum: 3,
            };
            world.send(&[start.instruction()], &[&stranger])
        }),
        refusal("a device for another operator", E::NotOwner, |world| {
            let (one, two) = (world.registered(CLASS_TEST, 1), world.wallet());
            let mut supplier = world.unregistered(&two, CLASS_TEST);
            supplier.operator = one.operator;
            let register = world.register_device(&supplier, 1);
            world.send(&[register], &[&two, &supplier.device_key])
        }),
        refusal("another's device is paused", E::NotOwner, |world| {
            let mut supplier = world.registered(CLASS_TEST, 1);
            supplier.owner = world.wallet();
            set_state(world, &supplier, 1)
        }),
        refusal("another key's heartbeat", E::NotDeviceKey, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let beat = Heartbeat {
                device_key: supplier.owner.pubkey_of(),
                device: supplier.device,
            };
            world.send(&[beat.instruction()], &[&supplier.owner])
        }),
        refusal("another key's commit", E::NotDeviceKey, |world| {
            let mut supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            supplier.device_key = world.wallet();
            try_commit(world, &supplier, [1; 16])
        }),
        refusal("a closed class", E::ClassDisabled, |world| {
            world.update_class(ClassArgs {
                enabled: false,
                ..class_args(CLASS_TEST)
            });
            try_register(world, CLASS_TEST, 1)
        }),
        refusal("small letters", E::InvalidCountry, |world| {
            register_changed(world, |register, _| register.args.country = *b"de")
        }),
        refusal("no country", E::InvalidCountry, |world| {
            register_changed(world, |register, _| register.args.country = [0; 2])
        }),
        refusal("the tunnel has the device's key", E::KeysEqual, |world| {
            register_changed(world, |register, _| {
                register.args.tunnel_key = register.device_key;
            })
        }),
        refusal("the tunnel has the owner's key", E::KeysEqual, |world| {
            register_changed(world, |register, owner| register.args.tunnel_key = owner)
        }),
        // Anchor takes no account twice where one of the two is written: ConstraintDuplicateMutableAccount.
        refusal(
            "the owner's wallet on the machine",
            Code::anchor(ID, 2_040),
            |world| {
                let owner = world.wallet();
                world.register_operator(&owner);
                let mut supplier = world.unregistered(&owner, CLASS_TEST);
                supplier.device_key = owner.insecure_clone();
                supplier.device = pda::registry::device(&owner.pubkey_of());
                supplier.attestation = pda::registry::attestation(&supplier.device);
                let register = world.register_device(&supplier, 1);
                world.send(&[register], &[&owner])
            },
        ),
        refusal(
            "the tunnel's new key is the device's",
            E::KeysEqual,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                set_tunnel_key(world, &supplier, supplier.device_key.pubkey_of())
            },
        ),
        refusal("another's tunnel", E::NotOwner, |world| {
            let mut supplier = world.registered(CLASS_TEST, 1);
            supplier.owner = world.wallet();
            let key = world.address();
            set_tunnel_key(world, &supplier, key)
        }),
        refusal(
            "a terminated device's tunnel",
            E::DeviceTerminated,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                world.set_device_state(&supplier, 2);
                let key = world.address();
                set_tunnel_key(world, &supplier, key)
            },
        ),
        refusal("a third platform", E::InvalidPlatform, |world| {
            register_changed(world, |register, _| register.args.platform = 3)
        }),
        refusal("a third platform, later", E::InvalidPlatform, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.set_platform(&supplier, 3)
        }),
        refusal("another's platform", E::NotOwner, |world| {
            let mut supplier = world.registered(CLASS_TEST, 1);
            supplier.owner = world.wallet();
            world.set_platform(&supplier, 1)
        }),
        refusal(
            "a terminated device's platform",
            E::DeviceTerminated,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                world.set_device_state(&supplier, 2);
                world.set_platform(&supplier, 1)
            },
        ),
        refusal("another's name", E::NotOwner, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let stranger = world.wallet();
            let rename = UpdateOperator {
                authority: stranger.pubkey_of(),
                operator: supplier.operator,
                name: [b'y'; 32],
            };
            world.send(&[rename.instruction()], &[&stranger])
        }),
        refusal(
            "a proof account of a device in service",
            E::DeviceNotTerminated,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                close_attestation(world, &supplier)
            },
        ),
        refusal(
            "a proof account with an open proof",
            E::ProofOpen,
            |world| {
                let supplier = committed(world);
                world.set_device_state(&supplier, 2);
                close_attestation(world, &supplier)
            },
        ),
        refusal("another's rent", E::NotOwner, |world| {
            let mut supplier = world.registered(CLASS_TEST, 1);
            world.set_device_state(&supplier, 2);
            supplier.owner = world.wallet();
            close_attestation(world, &supplier)
        }),
        refusal("no GPU", E::InvalidQuantity, |world| {
            try_register(world, CLASS_TEST, 0)
        }),
        refusal("9 GPUs of a proved class", E::InvalidQuantity, |world| {
            try_register(world, CLASS_TEST, 9)
        }),
        refusal("4,097 GPUs of another", E::InvalidQuantity, |world| {
            try_register(world, CLASS_UNPROVED, 4_097)
        }),
        refusal("state 3", E::InvalidState, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            set_state(world, &supplier, 3)
        }),
        refusal("a paused device's heartbeat", E::DeviceNotActive, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            set_state(world, &supplier, 1).expect("the pause");
            let payer = world.wallet();
            let beat = Heartbeat {
                device_key: supplier.device_key.pubkey_of(),
                device: supplier.device,
            };
            world.send(&[beat.instruction()], &[&payer, &supplier.device_key])
        }),
        refusal("a paused device's commit", E::DeviceNotActive, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            set_state(world, &supplier, 1).expect("the pause");
            try_commit(world, &supplier, [1; 16])
        }),
        refusal(
            "a terminated device is resumed",
            E::DeviceTerminated,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                set_state(world, &supplier, 2).expect("the end");
                set_state(world, &supplier, 0)
            },
        ),
        refusal(
            "a terminated device is ended again",
            E::DeviceTerminated,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                set_state(world, &supplier, 2).expect("the end");
                set_state(world, &supplier, 2)
            },
        ),
        refusal("a time before unix time", E::MathOverflow, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.set_time(-1);
            let payer = world.wallet();
            let beat = Heartbeat {
                device_key: supplier.device_key.pubkey_of(),
                device: supplier.device,
            };
            world.send(&[beat.instruction()], &[&payer, &supplier.device_key])
        }),
        refusal(
            "more devices than 64 bits count",
            E::MathOverflow,
            |world| {
                world.edit::<Config>(&pda::registry::config(), |config| {
                    config.devices = u64::MAX;
                });
                try_register(world, CLASS_TEST, 1)
            },
        ),
    ]
}
