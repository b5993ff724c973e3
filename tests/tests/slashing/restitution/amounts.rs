//! How much a renter can get: the rent that was paid, at the high price, within the caps of the owner's part.

use iog_client::staking::StakingError as E;
use iog_localnet::pyth::PriceAccount;
use iog_tests::world::expect_code;

use super::stage::{Stage, H100_USD6};
use crate::stage::{IO, MONTH};

/// Spot and average with their confidence, in 10^-8 dollars.
fn post(stage: &mut Stage, spot: (i64, u64), average: (i64, u64)) {
    let (now, slot) = (stage.plain.world.now(), stage.plain.world.slot());
    let mut price = PriceAccount::io_usd(spot.0, spot.1, now, slot);
    (price.ema_price, price.ema_conf) = average;
    stage.world().set_price(&price);
}

/// Exactly `most` may be claimed at the price that is posted, and not one unit more.
#[track_caller]
fn most(stage: &Stage, most: u64, refusal: E) {
    let mut stage = stage.clone();
    let before = stage.plain.world.device_stake(&stage.plain.one);
    expect_code(stage.try_propose_now(most + 1), refusal);
    assert_eq!(stage.plain.world.device_stake(&stage.plain.one), before);
    if most > 0 {
        stage.try_propose_now(most).unwrap();
    }
}

/// redteam 6f, 6g: valued at the proposal, at the price that is worst for the renter: nobody rents for the sake of losing, and no moment is
/// worth waiting for. 1.52 USD at 0.27 are 5.62962962 IO.
#[test]
fn a_claim_is_valued_at_the_higher_price_and_twice_the_wider_confidence() {
    let stage = Stage::new();
    let (quarter, higher) = (25_000_000, 26_000_000);
    for (spot, average, amount) in [
        ((quarter, 500_000), (higher, 1_000), 562_962_962),
        ((higher, 1_000), (quarter, 500_000), 562_962_962),
        // 1.52 / 0.25, 1.52 / 0.26 and, of a thousandth, 1.52 / 0.2505: rounded down.
        ((quarter, 0), (quarter, 0), 608_000_000),
        ((quarter, 0), (higher, 0), 584_615_384),
        ((quarter, 25_000), (quarter, 25_000), 606_786_427),
    ] {
        let mut stage = stage.clone();
        post(&mut stage, spot, average);
        most(&stage, amount, E::AboveRentPaid);
        stage.try_propose_now(amount).unwrap();
        // Rounded up: the renter's limit is used up to the last millionth.
        assert_eq!(stage.restitution().claimed_usd6, H100_USD6);
    }
}

/// The price of the proposal holds: whether IO falls to a tenth or rises tenfold, what is carried out is what was held.
#[test]
fn the_price_afterwards_changes_nothing() {
    for later in [2_500_000, 250_000_000] {
        let mut stage = Stage::new();
        let case = stage.propose(6 * IO);
        stage.plain.pass(MONTH);
        stage.world().post_price(later);
        stage.finalize(&case);
        assert_eq!(stage.owed(), (6 * IO, 6 * IO));
        // 1.52 less the 1.503 of then.
        assert_eq!(stage.restitution().claimed_usd6, 1_503_000);
    }
}

/// redteam 6f: all cases of a verdict together claim no more than what the lease was paid; a case that was released claims nothing.
#[test]
fn all_cases_of_a_verdict_share_the_rent() {
    let mut stage = Stage::new();
    let first = stage.propose(4 * IO);
    // 4 IO are 1.002 USD; 0.518 are left: 2.06786427 IO.
    stage.world().post_price(25_000_000);
    most(&stage, 206_786_427, E::AboveRentPaid);
    let second = stage.propose(206_786_427);
    assert_eq!(stage.restitution().claimed_usd6, H100_USD6);
    assert_eq!(stage.restitution().open_cases, 2);
    expect_code(stage.try_propose(1), E::AboveRentPaid);
    // The first is rejected: its claim can be made again, the second's cannot.
    stage.plain.appeal(&first);
    stage.plain.resolve(&first, false);
    stage.finalize(&first);
    assert_eq!(stage.restitution().claimed_usd6, 518_000);
    stage.world().post_price(25_000_000);
    most(&stage, 4 * IO, E::AboveRentPaid);
    stage.plain.pass(MONTH);
    stage.finalize(&second);
    assert_eq!(stage.restitution().open_cases, 0);
    stage.try_fetch().unwrap();
    stage.world().post_price(25_000_000);
    most(&stage, 4 * IO, E::AboveRentPaid);
    stage.books(0);
}

/// The caps are those of slashing, of the owner's part: with 2,000 IO a case pays 200, the cases of 30 days 500.
#[test]
fn a_case_takes_a_tenth_and_a_month_a_quarter_of_the_owners_part() {
    // 200 USD were paid: more than all of it is worth.
    let mut stage = Stage::of(2_000 * IO, 0, 200_000_000);
    stage.world().post_price(25_000_000);
    most(&stage, 200 * IO, E::SlashAboveCap);
    stage.propose(200 * IO);
    stage.propose(200 * IO);
    most(&stage, 100 * IO, E::SlashAboveCap);
    stage.propose(100 * IO);
    most(&stage, 0, E::SlashAboveCap);
    stage.plain.pass(MONTH - 1);
    stage.world().post_price(25_000_000);
    most(&stage, 0, E::SlashAboveCap);
    // A month later the next: of the 200 USD 125.25 are claimed.
    stage.plain.pass(1);
    stage.world().post_price(25_000_000);
    most(&stage, 200 * IO, E::SlashAboveCap);
    stage.propose(200 * IO);
    most(&stage, 9_840_319_361, E::AboveRentPaid);
}

/// Both kinds of case count in each other's month, and four in 30 days are four of either.
#[test]
fn burning_and_paying_share_the_month_and_the_four_cases() {
    let mut stage = Stage::of(1_000 * IO, 1_000 * IO, 200_000_000);
    stage.propose(100 * IO);
    stage.propose(100 * IO);
    // 500 IO of 2,000 in a month, 200 in a case; 200 are taken.
    expect_code(stage.plain.try_propose(200 * IO + 1), E::SlashAboveCap);
    stage.plain.propose(200 * IO);
    expect_code(stage.plain.try_propose(100 * IO + 1), E::SlashAboveCap);
    stage.plain.propose(100 * IO);
    expect_code(stage.plain.try_propose(1), E::SlashAboveCap);
    let mut stage = Stage::of(1_000 * IO, 1_000 * IO, 200_000_000);
    // Pro rata: the owner bears 100 and 100 of its 250.
    stage.plain.propose(200 * IO);
    stage.plain.propose(200 * IO);
    stage.world().post_price(25_000_000);
    most(&stage, 50 * IO, E::SlashAboveCap);
    stage.propose(1);
    stage.propose(1);
    expect_code(stage.try_propose(1), E::TooManyCases);
    expect_code(stage.plain.try_propose(1), E::TooManyCases);
}

/// What cases hold is not held again, and the owner who took the rest out leaves nothing.
#[test]
fn a_stake_that_is_gone_pays_nobody() {
    let mut stage = Stage::new();
    stage.plain.request();
    stage.plain.pass(crate::stage::COOL_DOWN);
    stage.propose(3 * IO);
    let out = stage.plain.withdraw_ix();
    stage.plain.owner_does(out);
    assert_eq!(stage.plain.parts()[0], (3 * IO, 3 * IO));
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    stage.plain.pass(MONTH);
    let case = iog_client::pda::staking::slash_case(0);
    stage.finalize(&case);
    // The stake's account was kept for the case alone, and goes with it.
    assert!(stage.plain.world.find(&stage.plain.one.stake).is_none());
    assert_eq!(stage.owed(), (3 * IO, 3 * IO));
    stage.try_fetch().unwrap();
    stage.books(0);
}
