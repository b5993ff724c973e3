//! What a stake can go through besides opening and closing, in a network of its own: overflow, a co-staker and a slash case.

use std::collections::BTreeMap;

use iog_client::staking::instructions::{DropSlashRole, SetSlasher};
use iog_client::staking::SlashRole;

use crate::world::{CoStaker, PubkeyOf, CLASS_TEST, MIN_AGE_SECS};
use crate::{Supplier, World};

const IO: u64 = 100_000_000;
/// The co-staker's share of the rewards.
const SHARE_BPS: u16 = 3_000;
/// From leaving to being paid out: 7 days that still count, and 14 of cool-down.
const LEAVING_SECS: i64 = 1_814_400;
/// From an appeal to the earliest moment at which a case is upheld.
const UPHOLD_AFTER_SECS: i64 = 259_200;

pub fn stakes() -> BTreeMap<String, u64> {
    let mut world = World::ready();
    let (supplier, co) = (world.supplier(CLASS_TEST), world.co_staker());
    co_stake(&mut world, &supplier, &co);
    earn(&mut world, &supplier, &co);
    slash(&mut world, &supplier, &co);
    let leave = world.leave_ix(&supplier, &co).instruction();
    world.must(leave, &[&co.wallet]);
    world.advance(LEAVING_SECS);
    let withdraw = world.withdraw_co_ix(&supplier, &co).instruction();
    world.govern(withdraw);
    world.costs().clone()
}

/// Too much is brought in and taken back, an offer withdrawn, and the next one accepted.
fn co_stake(world: &mut World, supplier: &Supplier, co: &CoStaker) {
    let increase = world.increase_ix(supplier, 100 * IO).instruction();
    world.must(increase, &[&supplier.owner]);
    let overflow = world.overflow_ix(supplier, 50 * IO).instruction();
    world.must(overflow, &[&supplier.owner]);
    let offer = world.offer_ix(supplier, IO, SHARE_BPS).instruction();
    world.must(offer, &[&supplier.owner]);
    let retract = world.retract_ix(supplier).instruction();
    world.must(retract, &[&supplier.owner]);
    world.co_stake(supplier, co, 100 * IO, SHARE_BPS);
}

/// An hour that is shared with the co-staker.
fn earn(world: &mut World, supplier: &Supplier, co: &CoStaker) {
    world.advance(MIN_AGE_SECS);
    world.close_hours(48);
    world.check_in(supplier);
    world.next_hour();
    world.close_hours(1);
    let settle = world.settle_rewards_ix(supplier, 0).instruction();
    world.govern(settle);
    world.mint_due();
    let claim = world.claim_co_ix(supplier, &co.token).instruction();
    world.govern(claim);
}

/// A case that is taken back, and one that the co-staker appeals and that is upheld: what it holds is burned.
fn slash(world: &mut World, supplier: &Supplier, co: &CoStaker) {
    let court = world.court();
    let (authority, key) = (world.authority.pubkey_of(), world.address());
    world.govern(SetSlasher { authority, key }.instruction());
    let drop = DropSlashRole {
        signer: authority,
        role: SlashRole::Slasher,
    };
    world.govern(drop.instruction());
    let case = world.propose_slash(&court, supplier, IO);
    let withdraw = world.withdraw_case_ix(&court.slasher, &case).instruction();
    world.must(withdraw, &[&court.slasher]);
    let finalize = world.finalize_slash_ix(supplier, &case).instruction();
    world.govern(finalize);
    let case = world.propose_slash(&court, supplier, 10 * IO);
    let appeal = world.appeal_ix(&co.wallet, supplier, &case).instruction();
    world.must(appeal, &[&co.wallet]);
    world.advance(UPHOLD_AFTER_SECS);
    let resolve = world.resolve_ix(&court, &case, true).instruction();
    world.must(resolve, &[&court.judge]);
    let finalize = world.finalize_slash_ix(supplier, &case).instruction();
    world.govern(finalize);
    assert_eq!(world.token_config().burned_units, 10 * IO);
}
