//! Wrong accounts in the token program's places.

use iog_client::token::instructions::{BurnIo, MintEmission, ReleaseVested};
use iog_client::token::{TokenError, ID};
use iog_client::{pda, registry, token};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{CLASS_TEST, RIGHT_EMISSION, TOKEN_2022};
use iog_tests::{swaps, Code, World};
use solana_instruction::error::InstructionError;

use crate::setup::{burn, create, initialize, minter, register, release, try_create, LEAST_CAP};

/// The recipient's account mostly is its associated one: one mark makes it writable in both places.
const TWICE: &str = "the same account stands in another place, and is writable there";

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
    let again = register(&world, &minter_authority, RIGHT_EMISSION, LEAST_CAP);
    world.refuses(taken, again, &[&authority]);
}

#[test]
fn wrong_accounts_end_in_their_own_codes() {
    let mut world = World::ready();
    world.advance(60);
    let payer = world.authority.insecure_clone();
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
        &[&payer],
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
                "a source of prices for a minter",
                M::MINTER,
                pda::token::price_source(),
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
    world.refuses(Code::anchor(ID, 2040), to_itself.instruction(), &[&payer]);
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
    let register = register(&world, &to_be, RIGHT_EMISSION, LEAST_CAP);
    sweep::refused(&world, &register, &[&authority], &[]);
    sweep::refused(
        &world,
        &release(&world).instruction(),
        &[&authority],
        &[
            (ReleaseVested::BENEFICIARY_TOKEN, Wrong::ReadOnly, TWICE),
            (ReleaseVested::ASSOCIATED, Wrong::ReadOnly, TWICE),
        ],
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
