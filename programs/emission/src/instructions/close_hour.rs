use crate::{
    constants::*,
    events::HourClosed,
    state::{Config, LedgerPage},
    EmissionError,
};
use anchor_lang::prelude::*;

/// No token account and no other program, so that nothing but the clock decides whether an hour can be closed.
#[derive(Accounts)]
pub struct CloseHour {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// The page of the first hour that is not closed.
    #[account(mut)]
    pub page: Account<LedgerPage>,
}

pub fn close_hour(ctx: &mut Context<CloseHour>, max_hours: u8) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let (config, page) = (&mut ctx.accounts.config, &mut ctx.accounts.page);
    let running = config.hour(now)?;
    require!(config.next_hour < running, EmissionError::NothingToClose);
    for count in 0..max_hours.min(MAX_CLOSE_HOURS) {
        let hour = config.next_hour;
        let on_page = page.hour(hour).is_some();
        require!(on_page || count > 0, EmissionError::WrongPage);
        if hour >= running || !on_page {
            break;
        }
        let shared_before = config.shared_units;
        let ledger = page.hour_mut(hour)?;
        let scheduled = config.close_next(ledger)?;
        emit!(HourClosed {
            hour,
            scheduled,
            enterprise_amount: ledger.enterprise.amount_units,
            enterprise_score: ledger.enterprise.total_score,
            enterprise_carry: config.enterprise_carry_units,
            community_amount: ledger.community.amount_units,
            community_score: ledger.community.total_score,
            community_carry: config.community_carry_units,
            scheduled_after: config.scheduled_units,
            shared_before,
            shared_after: config.shared_units,
        });
    }
    Ok(())
}
