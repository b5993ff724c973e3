//! What the token program refuses: each of its errors, and every wrong account in every place.

use iog_client::token::accounts::{Config, Minter};
use iog_client::token::instructions::{
    BurnIo, CreateVesting, Initialize, MintEmission, RegisterMinter, ReleaseVested,
};
use iog_client::token::{TokenError, VestingArgs, ID};
use iog_client::{pda, registry, token};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{ata, PubkeyOf, CLASS_TEST, GENESIS_TS, TOKEN_2022};
use iog_tests::{cases, refusal, swaps, Case, Code, Outcome, World};
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;

const GENESIS_LEFT: u64 = 40_000_000_000_000_000;

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        genesis_ts: GENESIS_TS,
    }
}

fn create(world: &mut World, change: impl FnOnce(&mut VestingArgs)) -> CreateVesting {
    let mut args = VestingArgs {
        id: 1,
        beneficiary: world.address(),
        total: 1_000,
        at_start_bps: 0,
        first_release_secs: 0,
        periods: 1,
        period_secs: 10,
        per_second: false,
    };
    change(&mut args);
    CreateVesting {
        authority: world.authority.pubkey_of(),
        vesting: pda::token::vesting(args.id),
        args,
    }
}

fn try_create(world: &mut World, change: impl FnOnce(&mut VestingArgs)) -> Outcome {
    let authority = world.authority.insecure_clone();
    let create = create(world, change).instruction();
    world.send(&[create], &[&authority])
}

fn release(world: &World) -> ReleaseVested {
    ReleaseVested {
        vesting: pda::token::vesting(5),
        io_mint: world.io,
        beneficiary_token: ata(&world.bank.pubkey_of(), &world.io),
    }
}

/// A minter whose authority is a plain key.
fn minter(world: &mut World) -> (MintEmission, Keypair) {
    let key = world.wallet();
    let mint = MintEmission {
        minter_authority: key.pubkey_of(),
        minter: world.register_minter(&key.pubkey_of(), u64::MAX),
        io_mint: world.io,
        destination: ata(&world.bank.pubkey_of(), &world.io),
        amount: 1,
    };
    (mint, key)
}

fn burn(world: &World, amount: u64) -> BurnIo {
    let owner = world.bank.pubkey_of();
    BurnIo {
        owner,
        io_mint: world.io,
        from: ata(&owner, &world.io),
        amount,
    }
}

fn try_burn(world: &mut World, burn: BurnIo) -> Outcome {
    let bank = world.bank.insecure_clone();
    world.send(&[burn.instruction()], &[&bank])
}

fn mint_after(edit: fn(&mut Config), amount: u64, world: &mut World) -> Outcome {
    let (mut mint, key) = minter(world);
    world.edit(&pda::token::config(), edit);
    mint.amount = amount;
    world.send(&[mint.instruction()], &[&key])
}

fn errors() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal("a stranger initialises", E::NotUpgradeAuthority, |world| {
            *world = World::new();
            let stranger = world.wallet();
            let mut start = initialize(world);
            start.authority = stranger.pubkey_of();
            world.send(&[start.instruction()], &[&stranger])
        }),
        refusal("a stranger allocates", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let mut create = create(world, |_| ());
            create.authority = stranger.pubkey_of();
            world.send(&[create.instruction()], &[&stranger])
        }),
        refusal("a stranger names a minter", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let register = RegisterMinter {
                authority: stranger.pubkey_of(),
                minter_authority: pda::market::escrow_authority(),
                minter: pda::token::minter(&pda::market::escrow_authority()),
                cap_per_hour: 1,
            };
            world.send(&[register.instruction()], &[&stranger])
        }),
        refusal("an empty allocation", E::ZeroAmount, |world| {
            try_create(world, |args| args.total = 0)
        }),
        refusal("a burn of nothing", E::ZeroAmount, |world| {
            let burn = burn(world, 0);
            try_burn(world, burn)
        }),
        refusal("a mint of nothing", E::ZeroAmount, |world| {
            mint_after(|_| (), 0, world)
        }),
        refusal("a minter without a cap", E::ZeroAmount, |world| {
            let (authority, minter_authority) = (world.authority.insecure_clone(), world.address());
            let register = RegisterMinter {
                authority: authority.pubkey_of(),
                minter_authority,
                minter: pda::token::minter(&minter_authority),
                cap_per_hour: 0,
            };
            world.send(&[register.instruction()], &[&authority])
        }),
        refusal(
            "a unit more than is left",
            E::AllocationExceedsGenesis,
            |world| try_create(world, |args| args.total = GENESIS_LEFT + 1),
        ),
        refusal(
            "more than a whole at the start",
            E::InvalidSchedule,
            |world| try_create(world, |args| args.at_start_bps = 10_001),
        ),
        refusal("a release before the start", E::InvalidSchedule, |world| {
            try_create(world, |args| args.first_release_secs = -1)
        }),
        refusal("periods of no length", E::InvalidSchedule, |world| {
            try_create(world, |args| args.period_secs = 0)
        }),
        refusal("a part that is never due", E::InvalidSchedule, |world| {
            try_create(world, |args| args.periods = 0)
        }),
        refusal("released a second time", E::NothingDue, |world| {
            let bank = world.bank.insecure_clone();
            let release = release(world).instruction();
            world.send(&[release], &[&bank])
        }),
        refusal("to another's account", E::NotBeneficiary, |world| {
            let thief = world.wallet();
            world.advance(60);
            let mut release = release(world);
            release.beneficiary_token = world.give_io(&thief.pubkey_of(), 1);
            world.send(&[release.instruction()], &[&thief])
        }),
        refusal("to an account of another token", E::WrongMint, |world| {
            let bank = world.bank.insecure_clone();
            world.advance(60);
            let other = world.mint(&bank, 8);
            let mut release = release(world);
            release.beneficiary_token = world.token_account(&bank.pubkey_of(), &other);
            world.send(&[release.instruction()], &[&bank])
        }),
        refusal("burning another mint", E::WrongMint, |world| {
            let bank = world.bank.insecure_clone();
            let mut burn = burn(world, 1);
            burn.io_mint = world.mint(&bank, 8);
            try_burn(world, burn)
        }),
        refusal("burning another token", E::WrongMint, |world| {
            let bank = world.bank.insecure_clone();
            let other = world.mint(&bank, 8);
            let mut burn = burn(world, 1);
            burn.from = world.mint_to(&other, &bank, &bank.pubkey_of(), 1);
            try_burn(world, burn)
        }),
        refusal(
            "minting into another token's account",
            E::WrongMint,
            |world| {
                let (mut mint, key) = minter(world);
                let other = world.mint(&key, 8);
                mint.destination = world.token_account(&key.pubkey_of(), &other);
                world.send(&[mint.instruction()], &[&key])
            },
        ),
        refusal("with another's right to mint", E::NotMinter, |world| {
            let (mut mint, _) = minter(world);
            let thief = world.wallet();
            mint.minter_authority = thief.pubkey_of();
            world.send(&[mint.instruction()], &[&thief])
        }),
        refusal(
            "a unit above the hour's cap",
            E::MinterCapReached,
            |world| {
                let (mut mint, key) = minter(world);
                world.edit::<Minter>(&mint.minter, |minter| minter.cap_per_hour_units = 10);
                mint.amount = 10;
                world.must(mint.instruction(), &[&key]);
                mint.amount = 1;
                world.send(&[mint.instruction()], &[&key])
            },
        ),
        refusal(
            "a unit more than is ever emitted",
            E::EmissionExhausted,
            |world| {
                mint_after(
                    |config| config.emitted_units = 29_999_999_999_999_999,
                    2,
                    world,
                )
            },
        ),
        refusal("a unit above 800 million", E::CapExceeded, |world| {
            let nearly = |config: &mut Config| {
                config.emitted_units = 29_999_999_999_999_999;
                config.reminted_units = 1;
            };
            mint_after(nearly, 1, world)
        }),
        refusal("a start before unix time", E::MathOverflow, |world| {
            *world = World::new();
            let authority = world.authority.insecure_clone();
            let mut start = initialize(world);
            start.genesis_ts = -1;
            world.send(&[start.instruction()], &[&authority])
        }),
        refusal("more than 64 bits hold", E::MathOverflow, |world| {
            world.edit::<Config>(&pda::token::config(), |config| {
                config.burned_units = u64::MAX;
            });
            let burn = burn(world, 1);
            try_burn(world, burn)
        }),
    ]
}

#[test]
fn each_error_has_its_refusal() {
    let cases = errors();
    cases::cover(TokenError::from_code, &cases, &[]);
    cases::run(&World::ready(), &cases);
}

#[test]
fn the_last_unit_of_each_cap_is_allowed() {
    let mut world = World::ready();
    try_create(&mut world, |args| args.total = GENESIS_LEFT).unwrap();
    let last = |config: &mut Config| config.emitted_units = 29_999_999_999_999_999;
    mint_after(last, 1, &mut world).unwrap();
    let config = world.read::<Config>(&pda::token::config());
    assert_eq!(config.emitted_units, 30_000_000_000_000_000);
    assert_eq!(config.allocated_units, 50_000_000_000_000_000);
}

#[test]
fn nothing_starts_twice() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let taken = Code::anchor(solana_system_interface::program::ID, 0);
    world.refuses(
        taken.clone(),
        initialize(&world).instruction(),
        &[&authority],
    );
    try_create(&mut world, |_| ()).unwrap();
    iog_tests::world::expect_code(try_create(&mut world, |_| ()), taken.clone());
    let minter_authority = pda::emission::minter_authority();
    let again = RegisterMinter {
        authority: authority.pubkey_of(),
        minter_authority,
        minter: pda::token::minter(&minter_authority),
        cap_per_hour: u64::MAX,
    };
    world.refuses(taken, again.instruction(), &[&authority]);
}

#[test]
fn wrong_accounts_end_in_their_own_codes() {
    let mut world = World::ready();
    world.advance(60);
    let bank = world.bank.insecure_clone();
    let class = pda::registry::class(CLASS_TEST);
    let foreign_config = pda::registry::config();
    let fake = world.counterfeit(&pda::token::vesting(5));
    let copied = world.address();
    world.copy_account(&pda::token::vesting(5), &copied);
    let plain = |code| Code::plain(ID, code);
    use ReleaseVested as R;
    swaps::refused(
        &world,
        &release(&world).instruction(),
        &[&bank],
        &[
            (
                "another program's config",
                R::CONFIG,
                foreign_config,
                plain(InstructionError::IllegalOwner),
            ),
            (
                "another kind of account",
                R::CONFIG,
                pda::token::minter(&pda::emission::minter_authority()),
                plain(InstructionError::AccountDataTooSmall),
            ),
            (
                "another program's account",
                R::VESTING,
                class,
                plain(InstructionError::IllegalOwner),
            ),
            (
                "a counterfeit",
                R::VESTING,
                fake,
                plain(InstructionError::IllegalOwner),
            ),
            (
                "a copy at another address",
                R::VESTING,
                copied,
                plain(InstructionError::InvalidSeeds),
            ),
            (
                "the wrong vault",
                R::VESTING_VAULT,
                pda::emission::vault(),
                plain(InstructionError::InvalidSeeds),
            ),
            (
                "the wrong signer",
                R::VESTING_AUTHORITY,
                pda::token::mint_authority(),
                plain(InstructionError::InvalidSeeds),
            ),
            (
                "another token program",
                R::TOKEN_PROGRAM,
                TOKEN_2022,
                plain(InstructionError::IncorrectProgramId),
            ),
            (
                "a program of the thief's",
                R::TOKEN_PROGRAM,
                registry::ID,
                plain(InstructionError::IncorrectProgramId),
            ),
        ],
    );
    use MintEmission as M;
    let (mint, key) = minter(&mut world);
    let other = pda::token::minter(&pda::emission::minter_authority());
    swaps::refused(
        &world,
        &mint.instruction(),
        &[&key],
        &[
            (
                "a vesting for a minter",
                M::MINTER,
                pda::token::vesting(5),
                plain(InstructionError::InvalidAccountData),
            ),
            (
                "another's right to mint",
                M::MINTER,
                other,
                TokenError::NotMinter.into(),
            ),
            (
                "the wrong signer",
                M::MINT_AUTHORITY,
                pda::token::vesting_authority(),
                plain(InstructionError::InvalidSeeds),
            ),
            (
                "a mint for a destination",
                M::DESTINATION,
                world.io,
                Code::anchor(ID, 2040),
            ),
            (
                "no token account",
                M::DESTINATION,
                pda::registry::windows(),
                plain(InstructionError::IllegalOwner),
            ),
            (
                "another token program",
                M::TOKEN_PROGRAM,
                TOKEN_2022,
                plain(InstructionError::IncorrectProgramId),
            ),
        ],
    );
    // The vault is no beneficiary of itself: the same account cannot stand in two writable places.
    let authority = pda::token::vesting_authority();
    world.edit::<token::accounts::Vesting>(&pda::token::vesting(5), |vesting| {
        vesting.beneficiary = authority;
    });
    let mut to_itself = release(&world);
    to_itself.beneficiary_token = pda::token::vesting_vault();
    world.refuses(Code::anchor(ID, 2040), to_itself.instruction(), &[&bank]);
}

#[test]
fn no_place_takes_a_wrong_account() {
    let mut world = World::ready();
    world.advance(60);
    let (authority, bank) = (
        world.authority.insecure_clone(),
        world.bank.insecure_clone(),
    );
    let (mint, key) = minter(&mut world);
    let any = "any token account of the right mint and owner";
    sweep::refused(
        &world,
        &create(&mut world.clone(), |_| ()).instruction(),
        &[&authority],
        &[],
    );
    let to_be = world.address();
    let register = RegisterMinter {
        authority: authority.pubkey_of(),
        minter_authority: to_be,
        minter: pda::token::minter(&to_be),
        cap_per_hour: 1,
    };
    sweep::refused(&world, &register.instruction(), &[&authority], &[]);
    sweep::refused(
        &world,
        &release(&world).instruction(),
        &[],
        &[(ReleaseVested::BENEFICIARY_TOKEN, Wrong::Copy, any)],
    );
    sweep::refused(
        &world,
        &mint.instruction(),
        &[&key],
        &[(MintEmission::DESTINATION, Wrong::Copy, any)],
    );
    sweep::refused(
        &world,
        &burn(&world, 1).instruction(),
        &[&bank],
        &[(BurnIo::FROM, Wrong::Copy, any)],
    );
    let fresh = World::new();
    sweep::refused(
        &fresh,
        &initialize(&fresh).instruction(),
        &[&authority],
        &[],
    );
}
