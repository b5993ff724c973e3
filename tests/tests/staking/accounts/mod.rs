//! Foreign accounts, copies and counterfeits in the places of good ones, and the code that each ends in.

mod co_staking;

use iog_client::pda;
use iog_client::staking::instructions::{IncreaseStake, RequestUnstake, Stake, Withdraw};
use iog_client::staking::{StakingError, ID};
use iog_tests::world::{order_args, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{swaps, Code, World};
use solana_instruction::error::InstructionError;

use crate::stage::{COOL_DOWN, MINIMUM as STAKED};

fn plain(code: InstructionError) -> Code {
    Code::plain(ID, code)
}

#[test]
fn foreign_accounts_are_refused_in_every_place() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let other = world.supplier(CLASS_TEST);
    let fresh = world.registered(CLASS_TEST, 1);
    let copy = world.address();
    world.copy_account(&supplier.stake, &copy);
    let fake_stake = world.counterfeit(&supplier.stake);
    let fake_device = world.counterfeit(&fresh.device);
    let fake_class = world.counterfeit(&fresh.class);
    let fake_config = world.counterfeit(&pda::staking::config());
    let seeds = || plain(InstructionError::InvalidSeeds);
    let owner = || plain(InstructionError::IllegalOwner);

    let open = world.stake_ix(&fresh, STAKED).instruction();
    let kind = || plain(InstructionError::InvalidAccountData);
    let wrong = [
        ("a counterfeit config", Stake::CONFIG, fake_config, owner()),
        ("a counterfeit device", Stake::DEVICE, fake_device, owner()),
        ("a counterfeit class", Stake::CLASS, fake_class, owner()),
        (
            "a proof as device",
            Stake::DEVICE,
            fresh.attestation,
            plain(InstructionError::AccountDataTooSmall),
        ),
        ("a device as class", Stake::CLASS, fresh.device, kind()),
        ("another's stake", Stake::STAKE, other.stake, seeds()),
        ("any address as stake", Stake::STAKE, copy, seeds()),
        (
            "the treasury's vault",
            Stake::VAULT,
            pda::treasury::vault(&world.io),
            seeds(),
        ),
        (
            "the owner's account as vault",
            Stake::VAULT,
            fresh.owner_token,
            Code::anchor(ID, 2040),
        ),
    ];
    swaps::refused(&world, &open, &[&fresh.owner], &wrong);

    let add = world.increase_ix(&supplier, 1).instruction();
    let wrong = [
        ("a copied stake", IncreaseStake::STAKE, copy, seeds()),
        (
            "a counterfeit stake",
            IncreaseStake::STAKE,
            fake_stake,
            owner(),
        ),
        (
            "a config as stake",
            IncreaseStake::STAKE,
            pda::staking::config(),
            Code::anchor(ID, 2040),
        ),
        (
            "another's vault",
            IncreaseStake::VAULT,
            other.owner_token,
            seeds(),
        ),
        (
            "the vault as source",
            IncreaseStake::OWNER_TOKEN,
            pda::staking::vault(),
            Code::anchor(ID, 2040),
        ),
    ];
    swaps::refused(&world, &add, &[&supplier.owner], &wrong);

    let request = world.unstake_ix(&supplier).instruction();
    let wrong = [
        ("a copied stake", RequestUnstake::STAKE, copy, seeds()),
        (
            "a counterfeit stake",
            RequestUnstake::STAKE,
            fake_stake,
            owner(),
        ),
        (
            "another's stake",
            RequestUnstake::STAKE,
            other.stake,
            StakingError::NotOwner.into(),
        ),
    ];
    swaps::refused(&world, &request, &[&supplier.owner], &wrong);

    world.must(request, &[&supplier.owner]);
    world.set_time(GENESIS_TS + COOL_DOWN);
    world.copy_account(&supplier.stake, &copy);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    let wrong = [
        ("a copied stake", Withdraw::STAKE, copy, seeds()),
        (
            "another's stake",
            Withdraw::STAKE,
            other.stake,
            StakingError::NotOwner.into(),
        ),
        ("another vault", Withdraw::VAULT, other.owner_token, seeds()),
        (
            "another authority",
            Withdraw::VAULT_AUTHORITY,
            copy,
            seeds(),
        ),
        ("a stake as mint", Withdraw::IO_MINT, copy, owner()),
        (
            "the vault as recipient",
            Withdraw::OWNER_TOKEN,
            pda::staking::vault(),
            Code::anchor(ID, 2040),
        ),
    ];
    swaps::refused(&world, &withdraw, &[&supplier.owner], &wrong);
}

#[test]
fn nobody_acts_without_the_owners_signature() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let payer = world.authority.insecure_clone();
    let all = [
        (
            world.increase_ix(&supplier, 1).instruction(),
            IncreaseStake::OWNER,
        ),
        (
            world.unstake_ix(&supplier).instruction(),
            RequestUnstake::OWNER,
        ),
        (world.withdraw_ix(&supplier).instruction(), Withdraw::OWNER),
    ];
    for (mut instruction, place) in all {
        instruction.accounts[place].is_signer = false;
        let code = plain(InstructionError::MissingRequiredSignature);
        world.refuses(code, instruction, &[&payer]);
    }
}

/// The market's account says whether a device is hired; nobody else's does, whatever its bytes.
#[test]
fn a_forged_occupancy_frees_nobody() {
    let mut world = World::ready();
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.match_device(&order, &supplier);
    let forged = world.counterfeit(&supplier.occupancy);
    let idle = world.supplier(CLASS_TEST);
    let lease = pda::market::lease(&order, &supplier.device);
    for account in [
        forged,
        idle.occupancy,
        lease,
        supplier.stake,
        world.authority.pubkey_of(),
    ] {
        let mut request = world.unstake_ix(&supplier);
        request.occupancy = account;
        let code = if account == supplier.stake {
            Code::anchor(ID, 2040)
        } else {
            StakingError::WrongDevice.into()
        };
        world.refuses(code, request.instruction(), &[&supplier.owner]);
    }
    // At the right address, but owned by another program or of another kind.
    let mut foreign = world.account(&supplier.occupancy);
    foreign.data[40..72].fill(0);
    let mut other_kind = foreign.clone();
    foreign.owner = ID;
    other_kind.data[0] ^= 1;
    for account in [foreign, other_kind] {
        let mut world = world.clone();
        world.set_account(&supplier.occupancy, account);
        let request = world.unstake_ix(&supplier).instruction();
        world.refuses(StakingError::WrongDevice, request, &[&supplier.owner]);
    }
}
