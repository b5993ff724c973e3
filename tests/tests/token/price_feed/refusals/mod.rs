//! Each refusal of a report, of a reporter and of a quorum, by its code.

mod named;
mod proved;

use iog_client::pda;
use iog_client::token::instructions::ReportPrice;
use iog_client::token::TokenError as E;
use iog_tests::world::{expect_code, signed, PubkeyOf};
use iog_tests::{cases, refusal, Case, Code, Outcome, World};
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;

use super::stage::QUARTER;
use crate::setup::DAY;

/// Five reporters, three of whom make a price.
fn five(world: &mut World) -> Vec<Keypair> {
    world.price_by_quorum(3, 5)
}

/// A report of the first reporter's, spoilt, in the world's present.
fn reports(world: &mut World, price: u64, late: i64) -> Outcome {
    let keys = five(world);
    let ts = world.now().saturating_sub(late);
    world.carry(&[signed(&keys[0], price, ts)])
}

/// What reporter 0 says, after it said so before.
fn again(world: &mut World, price: u64, later: i64) -> Outcome {
    let keys = five(world);
    let now = world.now();
    world.carry(&[signed(&keys[0], QUARTER, now)]).unwrap();
    world.carry(&[signed(&keys[0], price, now + later)])
}

fn reported() -> Vec<Case> {
    vec![
        refusal("by nobody", E::NotReporter, |world| {
            five(world);
            let (stranger, now) = (world.key(), world.now());
            world.carry(&[signed(&stranger, QUARTER, now)])
        }),
        refusal("by who waits", E::NotReporter, |world| {
            five(world);
            let key = world.key();
            world.advance(DAY);
            let set = world.set_reporter_ix(0, &key.pubkey_of());
            world.govern(set.instruction());
            let now = world.now();
            world.carry(&[signed(&key, QUARTER, now)])
        }),
        refusal("by who was removed", E::NotReporter, |world| {
            let keys = five(world);
            let set = world.set_reporter_ix(0, &Default::default());
            world.govern(set.instruction());
            let now = world.now();
            world.carry(&[signed(&keys[0], QUARTER, now)])
        }),
        refusal("nothing for an IO", E::ReportOutOfRange, |world| {
            reports(world, 0, 0)
        }),
        refusal("above 100,000 dollars", E::ReportOutOfRange, |world| {
            reports(world, 1_000_000_000_000_001, 0)
        }),
        refusal("6 seconds ahead", E::ReportFromTheFuture, |world| {
            reports(world, QUARTER, -6)
        }),
        refusal("at the end of time", E::ReportFromTheFuture, |world| {
            reports(world, QUARTER, i64::MIN)
        }),
        refusal("61 seconds old", E::ReportStale, |world| {
            reports(world, QUARTER, 61)
        }),
        refusal("from before time", E::ReportStale, |world| {
            reports(world, QUARTER, i64::MAX)
        }),
        refusal("the same again", E::NothingNewer, |world| {
            again(world, QUARTER, 0)
        }),
        refusal("another price for it", E::NothingNewer, |world| {
            again(world, QUARTER + 1, 0)
        }),
        refusal("an older one", E::NothingNewer, |world| {
            again(world, QUARTER, -1)
        }),
    ]
}

/// From a network that has no feed yet.
pub fn cases() -> Vec<Case> {
    [reported(), proved::cases(), named::cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn each_refusal_of_the_feed_has_its_code() {
    cases::run(&World::ready(), &cases());
}

/// The last of each bound is taken.
#[test]
fn reports_within_the_bounds_are_taken() {
    let mut world = World::ready();
    let keys = five(&mut world);
    let now = world.now();
    let last = [
        signed(&keys[0], 1, now - 60),
        signed(&keys[1], 1_000_000_000_000_000, now + 5),
    ];
    world.carry(&last).unwrap();
    let reporters = world.price_feed().feed.reporters;
    let kept = [0, 1].map(|index: usize| (reporters[index].price, reporters[index].ts));
    assert_eq!(kept, [(1, now - 60), (1_000_000_000_000_000, now + 5)]);
}

/// The feed at another address, or with another owner, takes nothing.
#[test]
fn only_the_one_feed_counts() {
    let mut world = World::ready();
    let check = proved::checked(&mut world);
    let feed = pda::token::price_feed();
    let copy = world.address();
    world.copy_account(&feed, &copy);
    let fake = world.counterfeit(&feed);
    let seeds = Code::plain(iog_client::token::ID, InstructionError::InvalidSeeds);
    let owner = Code::plain(iog_client::token::ID, InstructionError::IllegalOwner);
    for (wrong, code) in [(copy, seeds), (fake, owner)] {
        let mut take = ReportPrice {}.instruction();
        take.accounts[0].pubkey = wrong;
        let anyone = world.authority.insecure_clone();
        expect_code(world.send(&[check.clone(), take], &[&anyone]), code);
    }
}
