//! Refusals of the first initialisation, of currencies, price books and the resolver.

use iog_client::market::instructions::{AddCreditEscrow, AddEscrow, Initialize, SetResolver};
use iog_client::market::{ConfigArgs, Location, MarketError as E, PriceBookArgs};
use iog_client::{market, pda};
use iog_tests::world::{class_args, price_book_args, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

use super::super::stage::send;

pub fn initialize(world: &World, fee_bps: u16) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&market::ID),
        args: ConfigArgs {
            resolver: world.resolver.pubkey_of(),
            genesis_hash: [1; 32],
            reservation_fee_bps: fee_bps,
            supplier_fee_bps: fee_bps,
            network_fee_bps: fee_bps,
            usd_extra_fee_bps: fee_bps,
            dispute_secs: 86_400,
            points_per_usd: 1_000,
        },
    }
}

/// Initialises with one argument out of its bounds.
fn started(world: &mut World, change: impl FnOnce(&mut ConfigArgs)) -> Outcome {
    let mut first = initialize(world, 500);
    change(&mut first.args);
    send(world, first.instruction())
}

/// On a network without a market.
pub fn initial() -> Vec<Case> {
    vec![
        refusal("a stranger initialises", E::NotUpgradeAuthority, |world| {
            let stranger = world.wallet();
            let mut first = initialize(world, 0);
            first.authority = stranger.pubkey_of();
            world.send(&[first.instruction()], &[&stranger])
        }),
        refusal("a reservation fee above 5 %", E::OutOfBounds, |w| {
            started(w, |args| args.reservation_fee_bps = 501)
        }),
        refusal("a supplier's fee above 5 %", E::OutOfBounds, |w| {
            started(w, |args| args.supplier_fee_bps = 501)
        }),
        refusal("a network fee above 5 %", E::OutOfBounds, |w| {
            started(w, |args| args.network_fee_bps = u16::MAX)
        }),
        refusal("a dollar's extra fee above 5 %", E::OutOfBounds, |w| {
            started(w, |args| args.usd_extra_fee_bps = 501)
        }),
        refusal("disputes after more than a day", E::OutOfBounds, |w| {
            started(w, |args| args.dispute_secs = 86_401)
        }),
        refusal("1,001 points for a dollar", E::OutOfBounds, |w| {
            started(w, |args| args.points_per_usd = 1_001)
        }),
    ]
}

/// A new mint of so many decimals as a currency of this number.
fn currency(world: &mut World, currency: u8, decimals: u8) -> Outcome {
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, decimals);
    send(world, add_escrow(world, &mint, currency).instruction())
}

fn add_escrow(world: &World, mint: &solana_pubkey::Pubkey, currency: u8) -> AddEscrow {
    AddEscrow {
        authority: world.authority.pubkey_of(),
        mint: *mint,
        escrow: pda::market::escrow(mint),
        vault: pda::market::vault(mint),
        currency,
    }
}

/// A book of a fourth class, wrong in one way.
fn added(world: &mut World, change: impl FnOnce(&mut PriceBookArgs)) -> Outcome {
    world.add_class(class_args(4));
    let mut args = price_book_args();
    change(&mut args);
    let add = world.add_price_book_ix(4, args).instruction();
    send(world, add)
}

/// The book of class 1, a day later.
fn stepped(world: &mut World, change: impl FnOnce(&mut PriceBookArgs)) -> Outcome {
    world.advance(86_400);
    let mut args = price_book_args();
    change(&mut args);
    let set = world.set_price_book_ix(CLASS_TEST, args).instruction();
    send(world, set)
}

pub fn cases() -> Vec<Case> {
    let mut all = authorities();
    all.extend(currencies());
    all.extend(books());
    all
}

fn authorities() -> Vec<Case> {
    vec![
        refusal("a stranger adds a currency", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let mint = world.mint(&stranger, 6);
            let mut add = add_escrow(world, &mint, 1);
            add.authority = stranger.pubkey_of();
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a stranger adds IOSD", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let add = AddCreditEscrow {
                authority: stranger.pubkey_of(),
                token_config: pda::token::config(),
                escrow: pda::market::escrow(&pda::token::iosd_mint()),
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
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a stranger adds a price book", E::NotAuthority, |world| {
            let stranger = world.wallet();
            world.add_class(class_args(4));
            let mut add = world.add_price_book_ix(4, price_book_args());
            add.authority = stranger.pubkey_of();
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a stranger moves a price", E::NotAuthority, |world| {
            let stranger = world.wallet();
            world.advance(86_400);
            let mut set = world.set_price_book_ix(CLASS_TEST, price_book_args());
            set.authority = stranger.pubkey_of();
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal("a resolver names itself", E::NotAuthority, |world| {
            let resolver = world.resolver.insecure_clone();
            let set = SetResolver {
                authority: resolver.pubkey_of(),
                resolver: resolver.pubkey_of(),
            };
            world.send(&[set.instruction()], &[&resolver])
        }),
    ]
}

fn currencies() -> Vec<Case> {
    vec![
        refusal("another token as IO", E::InvalidCurrency, |w| {
            currency(w, 0, 8)
        }),
        refusal("a dollar of 8 decimals", E::InvalidCurrency, |w| {
            currency(w, 1, 8)
        }),
        refusal("a token as IOSD", E::InvalidCurrency, |w| currency(w, 2, 6)),
        refusal("a fourth currency", E::InvalidCurrency, |w| {
            currency(w, 3, 6)
        }),
        refusal("IO as a dollar", E::InvalidCurrency, |world| {
            let io = world.io;
            for address in [pda::market::escrow(&io), pda::market::vault(&io)] {
                world.set_account(&address, solana_account::Account::default());
            }
            send(world, add_escrow(world, &io, 1).instruction())
        }),
    ]
}

fn books() -> Vec<Case> {
    vec![
        refusal("a kink above one", E::InvalidPriceBook, |w| {
            added(w, |args| args.kink_bps = 10_001)
        }),
        refusal("a slope above five", E::InvalidPriceBook, |w| {
            added(w, |args| args.slope2_bps = 50_001)
        }),
        refusal("a tier below a half", E::InvalidPriceBook, |w| {
            added(w, |args| args.tier_bps[4] = 4_999)
        }),
        refusal("a peak above two", E::InvalidPriceBook, |w| {
            added(w, |args| args.peak_bps = 20_001)
        }),
        refusal("a 25th hour", E::InvalidPriceBook, |w| {
            added(w, |args| args.peak_hours = 1 << 24)
        }),
        refusal("a surcharge for commitment", E::InvalidPriceBook, |w| {
            added(w, |args| args.commitment_bps[0] = 10_001)
        }),
        refusal("a month dearer than a week", E::InvalidPriceBook, |w| {
            added(w, |args| args.commitment_bps = [9_000, 8_000, 8_001])
        }),
        refusal("a country above two", E::InvalidPriceBook, |w| {
            added(w, |args| {
                args.locations[0] = Location {
                    country: *b"US",
                    factor_bps: 20_001,
                }
            })
        }),
        refusal("a price book of class 0", E::WrongClass, |world| {
            world.add_class(class_args(0));
            let add = world.add_price_book_ix(0, price_book_args()).instruction();
            send(world, add)
        }),
        refusal(
            "a second before the day is over",
            E::PriceChangedLately,
            |world| {
                world.advance(86_399);
                let set = world.set_price_book_ix(CLASS_TEST, price_book_args());
                send(world, set.instruction())
            },
        ),
        refusal("a tier by more than a fifth", E::PriceStepTooLarge, |w| {
            stepped(w, |args| args.tier_bps[1] = 12_001)
        }),
        refusal("a slope by more than one", E::PriceStepTooLarge, |w| {
            stepped(w, |args| args.slope1_bps = 10_001)
        }),
        refusal(
            "a new country by more than a fifth",
            E::PriceStepTooLarge,
            |w| {
                stepped(w, |args| {
                    args.locations[7] = Location {
                        country: *b"US",
                        factor_bps: 7_999,
                    }
                })
            },
        ),
    ]
}
