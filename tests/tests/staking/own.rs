//! Nobody co-stakes an own device: not by the wallet, not by the key of any device of the same owner.

use iog_client::pda;
use iog_client::staking::instructions::AcceptOffer;
use iog_client::staking::{StakingError as E, ID};
use iog_tests::world::{CoStaker, PubkeyOf, CLASS_TEST};
use iog_tests::Code;
use solana_instruction::error::InstructionError;

use crate::stage::{Stage, IO, MINIMUM, SHARE, WALLET};

fn offered() -> Stage {
    let mut stage = Stage::staked(MINIMUM);
    let offer = stage.world.offer_ix(&stage.one, IO, SHARE).instruction();
    stage.owner_does(offer);
    stage
}

fn accept(stage: &Stage, co: &CoStaker) -> AcceptOffer {
    stage.world.accept_offer_ix(&stage.one, co, IO, SHARE)
}

#[test]
fn the_owners_wallet_and_device_keys_are_refused() {
    let mut stage = offered();
    let owner = stage.one.owner.insecure_clone();
    let second = stage.world.add_device(&owner, CLASS_TEST, 1);
    let before = stage.world.device_stake(&stage.one);
    for key in [&owner, &stage.one.device_key, &second.device_key] {
        let mut stage = stage.clone();
        let payer = stage.world.authority.insecure_clone();
        let own = stage.world.co_staker_with(key.insecure_clone());
        let instruction = accept(&stage, &own).instruction();
        stage
            .world
            .refuses(E::SelfCoStake, instruction, &[&payer, key]);
        assert_eq!(stage.world.device_stake(&stage.one), before);
        assert_eq!(stage.accepted(), 0);
        stage.holds(MINIMUM, 0);
    }
}

/// A device that was terminated is its owner's still.
#[test]
fn a_terminated_devices_key_is_the_owners_still() {
    let mut stage = offered();
    let owner = stage.one.owner.insecure_clone();
    let second = stage.world.add_device(&owner, CLASS_TEST, 1);
    stage.world.set_device_state(&second, 2);
    let payer = stage.world.authority.insecure_clone();
    let own = stage
        .world
        .co_staker_with(second.device_key.insecure_clone());
    let instruction = accept(&stage, &own).instruction();
    stage
        .world
        .refuses(E::SelfCoStake, instruction, &[&payer, &second.device_key]);
}

#[test]
fn another_owners_device_key_and_wallet_may() {
    let mut stage = offered();
    let other = stage.world.registered(CLASS_TEST, 1);
    for key in [&other.device_key, &other.owner] {
        let mut stage = stage.clone();
        let payer = stage.world.authority.insecure_clone();
        let co = stage.world.co_staker_with(key.insecure_clone());
        let had = stage.world.balance(&co.token);
        let instruction = accept(&stage, &co).instruction();
        stage.world.send(&[instruction], &[&payer, key]).unwrap();
        assert_eq!(stage.world.balance(&co.token), had - IO);
        stage.holds(MINIMUM, IO);
    }
}

/// A device key that names another place for its device does not hide whose it is.
#[test]
fn the_place_of_the_co_stakers_device_is_fixed() {
    let mut stage = offered();
    let payer = stage.world.authority.insecure_clone();
    let key = stage.one.device_key.insecure_clone();
    let own = stage.world.co_staker_with(key.insecure_clone());
    let other = stage.world.registered(CLASS_TEST, 1);
    let nobody = stage.world.address();
    for place in [
        other.device,
        nobody,
        pda::registry::device(&nobody),
        stage.one.stake,
        own.wallet.pubkey_of(),
    ] {
        let mut instruction = accept(&stage, &own);
        instruction.device_of_co_staker = place;
        let code = if place == stage.one.stake {
            Code::anchor(ID, 2040)
        } else {
            Code::plain(ID, InstructionError::InvalidSeeds)
        };
        stage
            .world
            .refuses(code, instruction.instruction(), &[&payer, &key]);
    }
    // Lamports at the place of no device make no device.
    let co = stage.co.clone();
    stage
        .world
        .fund(&pda::registry::device(&co.wallet.pubkey_of()), 1_000_000);
    let instruction = accept(&stage, &co).instruction();
    stage.world.must(instruction, &[&co.wallet]);
    assert_eq!(stage.wallets().1, WALLET - IO);
}
