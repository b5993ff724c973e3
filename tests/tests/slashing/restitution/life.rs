//! A case that pays a renter, from its proposal to the end of what remembers it.

use iog_client::staking::accounts::{Restitution, SlashCase};
use iog_client::staking::events::{
    RestitutionClosed, RestitutionFetched, RestitutionFinalized, RestitutionProposed,
};
use iog_client::staking::{CaseMark, Event, StakingError as E};
use iog_tests::world::{expect_code, PubkeyOf};

use super::paying::EVIDENCE;
use super::stage::{Stage, CLAIM, H100_USD6};
use crate::stage::{said, DAY, IO, MONTH};

/// 6 IO at 0.2505 USD are 1.503 USD of the 1.52 that the lease was paid.
const AMOUNT: u64 = 6 * IO;
const CLAIMED: u64 = 1_503_000;

/// The market's record: what the lease was paid in its life, and by whose decision it lost the rest.
#[test]
fn a_verdict_says_what_the_lease_was_paid() {
    let stage = Stage::new();
    let verdict = stage.verdict();
    let world = &stage.plain.world;
    let lease = iog_client::pda::market::lease(&stage.order, &stage.plain.one.device);
    assert_eq!((verdict.lease, verdict.order), (lease, stage.order));
    assert_eq!(verdict.device, stage.plain.one.device);
    assert_eq!(verdict.owner, stage.plain.one.owner.pubkey_of());
    assert_eq!(verdict.renter, stage.renter.wallet.pubkey_of());
    assert_eq!(verdict.resolver, world.resolver.pubkey_of());
    assert_eq!(verdict.paid_usd6, H100_USD6);
    assert_eq!(verdict.decided_ts, world.now());
}

#[test]
fn a_proposal_holds_the_owners_part_and_says_what_it_claims() {
    let mut stage = Stage::of(1_000 * IO, 1_000 * IO, H100_USD6);
    stage.world().post_price(25_000_000);
    let wallets = stage.plain.wallets();
    let propose = stage.propose_ix(AMOUNT);
    let slasher = stage.plain.court.slasher.insecure_clone();
    let before = stage.plain.world.lamports(&slasher.pubkey_of());
    let meta = stage.world().must(propose.instruction(), &[&slasher]);
    let now = stage.plain.world.now();
    let verdict = stage.verdict();
    let proposed = RestitutionProposed {
        case: propose.case,
        verdict: stage.verdict,
        lease: verdict.lease,
        order: stage.order,
        device: stage.plain.one.device,
        renter: stage.renter.wallet.pubkey_of(),
        resolver: stage.plain.world.resolver.pubkey_of(),
        amount: AMOUNT,
        claim_usd6: CLAIMED,
        claimed_usd6: CLAIMED,
        paid_usd6: H100_USD6,
        evidence_hash: EVIDENCE,
        appeal_until_ts: now + 2_592_000,
    };
    assert_eq!(meta.events, said(Event::RestitutionProposed(proposed)));
    let case = stage.plain.case(&propose.case);
    let expected = SlashCase {
        device: stage.plain.one.device,
        proposer: slasher.pubkey_of(),
        co_staker: stage.plain.co.wallet.pubkey_of(),
        evidence_hash: EVIDENCE,
        verdict: stage.verdict,
        resolver: stage.plain.world.resolver.pubkey_of(),
        number: 0,
        owner_units: AMOUNT,
        co_units: 0,
        claim_usd6: CLAIMED,
        proposed_ts: now,
        appealed_ts: 0,
        decided_ts: 0,
        offence_ts: 0,
        state: 0,
        reason: 0,
        version: 1,
        bump: case.bump,
        reserved: [0; 28],
    };
    assert_eq!(case, expected);
    let restitution = stage.restitution();
    let expected = Restitution {
        verdict: stage.verdict,
        renter: stage.renter.wallet.pubkey_of(),
        device: stage.plain.one.device,
        payer: slasher.pubkey_of(),
        claimed_usd6: CLAIMED,
        due_units: 0,
        paid_units: 0,
        decided_ts: verdict.decided_ts,
        open_cases: 1,
        version: 1,
        bump: restitution.bump,
        reserved: [0; 44],
    };
    assert_eq!(restitution, expected);
    let world = &stage.plain.world;
    let rents = world.rent(296) + world.rent(216) + 5_000;
    assert_eq!(before - world.lamports(&slasher.pubkey_of()), rents);
    assert_eq!(stage.plain.parts(), [(1_000 * IO, AMOUNT), (1_000 * IO, 0)]);
    let stake = world.device_stake(&stage.plain.one);
    let mark = CaseMark {
        proposed_ts: now,
        amount_units: AMOUNT,
        owner_units: AMOUNT,
    };
    assert!(stake.marks.contains(&mark));
    assert_eq!((stake.open_cases, world.staking_config().cases), (1, 1));
    assert_eq!(stage.plain.wallets(), wallets);
    assert_eq!(stage.owed(), (0, 0));
    stage.books(0);
}

#[test]
fn what_a_case_takes_waits_for_the_renter_and_anyone_sends_it() {
    let mut stage = Stage::new();
    let case = stage.propose(AMOUNT);
    let slasher = stage.plain.court.slasher.pubkey_of();
    stage.plain.pass(MONTH - 1);
    expect_code(stage.try_finalize(&case), E::CaseRuns);
    expect_code(stage.try_fetch(), E::NothingDue);
    stage.plain.pass(1);
    let (lamports, wallets) = (stage.plain.world.lamports(&slasher), stage.plain.wallets());
    let meta = stage.finalize(&case);
    let finalized = RestitutionFinalized {
        case,
        verdict: stage.verdict,
        device: stage.plain.one.device,
        renter: stage.renter.wallet.pubkey_of(),
        credited: AMOUNT,
        claimed_usd6: CLAIMED,
        staked_before: 2_000 * IO,
        staked_after: 1_994 * IO,
        due_before: 0,
        due_after: AMOUNT,
    };
    assert_eq!(meta.events, said(Event::RestitutionFinalized(finalized)));
    let world = &stage.plain.world;
    assert!(world.find(&case).is_none());
    assert_eq!(world.lamports(&slasher) - lamports, world.rent(296));
    assert_eq!(stage.plain.parts(), [(1_994 * IO, 0), (0, 0)]);
    assert_eq!(stage.owed(), (AMOUNT, AMOUNT));
    assert_eq!(stage.plain.wallets(), wallets);
    stage.books(0);

    // A year later it is there still, and a stranger sends it.
    stage.plain.pass(365 * DAY);
    let balance = stage.plain.world.balance(&stage.renter.token);
    let meta = stage.try_fetch().unwrap();
    let fetched = RestitutionFetched {
        verdict: stage.verdict,
        renter: stage.renter.wallet.pubkey_of(),
        amount: AMOUNT,
        due_before: AMOUNT,
        due_after: 0,
    };
    assert_eq!(meta.events, said(Event::RestitutionFetched(fetched)));
    let paid = stage.plain.world.balance(&stage.renter.token) - balance;
    assert_eq!((paid, stage.owed()), (AMOUNT, (0, AMOUNT)));
    let restitution = stage.restitution();
    assert_eq!((restitution.due_units, restitution.paid_units), (0, AMOUNT));
    expect_code(stage.try_fetch(), E::NothingDue);
    stage.books(0);
}

/// It remembers what was claimed for as long as the verdict can be named; then its rent goes back to who paid it.
#[test]
fn a_restitution_is_closed_when_nothing_counts_on_it() {
    let mut stage = Stage::new();
    let decided = stage.verdict().decided_ts;
    stage.propose(AMOUNT);
    expect_code(stage.try_close(), E::RestitutionNeeded);
    let case = iog_client::pda::staking::slash_case(0);
    stage.plain.pass(MONTH);
    stage.finalize(&case);
    expect_code(stage.try_close(), E::RestitutionNeeded);
    stage.try_fetch().unwrap();
    expect_code(stage.try_close(), E::RestitutionNeeded);
    stage.world().set_time(decided + CLAIM - 1);
    expect_code(stage.try_close(), E::RestitutionNeeded);
    stage.world().set_time(decided + CLAIM);
    let slasher = stage.plain.court.slasher.pubkey_of();
    let lamports = stage.plain.world.lamports(&slasher);
    let meta = stage.try_close().unwrap();
    let closed = RestitutionClosed {
        verdict: stage.verdict,
        renter: stage.renter.wallet.pubkey_of(),
        paid: AMOUNT,
    };
    assert_eq!(meta.events, said(Event::RestitutionClosed(closed)));
    let world = &stage.plain.world;
    assert!(world.find(&stage.restitution_address()).is_none());
    assert_eq!(world.lamports(&slasher) - lamports, world.rent(216));
    // By then nothing more can be claimed.
    expect_code(stage.try_propose(1), E::ClaimTooLate);
    stage.books(0);
}

/// While the sum is not fetched it stays, however long.
#[test]
fn what_is_owed_keeps_its_record() {
    let mut stage = Stage::new();
    stage.take(AMOUNT);
    stage.plain.pass(10 * CLAIM);
    expect_code(stage.try_close(), E::RestitutionNeeded);
    stage.try_fetch().unwrap();
    stage.try_close().unwrap();
}

/// Lamports that somebody left at its address do not keep it away.
#[test]
fn a_restitution_funded_beforehand_can_be_opened() {
    for lamports in [1, 10_000_000_000] {
        let mut stage = Stage::new();
        let address = stage.restitution_address();
        stage.world().fund(&address, lamports);
        stage.propose(AMOUNT);
        assert_eq!(stage.restitution().claimed_usd6, CLAIMED);
    }
}
