//! A stake that is slashed whole, which only the widest caps allow, leaves nothing behind and nobody stuck.

use iog_client::staking::StakingError as E;
use iog_tests::world::expect_code;

use crate::stage::{Stage, COOL_DOWN, IO, MONTH, SHARE, WALLET};

/// Both cases of half are carried out; everybody came under the widest caps that governance may set.
fn slashed(own: u64, co: u64) -> Stage {
    let mut stage = Stage::under((5_000, 10_000), own, co);
    let half = (own + co) / 2;
    expect_code(stage.try_propose(half + 1), E::SlashAboveCap);
    let cases = [(); 2].map(|()| stage.propose(half));
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    stage.pass(MONTH);
    for case in &cases {
        stage.finalize(case);
    }
    assert_eq!(stage.parts(), [(0, 0), (0, 0)]);
    stage.burned(own + co);
    stage
}

#[test]
fn the_owner_may_refill_it() {
    let mut stage = slashed(200 * IO, 0);
    let add = stage.world.increase_ix(&stage.one, 200 * IO).instruction();
    stage.owner_does(add);
    assert_eq!(stage.parts(), [(200 * IO, 0), (0, 0)]);
    stage.burned(200 * IO);
}

#[test]
fn the_owner_may_close_it_and_stake_anew() {
    let mut stage = slashed(200 * IO, 0);
    stage.request();
    let owner = stage.one.owner.insecure_clone();
    let out = stage.withdraw_ix();
    stage
        .world
        .refuses(E::CoolDownNotOver, out.clone(), &[&owner]);
    stage.pass(COOL_DOWN);
    stage.owner_does(out);
    assert!(stage.world.find(&stage.one.stake).is_none());
    assert_eq!(stage.wallets().0, WALLET - 200 * IO);
    stage.world.stake(&stage.one, 100 * IO);
    assert_eq!(stage.parts(), [(100 * IO, 0), (0, 0)]);
}

/// A co-staker whose part is gone has nothing to wait for: the place is given back at once.
#[test]
fn the_co_stakers_place_is_free_at_once() {
    let mut stage = slashed(200 * IO, 100 * IO);
    let paid = stage.withdraw_co_ix();
    stage.world.govern(paid);
    let add = stage.world.increase_ix(&stage.one, 100 * IO).instruction();
    stage.owner_does(add);
    let Stage { world, one, co, .. } = &mut stage;
    world.co_stake(one, co, 100 * IO, SHARE);
    assert_eq!(stage.wallets().1, WALLET - 200 * IO);
    stage.burned(300 * IO);
}
