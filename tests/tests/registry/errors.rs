//! Each error of the registry has a transaction that ends in it.

use iog_client::pda;
use iog_client::registry::accounts::Config;
use iog_client::registry::instructions::{
    AddClass, Heartbeat, Initialize, OpenWindow, SetConnectivity, SetDeviceState, UpdateClass,
};
use iog_client::registry::{ClassArgs, RegistryError, ID};
use iog_tests::world::{
    class_args, commit_ix, finalize_ix, opening, reveal_ix, try_commit, PubkeyOf, CLASS_COMMUNITY,
    CLASS_TEST, GENESIS_TS,
};
use iog_tests::{cases, refusal, Case, Outcome, Supplier, World};
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
    let set = SetDeviceState {
        owner: supplier.owner.pubkey_of(),
        device: supplier.device,
        state,
    };
    world.send(&[set.instruction()], &[&supplier.owner])
}

fn try_add(world: &mut World, change: fn(&mut ClassArgs)) -> Outcome {
    let mut args = class_args(9);
    change(&mut args);
    let add = AddClass {
        authority: world.authority.pubkey_of(),
        class: pda::registry::class(9),
        args,
    };
    govern(world, add.instruction())
}

fn try_register(world: &mut World, class_id: u16, quantity: u32) -> Outcome {
    let owner = world.wallet();
    world.register_operator(&owner);
    let supplier = world.unregistered(&owner, class_id);
    let register = world.register_device(&supplier, quantity);
    world.send(&[register], &[&owner, &supplier.device_key])
}

/// A device with three roots of nothing committed.
fn committed(world: &mut World) -> Supplier {
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    try_commit(world, &supplier, vec![[1; 20]; 3]).expect("the commit");
    supplier
}

fn challenged(world: &mut World) -> Supplier {
    let supplier = committed(world);
    world.challenge(&supplier);
    supplier
}

fn people() -> Vec<Case> {
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
            };
            world.send(&[start.instruction()], &[&stranger])
        }),
        refusal("a stranger adds a class", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let add = AddClass {
                authority: stranger.pubkey_of(),
                class: pda::registry::class(9),
                args: class_args(9),
            };
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a stranger changes a class", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let update = UpdateClass {
                authority: stranger.pubkey_of(),
                class: pda::registry::class(CLASS_TEST),
                args: class_args(CLASS_TEST),
            };
            world.send(&[update.instruction()], &[&stranger])
        }),
        refusal("an owner attests to itself", E::NotAttestor, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let set = SetConnectivity {
                attestor: supplier.owner.pubkey_of(),
                device: supplier.device,
                tier: 4,
            };
            world.send(&[set.instruction()], &[&supplier.owner])
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
            try_commit(world, &supplier, vec![[1; 20]; 3])
        }),
        refusal("a pool that does not exist", E::InvalidClass, |world| {
            try_add(world, |args| args.pool = 2)
        }),
        refusal("rows that are no panels", E::InvalidClass, |world| {
            try_add(world, |args| args.rows = 2_049)
        }),
        refusal("lanes that are no power of two", E::InvalidClass, |world| {
            try_add(world, |args| args.lanes = 65)
        }),
        refusal("too many waves", E::InvalidClass, |world| {
            try_add(world, |args| args.waves = 25)
        }),
        refusal("no time to commit", E::InvalidClass, |world| {
            try_add(world, |args| args.commit_slots = 0)
        }),
        refusal("no time to reveal", E::InvalidClass, |world| {
            try_add(world, |args| args.reveal_slots = 0)
        }),
        refusal("a lottery of none", E::InvalidClass, |world| {
            try_add(world, |args| args.audit_modulus = 0)
        }),
        refusal("a closed class", E::ClassDisabled, |world| {
            world.update_class(ClassArgs {
                enabled: false,
                ..class_args(CLASS_TEST)
            });
            try_register(world, CLASS_TEST, 1)
        }),
        refusal("another class's number", E::WrongClass, |world| {
            let update = UpdateClass {
                authority: world.authority.pubkey_of(),
                class: pda::registry::class(CLASS_TEST),
                args: class_args(CLASS_COMMUNITY),
            };
            govern(world, update.instruction())
        }),
        refusal("no GPU", E::InvalidQuantity, |world| {
            try_register(world, CLASS_TEST, 0)
        }),
        refusal("4,097 GPUs", E::InvalidQuantity, |world| {
            try_register(world, CLASS_TEST, 4_097)
        }),
        refusal("tier 5", E::InvalidTier, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let attestor = world.attestor.insecure_clone();
            let set = SetConnectivity {
                attestor: attestor.pubkey_of(),
                device: supplier.device,
                tier: 5,
            };
            world.send(&[set.instruction()], &[&attestor])
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
            try_commit(world, &supplier, vec![[1; 20]; 3])
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

fn proofs() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a window before genesis", E::BeforeGenesis, |world| {
            *world = World::new();
            world.init_token();
            world.init_registry();
            world.set_time(GENESIS_TS - 1);
            anyone(world, OpenWindow {}.instruction())
        }),
        refusal(
            "a second window in the hour",
            E::WindowAlreadyOpen,
            |world| {
                world.open_window();
                world.advance(3_599);
                anyone(world, OpenWindow {}.instruction())
            },
        ),
        refusal("a commit without a window", E::WindowNotOpen, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            try_commit(world, &supplier, vec![[1; 20]; 3])
        }),
        refusal("a commit in the hour after", E::WindowNotOpen, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.next_hour();
            try_commit(world, &supplier, vec![[1; 20]; 3])
        }),
        refusal("a window of a day ago", E::WindowNotOpen, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.warp_to(world.now() + 24 * 3_600);
            try_commit(world, &supplier, vec![[1; 20]; 3])
        }),
        refusal("a commit one slot too late", E::LateCommit, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.advance_slots(750);
            try_commit(world, &supplier, vec![[1; 20]; 3])
        }),
        refusal("a second commit", E::AlreadyCommitted, |world| {
            let supplier = committed(world);
            try_commit(world, &supplier, vec![[2; 20]; 3])
        }),
        refusal(
            "a second commit after a pass",
            E::AlreadyCommitted,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                world.prove(&supplier);
                try_commit(world, &supplier, vec![[2; 20]; 3])
            },
        ),
        refusal("a clock that steps back", E::AlreadyCommitted, |world| {
            world.update_class(ClassArgs {
                commit_slots: 20_000,
                ..class_args(CLASS_TEST)
            });
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.next_hour();
            world.open_window();
            try_commit(world, &supplier, vec![[1; 20]; 3]).expect("the commit");
            world.set_time(world.now() - 1);
            try_commit(world, &supplier, vec![[2; 20]; 3])
        }),
        refusal("a wave too few", E::WrongRootCount, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            try_commit(world, &supplier, vec![[1; 20]; 2])
        }),
        refusal("more waves than there can be", E::WrongRootCount, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            try_commit(world, &supplier, vec![[1; 20]; 25])
        }),
        refusal("a challenge without a commit", E::NoCommit, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let record = world.record_challenge_ix(&supplier);
            anyone(world, record)
        }),
        refusal("a second challenge", E::NoCommit, |world| {
            let supplier = challenged(world);
            world.advance_slots(5);
            let record = world.record_challenge_ix(&supplier);
            anyone(world, record)
        }),
        refusal(
            "a challenge in the commit's slot",
            E::ChallengeNotYet,
            |world| {
                let supplier = committed(world);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal(
            "a challenge before the next hash",
            E::ChallengeNotYet,
            |world| {
                let supplier = committed(world);
                world.advance_slots(1);
                world.skip_slots(9);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal(
            "a challenge 513 slots later",
            E::ChallengeForgotten,
            |world| {
                let supplier = committed(world);
                world.advance_slots(513);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal("an opening before the challenge", E::NoChallenge, |world| {
            let supplier = committed(world);
            anyone(world, reveal_ix(&supplier, 0, vec![0; 424]))
        }),
        refusal("the end before any commit", E::NoChallenge, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("the end a second time", E::NoChallenge, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.prove(&supplier);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("an opening one slot too late", E::LateReveal, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let mut prover = world.commit(&supplier);
            world.challenge(&supplier);
            // The challenge is one slot old.
            world.advance_slots(300);
            let bytes = opening(world, &supplier, &mut prover, 0);
            anyone(world, reveal_ix(&supplier, 0, bytes))
        }),
        refusal("opening 8", E::OpeningIndex, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 8, vec![0; 424]))
        }),
        refusal("an opening without a byte", E::OpeningLength, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 0, Vec::new()))
        }),
        refusal("an opening of a byte too many", E::OpeningLength, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 0, vec![0; 425]))
        }),
        refusal("an opening of nothing committed", E::OpeningLane, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 0, vec![0; 424]))
        }),
        refusal("a leaf of another tile", E::OpeningTile, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let mut prover = world.commit(&supplier);
            world.challenge(&supplier);
            let mut bytes = opening(world, &supplier, &mut prover, 0);
            bytes[160] ^= 1;
            anyone(world, reveal_ix(&supplier, 0, bytes))
        }),
        refusal(
            "a tree grown over a false entry",
            E::OpeningEntry,
            |world| {
                let supplier = challenged(world);
                let bytes = world.forge(&supplier, 0, 0x80);
                anyone(world, reveal_ix(&supplier, 0, bytes))
            },
        ),
        refusal("the end before the deadline", E::NotFinal, |world| {
            let supplier = challenged(world);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("the end without a challenge", E::NotFinal, |world| {
            let supplier = committed(world);
            world.advance_slots(812);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("another class's deadlines", E::WrongClass, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            let other = Supplier {
                class: pda::registry::class(CLASS_COMMUNITY),
                ..supplier.clone()
            };
            let payer = world.wallet();
            let commit = commit_ix(&other, vec![[1; 20]; 3]);
            world.send(&[commit], &[&payer, &supplier.device_key])
        }),
    ]
}

#[test]
fn each_error_has_its_refusal() {
    let mut all = people();
    all.extend(proofs());
    let unreachable = [(
        RegistryError::SlotHashesMalformed,
        "the address is pinned to the runtime's own sysvar, which is always whole",
    )];
    cases::cover(RegistryError::from_code, &all, &unreachable);
    cases::run(&World::ready(), &all);
}
