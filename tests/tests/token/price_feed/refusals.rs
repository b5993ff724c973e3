//! Each refusal of a report, of a reporter and of a quorum, by its code.

use iog_client::pda;
use iog_client::price_report::{self, ED25519_PROGRAM};
use iog_client::token::instructions::{
    ApplyPriceQuorum, ApplyReporter, CreatePriceFeed, DropPriceQuorum, DropReporter, ReportPrice,
    SetPriceQuorum,
};
use iog_client::token::TokenError as E;
use iog_tests::world::{signed, signed_for, PubkeyOf};
use iog_tests::{cases, refusal, Case, Code, Outcome, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::stage::QUARTER;
use crate::setup::{refused, DAY};

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
        refusal("by a reporter and a stranger", E::NotReporter, |world| {
            let keys = five(world);
            let (stranger, now) = (world.key(), world.now());
            world.carry(&[
                signed(&keys[0], QUARTER, now),
                signed(&stranger, QUARTER, now),
            ])
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

/// Sends `before`, then the taking of reports, then `after`.
fn around(world: &mut World, before: &[Instruction], after: &[Instruction]) -> Outcome {
    let anyone = world.authority.insecure_clone();
    let mut all = before.to_vec();
    all.push(ReportPrice {}.instruction());
    all.extend_from_slice(after);
    world.send(&all, &[&anyone])
}

fn checked(world: &mut World) -> Instruction {
    let keys = five(world);
    let now = world.now();
    price_report::check(&[signed(&keys[0], QUARTER, now)]).unwrap()
}

/// Moves nothing.
fn other(world: &World) -> Instruction {
    let from = world.authority.pubkey_of();
    solana_system_interface::instruction::transfer(&from, &from, 0)
}

/// The Ed25519 instruction of a good report with the number at `place` (0 signature's offset, 1 its instruction, 2 and 3 the key's, 4, 5
/// and 6 offset, length and instruction of the message) set to `value`.
fn with_number(world: &mut World, place: usize, value: u16) -> Outcome {
    let mut check = checked(world);
    let at = 2 + 2 * place;
    check.data[at..at + 2].copy_from_slice(&value.to_le_bytes());
    around(world, &[check], &[])
}

fn proved() -> Vec<Case> {
    vec![
        refusal("nothing before it", E::NoSignatures, |world| {
            five(world);
            around(world, &[], &[])
        }),
        refusal("another program before it", E::NoSignatures, |world| {
            five(world);
            let other = other(world);
            around(world, &[other], &[])
        }),
        refusal("another program between", E::NoSignatures, |world| {
            let (check, other) = (checked(world), other(world));
            around(world, &[check, other], &[])
        }),
        refusal("the signatures behind it", E::NoSignatures, |world| {
            let (check, other) = (checked(world), other(world));
            around(world, &[other], &[check])
        }),
        refusal("another sysvar", E::NoSignatures, |world| {
            let check = checked(world);
            let mut take = ReportPrice {}.instruction();
            take.accounts[1].pubkey = solana_pubkey::Pubkey::from_str_const(
                "SysvarC1ock11111111111111111111111111111111",
            );
            let anyone = world.authority.insecure_clone();
            world.send(&[check, take], &[&anyone])
        }),
        refusal("no signature at all", E::NothingNewer, |world| {
            let mut check = checked(world);
            check.data = vec![0, 0];
            around(world, &[check], &[])
        }),
        refusal("a report for another account", E::NotAReport, |world| {
            let keys = five(world);
            let (feed, now) = (world.address(), world.now());
            world.carry(&[signed_for(&keys[0], &feed, QUARTER, now)])
        }),
        // 0 is the Ed25519 instruction's own number, and yet not how it must be said.
        refusal("a signature by number", E::NotAReport, |world| {
            with_number(world, 1, 0)
        }),
        refusal("a key by number", E::NotAReport, |world| {
            with_number(world, 3, 0)
        }),
        refusal("a message by number", E::NotAReport, |world| {
            with_number(world, 6, 0)
        }),
        refusal("a signature that is wrong", not_signed(), |world| {
            let keys = five(world);
            let mut report = signed(&keys[0], QUARTER, world.now());
            report.price += 1;
            world.carry(&[report])
        }),
        refusal("a message cut short", not_signed(), |world| {
            with_number(world, 5, 47)
        }),
    ]
}

/// How the runtime refuses a transaction in which a signature does not fit.
fn not_signed() -> Code {
    Code::anchor(ED25519_PROGRAM, 2)
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

/// From a network that has no feed yet.
pub fn cases() -> Vec<Case> {
    [reported(), proved(), named(), counted()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn each_refusal_of_the_feed_has_its_code() {
    cases::run(&World::ready(), &cases());
}

/// One wrong report refuses all that came with it: the honest carry their own.
#[test]
fn a_refusal_takes_none_of_the_reports() {
    let mut world = World::ready();
    let keys = five(&mut world);
    let (authority, now) = (world.authority.insecure_clone(), world.now());
    let good = signed(&keys[0], QUARTER, now);
    for (bad, code) in [
        (signed(&keys[1], 0, now), E::ReportOutOfRange),
        (signed(&keys[1], QUARTER, now - 61), E::ReportStale),
        (signed(&keys[1], QUARTER, now + 6), E::ReportFromTheFuture),
    ] {
        let before = world.price_feed();
        let both = world.carry(&[good.clone(), bad]);
        iog_tests::world::expect_code(both, code);
        assert_eq!(world.price_feed(), before);
    }
    let take = ReportPrice {}.instruction();
    refused(&mut world, E::NoSignatures, take, &[&authority]);
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

/// The feed at another address, or with another owner, takes nothing, and is no source of prices.
#[test]
fn only_the_one_feed_counts() {
    let mut world = World::ready();
    let check = checked(&mut world);
    let feed = pda::token::price_feed();
    let copy = world.address();
    world.copy_account(&feed, &copy);
    for wrong in [copy, world.counterfeit(&feed)] {
        let mut take = ReportPrice {}.instruction();
        take.accounts[0].pubkey = wrong;
        let anyone = world.authority.insecure_clone();
        let outcome = world.send(&[check.clone(), take], &[&anyone]);
        assert!(outcome.is_err(), "{wrong}");
        let before = world.account(&wrong);
        assert_eq!(before.data, world.account(&feed).data);
    }
}
