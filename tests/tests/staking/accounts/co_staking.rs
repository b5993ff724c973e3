//! The same for offers, co-stakes and overflow.

use iog_client::pda;
use iog_client::staking::instructions::{
    AcceptOffer, Leave, MakeOffer, Retract, WithdrawCo, WithdrawOverflow,
};
use iog_client::staking::{StakingError as E, ID};
use iog_tests::world::{PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::{swaps, Code, Supplier};
use solana_instruction::error::InstructionError;

use super::plain;
use crate::stage::{Stage, COOL_DOWN, IO, MINIMUM, SHARE, WAIT};

fn seeds() -> Code {
    plain(InstructionError::InvalidSeeds)
}

fn duplicate() -> Code {
    Code::anchor(ID, 2040)
}

/// A second supplier with an offer of the same terms.
fn stage() -> (Stage, Supplier) {
    let mut stage = Stage::staked(MINIMUM + 5);
    let other = stage.world.supplier(CLASS_TEST);
    for one in [&stage.one, &other] {
        let offer = stage.world.offer_ix(one, IO, SHARE).instruction();
        stage.world.must(offer, &[&one.owner]);
    }
    (stage, other)
}

#[test]
fn an_offer_is_its_owners_own() {
    let (mut stage, other) = stage();
    let third = stage.world.supplier(CLASS_TEST);
    let copy = stage.world.address();
    stage.world.copy_account(&stage.one.stake, &copy);
    let make = stage.world.offer_ix(&third, IO, SHARE);
    let wrong = [
        ("another's stake", MakeOffer::STAKE, other.stake, seeds()),
        ("a copied stake", MakeOffer::STAKE, copy, seeds()),
        (
            "another's offer",
            MakeOffer::OFFER,
            pda::staking::offer(&other.device),
            seeds(),
        ),
        (
            "another's book",
            MakeOffer::OWNER_BOOK,
            pda::staking::owner_book(&other.owner.pubkey_of()),
            seeds(),
        ),
    ];
    swaps::refused(&stage.world, &make.instruction(), &[&third.owner], &wrong);
    // With everything of the other's but the signature.
    let mut theft = stage.world.offer_ix(&stage.one, IO, SHARE);
    let thief = stage.world.supplier(CLASS_TEST);
    theft.owner = thief.owner.pubkey_of();
    theft.owner_book = pda::staking::owner_book(&theft.owner);
    let retracted = stage.world.retract_ix(&stage.one).instruction();
    let mut free = stage.world.clone();
    free.must(retracted, &[&stage.one.owner]);
    free.refuses(E::NotOwner, theft.instruction(), &[&thief.owner]);
    let retract = stage.world.retract_ix(&stage.one).instruction();
    let copy = stage.world.address();
    let offer = pda::staking::offer(&stage.one.device);
    stage.world.copy_account(&offer, &copy);
    let fake = stage.world.counterfeit(&offer);
    let wrong = [
        (
            "another's offer",
            Retract::OFFER,
            pda::staking::offer(&other.device),
            E::NotOwner.into(),
        ),
        ("a copied offer", Retract::OFFER, copy, seeds()),
        (
            "a counterfeit offer",
            Retract::OFFER,
            fake,
            plain(InstructionError::IllegalOwner),
        ),
    ];
    swaps::refused(&stage.world, &retract, &[&stage.one.owner], &wrong);
}

#[test]
fn an_acceptance_takes_one_devices_accounts() {
    let (stage, other) = stage();
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, IO, SHARE);
    let other_owner = other.owner.pubkey_of();
    let wrong = [
        (
            "another's stake",
            AcceptOffer::STAKE,
            other.stake,
            E::WrongDevice.into(),
        ),
        (
            "another's offer",
            AcceptOffer::OFFER,
            pda::staking::offer(&other.device),
            E::WrongDevice.into(),
        ),
        (
            "another's book",
            AcceptOffer::OWNER_BOOK,
            pda::staking::owner_book(&other_owner),
            seeds(),
        ),
        (
            "another owner",
            AcceptOffer::OWNER,
            other_owner,
            E::NotOwner.into(),
        ),
        (
            "another's device",
            AcceptOffer::DEVICE_OF_CO_STAKER,
            other.device,
            seeds(),
        ),
        (
            "the vault pays",
            AcceptOffer::CO_STAKER_TOKEN,
            pda::staking::vault(),
            duplicate(),
        ),
        (
            "another vault",
            AcceptOffer::VAULT,
            other.owner_token,
            seeds(),
        ),
    ];
    swaps::refused(
        &stage.world,
        &accept.instruction(),
        &[&stage.co.wallet],
        &wrong,
    );
}

#[test]
fn a_way_out_takes_one_devices_accounts() {
    let (mut stage, other) = stage();
    let mut stranger = stage.world.co_staker();
    for one in [stage.one.clone(), other.clone()] {
        let co = if one.device == stage.one.device {
            &stage.co
        } else {
            &stranger
        };
        let accept = stage.world.accept_offer_ix(&one, co, IO, SHARE);
        stage.world.must(accept.instruction(), &[&co.wallet]);
    }
    let leave = stage.world.leave_ix(&stage.one, &stage.co).instruction();
    let copy = stage.world.address();
    stage.world.copy_account(&stage.one.stake, &copy);
    let wrong = [
        (
            "another's stake",
            Leave::STAKE,
            other.stake,
            E::NotCoStaker.into(),
        ),
        ("a copied stake", Leave::STAKE, copy, seeds()),
    ];
    swaps::refused(&stage.world, &leave, &[&stage.co.wallet], &wrong);
    stage.leave();
    let leave = stage.world.leave_ix(&other, &stranger).instruction();
    stage.world.must(leave, &[&stranger.wallet]);
    stage.world.set_time(GENESIS_TS + WAIT + COOL_DOWN);
    stranger.token = stage.world.address();
    let other_owner = other.owner.pubkey_of();
    let payer = stage.world.authority.insecure_clone();
    let wrong = [
        (
            "another owner",
            WithdrawCo::OWNER,
            other_owner,
            E::NotOwner.into(),
        ),
        (
            "another's stake",
            WithdrawCo::STAKE,
            other.stake,
            E::NotOwner.into(),
        ),
        (
            "another's book",
            WithdrawCo::OWNER_BOOK,
            pda::staking::owner_book(&other_owner),
            seeds(),
        ),
        (
            "another's account",
            WithdrawCo::CO_STAKER_TOKEN,
            other.owner_token,
            E::WrongRecipient.into(),
        ),
        (
            "the vault is paid",
            WithdrawCo::CO_STAKER_TOKEN,
            pda::staking::vault(),
            duplicate(),
        ),
        (
            "another vault",
            WithdrawCo::VAULT,
            other.owner_token,
            seeds(),
        ),
        (
            "another authority",
            WithdrawCo::VAULT_AUTHORITY,
            copy,
            seeds(),
        ),
    ];
    swaps::refused(&stage.world, &stage.withdraw_co_ix(), &[&payer], &wrong);
}

#[test]
fn overflow_is_measured_by_the_devices_own_class() {
    let (stage, other) = stage();
    let overflow = stage.world.overflow_ix(&stage.one, 5).instruction();
    let wrong = [
        (
            "another's device",
            WithdrawOverflow::DEVICE,
            other.device,
            E::WrongDevice.into(),
        ),
        (
            "another class",
            WithdrawOverflow::CLASS,
            pda::registry::class(CLASS_COMMUNITY),
            E::WrongClass.into(),
        ),
        (
            "another's stake",
            WithdrawOverflow::STAKE,
            other.stake,
            E::NotOwner.into(),
        ),
        (
            "the vault is paid",
            WithdrawOverflow::OWNER_TOKEN,
            pda::staking::vault(),
            duplicate(),
        ),
        (
            "another vault",
            WithdrawOverflow::VAULT,
            other.owner_token,
            seeds(),
        ),
    ];
    swaps::refused(&stage.world, &overflow, &[&stage.one.owner], &wrong);
}
