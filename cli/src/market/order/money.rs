//! Instructions on orders that move tokens, in whichever currency they are paid.

use crate::{
    error::Result,
    market::{
        currency::{Currency, Pay},
        offer::Offer,
    },
};
use iog_client::{
    market::{
        accounts::Order,
        instructions,
        types::{ExtendArgs, OrderArgs},
    },
    pda,
};
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

/// What the token program's part in orders paid in IOSD takes.
fn minter() -> Pubkey {
    pda::token::minter(&pda::market::escrow_authority())
}

pub fn open_renter(payer: Pubkey, renter: Pubkey) -> Instruction {
    instructions::OpenRenter {
        payer,
        renter,
        stats: pda::market::renter(&renter),
    }
    .instruction()
}

/// The first part's class and book, and those of the others, which follow as further accounts.
fn shelf(offer: &Offer) -> (Pubkey, Pubkey, Vec<AccountMeta>) {
    let mut ids = offer.parts.iter().map(|part| part.class.id);
    let first = ids.next().unwrap_or(0);
    let further = ids
        .flat_map(|id| [pda::registry::class(id), pda::market::price_book(id)])
        .map(|address| AccountMeta::new_readonly(address, false));
    let (class, book) = (pda::registry::class(first), pda::market::price_book(first));
    (class, book, further.collect())
}

pub fn create(offer: &Offer, renter: Pubkey, args: OrderArgs) -> Instruction {
    let currency = &offer.currency;
    let (class, book, further) = shelf(offer);
    let stats = pda::market::renter(&renter);
    let order = pda::market::order(&renter, args.id);
    let (escrow, renter_token) = (currency.escrow(), currency.account(&renter));
    let mut create = match currency.pay {
        Pay::Io | Pay::Usdc => instructions::CreateOrder {
            renter,
            class,
            book,
            price_source: pda::token::price_source(),
            price: offer.price_account(),
            stats,
            order,
            escrow,
            vault: pda::market::vault(&currency.mint),
            renter_token,
            mint: currency.mint,
            args,
        }
        .instruction(),
        Pay::Iosd => instructions::CreateCreditOrder {
            renter,
            class,
            book,
            stats,
            order,
            escrow,
            minter: minter(),
            token_config: pda::token::config(),
            iosd_mint: currency.mint,
            renter_token,
            args,
        }
        .instruction(),
    };
    create.accounts.extend(further);
    create
}

pub fn extend(offer: &Offer, order: Pubkey, renter: Pubkey, args: ExtendArgs) -> Instruction {
    let currency = &offer.currency;
    let (class, book, further) = shelf(offer);
    let (escrow, renter_token) = (currency.escrow(), currency.account(&renter));
    let mut extend = match currency.pay {
        Pay::Io | Pay::Usdc => instructions::Extend {
            renter,
            class,
            book,
            price_source: pda::token::price_source(),
            price: offer.price_account(),
            order,
            escrow,
            vault: pda::market::vault(&currency.mint),
            renter_token,
            mint: currency.mint,
            args,
        }
        .instruction(),
        Pay::Iosd => instructions::ExtendCredit {
            renter,
            class,
            book,
            order,
            escrow,
            minter: minter(),
            token_config: pda::token::config(),
            iosd_mint: currency.mint,
            renter_token,
            args,
        }
        .instruction(),
    };
    extend.accounts.extend(further);
    extend
}

/// Adds money that no hour needs yet; only the renter may.
pub fn add_funds(
    address: Pubkey,
    order: &Order,
    renter: Pubkey,
    amount: u64,
) -> Result<Instruction> {
    let currency = Currency::of(order)?;
    let (escrow, renter_token) = (currency.escrow(), currency.account(&renter));
    Ok(match currency.pay {
        Pay::Io | Pay::Usdc => instructions::AddFunds {
            renter,
            order: address,
            escrow,
            vault: pda::market::vault(&order.mint),
            renter_token,
            mint: order.mint,
            amount,
        }
        .instruction(),
        Pay::Iosd => instructions::AddFundsCredit {
            renter,
            order: address,
            escrow,
            minter: minter(),
            token_config: pda::token::config(),
            iosd_mint: order.mint,
            renter_token,
            amount,
        }
        .instruction(),
    })
}

/// Pays what is due to the renter, into its associated account, which is opened if need be; `signer` pays for that.
pub fn refund(address: Pubkey, order: &Order, signer: &Pubkey) -> Result<[Instruction; 2]> {
    let currency = Currency::of(order)?;
    let (escrow, renter_token) = (currency.escrow(), currency.account(&order.renter));
    let refund = match currency.pay {
        Pay::Io | Pay::Usdc => instructions::Refund {
            signer: *signer,
            order: address,
            escrow,
            vault: pda::market::vault(&order.mint),
            mint: order.mint,
            renter_token,
            associated: renter_token,
        }
        .instruction(),
        Pay::Iosd => instructions::RefundCredit {
            signer: *signer,
            order: address,
            escrow,
            minter: minter(),
            token_config: pda::token::config(),
            iosd_mint: order.mint,
            iosd_authority: pda::token::iosd_authority(),
            renter_token,
            associated: renter_token,
            max_units: u64::MAX,
        }
        .instruction(),
    };
    Ok([currency.open_account(signer, &order.renter), refund])
}
