use crate::{
    events::CaseWithdrawn,
    state::{Config, SlashCase},
    StakingError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct WithdrawCase {
    /// The appeal authority or, for a case that burns, slasher or authority.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub case: Account<SlashCase>,
}

/// Without it a thief's cases, and mistakes, would end only where each owner appeals in time. It only ever releases.
pub fn withdraw_case(ctx: &mut Context<WithdrawCase>) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    let case = &mut ctx.accounts.case;
    let pays_renter = case.pays_renter();
    require!(
        ctx.accounts.config.may_withdraw_case(pays_renter, &by),
        StakingError::MayNotWithdraw
    );
    if pays_renter {
        case.require_judge(&by)?;
    }
    case.withdraw()?;
    emit!(CaseWithdrawn {
        case: *case.account().address(),
        device: case.device,
        by,
    });
    Ok(())
}
