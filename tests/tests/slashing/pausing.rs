//! The bits of proposing and of carrying out: what they stop, and that everything which releases goes on.

use iog_client::staking::instructions::{Pause, Resume};
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, PubkeyOf};

use crate::stage::{Stage, COOL_DOWN, IO, MONTH, START, UPHOLD_AFTER, WALLET};

const PROPOSING: u8 = 2;
const TAKING: u8 = 4;
const ALL: u8 = 7;

fn pause(stage: &mut Stage, actions: u8) {
    let signer = stage.world.authority.pubkey_of();
    let pause = Pause { signer, actions };
    stage.world.govern(pause.instruction());
}

fn resume(stage: &mut Stage, actions: u8) {
    let authority = stage.world.authority.pubkey_of();
    let resume = Resume { authority, actions };
    stage.world.govern(resume.instruction());
}

/// audit: money M5
#[test]
fn proposing_pauses_by_its_own_bit() {
    let mut stage = Stage::new(300 * IO, 100 * IO);
    for bits in [PROPOSING, ALL] {
        pause(&mut stage, bits);
        expect_code(stage.try_propose(1), E::Paused);
        resume(&mut stage, bits);
        stage.propose(1);
    }
    pause(&mut stage, ALL & !PROPOSING);
    stage.propose(1);
}

/// audit: money M5: burning pauses, and a case that is due waits; resumed in time it burns.
#[test]
fn burning_pauses_by_its_own_bit() {
    let mut fresh = Stage::new(300 * IO, 100 * IO);
    let case = fresh.propose(40 * IO);
    let mut upheld = fresh.clone();
    upheld.appeal(&case);
    upheld.resolve(&case, true);
    fresh.pass(MONTH);
    for due in [fresh, upheld] {
        for bits in [TAKING, ALL] {
            let mut stage = due.clone();
            pause(&mut stage, bits);
            expect_code(stage.try_finalize(&case), E::Paused);
            assert_eq!(stage.parts(), [(300 * IO, 30 * IO), (100 * IO, 10 * IO)]);
            stage.burned(0);
            resume(&mut stage, bits);
            stage.finalize(&case);
            stage.burned(40 * IO);
        }
        let mut stage = due.clone();
        pause(&mut stage, ALL & !TAKING);
        stage.finalize(&case);
        stage.burned(40 * IO);
    }
}

/// audit: money M5, redteam: M4, M5, roles: appeals, acquittals, withdrawals, lapses and ways out go on under every pause, and a pause of 30 days
/// acquits.
#[test]
fn whatever_releases_goes_on() {
    let mut fresh = Stage::new(300 * IO, 100 * IO);
    let case = fresh.propose(40 * IO);
    pause(&mut fresh, ALL);
    let released = |mut stage: Stage| {
        stage.finalize(&case);
        assert_eq!(stage.parts(), [(300 * IO, 0), (100 * IO, 0)]);
        stage.request();
        stage.pass(COOL_DOWN);
        let (own, co) = (stage.withdraw_ix(), stage.withdraw_co_ix());
        stage.owner_does(own);
        stage.world.govern(co);
        assert_eq!(stage.wallets(), (WALLET, WALLET));
        stage.burned(0);
    };
    let mut rejected = fresh.clone();
    rejected.appeal(&case);
    let mut upheld = rejected.clone();
    let mut undecided = rejected.clone();
    rejected.resolve(&case, false);
    released(rejected);
    undecided.pass(MONTH);
    released(undecided);
    let mut withdrawn = fresh.clone();
    let judge = withdrawn.court.judge.insecure_clone();
    withdrawn.withdraw_case(&judge, &case).unwrap();
    released(withdrawn);
    // Due from day 30 on, lapsed on day 60.
    let mut lapsed = fresh;
    lapsed.world.set_time(START + 2 * MONTH - 1);
    expect_code(lapsed.try_finalize(&case), E::Paused);
    lapsed.pass(1);
    released(lapsed);
    // Upheld after three days, lapsed 30 days later.
    upheld.resolve(&case, true);
    upheld.world.set_time(START + UPHOLD_AFTER + MONTH - 1);
    expect_code(upheld.try_finalize(&case), E::Paused);
    upheld.pass(1);
    released(upheld);
}
