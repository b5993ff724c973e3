//! redteam 6f: what stolen keys can do with restitution, in numbers. Stakes of 2,000 IO at 0.25 USD, caps of 10 and 25 %.

use iog_client::pda;
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, Currency, PubkeyOf};

use super::stage::{lose, staked, Stage, CLAIM, H100_USD6};
use crate::stage::{Stage as Plain, IO, MONTH};

/// Millionths of a dollar of so much IO at 0.25 USD.
fn usd6(io: u64) -> u64 {
    io / 100_000_000 * 250_000
}

/// Slasher's and judge's keys: they burn 25 % of a stake a month, which pays the thief nothing.
#[test]
fn stolen_slash_keys_can_only_burn() {
    let (mut world, one, co, renter) = staked(2_000 * IO, 0, H100_USD6);
    let court = world.court();
    let supply = world.supply(&world.io);
    let plain = Plain {
        world,
        one,
        co,
        court,
        supply,
    };
    let lease = pda::market::lease(&renter.stats, &plain.one.device);
    let mut stage = Stage {
        verdict: pda::market::verdict(&lease),
        order: renter.stats,
        renter,
        plain,
    };
    // No dispute was lost: there is nothing that a case could name.
    for verdict in [stage.verdict, stage.plain.one.occupancy, stage.renter.stats] {
        stage.verdict = verdict;
        expect_code(stage.try_propose(1), E::NotVerdict);
    }
    let accomplice = stage.plain.world.balance(&stage.renter.token);
    let cases = [200, 200, 100].map(|io| stage.plain.propose(io * IO));
    expect_code(stage.plain.try_propose(1), E::SlashAboveCap);
    stage.plain.pass(MONTH);
    for case in &cases {
        stage.plain.finalize(case);
    }
    assert_eq!(stage.plain.world.balance(&stage.renter.token), accomplice);
    assert_eq!(stage.owed(), (0, 0));
    stage.books(500 * IO);
}

/// redteam 6f: with a renter as accomplice who won a dispute before the resolver: what that lease was paid, and 25 % of the owner's part a
/// month: 125 USD of 500, 30 days from the proposal on.
#[test]
fn an_accomplice_gets_its_own_rent_back_and_125_dollars_a_month_at_most() {
    // What the lease was paid binds: 1.52 USD.
    let mut stage = Stage::new();
    expect_code(stage.try_propose(607 * IO / 100), E::AboveRentPaid);
    stage.take(606 * IO / 100);
    stage.try_fetch().unwrap();
    let paid = stage.verdict().paid_usd6;
    // 6.06 IO for 1.52 USD: worth 1.515 at spot.
    assert_eq!((paid, 606 * 250_000 / 100), (1_520_000, 1_515_000));
    // What the lease was paid does not bind, 200 USD: the caps do.
    let mut stage = Stage::of(2_000 * IO, 0, 200_000_000);
    let cases = [200, 200, 100].map(|io| stage.propose(io * IO));
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    // Nothing moves for 30 days, and the judge cannot hurry what nobody appealed.
    let judge = stage.plain.court.judge.insecure_clone();
    let resolve = stage
        .plain
        .world
        .resolve_ix(&stage.plain.court, &cases[0], true);
    stage
        .world()
        .refuses(E::WrongCaseState, resolve.instruction(), &[&judge]);
    stage.plain.pass(MONTH - 1);
    expect_code(stage.try_finalize(&cases[0]), E::CaseRuns);
    stage.plain.pass(1);
    for case in &cases {
        stage.finalize(case);
    }
    let month = stage.owed().0;
    assert_eq!((month, usd6(month)), (500 * IO, 125_000_000));
    assert_eq!(usd6(2_000 * IO), 500_000_000);
    // On 1,000 devices.
    assert_eq!(usd6(month) / 1_000_000 * 1_000, 125_000);
    stage.books(0);
}

/// redteam 6f: a replaced judge within 30 days, and an appeal, end what the thief began.
#[test]
fn a_new_judge_within_thirty_days_saves_the_stake() {
    let mut stage = Stage::of(2_000 * IO, 0, 200_000_000);
    let cases = [200, 200, 100].map(|io| stage.propose(io * IO));
    let thief = stage.plain.court.clone();
    // A day before the last, which the new judge's naming takes.
    stage.plain.pass(MONTH - 2 * 86_400);
    stage.plain.court = stage.plain.world.court();
    for case in &cases {
        stage.plain.appeal(case);
        let old = stage.plain.world.resolve_ix(&thief, case, true);
        stage
            .world()
            .refuses(E::NotAppealAuthority, old.instruction(), &[&thief.judge]);
        stage.plain.resolve(case, false);
        stage.finalize(case);
    }
    assert_eq!(stage.plain.parts()[0], (2_000 * IO, 0));
    assert_eq!(
        (stage.owed(), stage.restitution().claimed_usd6),
        ((0, 0), 0)
    );
}

/// redteam 6f: all three keys: each accomplice must have rented that device and paid as much first, with fees on it: never more comes back.
#[test]
fn with_all_three_keys_an_accomplice_gets_no_more_than_it_paid() {
    let (mut world, one, co, renter) = staked(2_000 * IO, 0, H100_USD6);
    let court = world.court();
    let supply = world.supply(&world.io);
    let before = world.balance(&renter.usd);
    // Honest service, and a resolver that decides against it all the same.
    let order = lose(&mut world, &one, &renter, 1);
    world.close_lease(&order, &one);
    world.end_early(&order, &renter);
    world.refund_rest(&order);
    let paid = before - world.balance(&renter.usd);
    // One hour of 1.52 USD and 2.25 % on it.
    assert_eq!(paid, 1_520_000 + 34_200);
    let earned = world.earnings(&one, Currency::Usd).due_units;
    assert_eq!(earned, 1_520_000 - 34_200);
    let verdict = pda::market::verdict(&pda::market::lease(&order, &one.device));
    let plain = Plain {
        world,
        one,
        co,
        court,
        supply,
    };
    let mut stage = Stage {
        plain,
        renter,
        order,
        verdict,
    };
    let balance = stage.plain.world.balance(&stage.renter.token);
    stage.take(606_786_427);
    stage.try_fetch().unwrap();
    let got = stage.plain.world.balance(&stage.renter.token) - balance;
    // 6.06786427 IO, worth 1.5169 USD at spot: an hour of an H100 for 0.0374 USD, at the price of three keys.
    assert_eq!(got, 606_786_427);
    let worth = got / 4 / 100;
    assert_eq!((worth, paid - worth), (1_516_966, 37_234));
    expect_code(stage.try_propose(1), E::AboveRentPaid);
}

/// A claim that was paid is remembered until the verdict can be named no more.
#[test]
fn a_claim_that_was_paid_is_not_paid_twice() {
    let mut stage = Stage::new();
    let decided = stage.verdict().decided_ts;
    stage.take(606_786_427);
    stage.try_fetch().unwrap();
    for at in [decided + 2 * MONTH, decided + CLAIM - 1] {
        stage.world().set_time(at);
        expect_code(stage.try_propose(1), E::AboveRentPaid);
        expect_code(stage.try_close(), E::RestitutionNeeded);
    }
    stage.world().set_time(decided + CLAIM);
    expect_code(stage.try_propose(1), E::ClaimTooLate);
    stage.try_close().unwrap();
    expect_code(stage.try_propose(1), E::ClaimTooLate);
}

/// A slasher that is the owner's friend spends the four cases of 30 days on one unit each, which shields the device for a month at the price
/// of 0.014 SOL of rent that comes back, and of the slasher's key.
#[test]
fn four_cases_of_one_unit_shield_a_device_for_a_month() {
    let mut stage = Stage::new();
    let slasher = stage.plain.court.slasher.pubkey_of();
    let before = stage.plain.world.lamports(&slasher);
    let cases = [(); 4].map(|()| stage.propose(1));
    let locked = before - stage.plain.world.lamports(&slasher);
    assert_eq!(locked, 14_198_400 + 4 * 5_000);
    expect_code(stage.try_propose(1), E::TooManyCases);
    expect_code(stage.plain.try_propose(1), E::TooManyCases);
    stage.plain.pass(MONTH);
    for case in &cases {
        stage.finalize(case);
    }
    // All but the restitution's, which comes back after 180 days; two refusals cost their signatures, too.
    let kept = before - stage.plain.world.lamports(&slasher);
    assert_eq!(kept, 2_394_240 + 6 * 5_000);
    stage.propose(6 * IO);
}
