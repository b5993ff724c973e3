//! Instructions on orders, in whichever currency they are paid.

use super::{
    currency::{Currency, Pay},
    lease::{Leased, SETTLED},
    offer::Offer,
};
use crate::{context::Context, error::Result};
use iog_client::{
    market::{
        accounts::{Lease, Order},
        instructions,
        types::{ExtendArgs, OrderArgs},
    },
    pda,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub const OPEN: u8 = 0;
pub const MATCHED: u8 = 1;
pub const ACTIVE: u8 = 2;
pub const COMPLETED: u8 = 3;
pub const ENDED: u8 = 4;
pub const EXPIRED: u8 = 5;
pub const STATES: [&str; 6] = ["open", "matched", "active", "completed", "ended", "expired"];

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

/// Not started and not over.
pub fn waits(order: &Order) -> bool {
    matches!(order.state, OPEN | MATCHED)
}

pub async fn find(context: &Context, address: &Pubkey) -> Result<Order> {
    context.get(address, "see iog order list").await
}

/// The leases of an order whose accounts exist.
pub async fn leases(context: &Context, order: &Pubkey) -> Result<Vec<(Pubkey, Lease)>> {
    context.list(&[(Lease::ORDER_AT, order.as_ref())]).await
}

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

pub fn create(offer: &Offer, renter: Pubkey, args: OrderArgs) -> Instruction {
    let currency = &offer.currency;
    let class = pda::registry::class(offer.class.id);
    let book = pda::market::price_book(offer.class.id);
    let stats = pda::market::renter(&renter);
    let order = pda::market::order(&renter, args.id);
    let (escrow, renter_token) = (currency.escrow(), currency.account(&renter));
    match currency.pay {
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
    }
}

pub fn extend(offer: &Offer, order: Pubkey, renter: Pubkey, args: ExtendArgs) -> Instruction {
    let currency = &offer.currency;
    let class = pda::registry::class(offer.class.id);
    let book = pda::market::price_book(offer.class.id);
    let (escrow, renter_token) = (currency.escrow(), currency.account(&renter));
    match currency.pay {
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
    }
}

pub fn end(address: Pubkey, order: &Order, renter: Pubkey) -> Instruction {
    instructions::EndEarly {
        renter,
        order: address,
        escrow: pda::market::escrow(&order.mint),
    }
    .instruction()
}

pub fn cancel(address: Pubkey, order: &Order, renter: Pubkey) -> Instruction {
    instructions::CancelOrder {
        renter,
        order: address,
        escrow: pda::market::escrow(&order.mint),
    }
    .instruction()
}

pub fn expire(address: Pubkey, order: &Order) -> Instruction {
    instructions::ExpireOrder {
        order: address,
        escrow: pda::market::escrow(&order.mint),
    }
    .instruction()
}

pub fn close(address: Pubkey, order: &Order) -> Instruction {
    instructions::CloseOrder {
        order: address,
        renter: order.renter,
    }
    .instruction()
}

/// Pays what is due to the renter, into an account that is opened if need be.
pub fn refund(address: Pubkey, order: &Order, payer: &Pubkey) -> Result<[Instruction; 2]> {
    let currency = Currency::of(order)?;
    let (escrow, renter_token) = (currency.escrow(), currency.account(&order.renter));
    let refund = match currency.pay {
        Pay::Io | Pay::Usdc => instructions::Refund {
            order: address,
            escrow,
            vault: pda::market::vault(&order.mint),
            mint: order.mint,
            renter_token,
        }
        .instruction(),
        Pay::Iosd => instructions::RefundCredit {
            order: address,
            escrow,
            minter: minter(),
            token_config: pda::token::config(),
            iosd_mint: order.mint,
            iosd_authority: pda::token::iosd_authority(),
            renter_token,
        }
        .instruction(),
    };
    Ok([currency.open_account(payer, &order.renter), refund])
}

/// What `refund` pays now: what is due, and of an order that is over all that is left but the renter's fees.
pub fn refundable(order: &Order, now: i64) -> u64 {
    let ended =
        matches!(order.state, COMPLETED | ENDED) || (order.state == ACTIVE && now >= order.end_ts);
    let left = match order.state == EXPIRED || (ended && order.leases == 0) {
        true => order.escrowed_units.saturating_sub(order.pending_fee_units),
        false => 0,
    };
    order.refund_due_units.saturating_add(left)
}

/// Whether `close_lease` takes it.
pub fn closable(order: &Order, leased: &Leased) -> bool {
    let over = leased.lease.state == SETTLED && leased.lease.held_units == 0;
    over || order.state == EXPIRED
}
