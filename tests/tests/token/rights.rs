//! Who may mint: what each right allows, and from when on.

use iog_client::pda;
use iog_client::token::accounts::Minter;
use iog_client::token::events::MinterRegistered;
use iog_client::token::{Event, TokenError};
use iog_tests::world::{
    PubkeyOf, GENESIS_TS, RIGHT_EMISSION, RIGHT_IOSD, RIGHT_NET_EMISSION, RIGHT_REFUND,
};
use iog_tests::{Code, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::setup::{
    burn_iosd, initialize, mint_emission, mint_net_emission, only_event, refund_iosd, refused,
    register, settle_iosd, DAY, HIGHEST_CAP, IO, IOSD, LEAST_CAP,
};

#[test]
fn each_right_allows_its_own_instructions_only() {
    let mut world = World::ready();
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100_000 * IO);
    let minters: Vec<_> = (1..=7)
        .map(|rights| (rights, world.plain_minter(rights, LEAST_CAP).0))
        .collect();
    // Something to refund, and a day's stream to mint again.
    let wallet = owner.pubkey_of();
    let (_, all) = minters.last().unwrap();
    let spend = burn_iosd(all, &wallet, 100 * IOSD);
    world.must(spend.instruction(), &[all, &owner]);
    world.advance(2 * DAY);
    for (rights, key) in &minters {
        let calls: [(u8, Instruction, Vec<&Keypair>); 5] = [
            (
                RIGHT_EMISSION,
                mint_emission(&world, key, 1).instruction(),
                vec![key],
            ),
            (
                RIGHT_NET_EMISSION,
                mint_net_emission(&world, key, 1).instruction(),
                vec![key],
            ),
            (
                RIGHT_IOSD,
                burn_iosd(key, &wallet, 2).instruction(),
                vec![key, &owner],
            ),
            (
                RIGHT_IOSD,
                refund_iosd(key, &wallet, 1).instruction(),
                vec![key],
            ),
            (RIGHT_IOSD, settle_iosd(key, 1).instruction(), vec![key]),
        ];
        for (needed, call, signers) in calls {
            if rights & needed == 0 {
                refused(&mut world, TokenError::MissingRight, call, &signers);
            } else {
                world.must(call, &signers);
            }
        }
    }
    let minted = |rights: u8| {
        let key = &minters[usize::from(rights) - 1].1;
        let minter = world.read::<Minter>(&pda::token::minter(&key.pubkey_of()));
        minter.minted_units
    };
    // Emission and net emission count; IOSD does not.
    assert_eq!([1, 2, 3, 4, 5, 6, 7].map(minted), [1, 1, 2, 0, 1, 1, 2]);
}

#[test]
fn rights_must_name_something_that_exists() {
    let mut world = World::ready();
    let (authority, key) = (world.authority.insecure_clone(), world.address());
    for rights in [0, RIGHT_REFUND, 9, 12, 0x80, 0xff] {
        let bad = register(&world, &key, rights, IO);
        refused(&mut world, TokenError::InvalidRights, bad, &[&authority]);
    }
    // audit: money L6, redteam 11c: a cap typed without its decimals would have stopped the emission for the day of its correction.
    for (rights, cap) in [
        (RIGHT_EMISSION, HIGHEST_CAP + 1),
        (RIGHT_EMISSION, LEAST_CAP - 1),
        (7, 500_000),
        (RIGHT_EMISSION, 0),
        (RIGHT_IOSD, HIGHEST_CAP + 1),
    ] {
        let beyond = register(&world, &key, rights, cap);
        refused(&mut world, TokenError::OutOfBounds, beyond, &[&authority]);
    }
    // Who emits nothing needs no cap.
    let nothing = world.address();
    world.govern(register(
        &world,
        &nothing,
        RIGHT_IOSD | RIGHT_NET_EMISSION,
        0,
    ));
    let good = register(&world, &key, 7, HIGHEST_CAP);
    world.must(good.clone(), &[&authority]);
    refused(&mut world, Code::in_use(), good, &[&authority]);
}

#[test]
fn a_minter_of_the_setup_may_act_at_once() {
    let mut world = World::ready();
    world.set_time(GENESIS_TS + DAY - 1);
    let key = world.wallet();
    let address = key.pubkey_of();
    let meta = world.govern(register(&world, &address, RIGHT_EMISSION, LEAST_CAP));
    let event = MinterRegistered {
        minter: address,
        rights: 1,
        cap_per_hour: LEAST_CAP,
        active_ts: GENESIS_TS + DAY - 1,
    };
    assert_eq!(only_event(&meta), Event::MinterRegistered(event));
    let minter = world.read::<Minter>(&pda::token::minter(&address));
    assert_eq!((minter.authority, minter.rights), (address, 1));
    assert_eq!(minter.cap_per_hour_units.value, LEAST_CAP);
    assert_eq!((minter.version, minter.reserved), (1, [0; 29]));
    assert_eq!(world.account(&pda::token::minter(&address)).data.len(), 144);
    assert_eq!(minter.registered_ts, GENESIS_TS + DAY - 1);
    let all = mint_emission(&world, &key, LEAST_CAP).instruction();
    world.must(all, &[&key]);
}

#[test]
fn a_later_minter_waits_a_day() {
    let mut world = World::ready();
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100_000 * IO);
    world.warp_to(GENESIS_TS + DAY);
    let key = world.wallet();
    let address = key.pubkey_of();
    let meta = world.govern(register(&world, &address, 7, LEAST_CAP));
    let Event::MinterRegistered(event) = only_event(&meta) else {
        panic!("not registered");
    };
    assert_eq!(event.active_ts, GENESIS_TS + 2 * DAY);
    let calls = |world: &World| {
        [
            mint_emission(world, &key, 1).instruction(),
            mint_net_emission(world, &key, 1).instruction(),
            burn_iosd(&key, &owner.pubkey_of(), 2).instruction(),
            refund_iosd(&key, &owner.pubkey_of(), 1).instruction(),
            settle_iosd(&key, 1).instruction(),
        ]
    };
    let signers = |n: usize| match n {
        2 => vec![&key, &owner],
        _ => vec![&key],
    };
    for before in [DAY, 1] {
        world.set_time(GENESIS_TS + 2 * DAY - before);
        for (n, call) in calls(&world).into_iter().enumerate() {
            // Refunding and settling never wait; there is nothing to refund yet.
            let code = match n {
                3 | 4 => TokenError::RefundExceedsSpent,
                _ => TokenError::MinterNotActive,
            };
            refused(&mut world, code, call, &signers(n));
        }
    }
    world.set_time(GENESIS_TS + 2 * DAY);
    for (n, call) in calls(&world).into_iter().enumerate() {
        world.must(call, &signers(n));
    }
}

/// The setup is the day of the initialisation, wherever the start lies: nobody can prolong it by a later start, and a start long
/// ago does not end it before it began.
#[test]
fn the_setup_ends_a_day_after_the_initialisation() {
    for start in [-30 * DAY, -DAY, 0, 30 * DAY] {
        let mut world = World::new();
        let begun = world.now();
        let mut initialize = initialize(&world);
        initialize.genesis_ts = begun + start;
        world.govern(initialize.instruction());
        assert_eq!(world.token_config().setup_until_ts, begun + DAY);
        let (io, bank) = (world.io, world.bank.pubkey_of());
        world.token_account(&bank, &io);
        for (secs, waits) in [(0, 0), (DAY - 1, 0), (DAY, DAY), (20 * DAY, DAY)] {
            world.set_time(begun + secs);
            let key = world.wallet();
            let meta = world.govern(register(
                &world,
                &key.pubkey_of(),
                RIGHT_EMISSION,
                LEAST_CAP,
            ));
            let Event::MinterRegistered(event) = only_event(&meta) else {
                panic!("not registered");
            };
            assert_eq!(event.active_ts, begun + secs + waits);
            let mint = mint_emission(&world, &key, 1).instruction();
            if waits > 0 {
                refused(&mut world, TokenError::MinterNotActive, mint, &[&key]);
            } else {
                world.must(mint, &[&key]);
            }
        }
    }
}
