//! What a case holds stays, whenever the exit was asked for, and everything else may go: to the unit.

use iog_client::staking::StakingError as E;
use iog_tests::world::expect_code;
use iog_tests::Outcome;

use crate::stage::{Stage, COOL_DOWN, IO, MONTH, SHARE, WAIT, WALLET};

const OWN: u64 = 300 * IO;
const CO: u64 = 100 * IO;
/// A unit less than a tenth: three quarters are the owner's, rounded up.
const CASE: u64 = 40 * IO - 1;
const HELD: u64 = 30 * IO;
const CO_HELD: u64 = 10 * IO - 1;

fn stage() -> Stage {
    Stage::new(OWN, CO)
}

fn owner_tries(stage: &mut Stage) -> Outcome {
    let out = stage.withdraw_ix();
    let owner = stage.one.owner.insecure_clone();
    stage.world.send(&[out], &[&owner])
}

fn anyone_tries(stage: &mut Stage) -> Outcome {
    let out = stage.withdraw_co_ix();
    let payer = stage.world.authority.insecure_clone();
    stage.world.send(&[out], &[&payer])
}

/// Exits that began before the proposal and after it are held alike; what the case takes is burned, the rest is paid.
#[test]
fn no_exit_escapes_a_case() {
    for before in [true, false] {
        for upheld in [true, false] {
            let mut stage = stage();
            if before {
                stage.request();
            }
            let case = stage.propose(CASE);
            if !before {
                stage.request();
            }
            stage.appeal(&case);
            stage.pass(COOL_DOWN);
            owner_tries(&mut stage).unwrap();
            anyone_tries(&mut stage).unwrap();
            assert_eq!(stage.parts(), [(HELD, HELD), (CO_HELD, CO_HELD)]);
            expect_code(owner_tries(&mut stage), E::HeldByCase);
            expect_code(anyone_tries(&mut stage), E::HeldByCase);
            let wallets = (WALLET - HELD, WALLET - CO_HELD);
            assert_eq!(stage.wallets(), wallets);
            stage.resolve(&case, upheld);
            expect_code(owner_tries(&mut stage), E::HeldByCase);
            stage.finalize(&case);
            if upheld {
                assert_eq!(stage.parts(), [(0, 0), (0, 0)]);
                expect_code(owner_tries(&mut stage), E::ZeroAmount);
                anyone_tries(&mut stage).unwrap();
                assert_eq!(stage.wallets(), wallets);
                stage.burned(CASE);
            } else {
                anyone_tries(&mut stage).unwrap();
                owner_tries(&mut stage).unwrap();
                assert_eq!(stage.wallets(), (WALLET, WALLET));
                stage.burned(0);
            }
            assert!(stage.world.find(&stage.one.stake).is_none());
        }
    }
}

#[test]
fn a_co_stakers_own_leave_does_not_escape_either() {
    for before in [true, false] {
        let mut stage = stage();
        if before {
            stage.leave();
            stage.pass(WAIT + COOL_DOWN - 1);
        }
        let case = stage.propose(CASE);
        if !before {
            stage.leave();
            stage.pass(WAIT + COOL_DOWN - 1);
        }
        expect_code(anyone_tries(&mut stage), E::CoStakeLocked);
        stage.pass(1);
        anyone_tries(&mut stage).unwrap();
        assert_eq!(stage.parts()[1], (CO_HELD, CO_HELD));
        expect_code(anyone_tries(&mut stage), E::HeldByCase);
        // The place is taken until the case is closed.
        let offer = stage.world.offer_ix(&stage.one, IO, SHARE).instruction();
        let owner = stage.one.owner.insecure_clone();
        stage
            .world
            .refuses(E::HasCoStaker, offer.clone(), &[&owner]);
        stage.pass(MONTH);
        stage.finalize(&case);
        assert_eq!(stage.parts(), [(OWN - HELD, 0), (0, 0)]);
        anyone_tries(&mut stage).unwrap();
        stage.owner_does(offer);
        assert_eq!(stage.wallets().1, WALLET - CO_HELD);
        stage.burned(CASE);
    }
}

/// Above the minimum, above the co-staker's half, and not held: the case binds where it is the tightest.
#[test]
fn overflow_stops_at_what_is_held() {
    let mut stage = Stage::new(200 * IO, 0);
    let add = stage.world.increase_ix(&stage.one, 800 * IO).instruction();
    stage.owner_does(add);
    let mut cases = Vec::new();
    // Six cases of a tenth over three months, upheld and not carried out yet: 600 IO are held.
    for wait in [0, MONTH, MONTH] {
        stage.pass(wait);
        for _ in 0..2 {
            let case = stage.propose(100 * IO);
            stage.appeal(&case);
            stage.resolve(&case, true);
            cases.push(case);
        }
    }
    assert_eq!(stage.parts()[0], (1_000 * IO, 600 * IO));
    let over = stage
        .world
        .overflow_ix(&stage.one, 400 * IO + 1)
        .instruction();
    let owner = stage.one.owner.insecure_clone();
    stage.world.refuses(E::NotOverflow, over, &[&owner]);
    let all = stage.world.overflow_ix(&stage.one, 400 * IO).instruction();
    stage.owner_does(all);
    assert_eq!(stage.parts()[0], (600 * IO, 600 * IO));
    let one = stage.world.overflow_ix(&stage.one, 1).instruction();
    stage.world.refuses(E::NotOverflow, one, &[&owner]);
    // Those of the two months before have lapsed, and held all the same until now.
    for case in &cases {
        stage.finalize(case);
    }
    assert_eq!(stage.parts()[0], (400 * IO, 0));
    stage.burned(200 * IO);
}

/// Held stake is still stake: a device is not out of the market because of a mere proposal, but by what is burned.
#[test]
fn what_is_held_counts_until_it_is_burned() {
    let mut stage = Stage::new(150 * IO, 50 * IO);
    let case = stage.propose(20 * IO);
    let renter = stage.world.renter();
    stage.world.set_tier(&stage.one, 2);
    stage.world.open_earnings(&stage.one);
    stage.world.list_device(&stage.one, 0);
    let mut hired = stage.world.clone();
    hired.running(&renter, 1, 1, &[&stage.one]);
    stage.pass(MONTH);
    stage.finalize(&case);
    let args = iog_tests::world::order_args(1, 1, 1);
    let order = stage.world.book(&renter, stage.one.class_id, args);
    stage.world.make_ready(&stage.one);
    let matching = stage.world.match_ix(&order, &stage.one).instruction();
    let not_staked = iog_client::market::MarketError::NotStaked;
    stage
        .world
        .refuses(not_staked, matching.clone(), &[&renter.wallet]);
    let refill = stage.world.increase_ix(&stage.one, 20 * IO).instruction();
    stage.owner_does(refill);
    stage.world.must(matching, &[&renter.wallet]);
}
