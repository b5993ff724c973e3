use crate::{
    events::RewardBooked,
    state::{Config, DeviceRewards, LedgerPage},
    EmissionError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Settle {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub rewards: Account<DeviceRewards>,
    pub page: Account<LedgerPage>,
    /// A second page, when pending hours lie on two.
    pub previous_page: Option<Account<LedgerPage>>,
}

pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let owner_booked_before = accounts.rewards.owner_booked_units;
    let co_booked_before = accounts.rewards.co_booked_units;
    let pending = accounts.rewards.pending_count;
    let settled = match &accounts.previous_page {
        Some(previous) => accounts
            .rewards
            .settle(&accounts.config, &[&accounts.page, previous])?,
        None => accounts
            .rewards
            .settle(&accounts.config, &[&accounts.page])?,
    };
    if accounts.rewards.pending_count == pending {
        require!(!settled.page_missing, EmissionError::PageMissing);
        return Err(EmissionError::HoursNotClosed.into());
    }
    accounts.config.book(settled.booked)?;
    emit!(RewardBooked {
        device: accounts.rewards.device,
        owner_booked_before,
        owner_booked_after: accounts.rewards.owner_booked_units,
        co_booked_before,
        co_booked_after: accounts.rewards.co_booked_units,
    });
    Ok(())
}
