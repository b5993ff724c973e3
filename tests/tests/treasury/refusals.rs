//! What the treasury refuses.

use iog_client::treasury::accounts::FeeVault;
use iog_client::treasury::instructions::{AddFeeVault, BurnIoFees, Collect, Initialize};
use iog_client::treasury::{TreasuryError, ID};
use iog_client::{pda, registry};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{PubkeyOf, CLASS_TEST, TOKEN_2022, TOKEN_PROGRAM};
use iog_tests::{cases, refusal, swaps, Case, Code, Outcome, World};
use solana_instruction::error::InstructionError as E;

fn plain(code: E) -> Code {
    Code::plain(ID, code)
}

fn try_collect(world: &mut World, amount: u64) -> Outcome {
    let (collector, source) = world.collector(100);
    let io = world.io;
    let collect = world.collect_ix(&collector.pubkey_of(), &source, &io, amount);
    world.send(&[collect.instruction()], &[&collector])
}

fn burn(world: &mut World) -> Outcome {
    let payer = world.wallet();
    world.send(&[world.burn_fees_ix().instruction()], &[&payer])
}

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&ID),
    }
}

fn errors() -> Vec<Case> {
    use TreasuryError as T;
    vec![
        refusal("a stranger initialises", T::NotUpgradeAuthority, |world| {
            *world = World::new();
            world.init_token();
            let stranger = world.wallet();
            let mut start = initialize(world);
            start.authority = stranger.pubkey_of();
            world.send(&[start.instruction()], &[&stranger])
        }),
        refusal("a stranger adds a currency", T::NotAuthority, |world| {
            let stranger = world.wallet();
            let mint = world.mint(&stranger, 6);
            let add = AddFeeVault {
                authority: stranger.pubkey_of(),
                mint,
                fees: pda::treasury::fees(&mint),
                vault: pda::treasury::vault(&mint),
            };
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal(
            "a wallet that is no market collects",
            T::NotMarket,
            |world| {
                let stranger = world.wallet();
                let source = world.give_io(&stranger.pubkey_of(), 100);
                let io = world.io;
                let collect = world.collect_ix(&stranger.pubkey_of(), &source, &io, 100);
                world.send(&[collect.instruction()], &[&stranger])
            },
        ),
        refusal("another currency's mint", T::WrongMint, |world| {
            let (collector, source) = world.collector(100);
            let other = world.mint(&collector, 8);
            let io = world.io;
            let mut collect = world.collect_ix(&collector.pubkey_of(), &source, &io, 1);
            collect.mint = other;
            world.send(&[collect.instruction()], &[&collector])
        }),
        refusal("a burn of another mint", T::WrongMint, |world| {
            try_collect(world, 100).expect("the fee");
            let payer = world.wallet();
            let mut burn = world.burn_fees_ix();
            burn.io_mint = world.mint(&payer, 8);
            world.send(&[burn.instruction()], &[&payer])
        }),
        refusal("a fee of nothing", T::ZeroAmount, |world| {
            try_collect(world, 0)
        }),
        refusal("a burn before any fee", T::NothingToBurn, burn),
        refusal("a burn of a donation", T::NothingToBurn, |world| {
            let vault = pda::treasury::vault(&world.io);
            world.donate(&vault, 1_000);
            burn(world)
        }),
        refusal("a second burn", T::NothingToBurn, |world| {
            try_collect(world, 100).expect("the fee");
            burn(world).expect("the burn");
            burn(world)
        }),
        refusal("more than 64 bits hold", T::MathOverflow, |world| {
            world.edit::<FeeVault>(&pda::treasury::fees(&world.io), |fees| {
                fees.collected_units = u64::MAX;
            });
            try_collect(world, 1)
        }),
        refusal(
            "more than the source holds",
            Code::anchor(TOKEN_PROGRAM, 1),
            |world| try_collect(world, 101),
        ),
    ]
}

#[test]
fn each_error_has_its_refusal() {
    let cases = errors();
    cases::cover(TreasuryError::from_code, &cases, &[]);
    cases::run(&World::ready(), &cases);
}

#[test]
fn no_place_takes_a_wrong_account() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, 6);
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint,
        fees: pda::treasury::fees(&mint),
        vault: pda::treasury::vault(&mint),
    };
    sweep::refused(&world, &add.instruction(), &[&authority], &[]);
    let (collector, source) = world.collector(100);
    let io = world.io;
    let collect = world.collect_ix(&collector.pubkey_of(), &source, &io, 100);
    sweep::refused(
        &world,
        &collect.instruction(),
        &[&collector],
        &[(
            Collect::SOURCE,
            Wrong::Copy,
            "any account that the market's PDA owns",
        )],
    );
    world.must(collect.instruction(), &[&collector]);
    sweep::refused(&world, &world.burn_fees_ix().instruction(), &[], &[]);
    let mut fresh = World::new();
    fresh.init_token();
    sweep::refused(
        &fresh,
        &initialize(&fresh).instruction(),
        &[&authority],
        &[],
    );
}

#[test]
fn wrong_accounts_end_in_their_own_codes() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let usdc = world.mint(&authority, 6);
    world.add_fee_vault(&usdc);
    let (collector, source) = world.collector(100);
    let io = world.io;
    let collect = world
        .collect_ix(&collector.pubkey_of(), &source, &io, 60)
        .instruction();
    let fake = world.counterfeit(&pda::treasury::fees(&io));
    swaps::refused(
        &world,
        &collect,
        &[&collector],
        &[
            (
                "another currency's books",
                Collect::FEES,
                pda::treasury::fees(&usdc),
                plain(E::InvalidSeeds),
            ),
            (
                "another currency's vault",
                Collect::VAULT,
                pda::treasury::vault(&usdc),
                plain(E::InvalidSeeds),
            ),
            (
                "a vault of the market's",
                Collect::VAULT,
                pda::market::vault(&io),
                plain(E::InvalidSeeds),
            ),
            (
                "a counterfeit of the books",
                Collect::FEES,
                fake,
                plain(E::IllegalOwner),
            ),
            (
                "a class for the books",
                Collect::FEES,
                pda::registry::class(CLASS_TEST),
                plain(E::IllegalOwner),
            ),
            (
                "the config for the books",
                Collect::FEES,
                pda::treasury::config(),
                Code::anchor(ID, 2040),
            ),
            (
                "the registry's config",
                Collect::CONFIG,
                pda::registry::config(),
                plain(E::IllegalOwner),
            ),
            (
                "the token's config",
                Collect::CONFIG,
                pda::token::config(),
                plain(E::IllegalOwner),
            ),
            (
                "from the vault to itself",
                Collect::SOURCE,
                pda::treasury::vault(&io),
                Code::anchor(ID, 2040),
            ),
            (
                "Token-2022",
                Collect::TOKEN_PROGRAM,
                TOKEN_2022,
                plain(E::IncorrectProgramId),
            ),
            (
                "a program of the thief's",
                Collect::TOKEN_PROGRAM,
                registry::ID,
                plain(E::IncorrectProgramId),
            ),
        ],
    );
    world.must(collect, &[&collector]);
    use BurnIoFees as B;
    let payer = world.wallet();
    swaps::refused(
        &world,
        &world.burn_fees_ix().instruction(),
        &[&payer],
        &[
            (
                "another currency's books",
                B::FEES,
                pda::treasury::fees(&usdc),
                plain(E::InvalidSeeds),
            ),
            (
                "another currency's vault",
                B::VAULT,
                pda::treasury::vault(&usdc),
                plain(E::InvalidSeeds),
            ),
            (
                "the wrong signer",
                B::VAULT_AUTHORITY,
                pda::market::escrow_authority(),
                plain(E::InvalidSeeds),
            ),
            (
                "another program's books",
                B::TOKEN_CONFIG,
                pda::emission::config(),
                plain(E::IllegalOwner),
            ),
            (
                "another program for IO's",
                B::IO_TOKEN_PROGRAM,
                registry::ID,
                plain(E::IncorrectProgramId),
            ),
            (
                "Token-2022",
                B::TOKEN_PROGRAM,
                TOKEN_2022,
                plain(E::IncorrectProgramId),
            ),
        ],
    );
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
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint: world.io,
        fees: pda::treasury::fees(&world.io),
        vault: pda::treasury::vault(&world.io),
    };
    world.refuses(taken, add.instruction(), &[&authority]);
}

#[test]
fn a_mint_of_token_2022_has_no_vault() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, 6);
    let mut account = world.account(&mint);
    account.owner = TOKEN_2022;
    world.set_account(&mint, account);
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint,
        fees: pda::treasury::fees(&mint),
        vault: pda::treasury::vault(&mint),
    };
    world.refuses(plain(E::IllegalOwner), add.instruction(), &[&authority]);
}
