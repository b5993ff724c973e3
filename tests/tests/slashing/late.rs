//! Who came after the offence: bears nothing, counts for nothing, and has no voice.

use iog_client::staking::StakingError as E;
use iog_tests::world::expect_code;
use iog_tests::Outcome;
use solana_pubkey::Pubkey;

use crate::stage::{Stage, COOL_DOWN, DAY, IO, MONTH, SHARE, START, WAIT, WALLET};

fn try_offence(stage: &mut Stage, amount: u64, offence_ts: i64) -> Outcome {
    let mut propose = stage
        .world
        .propose_slash_ix(&stage.court, &stage.one, amount);
    propose.offence_ts = offence_ts;
    stage
        .world
        .send(&[propose.instruction()], &[&stage.court.slasher])
}

#[track_caller]
fn offence(stage: &mut Stage, amount: u64, offence_ts: i64) -> Pubkey {
    let number = stage.world.staking_config().cases;
    try_offence(stage, amount, offence_ts).expect("a case that is taken");
    iog_client::pda::staking::slash_case(number)
}

/// An owner with 200 IO, and a co-staker with 200 IO a day later.
fn joined() -> Stage {
    let mut stage = Stage::new(200 * IO, 0);
    stage.pass(DAY);
    let Stage { world, one, co, .. } = &mut stage;
    world.co_stake(one, co, 200 * IO, SHARE);
    assert_eq!(world.device_stake(one).co_since_ts, START + DAY);
    stage
}

/// audit: money M8: the owner knows what is coming and takes somebody in to pay half of it. A tenth of the owner's part is all there is.
#[test]
fn a_co_staker_pays_for_nothing_that_was_before_it() {
    let fresh = joined();
    for (offence_ts, cap, owner, co) in [
        (START, 20, 20, 0),
        (START + DAY - 1, 20, 20, 0),
        (0, 20, 20, 0),
        (START + DAY, 40, 20, 20),
    ] {
        let mut stage = fresh.clone();
        let above = try_offence(&mut stage, cap * IO + 1, offence_ts);
        expect_code(above, E::SlashAboveCap);
        let case = offence(&mut stage, cap * IO, offence_ts);
        let read = stage.case(&case);
        assert_eq!((read.owner_units, read.co_units), (owner * IO, co * IO));
        assert_eq!(read.offence_ts, offence_ts);
        stage.pass(MONTH);
        stage.finalize(&case);
        let left = [(200 * IO - owner * IO, 0), (200 * IO - co * IO, 0)];
        assert_eq!(stage.parts(), left);
        stage.burned(cap * IO);
    }
}

/// redteam M8: caps and what is free are reckoned on the part that is liable: neither a late friend's stake nor what cases took of it
/// narrows or widens what the owner bears.
#[test]
fn a_late_co_stake_neither_widens_nor_narrows_the_caps() {
    let mut stage = joined();
    let second = stage.clone();
    for amount in [20, 20, 10] {
        offence(&mut stage, amount * IO, START);
    }
    expect_code(try_offence(&mut stage, 1, START), E::SlashAboveCap);
    assert_eq!(stage.parts(), [(200 * IO, 50 * IO), (200 * IO, 0)]);
    // All of 30 days together take a quarter of both at most, whatever each was for.
    let now = stage.world.now();
    expect_code(try_offence(&mut stage, 40 * IO + 1, now), E::SlashAboveCap);
    offence(&mut stage, 40 * IO, now);
    // 150 IO of the owner's are free and 200 of the co-staker's.
    let (owner, co) = (1_714_285_715, 2_285_714_285);
    assert_eq!(stage.parts(), [(200 * IO, 50 * IO + owner), (200 * IO, co)]);
    // The other way round: what both bore counts for the owner with its own part of it.
    let mut stage = second;
    offence(&mut stage, 40 * IO, now);
    offence(&mut stage, 20 * IO, START);
    expect_code(
        try_offence(&mut stage, 10 * IO + 1, START),
        E::SlashAboveCap,
    );
    offence(&mut stage, 10 * IO, START);
    assert_eq!(stage.parts(), [(200 * IO, 50 * IO), (200 * IO, 20 * IO)]);
}

/// audit: money M8: it has no voice in the case, and its way out is free.
#[test]
fn a_late_co_staker_neither_appeals_nor_waits() {
    let mut stage = joined();
    let case = offence(&mut stage, 20 * IO, START);
    let co = stage.co.wallet.insecure_clone();
    let appeal = stage.world.appeal_ix(&co, &stage.one, &case).instruction();
    stage.world.refuses(E::NotAppellant, appeal, &[&co]);
    stage.leave();
    stage.pass(WAIT + COOL_DOWN);
    let out = stage.withdraw_co_ix();
    stage.world.govern(out);
    assert_eq!(stage.wallets().1, WALLET);
}

/// redteam M8: since when somebody co-stakes is written once: neither the owner's refill nor a request to leave moves it; the next co-staker's
/// is its own.
#[test]
fn since_when_is_written_once() {
    let mut stage = joined();
    let since = |stage: &Stage| stage.world.device_stake(&stage.one).co_since_ts;
    stage.pass(DAY);
    let add = stage.world.increase_ix(&stage.one, IO).instruction();
    stage.owner_does(add);
    assert_eq!(since(&stage), START + DAY);
    stage.leave();
    assert_eq!(since(&stage), START + DAY);
    // Slashable until it is paid out, for what was in its time.
    stage.pass(WAIT + COOL_DOWN);
    let case = offence(&mut stage, 4 * IO, START + DAY);
    assert!(stage.case(&case).co_units > 0);
    stage.pass(MONTH);
    stage.finalize(&case);
    let out = stage.withdraw_co_ix();
    stage.world.govern(out);
    assert_eq!(since(&stage), 0);
    let Stage { world, one, co, .. } = &mut stage;
    world.co_stake(one, co, IO, SHARE);
    assert_eq!(since(&stage), stage.world.now());
}

/// What has not happened yet is no offence.
#[test]
fn an_offence_lies_in_the_past() {
    let mut stage = joined();
    let now = stage.world.now();
    for ts in [now + 1, i64::MAX] {
        expect_code(try_offence(&mut stage, 1, ts), E::OffenceInFuture);
    }
    for ts in [now, i64::MIN] {
        offence(&mut stage, 1, ts);
    }
}
