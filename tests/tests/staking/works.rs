//! Stakes: exact amounts, the states of a stake, and who gets back what.

use iog_client::staking::accounts::{
    Config, DeviceStake, Offer, OwnerBook, Restitution, SlashCase,
};
use iog_client::staking::events::{Staked, UnstakeRequested, Withdrawn};
use iog_client::staking::instructions::Initialize;
use iog_client::staking::{Caps, CaseMark, Event, StakingError, ID};
use iog_client::{pda, staking};
use iog_tests::world::{
    class_args, PubkeyOf, CASE_CAP_BPS, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS,
    MONTH_CAP_BPS,
};
use iog_tests::{Code, Supplier, World};

use crate::stage::{said, COOL_DOWN, MINIMUM, WALLET};

const STAKED: u64 = MINIMUM;
const NO_MARK: CaseMark = CaseMark {
    proposed_ts: 0,
    amount_units: 0,
    owner_units: 0,
};

fn staked_units(world: &World) -> u64 {
    world.read::<Config>(&pda::staking::config()).staked_units
}

fn unstake(world: &mut World, supplier: &Supplier) {
    let request = world.unstake_ix(supplier).instruction();
    world.must(request, &[&supplier.owner]);
}

#[test]
fn sizes_are_the_published_ones() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    assert_eq!(world.account(&pda::staking::config()).data.len(), 424);
    assert_eq!(world.account(&supplier.stake).data.len(), 304);
    assert_eq!(Config::SIZE, 424);
    assert_eq!(DeviceStake::SIZE, 304);
    assert_eq!((Offer::SIZE, OwnerBook::SIZE), (160, 72));
    assert_eq!((SlashCase::SIZE, Restitution::SIZE), (296, 216));
}

#[test]
fn a_stake_moves_exactly_its_amount_and_says_so() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let (owner, device) = (supplier.owner.pubkey_of(), supplier.device);
    let lamports = world.lamports(&owner);

    let open = world.stake_ix(&supplier, STAKED).instruction();
    let meta = world.must(open, &[&supplier.owner]);
    let opened = Staked {
        device,
        owner,
        amount: 20_000_000_000,
        stake_before: 0,
        stake_after: 20_000_000_000,
    };
    assert_eq!(meta.events, said(Event::Staked(opened)));
    assert_eq!(lamports - world.lamports(&owner), world.rent(304) + 5_000);

    let add = world.increase_ix(&supplier, 7).instruction();
    let meta = world.must(add, &[&supplier.owner]);
    let added = Staked {
        device,
        owner,
        amount: 7,
        stake_before: 20_000_000_000,
        stake_after: 20_000_000_007,
    };
    assert_eq!(meta.events, said(Event::Staked(added)));

    let expected = DeviceStake {
        device,
        owner,
        co_staker: [0; 32].into(),
        amount_units: 20_000_000_007,
        co_amount_units: 0,
        held_units: 0,
        co_held_units: 0,
        unlock_ts: 0,
        co_leave_ts: 0,
        opened_ts: GENESIS_TS,
        co_since_ts: 0,
        marks: [NO_MARK; 4],
        caps: Caps {
            case_bps: 1_000,
            month_bps: 2_500,
        },
        co_caps: Caps {
            case_bps: 0,
            month_bps: 0,
        },
        co_share_bps: 0,
        open_cases: 0,
        version: 1,
        bump: bump(&[b"stake", device.as_ref()]),
        reserved: [0; 27],
    };
    assert_eq!(world.read::<DeviceStake>(&supplier.stake), expected);
    assert_eq!(staked_units(&world), 20_000_000_007);
    assert_eq!(world.balance(&pda::staking::vault()), 20_000_000_007);
    assert_eq!(
        world.balance(&supplier.owner_token),
        WALLET - 20_000_000_007
    );
}

fn bump(seeds: &[&[u8]]) -> u8 {
    solana_pubkey::Pubkey::find_program_address(seeds, &ID).1
}

#[test]
fn an_unstake_pays_all_and_the_rent_after_exactly_fourteen_days() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let (owner, device) = (supplier.owner.pubkey_of(), supplier.device);
    let request = world.unstake_ix(&supplier).instruction();
    let meta = world.must(request, &[&supplier.owner]);
    let requested = UnstakeRequested {
        device,
        owner,
        amount: STAKED,
        unlock_ts: GENESIS_TS + COOL_DOWN,
    };
    assert_eq!(meta.events, said(Event::UnstakeRequested(requested)));

    let withdraw = world.withdraw_ix(&supplier).instruction();
    world.set_time(GENESIS_TS + COOL_DOWN - 1);
    world.refuses(
        StakingError::CoolDownNotOver,
        withdraw.clone(),
        &[&supplier.owner],
    );
    world.set_time(GENESIS_TS + COOL_DOWN);
    let lamports = world.lamports(&owner);
    let meta = world.must(withdraw, &[&supplier.owner]);
    let withdrawn = Withdrawn {
        device,
        owner,
        amount: STAKED,
        held: 0,
        staked_before: STAKED,
        staked_after: 0,
    };
    assert_eq!(meta.events, said(Event::Withdrawn(withdrawn)));
    assert_eq!(world.lamports(&owner), lamports + world.rent(304) - 5_000);
    assert_eq!(world.balance(&supplier.owner_token), WALLET);
    assert!(world.find(&supplier.stake).is_none());
    assert_eq!(staked_units(&world), 0);
}

/// Half of the minimum opens a stake: a co-staker may bring the other half.
#[test]
fn half_of_the_minimum_is_exact_for_class_and_quantity() {
    let mut world = World::ready();
    // Multiplier 2.5: 500 IO. Multiplier 0.75 and none count as 1: 200 IO a GPU.
    world.add_class(iog_client::registry::ClassArgs {
        multiplier_x100: 75,
        ..class_args(9)
    });
    for (class, quantity, half) in [
        (CLASS_COMMUNITY, 1, 25_000_000_000),
        (CLASS_UNPROVED, 3, 30_000_000_000),
        (9, 1, 10_000_000_000),
        (CLASS_TEST, 1, 10_000_000_000),
    ] {
        let supplier = world.registered(class, quantity);
        let below = world.stake_ix(&supplier, half - 1).instruction();
        world.refuses(StakingError::BelowMinimum, below, &[&supplier.owner]);
        assert!(world.find(&supplier.stake).is_none());
        let enough = world.stake_ix(&supplier, half).instruction();
        world.must(enough, &[&supplier.owner]);
    }
}

/// Weakness 2 of a rival: a balance taken for the books.
#[test]
fn a_donation_to_the_vault_changes_no_amount() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    world.donate(&pda::staking::vault(), 999);
    assert_eq!(staked_units(&world), STAKED);
    unstake(&mut world, &supplier);
    world.set_time(GENESIS_TS + COOL_DOWN);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    world.must(withdraw, &[&supplier.owner]);
    assert_eq!(world.balance(&supplier.owner_token), WALLET);
    assert_eq!(world.balance(&pda::staking::vault()), 999);
    assert_eq!(staked_units(&world), 0);
}

#[test]
fn a_stake_address_funded_beforehand_can_be_opened() {
    let mut world = World::ready();
    for lamports in [1, 890_880, 10_000_000_000] {
        let supplier = world.registered(CLASS_TEST, 1);
        world.fund(&supplier.stake, lamports);
        world.stake(&supplier, STAKED);
        assert!(world.lamports(&supplier.stake) >= world.rent(304));
    }
    // The same for the config and the vault, before the program was initialised.
    let mut world = World::new();
    world.init_token();
    world.fund(&pda::staking::config(), 1);
    world.fund(&pda::staking::vault(), 1);
    world.init_staking();
}

#[test]
fn a_closed_stake_stays_closed_within_its_transaction_and_reopens_from_zero() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    unstake(&mut world, &supplier);
    world.set_time(GENESIS_TS + COOL_DOWN);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    let owner = supplier.owner.pubkey_of();
    let revive =
        solana_system_interface::instruction::transfer(&owner, &supplier.stake, 10_000_000);
    let mut twice = world.clone();
    let outcome = twice.send(
        &[withdraw.clone(), revive.clone(), withdraw.clone()],
        &[&supplier.owner],
    );
    assert_eq!(
        outcome.unwrap_err().program,
        ID,
        "the second withdrawal is refused"
    );
    // Kept alive by lamports, the account is nobody's and empty; a new stake begins without a request.
    world.send(&[withdraw, revive], &[&supplier.owner]).unwrap();
    let left = world.account(&supplier.stake);
    assert_eq!((left.data.len(), left.owner), (0, [0; 32].into()));
    world.stake(&supplier, STAKED);
    let stake = world.read::<DeviceStake>(&supplier.stake);
    assert_eq!((stake.amount_units, stake.unlock_ts), (STAKED, 0));
    assert_eq!(staked_units(&world), STAKED);
}

#[test]
fn a_terminated_device_takes_no_stake_and_gives_its_own_back() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let fresh = world.registered(CLASS_TEST, 1);
    for supplier in [&supplier, &fresh] {
        world.set_device_state(supplier, 2);
    }
    let open = world.stake_ix(&fresh, STAKED).instruction();
    world.refuses(StakingError::DeviceTerminated, open, &[&fresh.owner]);
    unstake(&mut world, &supplier);
    world.set_time(GENESIS_TS + COOL_DOWN);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    world.must(withdraw, &[&supplier.owner]);
    assert_eq!(world.balance(&supplier.owner_token), WALLET);
}

/// A recipient that cannot be paid blocks itself, and only until it names another account.
#[test]
fn a_frozen_or_closed_recipient_blocks_only_itself() {
    let mut world = World::ready();
    let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
    unstake(&mut world, &one);
    unstake(&mut world, &two);
    world.set_time(GENESIS_TS + COOL_DOWN);
    let mut frozen = world.account(&one.owner_token);
    frozen.data[108] = 2;
    world.set_account(&one.owner_token, frozen);
    let withdraw = world.withdraw_ix(&one).instruction();
    assert!(world.send(&[withdraw], &[&one.owner]).is_err());
    let withdraw = world.withdraw_ix(&two).instruction();
    world.must(withdraw, &[&two.owner]);

    let other = world.wallet();
    let io = world.io;
    let elsewhere = world.token_account(&other.pubkey_of(), &io);
    let mut withdraw = world.withdraw_ix(&one);
    withdraw.owner_token = elsewhere;
    world.must(withdraw.instruction(), &[&one.owner]);
    assert_eq!(world.balance(&elsewhere), STAKED);
}

#[test]
fn the_program_is_initialised_once() {
    let mut world = World::ready();
    let again = Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&staking::ID),
        io_mint: world.io,
        case_cap_bps: CASE_CAP_BPS,
        month_cap_bps: MONTH_CAP_BPS,
    };
    let authority = world.authority.insecure_clone();
    world.refuses(Code::in_use(), again.instruction(), &[&authority]);
}

/// Opening and closing gives back what was put in, however often and however small.
#[test]
fn a_thousand_single_units_are_all_returned() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    for _ in 0..200 {
        let ones: Vec<_> = (0..5)
            .map(|_| world.increase_ix(&supplier, 1).instruction())
            .collect();
        world.send(&ones, &[&supplier.owner]).unwrap();
    }
    assert_eq!(staked_units(&world), STAKED + 1_000);
    unstake(&mut world, &supplier);
    world.set_time(GENESIS_TS + COOL_DOWN);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    world.must(withdraw, &[&supplier.owner]);
    assert_eq!(world.balance(&supplier.owner_token), WALLET);
}
