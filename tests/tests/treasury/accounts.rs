//! Wrong accounts in every place of every instruction.

use super::refusals::initialize;
use super::stage::{auctioning, stage, Stage, IO, USD};
use iog_client::treasury::instructions::{
    AddFeeVault, BurnIoFees, Collect, OpenAuction, PayIncentive, SellIo,
};
use iog_client::treasury::{TreasuryError as T, ID};
use iog_client::{pda, registry, token};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{ata, PubkeyOf, CLASS_TEST, TOKEN_2022, TOKEN_PROGRAM};
use iog_tests::{swaps, Code, World};
use solana_instruction::error::InstructionError as E;

const OWNED: &str = "only its own program creates such an account, at one address";
const ORACLE: &str = "any update that Pyth's receiver wrote for the feed will do";
const ANY: &str = "any token account of the right owner and mint will do";

/// Anchor's refusal of one account in two writable places.
const TWICE: u32 = 2_040;
/// SPL Token's refusals.
const MINT_MISMATCH: u32 = 3;
const OWNER_MISMATCH: u32 = 4;

fn plain(code: E) -> Code {
    Code::plain(ID, code)
}

#[test]
fn no_place_takes_a_wrong_account() {
    let mut stage = stage();
    let authority = stage.world.authority.insecure_clone();
    let mint = stage.world.mint(&authority, 6);
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint,
        fees: pda::treasury::fees(&mint),
        vault: pda::treasury::vault(&mint),
    };
    sweep::refused(&stage.world, &add.instruction(), &[&authority], &[]);
    stage.world.govern(add.instruction());
    let add = stage.world.add_auction_ix(&mint).instruction();
    sweep::refused(&stage.world, &add, &[&authority], &[]);

    stage.set(|config| config.kept_share_bps.value = 5_000);
    let io = stage.world.io;
    let collect = stage.collect_ix(&io, 100);
    let harmless = [(Collect::SOURCE, Wrong::Copy, ANY)];
    sweep::refused(&stage.world, &collect, &[&stage.collector], &harmless);
    stage.collect_from(&io, 100);
    let burn = stage.world.burn_fees_ix().instruction();
    sweep::refused(&stage.world, &burn, &[], &[]);
    let release = stage.release_ix();
    sweep::refused(&stage.world, &release, &[&stage.collector], &[]);
    let to = ata(&stage.seller.pubkey_of(), &io);
    let collector = stage.collector.pubkey_of();
    let pay = stage.world.incentive_ix(&collector, &to, &io, 50);
    let harmless = [(PayIncentive::DESTINATION, Wrong::Copy, ANY)];
    sweep::refused(
        &stage.world,
        &pay.instruction(),
        &[&stage.collector],
        &harmless,
    );
    let mut fresh = World::new();
    fresh.init_token();
    let first = initialize(&fresh).instruction();
    sweep::refused(&fresh, &first, &[&authority], &[]);
}

#[test]
fn no_place_of_the_auction_takes_a_wrong_account() {
    let mut stage = stage();
    stage.collect(1_000 * USD);
    sweep::refused(&stage.world, &stage.open_ix(), &[], &[]);
    stage.open();
    let sell = stage.sell_ix(IO, 0);
    let harmless = [
        (SellIo::PRICE_SOURCE, Wrong::Copy, OWNED),
        (SellIo::PRICE, Wrong::Copy, ORACLE),
        (SellIo::SELLER_IO, Wrong::Copy, ANY),
        (SellIo::SELLER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep::refused(&stage.world, &sell, &[&stage.seller], &harmless);
}

#[test]
fn wrong_accounts_of_a_collection_end_in_their_own_codes() {
    let stage = stage();
    let (usdc, io) = (stage.usdc, stage.world.io);
    let collect = stage.collect_ix(&io, 60);
    let mut world = stage.world.clone();
    let fake = world.counterfeit(&pda::treasury::fees(&io));
    use Collect as C;
    let wrong = [
        (
            "another currency's books",
            C::FEES,
            pda::treasury::fees(&usdc),
            plain(E::InvalidSeeds),
        ),
        (
            "another currency's vault",
            C::VAULT,
            pda::treasury::vault(&usdc),
            plain(E::InvalidSeeds),
        ),
        (
            "a vault of the market's",
            C::VAULT,
            pda::market::vault(&io),
            plain(E::InvalidSeeds),
        ),
        (
            "a counterfeit of the books",
            C::FEES,
            fake,
            plain(E::IllegalOwner),
        ),
        (
            "a class for the books",
            C::FEES,
            pda::registry::class(CLASS_TEST),
            plain(E::IllegalOwner),
        ),
        (
            "the config for the books",
            C::FEES,
            pda::treasury::config(),
            Code::anchor(ID, TWICE),
        ),
        (
            "the registry's config",
            C::CONFIG,
            pda::registry::config(),
            plain(E::IllegalOwner),
        ),
        (
            "the token's config",
            C::CONFIG,
            pda::token::config(),
            plain(E::IllegalOwner),
        ),
        (
            "from the vault to itself",
            C::SOURCE,
            pda::treasury::vault(&io),
            Code::anchor(ID, TWICE),
        ),
        (
            "Token-2022",
            C::TOKEN_PROGRAM,
            TOKEN_2022,
            plain(E::IncorrectProgramId),
        ),
        (
            "a program of the thief's",
            C::TOKEN_PROGRAM,
            registry::ID,
            plain(E::IncorrectProgramId),
        ),
    ];
    swaps::refused(&world, &collect, &[&stage.collector], &wrong);
}

#[test]
fn wrong_accounts_of_a_burn_end_in_their_own_codes() {
    let mut stage = stage();
    let (usdc, io) = (stage.usdc, stage.world.io);
    stage.collect_from(&io, 60);
    let payer = stage.world.wallet();
    let burn = stage.world.burn_fees_ix().instruction();
    use BurnIoFees as B;
    let wrong = [
        ("another mint", B::IO_MINT, usdc, Code::from(T::WrongMint)),
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
            pda::emission::page(0),
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
    ];
    swaps::refused(&stage.world, &burn, &[&payer], &wrong);
}

#[test]
fn wrong_accounts_of_an_incentive_end_in_their_own_codes() {
    let mut stage = stage();
    stage.set(|config| config.kept_share_bps.value = 5_000);
    let (usdc, io) = (stage.usdc, stage.world.io);
    stage.collect(1_000);
    stage.collect_from(&io, 1_000);
    let to = ata(&stage.seller.pubkey_of(), &io);
    let collector = stage.collector.pubkey_of();
    let pay = stage.world.incentive_ix(&collector, &to, &io, 1);
    use PayIncentive as P;
    let wrong = [
        ("another mint", P::MINT, usdc, Code::from(T::WrongMint)),
        (
            "another currency's books",
            P::FEES,
            pda::treasury::fees(&usdc),
            plain(E::InvalidSeeds),
        ),
        (
            "the market's vault",
            P::VAULT,
            pda::market::vault(&io),
            plain(E::InvalidSeeds),
        ),
        (
            "from the vault to itself",
            P::DESTINATION,
            pda::treasury::vault(&io),
            Code::anchor(ID, TWICE),
        ),
        (
            "an account of another currency",
            P::DESTINATION,
            ata(&stage.seller.pubkey_of(), &usdc),
            Code::anchor(TOKEN_PROGRAM, MINT_MISMATCH),
        ),
        (
            "the wrong signer",
            P::VAULT_AUTHORITY,
            pda::market::escrow_authority(),
            plain(E::InvalidSeeds),
        ),
    ];
    swaps::refused(
        &stage.world,
        &pay.instruction(),
        &[&stage.collector],
        &wrong,
    );
}

/// The auction's stage with a second currency whose auction runs too.
fn two_auctions() -> (Stage, solana_pubkey::Pubkey) {
    let mut stage = auctioning();
    let first = stage.usdc;
    stage.usdc = stage.world.usdc();
    let second = std::mem::replace(&mut stage.usdc, first);
    let authority = stage.world.authority.insecure_clone();
    let collector = stage.collector.pubkey_of();
    stage
        .world
        .mint_to(&second, &authority, &collector, 500 * USD);
    stage.collect_from(&second, 500 * USD);
    let open = stage.world.open_auction_ix(&second).instruction();
    stage.world.govern(open);
    stage
        .world
        .token_account(&stage.seller.pubkey_of(), &second);
    (stage, second)
}

#[test]
fn a_foreign_auction_is_not_opened() {
    let mut stage = stage();
    stage.collect(1_000 * USD);
    let other = stage.world.usdc();
    let fake = stage
        .world
        .counterfeit(&pda::treasury::auction(&stage.usdc));
    use OpenAuction as O;
    let wrong = [
        (
            "another currency's auction",
            O::AUCTION,
            pda::treasury::auction(&other),
            Code::from(T::WrongMint),
        ),
        (
            "another currency's fees",
            O::FEES,
            pda::treasury::fees(&stage.world.io),
            Code::from(T::WrongMint),
        ),
        ("a counterfeit", O::AUCTION, fake, plain(E::IllegalOwner)),
        (
            "the fees for the auction",
            O::AUCTION,
            pda::treasury::fees(&other),
            plain(E::AccountDataTooSmall),
        ),
        (
            "another program's config",
            O::CONFIG,
            pda::market::config(),
            plain(E::IllegalOwner),
        ),
    ];
    let payer = stage.world.wallet();
    swaps::refused(&stage.world, &stage.open_ix(), &[&payer], &wrong);
}

#[test]
fn wrong_accounts_of_a_sale_end_in_their_own_codes() {
    let (mut stage, other) = two_auctions();
    let sell = stage.sell_ix(IO, 0);
    let (usdc, io) = (stage.usdc, stage.world.io);
    stage.collect_from(&io, 2 * IO);
    let fake_source = stage.world.counterfeit(&pda::token::price_source());
    let fake_auction = stage.world.counterfeit(&pda::treasury::auction(&usdc));
    let fake_books = stage.world.counterfeit(&pda::token::config());
    let seller = stage.seller.pubkey_of();
    use SellIo as S;
    let wrong = [
        (
            "another currency's auction",
            S::AUCTION,
            pda::treasury::auction(&other),
            Code::from(T::WrongMint),
        ),
        (
            "another currency's fees",
            S::FEES,
            pda::treasury::fees(&other),
            Code::from(T::WrongMint),
        ),
        (
            "a counterfeit auction",
            S::AUCTION,
            fake_auction,
            plain(E::IllegalOwner),
        ),
        (
            "another currency's vault",
            S::VAULT,
            pda::treasury::vault(&other),
            plain(E::InvalidSeeds),
        ),
        (
            "another currency's mint",
            S::MINT,
            other,
            Code::from(T::WrongMint),
        ),
        (
            "a mint of the seller's for IO",
            S::IO_MINT,
            other,
            Code::from(T::WrongMint),
        ),
        (
            "a counterfeit price source",
            S::PRICE_SOURCE,
            fake_source,
            plain(E::IllegalOwner),
        ),
        (
            "another account of the token program's",
            S::PRICE_SOURCE,
            pda::token::net_emission(),
            plain(E::InvalidAccountData),
        ),
        (
            "counterfeit books",
            S::TOKEN_CONFIG,
            fake_books,
            plain(E::IllegalOwner),
        ),
        (
            "the treasury's config for the token's",
            S::TOKEN_CONFIG,
            pda::treasury::config(),
            Code::anchor(ID, TWICE),
        ),
        (
            "the vault as the seller's account",
            S::SELLER_TOKEN,
            pda::treasury::vault(&usdc),
            Code::anchor(ID, TWICE),
        ),
        (
            "the IO fees as what is sold",
            S::SELLER_IO,
            pda::treasury::vault(&io),
            Code::anchor(TOKEN_PROGRAM, OWNER_MISMATCH),
        ),
        (
            "another's IO",
            S::SELLER_IO,
            ata(&stage.collector.pubkey_of(), &io),
            Code::anchor(TOKEN_PROGRAM, OWNER_MISMATCH),
        ),
        (
            "dollars as what is sold",
            S::SELLER_IO,
            ata(&seller, &other),
            Code::from(token::TokenError::WrongMint),
        ),
        (
            "paid in another currency",
            S::SELLER_TOKEN,
            ata(&seller, &other),
            Code::anchor(TOKEN_PROGRAM, MINT_MISMATCH),
        ),
        (
            "paid into what is sold",
            S::SELLER_TOKEN,
            ata(&seller, &io),
            Code::anchor(ID, TWICE),
        ),
        (
            "the wrong signer",
            S::VAULT_AUTHORITY,
            pda::market::escrow_authority(),
            plain(E::InvalidSeeds),
        ),
        (
            "another program for IO's",
            S::IO_TOKEN_PROGRAM,
            registry::ID,
            plain(E::IncorrectProgramId),
        ),
        (
            "Token-2022",
            S::TOKEN_PROGRAM,
            TOKEN_2022,
            plain(E::IncorrectProgramId),
        ),
    ];
    swaps::refused(&stage.world, &sell, &[&stage.seller], &wrong);
}
