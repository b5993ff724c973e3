//! How much a minter mints in an hour, how its cap changes, and how it ends.

use iog_client::token::accounts::Minter;
use iog_client::token::events::{EmissionMinted, MinterCapSet, MinterRemoved};
use iog_client::token::instructions::{ApplyMinterCap, RemoveMinter, SetMinterCap};
use iog_client::token::{Event, TokenError, ID};
use iog_tests::world::{ata, expect_code, PubkeyOf, GENESIS_TS, RIGHT_EMISSION, RIGHT_IOSD};
use iog_tests::{Code, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::setup::{
    mint_emission, only_event, refused, register, DAY, GENESIS, HIGHEST_CAP, HOUR, LEAST_CAP,
};

fn set_cap(world: &World, minter: &Pubkey, cap_per_hour: u64) -> Instruction {
    let set = SetMinterCap {
        authority: world.authority.pubkey_of(),
        minter: *minter,
        cap_per_hour,
    };
    set.instruction()
}

fn apply_cap(minter: &Pubkey) -> Instruction {
    ApplyMinterCap { minter: *minter }.instruction()
}

fn remove(world: &World, minter: &Pubkey) -> Instruction {
    let remove = RemoveMinter {
        authority: world.authority.pubkey_of(),
        minter: *minter,
    };
    remove.instruction()
}

#[test]
fn it_mints_up_to_its_cap_in_each_hour() {
    let mut world = World::ready();
    let (key, address) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let mint = |world: &World, amount| mint_emission(world, &key, amount).instruction();
    let mut emitted = 0;
    for (hour, amount, this_hour) in [
        (0, 400, 400),
        (0, LEAST_CAP - 400, LEAST_CAP),
        (1, LEAST_CAP, LEAST_CAP),
    ] {
        world.set_time(GENESIS_TS + hour * HOUR + HOUR - 1);
        let meta = world.must(mint(&world, amount), &[&key]);
        let event = EmissionMinted {
            minter: key.pubkey_of(),
            destination: ata(&world.bank.pubkey_of(), &world.io),
            amount,
            emitted_before: emitted,
            emitted_after: emitted + amount,
        };
        emitted += amount;
        assert_eq!(only_event(&meta), Event::EmissionMinted(event));
        let minter = world.read::<Minter>(&address);
        assert_eq!(
            (minter.minted_this_hour_units, minter.minted_units),
            (this_hour, emitted)
        );
    }
    let over = mint(&world, 1);
    let reached = TokenError::MinterCapReached;
    refused(&mut world, reached, over.clone(), &[&key]);
    // A clock that steps back into the hour before begins no new one.
    world.set_time(GENESIS_TS + HOUR - 1);
    refused(&mut world, reached, over.clone(), &[&key]);
    world.set_time(GENESIS_TS + 2 * HOUR);
    world.must(over, &[&key]);
    assert_eq!(world.supply(&world.io), GENESIS + 2 * LEAST_CAP + 1);
    assert_eq!(world.token_config().emitted_units, 2 * LEAST_CAP + 1);
}

#[test]
fn a_lower_cap_binds_at_once_and_a_higher_after_a_day() {
    let mut world = World::ready();
    let cap = |more: u64| LEAST_CAP + more;
    let (key, minter) = world.plain_minter(RIGHT_EMISSION, cap(1_000));
    let stranger = world.wallet();
    let start = world.now();
    let told = |cap_per_hour, pending, pending_ts| {
        Event::MinterCapSet(MinterCapSet {
            minter: key.pubkey_of(),
            cap_per_hour,
            pending,
            pending_ts,
        })
    };
    let meta = world.govern(set_cap(&world, &minter, cap(100)));
    assert_eq!(only_event(&meta), told(cap(100), 0, 0));
    let reached = TokenError::MinterCapReached;
    let over = mint_emission(&world, &key, cap(101)).instruction();
    refused(&mut world, reached, over.clone(), &[&key]);

    let meta = world.govern(set_cap(&world, &minter, cap(101)));
    assert_eq!(only_event(&meta), told(cap(100), cap(101), start + DAY));
    let early = TokenError::TooEarly;
    refused(&mut world, early, apply_cap(&minter), &[&stranger]);
    world.advance(DAY - 1);
    refused(&mut world, early, apply_cap(&minter), &[&stranger]);
    world.advance(1);
    // Its time alone does not raise it.
    refused(&mut world, reached, over.clone(), &[&key]);
    let meta = world.must(apply_cap(&minter), &[&stranger]);
    assert_eq!(only_event(&meta), told(cap(101), 0, 0));
    world.must(over, &[&key]);
    let nothing = TokenError::NothingScheduled;
    refused(&mut world, nothing, apply_cap(&minter), &[&stranger]);

    // A lowering drops the rise that waits; the lowest lets the schedule's largest hour pass twice.
    world.govern(set_cap(&world, &minter, cap(5_000)));
    world.govern(set_cap(&world, &minter, cap(0)));
    world.advance(2 * DAY);
    refused(&mut world, nothing, apply_cap(&minter), &[&stranger]);
    let one_more = mint_emission(&world, &key, cap(1)).instruction();
    refused(&mut world, reached, one_more, &[&key]);
    let all = mint_emission(&world, &key, cap(0)).instruction();
    world.must(all, &[&key]);
}

/// audit: money L6, redteam 11c: a low cap stopped the emission, and its correction waited a day. Now none stops it, by mistake or by a
/// stolen key, and what a pause left to be minted is worked off in about the time that the pause took.
#[test]
fn no_cap_of_emission_is_below_twice_the_schedules_first_hour() {
    let mut world = World::ready();
    let (_, minter) = world.plain_minter(RIGHT_EMISSION, 2 * LEAST_CAP);
    let (_, other) = world.plain_minter(RIGHT_IOSD, 0);
    let authority = world.authority.insecure_clone();
    assert_eq!(LEAST_CAP, 2 * iog_math::emission::amount(1).unwrap());
    for beyond in [0, 1, 500_000, LEAST_CAP - 1, HIGHEST_CAP + 1, u64::MAX] {
        let set = set_cap(&world, &minter, beyond);
        refused(&mut world, TokenError::OutOfBounds, set, &[&authority]);
    }
    world.govern(set_cap(&world, &minter, LEAST_CAP));
    world.govern(set_cap(&world, &minter, HIGHEST_CAP));
    // The cap of a minter without the right binds nothing.
    world.govern(set_cap(&world, &other, 1));
}

#[test]
fn a_removed_minter_ends_at_once_and_comes_back_like_a_new_one() {
    let mut world = World::ready();
    let (key, minter) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    world.must(mint_emission(&world, &key, 600).instruction(), &[&key]);
    world.advance(2 * DAY);
    let authority = world.authority.insecure_clone();
    let (rent, before) = (
        world.lamports(&minter),
        world.lamports(&authority.pubkey_of()),
    );
    let meta = world.govern(remove(&world, &minter));
    let event = MinterRemoved {
        minter: key.pubkey_of(),
        minted: 600,
        outstanding_iosd: 0,
    };
    assert_eq!(only_event(&meta), Event::MinterRemoved(event));
    assert!(world.find(&minter).is_none());
    assert_eq!(
        world.lamports(&authority.pubkey_of()),
        before + rent - 5_000
    );
    let gone = Code::plain(ID, InstructionError::AccountDataTooSmall);
    let mint = mint_emission(&world, &key, 1).instruction();
    refused(&mut world, gone.clone(), mint.clone(), &[&key]);
    let again = remove(&world, &minter);
    refused(&mut world, gone, again, &[&authority]);

    world.govern(register(
        &world,
        &key.pubkey_of(),
        RIGHT_EMISSION,
        LEAST_CAP,
    ));
    assert_eq!(world.read::<Minter>(&minter).minted_units, 0);
    refused(
        &mut world,
        TokenError::MinterNotActive,
        mint.clone(),
        &[&key],
    );
    world.advance(DAY);
    world.must(mint, &[&key]);
}

#[test]
fn lamports_sent_back_revive_nothing() {
    let mut world = World::ready();
    let (key, minter) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let authority = world.authority.insecure_clone();
    let revive = solana_system_interface::instruction::transfer(
        &authority.pubkey_of(),
        &minter,
        world.lamports(&minter),
    );
    let mint = mint_emission(&world, &key, 1).instruction();
    let outcome = world.send(
        &[remove(&world, &minter), revive, mint],
        &[&authority, &key],
    );
    let gone = Code::plain(ID, InstructionError::AccountDataTooSmall);
    expect_code(outcome, gone);
    assert_eq!(world.read::<Minter>(&minter).minted_units, 0);
}

#[test]
fn only_the_authority_changes_minters() {
    let mut world = World::ready();
    let (_, minter) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let stranger = world.wallet();
    let other = world.address();
    let calls = [
        register(&world, &other, RIGHT_EMISSION, LEAST_CAP),
        set_cap(&world, &minter, LEAST_CAP),
        remove(&world, &minter),
    ];
    for mut call in calls {
        call.accounts[0].pubkey = stranger.pubkey_of();
        refused(&mut world, TokenError::NotAuthority, call, &[&stranger]);
    }
    assert_eq!(
        world.read::<Minter>(&minter).cap_per_hour_units.value,
        LEAST_CAP
    );
}
