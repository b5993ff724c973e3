//! What a case holds: exact parts, to the odd unit, and what it says.

use iog_client::staking::accounts::SlashCase;
use iog_client::staking::events::SlashProposed;
use iog_client::staking::{CaseMark, Event, StakingError as E};
use iog_tests::world::{expect_code, PubkeyOf};

use crate::stage::{said, Stage, COOL_DOWN, IO, MONTH, START, WAIT};
use solana_pubkey::Pubkey;

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

#[test]
fn a_case_says_what_it_is_and_moves_nothing() {
    let mut stage = Stage::new(300 * IO, 100 * IO);
    let wallets = stage.wallets();
    let propose = stage
        .world
        .propose_slash_ix(&stage.court, &stage.one, 40 * IO);
    let meta = stage
        .world
        .must(propose.instruction(), &[&stage.court.slasher]);
    let proposed = SlashProposed {
        case: propose.case,
        device: stage.one.device,
        owner_amount: 3_000_000_000,
        co_amount: 1_000_000_000,
        offence_ts: START,
        reason: 3,
        evidence_hash: [5; 32],
        appeal_until_ts: START + 2_592_000,
    };
    assert_eq!(meta.events, said(Event::SlashProposed(proposed)));
    let case = stage.case(&propose.case);
    let expected = SlashCase {
        device: stage.one.device,
        proposer: stage.court.slasher.pubkey_of(),
        co_staker: stage.co.wallet.pubkey_of(),
        evidence_hash: [5; 32],
        verdict: NOBODY,
        resolver: NOBODY,
        number: 0,
        owner_units: 30 * IO,
        co_units: 10 * IO,
        claim_usd6: 0,
        proposed_ts: START,
        appealed_ts: 0,
        decided_ts: 0,
        offence_ts: START,
        state: 0,
        reason: 3,
        version: 1,
        bump: case.bump,
        reserved: [0; 28],
    };
    assert_eq!(case, expected);
    assert_eq!(stage.parts(), [(300 * IO, 30 * IO), (100 * IO, 10 * IO)]);
    let stake = stage.world.device_stake(&stage.one);
    assert_eq!(stake.open_cases, 1);
    let mark = CaseMark {
        proposed_ts: START,
        amount_units: 40 * IO,
        owner_units: 30 * IO,
    };
    assert_eq!(
        stake.marks.iter().filter(|other| **other == mark).count(),
        1
    );
    assert_eq!(stage.world.staking_config().cases, 1);
    assert_eq!(stage.wallets(), wallets);
    stage.burned(0);
}

/// The odd unit is the owner's, who runs the device.
#[test]
fn parts_are_pro_rata_and_the_odd_unit_is_the_owners() {
    let third = (200 * IO, 100 * IO);
    let half = (100 * IO, 100 * IO);
    for ((own, co), amount, expected) in [
        (third, 3, (2, 1)),
        (third, 4, (3, 1)),
        (third, 5, (4, 1)),
        (third, 2, (2, 0)),
        (third, 1, (1, 0)),
        (half, 1, (1, 0)),
        (half, 3, (2, 1)),
        (half, 20 * IO, (10 * IO, 10 * IO)),
        ((300 * IO, 1), 30 * IO, (30 * IO, 0)),
        ((300 * IO, 0), 30 * IO, (30 * IO, 0)),
    ] {
        let mut stage = Stage::new(own, co);
        let case = stage.propose(amount);
        let case = stage.case(&case);
        assert_eq!((case.owner_units, case.co_units), expected, "{amount}");
        assert_eq!(case.owner_units + case.co_units, amount);
        let held = [(own, expected.0), (co, expected.1)];
        assert_eq!(stage.parts(), held);
    }
}

/// A later case takes of what earlier ones left, as if they were carried out already.
#[test]
fn a_second_case_is_pro_rata_over_what_is_left() {
    let mut stage = Stage::new(200 * IO, 0);
    stage.propose(20 * IO);
    let Stage { world, one, co, .. } = &mut stage;
    world.co_stake(one, co, 180 * IO, 1);
    // 180 IO of either are free.
    let case = stage.propose(11);
    let case = stage.case(&case);
    assert_eq!((case.owner_units, case.co_units), (6, 5));
    assert_eq!(stage.parts(), [(200 * IO, 20 * IO + 6), (180 * IO, 5)]);
}

/// A part that was paid out down to what is held does not shield the other one.
#[test]
fn a_part_that_is_out_shields_nobody() {
    for (own, co) in [(200 * IO, 200 * IO), (300 * IO, 100 * IO)] {
        let mut stage = Stage::new(own, co);
        stage.leave();
        stage.pass(WAIT + COOL_DOWN);
        stage.propose((own + co) / 20);
        let out = stage.withdraw_co_ix();
        stage.world.govern(out);
        assert_eq!(stage.parts()[1], (co / 20, co / 20));
        let tenth = (own + co / 20) / 10;
        let case = stage.propose(tenth);
        let case = stage.case(&case);
        assert_eq!((case.owner_units, case.co_units), (tenth, 0));
        assert_eq!(stage.parts()[0], (own, own / 20 + tenth));
    }
    // The other way round: the owner is out, the co-staker waits for someone to pay.
    let mut stage = Stage::new(200 * IO, 200 * IO);
    stage.request();
    stage.pass(COOL_DOWN);
    stage.propose(20 * IO);
    let out = stage.withdraw_ix();
    stage.owner_does(out);
    let case = stage.propose(21 * IO);
    let case = stage.case(&case);
    assert_eq!((case.owner_units, case.co_units), (0, 21 * IO));
    assert_eq!(stage.parts(), [(10 * IO, 10 * IO), (200 * IO, 31 * IO)]);
}

/// When both are out there is nothing left to hold.
#[test]
fn what_is_held_is_not_held_again() {
    let mut stage = Stage::new(200 * IO, 200 * IO);
    stage.request();
    stage.pass(COOL_DOWN);
    stage.propose(40 * IO);
    let (own, co) = (stage.withdraw_ix(), stage.withdraw_co_ix());
    stage.owner_does(own);
    stage.world.govern(co);
    let before = stage.world.device_stake(&stage.one);
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    assert_eq!(stage.world.device_stake(&stage.one), before);
    stage.pass(MONTH);
    expect_code(stage.try_propose(1), E::SlashAboveCap);
}
