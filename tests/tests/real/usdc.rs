//! The mint of USDC: field by field, in the treasury, the market and the token program, and an order that is paid in it.

use iog_client::market::instructions::AddEscrow;
use iog_client::market::MarketError;
use iog_client::pda;
use iog_client::token::instructions::InitializeExisting;
use iog_client::token::{self, TokenError};
use iog_client::treasury::accounts::{Auction, FeeVault};
use iog_client::treasury::instructions::AddFeeVault;
use iog_client::treasury::TreasuryError;
use iog_tests::world::{
    ata, limit_args, spl, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS, TOKEN_PROGRAM,
};
use iog_tests::{Code, World};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;

use crate::bytes;

/// The address of USDC's mint, and who mints and freezes in the bytes that were captured.
const USDC: Pubkey = Pubkey::from_str_const("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
const MINTS: Pubkey = Pubkey::from_str_const("2wmVCSfPxGPjrnMMn7rchp4uaeoTqN39mXFC2zhPdri9");
const FREEZES: Pubkey = Pubkey::from_str_const("3sNBr7kMccME5D55xNgsmYpZnzPgP2g12CixAajXypn6");
const USD: u64 = 1_000_000;

/// Puts the real mint at its real address.
fn with_usdc() -> World {
    let mut world = World::ready();
    put_usdc(&mut world);
    world
}

fn put_usdc(world: &mut World) {
    let data = bytes(include_str!("../../real/usdc-mint.b64"));
    let mint = Account {
        lamports: world.rent(data.len()),
        data,
        owner: TOKEN_PROGRAM,
        ..Account::default()
    };
    world.set_account(&USDC, mint);
}

fn add_escrow(world: &World, currency: u8) -> AddEscrow {
    AddEscrow {
        authority: world.authority.pubkey_of(),
        mint: USDC,
        escrow: pda::market::escrow(&USDC),
        vault: pda::market::vault(&USDC),
        currency,
    }
}

/// The mint's layout, field by field, as SPL Token has it and the programs read it.
#[test]
fn the_mint_of_usdc_is_what_the_programs_take_for_one() {
    let data = bytes(include_str!("../../real/usdc-mint.b64"));
    assert_eq!(data.len(), 82);
    assert_eq!(data[..4], [1, 0, 0, 0], "somebody mints");
    assert_eq!(data[4..36], MINTS.to_bytes());
    assert_eq!(data[36..44], 25_000_010_000_000_u64.to_le_bytes());
    assert_eq!(data[44], 6, "decimals");
    assert_eq!(data[45], 1, "initialised");
    assert_eq!(data[46..50], [1, 0, 0, 0], "somebody freezes");
    assert_eq!(data[50..82], FREEZES.to_bytes());
    let world = with_usdc();
    assert_eq!(world.supply(&USDC), 25_000_010 * USD);
}

/// A vault, an auction and an escrow for it, with its decimals and its address; and none for what it is not.
#[test]
fn usdc_gets_a_vault_an_auction_and_an_escrow() {
    let mut world = with_usdc();
    let fees = world.add_fee_vault(&USDC);
    let books = world.read::<FeeVault>(&fees);
    assert_eq!((books.mint, books.decimals), (USDC, 6));
    world.govern(world.add_auction_ix(&USDC).instruction());
    let auction = world.read::<Auction>(&pda::treasury::auction(&USDC));
    assert_eq!(auction.mint, USDC);
    let authority = world.authority.insecure_clone();
    let as_io = add_escrow(&world, Currency::Io as u8).instruction();
    world.refuses(MarketError::InvalidCurrency, as_io, &[&authority]);
    world.govern(add_escrow(&world, Currency::Usd as u8).instruction());
    let escrow = world.read::<iog_client::market::accounts::Escrow>(&pda::market::escrow(&USDC));
    assert_eq!((escrow.mint, escrow.decimals), (USDC, 6));
    assert_eq!(escrow.currency, Currency::Usd as u8);
    // SPL Token wrote the vaults' accounts for this mint, owned by the programs' signers.
    let vaults = [
        (
            pda::treasury::vault(&USDC),
            pda::treasury::vault_authority(),
        ),
        (pda::market::vault(&USDC), pda::market::escrow_authority()),
    ];
    for (vault, owner) in vaults {
        let account = world.account(&vault);
        assert_eq!(account.owner, TOKEN_PROGRAM);
        assert_eq!(account.data[..32], USDC.to_bytes());
        assert_eq!(account.data[32..64], owner.to_bytes());
    }
}

/// Under another owner, cut short or not initialised the same bytes are no mint.
#[test]
fn usdc_with_one_thing_wrong_is_no_mint() {
    type Spoil = fn(&mut Account);
    let wrong: [(InstructionError, Spoil); 4] = [
        (InstructionError::IllegalOwner, |mint| mint.owner = MINTS),
        (InstructionError::InvalidAccountData, |mint| {
            mint.data.truncate(81)
        }),
        (InstructionError::UninitializedAccount, |mint| {
            mint.data[45] = 0
        }),
        // as long as a token account
        (InstructionError::InvalidAccountData, |mint| {
            mint.data.resize(165, 0)
        }),
    ];
    for (code, spoil) in wrong {
        let mut world = with_usdc();
        let mut mint = world.account(&USDC);
        spoil(&mut mint);
        world.set_account(&USDC, mint);
        let authority = world.authority.insecure_clone();
        let vault = AddFeeVault {
            authority: authority.pubkey_of(),
            mint: USDC,
            fees: pda::treasury::fees(&USDC),
            vault: pda::treasury::vault(&USDC),
        };
        let escrow = add_escrow(&world, Currency::Usd as u8);
        for instruction in [vault.instruction(), escrow.instruction()] {
            let refusal = Code::plain(instruction.program_id, code.clone());
            world.refuses(refusal, instruction, &[&authority]);
        }
    }
}

/// With other decimals it is no dollar: neither auctioned nor taken for orders.
#[test]
fn a_dollar_has_six_decimals() {
    let mut world = with_usdc();
    let mut mint = world.account(&USDC);
    mint.data[44] = 8;
    world.set_account(&USDC, mint);
    let authority = world.authority.insecure_clone();
    let escrow = add_escrow(&world, Currency::Usd as u8).instruction();
    world.refuses(MarketError::InvalidCurrency, escrow, &[&authority]);
    world.add_fee_vault(&USDC);
    let auction = world.add_auction_ix(&USDC).instruction();
    let not_auctioned = TreasuryError::NotAuctioned;
    world.refuses(not_auctioned, auction, &[&authority]);
}

/// Nobody takes USDC for a mint of IO that exists already.
#[test]
fn usdc_is_no_mint_of_io() {
    let mut world = World::new();
    put_usdc(&mut world);
    let authority = world.authority.insecure_clone();
    let existing = InitializeExisting {
        authority: authority.pubkey_of(),
        program_data: pda::program_data(&token::ID),
        io_mint: USDC,
        genesis_ts: GENESIS_TS,
        limits: limit_args(),
    };
    let existing = existing.instruction();
    world.refuses(TokenError::WrongDecimals, existing.clone(), &[&authority]);
    // Nor with eight decimals: its issuer can freeze.
    let mut mint = world.account(&USDC);
    mint.data[44] = 8;
    world.set_account(&USDC, mint);
    world.refuses(TokenError::MintCanFreeze, existing, &[&authority]);
}

/// An order paid in real USDC, from its booking to the supplier's wallet, and the fee to the auction.
#[test]
fn an_order_in_usdc_is_paid_to_the_unit() {
    let mut world = with_usdc();
    let mut renter = world.renter();
    world.add_fee_vault(&USDC);
    world.govern(add_escrow(&world, Currency::Usd as u8).instruction());
    world.usd = USDC;
    let supplier = world.supplier(CLASS_TEST);
    renter.usd = own_usdc(&mut world, &renter.wallet.pubkey_of(), 100 * USD);
    let order = world.running_in(Currency::Usd, &renter, 1, 1, &[&supplier]);
    assert_eq!(world.balance(&renter.usd), 100 * USD - 1_022_500);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.wind_up(&order, &[&supplier]);
    world.withdraw(&supplier, Currency::Usd);
    world.collect_fees(Currency::Usd);
    let paid = ata(&supplier.owner.pubkey_of(), &USDC);
    assert_eq!(world.balance(&paid), 977_500);
    assert_eq!(world.balance(&pda::treasury::vault(&USDC)), 45_000);
    assert_eq!(world.balance(&pda::market::vault(&USDC)), 0);
    let books = world.read::<FeeVault>(&pda::treasury::fees(&USDC));
    assert_eq!(books.booked_units, 45_000);
    // The wallet's USDC is SPL Token's: the supplier sends it on.
    let owner = world.key_of(&supplier.owner.pubkey_of());
    let back = spl::transfer(&paid, &renter.usd, &owner.pubkey_of(), 977_500);
    world.must(back, &[&owner]);
    assert_eq!(world.balance(&renter.usd), 100 * USD - 45_000);
}

/// Opens the wallet's account by the real Associated Token Account program, and fills it as the issuer would.
fn own_usdc(world: &mut World, wallet: &Pubkey, amount: u64) -> Pubkey {
    let address = world.token_account(wallet, &USDC);
    let mut account = world.account(&address);
    account.data[64..72].copy_from_slice(&amount.to_le_bytes());
    world.set_account(&address, account);
    address
}
