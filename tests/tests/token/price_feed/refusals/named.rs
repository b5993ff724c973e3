//! Reporters and quorums that cannot be.

use iog_client::token::instructions::{
    ApplyPriceQuorum, ApplyReporter, CreatePriceFeed, DropPriceQuorum, DropReporter, SetPriceQuorum,
};
use iog_client::token::TokenError as E;
use iog_tests::world::PubkeyOf;
use iog_tests::{refusal, Case, Code, Outcome, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::five;
use crate::setup::DAY;

pub fn cases() -> Vec<Case> {
    [named(), counted()].into_iter().flatten().collect()
}

/// Names a key for a place, by the authority.
fn name(world: &mut World, index: u8, key: &Keypair) -> Outcome {
    let authority = world.authority.insecure_clone();
    let set = world.set_reporter_ix(index, &key.pubkey_of()).instruction();
    world.send(&[set], &[&authority])
}

fn create(world: &mut World, quorum: u64) -> Outcome {
    let authority = world.authority.insecure_clone();
    let create = CreatePriceFeed {
        authority: authority.pubkey_of(),
        quorum,
    };
    world.send(&[create.instruction()], &[&authority])
}

fn set_quorum(world: &mut World, quorum: u64) -> Outcome {
    let authority = world.authority.insecure_clone();
    let set = SetPriceQuorum {
        authority: authority.pubkey_of(),
        quorum,
    };
    world.send(&[set.instruction()], &[&authority])
}

fn apply(world: &mut World, instruction: Instruction) -> Outcome {
    let anyone = world.wallet();
    world.send(&[instruction], &[&anyone])
}

fn named() -> Vec<Case> {
    vec![
        refusal("a tenth place", E::NoSuchReporter, |world| {
            five(world);
            let key = world.key();
            name(world, 9, &key)
        }),
        refusal("a tenth place's successor", E::NoSuchReporter, |world| {
            five(world);
            apply(world, ApplyReporter { index: 255 }.instruction())
        }),
        refusal("a tenth place's drop", E::NoSuchReporter, |world| {
            five(world);
            let signer = world.authority.pubkey_of();
            let drop = DropReporter { signer, index: 9 }.instruction();
            let authority = world.authority.insecure_clone();
            world.send(&[drop], &[&authority])
        }),
        refusal("two places for one", E::ReporterTwice, |world| {
            let keys = five(world);
            name(world, 1, &keys[0])
        }),
        refusal("two places to wait for", E::ReporterTwice, |world| {
            five(world);
            world.advance(DAY);
            let key = world.key();
            name(world, 1, &key).unwrap();
            name(world, 2, &key)
        }),
        refusal("a sixth where three agree", E::QuorumTooSmall, |world| {
            five(world);
            let key = world.key();
            name(world, 5, &key)
        }),
        refusal("a sixth a day later", E::QuorumTooSmall, |world| {
            five(world);
            world.advance(DAY);
            let key = world.key();
            name(world, 5, &key).unwrap();
            world.advance(DAY);
            apply(world, ApplyReporter { index: 5 }.instruction())
        }),
        refusal("half of those named", E::QuorumTooSmall, |world| {
            world.price_by_quorum(4, 6);
            set_quorum(world, 3).unwrap();
            world.advance(DAY);
            apply(world, ApplyPriceQuorum {}.instruction())
        }),
        refusal("by a stranger", E::NotAuthority, |world| {
            five(world);
            let (stranger, key) = (world.wallet(), world.address());
            let mut set = world.set_reporter_ix(5, &key);
            set.authority = stranger.pubkey_of();
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal("dropped by a stranger", E::NotGuardian, |world| {
            five(world);
            let stranger = world.wallet();
            let signer = stranger.pubkey_of();
            let drop = DropReporter { signer, index: 0 }.instruction();
            world.send(&[drop], &[&stranger])
        }),
    ]
}

fn counted() -> Vec<Case> {
    vec![
        refusal("two of a quorum", E::OutOfBounds, |world| create(world, 2)),
        refusal("ten of a quorum", E::OutOfBounds, |world| create(world, 10)),
        refusal("a quorum lowered to two", E::OutOfBounds, |world| {
            five(world);
            set_quorum(world, 2)
        }),
        refusal("a quorum of ten", E::OutOfBounds, |world| {
            five(world);
            set_quorum(world, 10)
        }),
        refusal("a quorum by a stranger", E::NotAuthority, |world| {
            five(world);
            let stranger = world.wallet();
            let set = SetPriceQuorum {
                authority: stranger.pubkey_of(),
                quorum: 4,
            };
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal("a feed by a stranger", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let create = CreatePriceFeed {
                authority: stranger.pubkey_of(),
                quorum: 3,
            };
            world.send(&[create.instruction()], &[&stranger])
        }),
        refusal("a second feed", Code::in_use(), |world| {
            five(world);
            create(world, 3)
        }),
        refusal("no quorum waits", E::NothingScheduled, |world| {
            five(world);
            apply(world, ApplyPriceQuorum {}.instruction())
        }),
        refusal("a quorum too early", E::TooEarly, |world| {
            five(world);
            set_quorum(world, 4).unwrap();
            world.advance(DAY - 1);
            apply(world, ApplyPriceQuorum {}.instruction())
        }),
        refusal("a quorum too late", E::Lapsed, |world| {
            five(world);
            set_quorum(world, 4).unwrap();
            world.advance(8 * DAY + 1);
            apply(world, ApplyPriceQuorum {}.instruction())
        }),
        refusal("no quorum to drop", E::NothingScheduled, |world| {
            five(world);
            let authority = world.authority.insecure_clone();
            let signer = authority.pubkey_of();
            world.send(&[DropPriceQuorum { signer }.instruction()], &[&authority])
        }),
        refusal("a quorum dropped by a stranger", E::NotGuardian, |world| {
            five(world);
            set_quorum(world, 4).unwrap();
            let stranger = world.wallet();
            let signer = stranger.pubkey_of();
            world.send(&[DropPriceQuorum { signer }.instruction()], &[&stranger])
        }),
    ]
}
