//! Every place of every market instruction, given every kind of wrong account.

mod leases;
mod money;

use iog_client::market::instructions::*;
use iog_client::market::QuoteArgs;
use iog_client::pda;
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{
    class_args, order_args, price_book_args, Currency, PubkeyOf, Renter, CLASS_TEST,
};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::stage::{stage, stage_with};

/// A copy can only be made by the program that owns it, and that one makes its accounts at their seeds alone.
const OWNED: &str = "only its own program creates such an account, at one address";
const ANY: &str = "any account of the recipient's or payer's will do";
const ORACLE: &str = "any update that Pyth's receiver wrote for the feed will do";

/// An excuse: the place, the account, and why.
type Harmless = (usize, Wrong, &'static str);

/// Copies of accounts of our programs in these places say nothing new.
fn owned(places: &[usize]) -> Vec<Harmless> {
    let copy = |place: &usize| (*place, Wrong::Copy, OWNED);
    places.iter().map(copy).collect()
}

#[track_caller]
fn sweep(
    world: &World,
    ix: &Instruction,
    signers: &[&Keypair],
    places: &[usize],
    more: &[Harmless],
) {
    let mut harmless = owned(places);
    harmless.extend_from_slice(more);
    sweep::refused(world, ix, signers, &harmless);
}

/// A running order of three hours whose first hour was served, and its parts.
fn at_work(dispute_secs: u32) -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage_with(dispute_secs);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    (world, supplier, renter, order)
}

#[test]
fn currencies_and_price_books() {
    let (mut world, _, _) = stage();
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, 6);
    let add = AddEscrow {
        authority: authority.pubkey_of(),
        mint,
        escrow: pda::market::escrow(&mint),
        vault: pda::market::vault(&mint),
        currency: 1,
    };
    sweep(&world, &add.instruction(), &[&authority], &[], &[]);
    world.add_class(class_args(4));
    let add = world.add_price_book_ix(4, price_book_args()).instruction();
    sweep(&world, &add, &[&authority], &[AddPriceBook::CLASS], &[]);
    world.advance(86_400);
    let set = world.set_price_book_ix(CLASS_TEST, price_book_args());
    let places = [SetPriceBook::BOOK];
    sweep(&world, &set.instruction(), &[&authority], &places, &[]);
    let set = SetResolver {
        authority: authority.pubkey_of(),
        resolver: mint,
    };
    sweep(&world, &set.instruction(), &[&authority], &[], &[]);
}

#[test]
fn the_currency_iosd() {
    let (mut world, _, _) = stage();
    let add = AddCreditEscrow {
        authority: world.authority.pubkey_of(),
        token_config: pda::token::config(),
        escrow: world.escrow_of(Currency::Iosd),
        io_mint: world.io,
    };
    // As on a network where it is still missing.
    for address in [
        add.escrow,
        pda::market::credit_line(),
        pda::market::credit_vault(),
    ] {
        world.set_account(&address, solana_account::Account::default());
    }
    let authority = world.authority.insecure_clone();
    let places = [AddCreditEscrow::TOKEN_CONFIG];
    sweep(&world, &add.instruction(), &[&authority], &places, &[]);
}

#[test]
fn quotes_and_orders() {
    let (mut world, _, _) = stage();
    let renter = world.credit_renter();
    let args = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    let quote = world.quote_ix(Currency::Io, CLASS_TEST, args).instruction();
    let places = [
        Quote::CLASS,
        Quote::BOOK,
        Quote::PRICE_SOURCE,
        Quote::ESCROW,
    ];
    let oracle = [(Quote::PRICE, Wrong::Copy, ORACLE)];
    sweep(&world, &quote, &[], &places, &oracle);
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
    let places = [
        CreateOrder::CLASS,
        CreateOrder::BOOK,
        CreateOrder::PRICE_SOURCE,
        CreateOrder::STATS,
        CreateOrder::ESCROW,
    ];
    let free = [
        (CreateOrder::PRICE, Wrong::Copy, ORACLE),
        (CreateOrder::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    let signers = [&renter.wallet];
    sweep(&world, &create.instruction(), &signers, &places, &free);
    let create = world.credit_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
    let places = [
        CreateCreditOrder::CLASS,
        CreateCreditOrder::BOOK,
        CreateCreditOrder::STATS,
        CreateCreditOrder::ESCROW,
    ];
    let free = [(CreateCreditOrder::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &create.instruction(), &signers, &places, &free);
    let other = world.wallet();
    let open = world.open_renter_ix(&other.pubkey_of()).instruction();
    let payer = world.authority.insecure_clone();
    sweep(&world, &open, &[&payer], &[], &[]);
}

#[test]
fn listings_and_earnings() {
    let (mut world, supplier, _) = stage();
    let owner = supplier.owner.insecure_clone();
    let list = world.list_device_ix(&supplier, 1).instruction();
    let places = [ListDevice::STAKE, ListDevice::BOOK];
    sweep(&world, &list, &[&owner], &places, &[]);
    let delist = world.delist_device_ix(&owner.pubkey_of(), &supplier);
    let places = [DelistDevice::BOOK, DelistDevice::OCCUPANCY];
    sweep(&world, &delist.instruction(), &[&owner], &places, &[]);
    world.make_ready(&supplier);
    let relist = world.relist_device_ix(&supplier).instruction();
    let places = [
        RelistDevice::STAKE,
        RelistDevice::BOOK,
        RelistDevice::OCCUPANCY,
    ];
    sweep(&world, &relist, &[&supplier.device_key], &places, &[]);
    let fresh = world.registered(CLASS_TEST, 1);
    let open = world.open_earnings_ix(&fresh, Currency::Usd).instruction();
    let places = [OpenEarnings::ESCROW];
    sweep(&world, &open, &[&fresh.owner], &places, &[]);
}
