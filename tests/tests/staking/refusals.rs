//! What staking refuses: each of its errors, every foreign account, every counterfeit.

use iog_client::registry::instructions::SetDeviceState;
use iog_client::staking::accounts::Config;
use iog_client::staking::instructions::{
    IncreaseStake, Initialize, RequestUnstake, SetGuardian, Stake, Withdraw,
};
use iog_client::staking::{StakingError, ID};
use iog_client::{market, pda, staking};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{order_args, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::{cases, refusal, swaps, Case, Code, Outcome, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;

const STAKED: u64 = 20_000_000_000;
const COOL_DOWN: i64 = 1_209_600;

fn send(world: &mut World, instruction: Instruction, supplier: &Supplier) -> Outcome {
    world.send(&[instruction], &[&supplier.owner])
}

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&staking::ID),
        io_mint: world.io,
    }
}

fn errors() -> Vec<Case> {
    use StakingError as E;
    vec![
        refusal("another's stake is raised", E::NotOwner, |world| {
            let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
            let mut add = world.increase_ix(&one, 1);
            add.owner = two.owner.pubkey_of();
            send(world, add.instruction(), &two)
        }),
        refusal("another's device is staked", E::NotOwner, |world| {
            let one = world.registered(CLASS_TEST, 1);
            let two = world.registered(CLASS_TEST, 1);
            let mut open = world.stake_ix(&one, STAKED);
            open.owner = two.owner.pubkey_of();
            open.owner_token = two.owner_token;
            send(world, open.instruction(), &two)
        }),
        refusal("another class", E::WrongClass, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let mut open = world.stake_ix(&supplier, STAKED);
            open.class = pda::registry::class(CLASS_COMMUNITY);
            send(world, open.instruction(), &supplier)
        }),
        refusal("another device's occupancy", E::WrongDevice, |world| {
            let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
            let mut request = world.unstake_ix(&one);
            request.occupancy = two.occupancy;
            send(world, request.instruction(), &one)
        }),
        refusal("another mint", E::WrongMint, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let authority = world.authority.insecure_clone();
            let mut add = world.increase_ix(&supplier, 1);
            add.io_mint = world.mint(&authority, 8);
            send(world, add.instruction(), &supplier)
        }),
        refusal("nothing is added", E::ZeroAmount, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let add = world.increase_ix(&supplier, 0).instruction();
            send(world, add, &supplier)
        }),
        refusal("one unit too few", E::BelowMinimum, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let open = world.stake_ix(&supplier, STAKED - 1).instruction();
            send(world, open, &supplier)
        }),
        refusal("a terminated device", E::DeviceTerminated, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let terminate = SetDeviceState {
                owner: supplier.owner.pubkey_of(),
                device: supplier.device,
                state: 2,
            };
            world.must(terminate.instruction(), &[&supplier.owner]);
            let open = world.stake_ix(&supplier, STAKED).instruction();
            send(world, open, &supplier)
        }),
        refusal("a matched device", E::DeviceHired, |world| {
            let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &supplier);
            let request = world.unstake_ix(&supplier).instruction();
            send(world, request, &supplier)
        }),
        refusal("a device at work", E::DeviceHired, |world| {
            let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
            world.running(&renter, 1, 1, &[&supplier]);
            let request = world.unstake_ix(&supplier).instruction();
            send(world, request, &supplier)
        }),
        refusal("a second request", E::CoolingDown, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let request = world.unstake_ix(&supplier).instruction();
            world.must(request.clone(), &[&supplier.owner]);
            send(world, request, &supplier)
        }),
        refusal("no request", E::NotRequested, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let withdraw = world.withdraw_ix(&supplier).instruction();
            send(world, withdraw, &supplier)
        }),
        refusal("a second too early", E::CoolDownNotOver, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let request = world.unstake_ix(&supplier).instruction();
            world.must(request, &[&supplier.owner]);
            world.set_time(GENESIS_TS + COOL_DOWN - 1);
            let withdraw = world.withdraw_ix(&supplier).instruction();
            send(world, withdraw, &supplier)
        }),
        refusal("more than 64 bits hold", E::MathOverflow, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let config = pda::staking::config();
            world.edit::<Config>(&config, |config| config.staked_units = u64::MAX);
            let add = world.increase_ix(&supplier, 1).instruction();
            send(world, add, &supplier)
        }),
    ]
}

#[test]
fn every_error_has_its_refusal() {
    let world = World::ready();
    let mut all = errors();
    all.push(refusal(
        "a stranger names a guardian",
        StakingError::NotAuthority,
        |world| {
            let stranger = world.wallet();
            let guardian = stranger.pubkey_of();
            let set = SetGuardian {
                authority: guardian,
                guardian,
            };
            world.send(&[set.instruction()], &[&stranger])
        },
    ));
    cases::run(&world, &all);
    // Before the program is initialised nobody else gets there first.
    let mut bare = World::new();
    bare.init_token();
    let first = [refusal(
        "a stranger initialises",
        StakingError::NotUpgradeAuthority,
        |world| {
            let stranger = world.wallet();
            let mut first = initialize(world);
            first.authority = stranger.pubkey_of();
            world.send(&[first.instruction()], &[&stranger])
        },
    )];
    cases::run(&bare, &first);
    all.extend(first);
    cases::cover(StakingError::from_code, &all, &[]);
}

#[test]
fn only_the_real_program_data_names_the_authority() {
    let mut world = World::new();
    world.init_token();
    let authority = world.authority.insecure_clone();
    let refused = StakingError::NotUpgradeAuthority;
    for forged in [
        world.counterfeit(&pda::program_data(&staking::ID)),
        pda::program_data(&market::ID),
        world.address(),
    ] {
        let mut first = initialize(&world);
        first.program_data = forged;
        world.refuses(refused, first.instruction(), &[&authority]);
    }
    world.set_upgrade_authority(&staking::ID, None);
    let first = initialize(&world).instruction();
    world.refuses(refused, first, &[&authority]);
}

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
            kind(),
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

const ANY: &str = "any account of the payer's or recipient's will do";

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
