//! Refusals of offers, co-stakes and overflow.

use iog_client::staking::StakingError as E;
use iog_tests::world::{CoStaker, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, Supplier, World};

use super::send;
use crate::stage::{COOL_DOWN, IO, MINIMUM, SHARE};

fn staked(world: &mut World) -> (Supplier, CoStaker) {
    (world.supplier(CLASS_TEST), world.co_staker())
}

fn offer(world: &mut World, one: &Supplier, amount: u64, bps: u16) -> Outcome {
    let offer = world.offer_ix(one, amount, bps).instruction();
    send(world, offer, one)
}

fn accept(world: &mut World, one: &Supplier, co: &CoStaker, bps: u16) -> Outcome {
    let accept = world.accept_offer_ix(one, co, IO, bps).instruction();
    world.send(&[accept], &[&co.wallet])
}

fn leave(world: &mut World, one: &Supplier, co: &CoStaker) -> Outcome {
    let leave = world.leave_ix(one, co).instruction();
    world.send(&[leave], &[&co.wallet])
}

pub fn errors() -> Vec<Case> {
    vec![
        refusal("no unit is above the minimum", E::NotOverflow, |world| {
            let (one, _) = staked(world);
            let overflow = world.overflow_ix(&one, 1).instruction();
            send(world, overflow, &one)
        }),
        refusal("an offer of more than half", E::OfferTooLarge, |world| {
            let (one, _) = staked(world);
            offer(world, &one, MINIMUM + 1, SHARE)
        }),
        refusal("more than all rewards", E::InvalidShare, |world| {
            let (one, _) = staked(world);
            offer(world, &one, IO, 10_001)
        }),
        refusal("an offer beside a co-staker", E::HasCoStaker, |world| {
            let (one, co) = staked(world);
            world.co_stake(&one, &co, IO, SHARE);
            offer(world, &one, IO, SHARE)
        }),
        refusal("a third acceptance", E::TooManyAccepted, |world| {
            let (one, co) = staked(world);
            for _ in 0..2 {
                let more = world.add_device(&one.owner, CLASS_TEST, 1);
                world.stake(&more, MINIMUM);
                world.co_stake(&more, &co, IO, SHARE);
            }
            offer(world, &one, IO, SHARE).unwrap();
            accept(world, &one, &co, SHARE)
        }),
        refusal("an owner's second wallet", E::SelfCoStake, |world| {
            let (one, _) = staked(world);
            let own = world.co_staker_with(one.owner.insecure_clone());
            offer(world, &one, IO, SHARE).unwrap();
            accept(world, &one, &own, SHARE)
        }),
        refusal("another share than offered", E::TermsChanged, |world| {
            let (one, co) = staked(world);
            offer(world, &one, IO, SHARE).unwrap();
            accept(world, &one, &co, SHARE + 1)
        }),
        refusal("a stranger leaves", E::NotCoStaker, |world| {
            let (one, co) = staked(world);
            leave(world, &one, &co)
        }),
        refusal("a second leave", E::AlreadyLeaving, |world| {
            let (one, co) = staked(world);
            world.co_stake(&one, &co, IO, SHARE);
            leave(world, &one, &co).unwrap();
            leave(world, &one, &co)
        }),
        refusal("a co-staker who stays", E::CoStakeLocked, |world| {
            let (one, co) = staked(world);
            world.co_stake(&one, &co, IO, SHARE);
            let mut paid = world.withdraw_co_ix(&one, &co);
            paid.signer = co.wallet.pubkey_of();
            world.send(&[paid.instruction()], &[&co.wallet])
        }),
        refusal("another's token account", E::WrongRecipient, |world| {
            let (one, co) = staked(world);
            world.co_stake(&one, &co, IO, SHARE);
            let mut paid = world.withdraw_co_ix(&one, &co);
            paid.signer = one.owner.pubkey_of();
            paid.co_staker_token = one.owner_token;
            send(world, paid.instruction(), &one)
        }),
        refusal("the offer of an earlier stake", E::OfferOutlived, |world| {
            let (one, co) = staked(world);
            offer(world, &one, IO, SHARE).unwrap();
            let request = world.unstake_ix(&one).instruction();
            world.must(request, &[&one.owner]);
            world.advance(COOL_DOWN);
            let out = world.withdraw_ix(&one).instruction();
            world.must(out, &[&one.owner]);
            world.stake(&one, MINIMUM);
            accept(world, &one, &co, SHARE)
        }),
        refusal("an offer to somebody else", E::NotInvited, |world| {
            let (one, co) = staked(world);
            let mut offer = world.offer_ix(&one, IO, SHARE);
            offer.co_staker = world.address();
            world.must(offer.instruction(), &[&one.owner]);
            accept(world, &one, &co, SHARE)
        }),
        refusal("paid elsewhere by a stranger", E::NotAssociated, |world| {
            let (one, co) = staked(world);
            world.co_stake(&one, &co, IO, SHARE);
            let (io, wallet) = (world.io, co.wallet.pubkey_of());
            let second = world.second_account(&wallet, &io);
            let mut paid = world.withdraw_co_ix(&one, &co);
            paid.co_staker_token = second;
            let authority = world.authority.insecure_clone();
            world.send(&[paid.instruction()], &[&authority])
        }),
    ]
}
