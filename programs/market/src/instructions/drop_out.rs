//! Devices that drop out of an order. Their place can be matched again.

use crate::{
    events::LeaseEnded,
    state::{Escrow, Lease, Occupancy, Order, OrderState, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::Device;

#[derive(Accounts)]
pub struct DropOut {
    /// Anyone for `report_timeout`, the device's owner or its key for `leave_lease`.
    pub signer: Signer,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
}

/// Frees the device and its place in the order. What it forfeits is the renter's, and until the end that it had agreed to no lease pays it
/// more than this one did.
fn drop_out(accounts: &mut DropOut, forfeited: u64, timed_out: bool, now: i64) -> Result<()> {
    let address = *accounts.lease.account().address();
    let seat = accounts.lease.leave_seat();
    accounts.order.vacate(&seat, now)?;
    let device = accounts.lease.device;
    accounts.order.bar(&device);
    let agreed_until = accounts.lease.agreed_until(&accounts.order);
    let (rate, _) = accounts.order.rate_at(now)?;
    let pay_usd6 = accounts.lease.pay_usd6_at(&rate)?;
    accounts.occupancy.cap(pay_usd6, agreed_until, now);
    // Who left at once has served nothing, and can be expected to prove.
    if !timed_out && accounts.lease.settled_count > 0 && accounts.lease.poor == 0 {
        accounts.occupancy.served_until_ts = now;
    }
    // Before an hour of it is judged nothing is held that it could forfeit: its record and an hour's rest are what it pays, and the renter
    // need not keep the others for an hour that the order cannot do without it.
    if accounts.lease.settled_count == 0 && now < agreed_until {
        if !timed_out {
            accounts.occupancy.timeouts = accounts.occupancy.timeouts.saturating_add(1);
        }
        accounts.occupancy.rest(false, now);
        accounts.order.break_first_hour(now);
    }
    accounts
        .occupancy
        .release(&address, &mut accounts.book, now)?;
    let escrowed_before = accounts.escrow.escrowed_units;
    accounts.order.book(0, forfeited, 0)?;
    accounts.escrow.book(0, forfeited, 0)?;
    emit!(LeaseEnded {
        order: accounts.lease.order,
        lease: address,
        device,
        timed_out,
        forfeited,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}

pub fn report_timeout(ctx: &mut Context<DropOut>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let forfeited = accounts
        .lease
        .time_out(&accounts.order, &accounts.device, now, clock.slot)?;
    accounts.occupancy.timeouts = accounts.occupancy.timeouts.saturating_add(1);
    drop_out(accounts, forfeited, true, now)
}

/// Before the start: whoever accepted may go 90 s later. Then: after the agreed end, or the owner at the price of what is held.
pub fn leave_lease(ctx: &mut Context<DropOut>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let signer = *accounts.signer.address();
    let by_owner = signer == accounts.lease.owner;
    require!(
        by_owner || signer == accounts.device.device_key,
        MarketError::NotOwner
    );
    if accounts.order.waits() {
        return walk_away(accounts, now);
    }
    let forfeited = accounts.lease.leave(&accounts.order, by_owner, now)?;
    drop_out(accounts, forfeited, false, now)
}

fn walk_away(accounts: &mut DropOut, now: i64) -> Result<()> {
    let address = *accounts.lease.account().address();
    accounts.lease.walk_away(&accounts.order, now)?;
    let seat = accounts.lease.leave_seat();
    let (hourly, _) = accounts.lease.hourly(&accounts.order.booked())?;
    // Going while the order is whole keeps it from starting, as no answer does.
    // Where another has let its time pass, that one does.
    let asked = accounts.order.is(OrderState::Matched) && !accounts.order.is_unanswered(0, now);
    if asked {
        accounts.occupancy.rest(false, now);
    }
    accounts.order.unaccept(&seat, hourly, now)?;
    let device = accounts.lease.device;
    accounts.order.bar(&device);
    accounts
        .occupancy
        .release(&address, &mut accounts.book, now)?;
    emit!(LeaseEnded {
        order: accounts.lease.order,
        lease: address,
        device,
        timed_out: false,
        forfeited: 0,
        escrowed_before: accounts.escrow.escrowed_units,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
