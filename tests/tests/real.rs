//! The built programs meet accounts as clusters have them: Pyth's prices and the mint of USDC (`tests/real`).

use base64::{engine::general_purpose::STANDARD, Engine as _};
use iog_client::events::Event;
use iog_client::market::instructions::AddEscrow;
use iog_client::market::MarketError;
use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_client::token::instructions::InitializeExisting;
use iog_client::token::{self, TokenError};
use iog_client::treasury::accounts::{Auction, FeeVault};
use iog_localnet::pyth::{PriceAccount, Verification, RECEIVER_PROGRAM_ID};
use iog_tests::world::{
    ata, expect_code, limit_args, spl, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS, TOKEN_PROGRAM,
};
use iog_tests::{Code, World};
use solana_account::Account;
use solana_pubkey::Pubkey;

/// The address of USDC's mint, and who mints and freezes in the bytes that were captured.
const USDC: Pubkey = Pubkey::from_str_const("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
const MINTS: Pubkey = Pubkey::from_str_const("2wmVCSfPxGPjrnMMn7rchp4uaeoTqN39mXFC2zhPdri9");
const FREEZES: Pubkey = Pubkey::from_str_const("3sNBr7kMccME5D55xNgsmYpZnzPgP2g12CixAajXypn6");
/// Pyth's account of SOL/USD, which is its own write authority, and the one that wrote AAPL/USD on devnet.
const SOL_USD: Pubkey = Pubkey::from_str_const("7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE");
const AAPL_USD: Pubkey = Pubkey::from_str_const("DJ2FyTgUAkEtXW3U5P9PF19meFTRtW4ZWKKFgACfVbUy");
const USD: u64 = 1_000_000;

fn bytes(text: &str) -> Vec<u8> {
    STANDARD.decode(text.trim()).unwrap()
}

/// Each price with what it holds, and what a burn makes of it: the lower of spot and average less twice the wider interval.
fn prices() -> [(Vec<u8>, PriceAccount, u64); 4] {
    let sol = PriceAccount {
        write_authority: SOL_USD,
        verification: Verification::Full,
        feed_id: [
            0xef, 0x0d, 0x8b, 0x6f, 0xda, 0x2c, 0xeb, 0xa4, 0x1d, 0xa1, 0x5d, 0x40, 0x95, 0xd1,
            0xda, 0x39, 0x2a, 0x0d, 0x2f, 0x8e, 0xd0, 0xc6, 0xc7, 0xbc, 0x0f, 0x4c, 0xfa, 0xc8,
            0xc2, 0x80, 0xb5, 0x6d,
        ],
        price: 11_862_164_451,
        conf: 3_335_799,
        exponent: -8,
        publish_time: 1_791_360_258,
        prev_publish_time: 1_791_360_257,
        ema_price: 11_871_955_320,
        ema_conf: 2_530_658,
        posted_slot: 454_163_853,
    };
    let before = PriceAccount {
        price: 9_419_293_224,
        conf: 3_408_102,
        publish_time: 1_787_390_255,
        prev_publish_time: 1_787_390_255,
        ema_price: 9_410_135_200,
        ema_conf: 4_445_580,
        posted_slot: 440_890_706,
        ..sol.clone()
    };
    let devnet = PriceAccount {
        price: 10_482_005_693,
        conf: 1_667_134,
        publish_time: 1_789_705_589,
        prev_publish_time: 1_789_705_588,
        ema_price: 10_386_806_900,
        ema_conf: 1_803_614,
        posted_slot: 500_160_547,
        ..sol.clone()
    };
    let aapl = PriceAccount {
        write_authority: AAPL_USD,
        verification: Verification::Full,
        feed_id: [
            0x49, 0xf6, 0xb6, 0x5c, 0xb1, 0xde, 0x6b, 0x10, 0xea, 0xf7, 0x5e, 0x7c, 0x03, 0xca,
            0x02, 0x9c, 0x30, 0x6d, 0x03, 0x57, 0xe9, 0x1b, 0x53, 0x11, 0xb1, 0x75, 0x08, 0x4a,
            0x5a, 0xd5, 0x56, 0x88,
        ],
        price: 30_181_002,
        conf: 14_208,
        exponent: -5,
        publish_time: 1_783_000_135,
        prev_publish_time: 1_783_000_134,
        ema_price: 29_991_126,
        ema_conf: 20_700,
        posted_slot: 473_475_603,
    };
    [
        (
            bytes(include_str!("../real/sol-usd-mainnet-2026-10.b64")),
            sol,
            11_862_164_451 - 2 * 3_335_799,
        ),
        (
            bytes(include_str!("../real/sol-usd-mainnet-2026-08.b64")),
            before,
            9_410_135_200 - 2 * 4_445_580,
        ),
        (
            bytes(include_str!("../real/sol-usd-devnet-2026-09.b64")),
            devnet,
            10_386_806_900 - 2 * 1_803_614,
        ),
        (
            bytes(include_str!("../real/aapl-usd-devnet-2026-07.b64")),
            aapl,
            29_991_126 - 2 * 20_700,
        ),
    ]
}

/// What the tests and the local network write for Pyth is what Pyth writes, to the byte.
#[test]
fn our_encoder_writes_pyths_bytes() {
    for (data, price, _) in prices() {
        assert_eq!(price.encode(), data, "posted in {}", price.posted_slot);
    }
}

/// The token program makes IOSD at a real account's price, at its time, from the one account that is pinned.
#[test]
fn the_token_program_reads_pyths_accounts() {
    for (data, price, low) in prices() {
        let mut world = World::ready();
        let owner = world.wallet();
        let wallet = owner.pubkey_of();
        world.give_io(&wallet, 100_000_000);
        world.iosd_account(&wallet);
        world.price = price.write_authority;
        let account = Account {
            lamports: world.rent(data.len()),
            data,
            owner: RECEIVER_PROGRAM_ID,
            ..Account::default()
        };
        world.edit::<PriceSource>(&pda::token::price_source(), |source| {
            source.feed = price.feed_id;
            source.account = price.write_authority;
        });
        let address = world.price;
        world.set_account(&address, account);
        world.set_time(price.publish_time + 20);
        world.make_seen();
        let burn = world.burn_for_iosd_ix(&wallet, 100_000_000, 0);
        let mut late = world.clone();
        let meta = world.must(burn.instruction(), &[&owner]);
        let made = meta.events.iter().find_map(|event| match event {
            Event::Token(token::Event::IosdMinted(made)) => Some(made.clone()),
            _ => None,
        });
        let made = made.expect("IOSD was made");
        assert_eq!((made.price, made.exponent), (low, price.exponent));
        // Down from the price's decimals to the six of IOSD.
        let scale = if price.exponent == -8 { 100 } else { 1 };
        let iosd = if price.exponent == -8 { low / scale } else { low * 10 };
        assert_eq!(made.iosd, iosd);
        late.set_time(price.publish_time + 21);
        expect_code(
            late.send(&[burn.instruction()], &[&owner]),
            TokenError::PriceStale,
        );
    }
}

/// Puts the real mint at its real address.
fn with_usdc() -> World {
    let mut world = World::ready();
    put_usdc(&mut world);
    world
}

fn put_usdc(world: &mut World) {
    let data = bytes(include_str!("../real/usdc-mint.b64"));
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
    let data = bytes(include_str!("../real/usdc-mint.b64"));
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
        (pda::treasury::vault(&USDC), pda::treasury::vault_authority()),
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
    let wrong: [(&str, Spoil); 4] = [
        ("another program's", |mint| mint.owner = Pubkey::new_unique()),
        ("a byte short", |mint| mint.data.truncate(81)),
        ("not initialised", |mint| mint.data[45] = 0),
        ("a token account's length", |mint| mint.data.resize(165, 0)),
    ];
    for (what, spoil) in wrong {
        let mut world = with_usdc();
        let mut mint = world.account(&USDC);
        spoil(&mut mint);
        world.set_account(&USDC, mint);
        let authority = world.authority.insecure_clone();
        let vault = iog_client::treasury::instructions::AddFeeVault {
            authority: authority.pubkey_of(),
            mint: USDC,
            fees: pda::treasury::fees(&USDC),
            vault: pda::treasury::vault(&USDC),
        };
        let escrow = add_escrow(&world, Currency::Usd as u8);
        for instruction in [vault.instruction(), escrow.instruction()] {
            let outcome = world.send(&[instruction], &[&authority]);
            assert!(outcome.is_err(), "{what}");
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
    let not_auctioned = iog_client::treasury::TreasuryError::NotAuctioned;
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
    let outcome = world.send(&[existing], &[&authority]);
    let code = outcome.expect_err("USDC became IO").code();
    let known = [TokenError::MintCanFreeze, TokenError::WrongMintAuthority].map(Code::from);
    assert!(known.contains(&code), "{code}");
}

/// An order paid in real USDC, from its booking to the supplier's wallet, and the fee to the auction.
#[test]
fn an_order_in_usdc_is_paid_to_the_unit() {
    let mut world = with_usdc();
    let supplier = world.supplier(CLASS_TEST);
    let mut renter = world.renter();
    world.add_fee_vault(&USDC);
    world.govern(world.add_escrow_of_usdc().instruction());
    world.usd = USDC;
    renter.usd = world.own_usdc(&renter.wallet.pubkey_of(), 100 * USD);
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

trait Usdc {
    fn own_usdc(&mut self, wallet: &Pubkey, amount: u64) -> Pubkey;
    fn add_escrow_of_usdc(&self) -> AddEscrow;
}

impl Usdc for World {
    /// Opens the wallet's account by the real Associated Token Account program, and fills it as the issuer would.
    fn own_usdc(&mut self, wallet: &Pubkey, amount: u64) -> Pubkey {
        let address = self.token_account(wallet, &USDC);
        let mut account = self.account(&address);
        account.data[64..72].copy_from_slice(&amount.to_le_bytes());
        self.set_account(&address, account);
        address
    }

    fn add_escrow_of_usdc(&self) -> AddEscrow {
        add_escrow(self, Currency::Usd as u8)
    }
}
