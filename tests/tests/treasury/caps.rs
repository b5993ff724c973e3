//! What auctions spend within an hour and within a day of unix time.

use super::stage::{stage, Stage, IO, QUARTER, USD};
use iog_client::treasury::instructions::SetParameter;
use iog_client::treasury::{ParameterId, TreasuryError as E};
use iog_tests::world::{PubkeyOf, GENESIS_TS};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const HALF: i64 = 1_800;

/// A stage at `secs` after the network's first midnight, with 100,000 USDC of fees.
fn rich(secs: i64) -> Stage {
    let mut stage = stage();
    stage.collect(100_000 * USD);
    stage.world.set_time(GENESIS_TS + secs);
    stage
}

fn at(stage: &mut Stage, secs: i64) {
    stage.world.set_time(GENESIS_TS + secs);
    stage.world.post_price(QUARTER);
}

/// Sells the IO that brings exactly `usdc` at the offer of this moment.
#[track_caller]
fn spend(stage: &mut Stage, usdc: u64) {
    let elapsed = stage.world.now() - stage.auction().opened_ts;
    let factor_bps = 9_500 + u64::try_from(700 * elapsed.max(0) / 3_000).unwrap();
    let before = stage.purse().1;
    // An IO of 10^8 units costs 250,000 units of USDC: 400 to one.
    stage.sell((usdc * 4_000_000).div_ceil(factor_bps), usdc);
    assert_eq!(stage.purse().1, before + usdc);
    stage.check();
}

fn spent(stage: &Stage) -> (u64, u64) {
    let auction = stage.auction();
    (auction.spent_this_hour_units, auction.spent_today_units)
}

fn lower(stage: &mut Stage, id: ParameterId, value: u64) {
    let set = SetParameter {
        authority: stage.world.authority.pubkey_of(),
        id,
        value,
    };
    stage.world.govern(set.instruction());
}

#[test]
fn a_sale_counts_in_the_hour_in_which_it_is_made() {
    let mut stage = rich(HALF);
    stage.open();
    assert_eq!(stage.auction().lot_units, 5_000 * USD);
    at(&mut stage, HOUR + 600);
    spend(&mut stage, 4_900 * USD);
    let mut over = stage.clone();
    spend(&mut over, USD);
    // Of the second hour's 5,000 USDC less than the least lot is left.
    at(&mut over, HOUR + HALF);
    over.refuses(E::SpendCapReached, Stage::try_open);
    at(&mut over, 2 * HOUR - 1);
    over.refuses(E::SpendCapReached, Stage::try_open);
    at(&mut over, 2 * HOUR);
    over.open();
    assert_eq!(over.auction().lot_units, 5_000 * USD);
    // Exactly the least lot is left.
    at(&mut stage, HOUR + HALF);
    stage.open();
    assert_eq!(stage.auction().lot_units, 100 * USD);
    spend(&mut stage, 100 * USD);
    assert_eq!(spent(&stage), (5_000 * USD, 5_000 * USD));
}

#[test]
fn a_round_over_two_hours_spends_in_both() {
    let mut stage = rich(HALF);
    stage.open();
    at(&mut stage, HOUR - 1);
    spend(&mut stage, 2_000 * USD);
    assert_eq!(spent(&stage), (2_000 * USD, 2_000 * USD));
    at(&mut stage, HOUR);
    spend(&mut stage, 3_000 * USD);
    assert_eq!(spent(&stage), (3_000 * USD, 5_000 * USD));
    assert_eq!(stage.auction().left_units, 0);
    at(&mut stage, HOUR + HALF);
    stage.open();
    assert_eq!(stage.auction().lot_units, 2_000 * USD);
}

#[test]
fn a_day_ends_at_midnight_and_its_cap_with_it() {
    let mut stage = rich(0);
    lower(&mut stage, ParameterId::CapPerDay, 7_000 * USD);
    stage.open();
    spend(&mut stage, 5_000 * USD);
    at(&mut stage, HOUR);
    stage.open();
    assert_eq!(stage.auction().lot_units, 2_000 * USD);
    spend(&mut stage, 1_901 * USD);
    at(&mut stage, 2 * HOUR);
    stage.refuses(E::SpendCapReached, Stage::try_open);
    at(&mut stage, DAY - 1);
    stage.refuses(E::SpendCapReached, Stage::try_open);
    at(&mut stage, DAY);
    stage.open();
    assert_eq!(stage.auction().lot_units, 5_000 * USD);
    spend(&mut stage, 5_000 * USD);
    assert_eq!(spent(&stage), (5_000 * USD, 5_000 * USD));
}

#[test]
fn a_round_over_midnight_spends_in_both_days() {
    let mut stage = rich(DAY - HALF);
    lower(&mut stage, ParameterId::CapPerDay, 2_000 * USD);
    stage.open();
    assert_eq!(stage.auction().lot_units, 2_000 * USD);
    at(&mut stage, DAY - 1);
    spend(&mut stage, 500 * USD);
    assert_eq!(spent(&stage), (500 * USD, 500 * USD));
    at(&mut stage, DAY);
    spend(&mut stage, 1_500 * USD);
    assert_eq!(spent(&stage), (1_500 * USD, 1_500 * USD));
    at(&mut stage, DAY + HALF);
    stage.open();
    assert_eq!(stage.auction().lot_units, 500 * USD);
}

#[test]
fn a_lowered_cap_binds_a_running_round_at_once() {
    for (id, tomorrow) in [
        (ParameterId::CapPerHour, HOUR),
        (ParameterId::CapPerDay, DAY),
    ] {
        let mut stage = rich(tomorrow - HALF);
        stage.open();
        spend(&mut stage, 400 * USD);
        lower(&mut stage, id, 1_000 * USD);
        // 600 USDC are left to spend, whatever is offered; 2,526.31578948 IO buy them at 95 %.
        let before = stage.purse();
        stage.sell(100_000 * IO, 600 * USD);
        assert_eq!(
            stage.purse(),
            (before.0 - 252_631_578_948, before.1 + 600 * USD)
        );
        stage.refuses(E::SpendCapReached, |stage| stage.try_sell(IO, 0));
        at(&mut stage, tomorrow - 1);
        stage.refuses(E::SpendCapReached, |stage| stage.try_sell(IO, 0));
        at(&mut stage, tomorrow);
        spend(&mut stage, 1_000 * USD);
        stage.refuses(E::SpendCapReached, |stage| stage.try_sell(IO, 0));
        assert_eq!(stage.auction().left_units, 3_000 * USD);
    }
}

#[test]
fn a_cap_below_what_is_spent_already_takes_nothing_back() {
    let mut stage = rich(0);
    stage.open();
    spend(&mut stage, 400 * USD);
    lower(&mut stage, ParameterId::CapPerHour, 100 * USD);
    stage.refuses(E::SpendCapReached, |stage| stage.try_sell(IO, 0));
    lower(&mut stage, ParameterId::CapPerDay, 0);
    at(&mut stage, HOUR);
    stage.refuses(E::SpendCapReached, Stage::try_open);
    assert_eq!(stage.fees(&stage.usdc).booked_units, 99_600 * USD);
}

#[test]
fn a_clock_that_steps_back_begins_no_new_hour_or_day() {
    let mut stage = rich(DAY - HALF);
    stage.open();
    at(&mut stage, DAY);
    spend(&mut stage, 1_000 * USD);
    at(&mut stage, DAY - 5);
    spend(&mut stage, 1_000 * USD);
    assert_eq!(spent(&stage), (2_000 * USD, 2_000 * USD));
    at(&mut stage, DAY + 5);
    spend(&mut stage, 1_000 * USD);
    assert_eq!(spent(&stage), (3_000 * USD, 3_000 * USD));
}

/// Each currency has its own auction, and each auction its own hour and day.
#[test]
fn what_one_currency_spends_is_not_counted_in_another() {
    let mut stage = rich(0);
    lower(&mut stage, ParameterId::CapPerDay, 1_000 * USD);
    stage.open();
    spend(&mut stage, 1_000 * USD);
    let first = stage.usdc;
    stage.usdc = stage.world.usdc();
    let (seller, second) = (stage.seller.pubkey_of(), stage.usdc);
    stage.world.token_account(&seller, &second);
    stage.collect(2_000 * USD);
    stage.open();
    assert_eq!(stage.auction().lot_units, 1_000 * USD);
    spend(&mut stage, 1_000 * USD);
    assert_eq!(stage.fees(&first).spent_units, 1_000 * USD);
    assert_eq!(stage.fees(&second).spent_units, 1_000 * USD);
    at(&mut stage, HOUR);
    stage.refuses(E::SpendCapReached, Stage::try_open);
}
