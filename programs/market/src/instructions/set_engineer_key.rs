use crate::{events::EngineerKeySet, state::Order, MarketError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetEngineerKey {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(mut)]
    pub order: Account<Order>,
}

/// For a key that was lost or stolen: nodes close what the old one opened.
pub fn set_engineer_key(ctx: &mut Context<SetEngineerKey>, engineer_key: Address) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let order = &mut ctx.accounts.order;
    let before = order.set_engineer_key(engineer_key, now)?;
    emit!(EngineerKeySet {
        order: *order.account().address(),
        before,
        after: engineer_key,
    });
    Ok(())
}
