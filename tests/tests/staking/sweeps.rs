//! Every place of every staking and co-staking instruction, with every kind of wrong account.

use iog_client::staking::instructions::{
    AcceptOffer, IncreaseStake, Stake, Withdraw, WithdrawCo, WithdrawOverflow,
};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{CLASS_TEST, GENESIS_TS};
use iog_tests::World;

use crate::stage::{Stage, COOL_DOWN, IO, MINIMUM as STAKED, SHARE, WAIT};

const ANY: &str = "any account of the payer's or recipient's will do";
const BOTH: &str = "the account stands in both places, writable in the other";

#[test]
fn every_kind_of_wrong_account_in_every_place() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let fresh = world.registered(CLASS_TEST, 1);
    let open = world.stake_ix(&fresh, STAKED).instruction();
    let harmless = [(Stake::OWNER_TOKEN, Wrong::Copy, ANY)];
    sweep::refused(&world, &open, &[&fresh.owner], &harmless);
    let add = world.increase_ix(&supplier, 1).instruction();
    let harmless = [(IncreaseStake::OWNER_TOKEN, Wrong::Copy, ANY)];
    sweep::refused(&world, &add, &[&supplier.owner], &harmless);
    let request = world.unstake_ix(&supplier).instruction();
    sweep::refused(&world, &request, &[&supplier.owner], &[]);
    world.must(request, &[&supplier.owner]);
    world.set_time(GENESIS_TS + COOL_DOWN);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    let harmless = [(Withdraw::OWNER_TOKEN, Wrong::Copy, ANY)];
    sweep::refused(&world, &withdraw, &[&supplier.owner], &harmless);
}

#[test]
fn the_same_for_offers_co_stakes_and_overflow() {
    let mut stage = Stage::staked(STAKED + 5);
    let owner = stage.one.owner.insecure_clone();
    let co = stage.co.wallet.insecure_clone();
    let overflow = stage.world.overflow_ix(&stage.one, 5).instruction();
    let harmless = [(WithdrawOverflow::OWNER_TOKEN, Wrong::Copy, ANY)];
    sweep::refused(&stage.world, &overflow, &[&owner], &harmless);
    let offer = stage.world.offer_ix(&stage.one, IO, SHARE).instruction();
    sweep::refused(&stage.world, &offer, &[&owner], &[]);
    stage.owner_does(offer.clone());
    let retract = stage.world.retract_ix(&stage.one).instruction();
    sweep::refused(&stage.world, &retract, &[&owner], &[]);
    stage.owner_does(retract);
    // The owner's book is there now.
    sweep::refused(&stage.world, &offer, &[&owner], &[]);
    stage.owner_does(offer);
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, IO, SHARE);
    let accept = accept.instruction();
    let harmless = [(AcceptOffer::CO_STAKER_TOKEN, Wrong::Copy, ANY)];
    sweep::refused(&stage.world, &accept, &[&co], &harmless);
    stage.world.must(accept, &[&co]);
    let leave = stage.world.leave_ix(&stage.one, &stage.co).instruction();
    sweep::refused(&stage.world, &leave, &[&co], &[]);
    stage.world.must(leave, &[&co]);
    stage.world.set_time(GENESIS_TS + WAIT + COOL_DOWN);
    let authority = stage.world.authority.insecure_clone();
    let harmless = [
        (WithdrawCo::CO_STAKER_TOKEN, Wrong::ReadOnly, BOTH),
        (WithdrawCo::ASSOCIATED, Wrong::ReadOnly, BOTH),
    ];
    sweep::refused(
        &stage.world,
        &stage.withdraw_co_ix(),
        &[&authority],
        &harmless,
    );
}
