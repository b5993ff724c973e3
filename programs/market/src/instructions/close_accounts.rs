//! Accounts that renters and suppliers have once, closed when nothing counts on them.

use crate::{
    state::{Earnings, Occupancy, RenterStats},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::{Device, DeviceState};

#[derive(Accounts)]
pub struct CloseRenter {
    #[account(mut, address = stats.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(mut, close = renter)]
    pub stats: Account<RenterStats>,
}

/// Settling counts in it, so it stays while an order of the renter does.
pub fn close_renter(ctx: &mut Context<CloseRenter>) -> Result<()> {
    require!(
        ctx.accounts.stats.open_orders == 0,
        MarketError::StillNeeded
    );
    Ok(())
}

#[derive(Accounts)]
pub struct CloseEarnings {
    #[account(mut, address = earnings.owner @ MarketError::NotOwner)]
    pub owner: Signer,
    #[account(mut, close = owner)]
    pub earnings: Account<Earnings>,
}

/// Settling pays in here, so it stays while a lease of the owner does, in this currency.
pub fn close_earnings(ctx: &mut Context<CloseEarnings>) -> Result<()> {
    require!(
        ctx.accounts.earnings.is_closable(),
        MarketError::StillNeeded
    );
    Ok(())
}

#[derive(Accounts)]
pub struct CloseOccupancy {
    #[account(mut, address = device.owner @ MarketError::NotOwner)]
    pub owner: Signer,
    pub device: Account<Device>,
    #[account(mut, close = owner, constraint = occupancy.device == *device.account().address() @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
}

/// Of a terminated device only: its record must not begin anew.
pub fn close_occupancy(ctx: &mut Context<CloseOccupancy>) -> Result<()> {
    let accounts = &ctx.accounts;
    let ended = accounts.device.state == DeviceState::Terminated as u8;
    let occupancy = &accounts.occupancy;
    let free = !occupancy.is_listed() && !occupancy.is_hired() && occupancy.open_leases == 0;
    require!(ended && free, MarketError::StillNeeded);
    Ok(())
}
