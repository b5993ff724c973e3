//! An appeal against a slash case, and its decision.

use crate::{
    events::{SlashAppealed, SlashResolved},
    state::{Config, DeviceStake, SlashCase},
    StakingError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Appeal {
    pub appellant: Signer,
    #[account(constraint = stake.device == case.device @ StakingError::WrongCase)]
    pub stake: Account<DeviceStake>,
    #[account(mut)]
    pub case: Account<SlashCase>,
}

#[derive(Accounts)]
pub struct Resolve {
    #[account(address = config.appeal_authority.key @ StakingError::NotAppealAuthority)]
    pub appeal_authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub case: Account<SlashCase>,
}

pub fn appeal(ctx: &mut Context<Appeal>) -> Result<()> {
    let by = *ctx.accounts.appellant.address();
    let case = &mut ctx.accounts.case;
    require!(
        by == ctx.accounts.stake.owner || (case.co_units > 0 && by == case.co_staker),
        StakingError::NotAppellant
    );
    case.appeal(Clock::get()?.unix_timestamp)?;
    let decide_until_ts = case.decide_until_ts()?;
    let address = *case.account().address();
    emit!(SlashAppealed {
        case: address,
        by,
        decide_until_ts,
    });
    Ok(())
}

pub fn resolve(ctx: &mut Context<Resolve>, upheld: bool) -> Result<()> {
    let case = &mut ctx.accounts.case;
    case.require_judge(ctx.accounts.appeal_authority.address())?;
    case.resolve(upheld, Clock::get()?.unix_timestamp)?;
    let address = *case.account().address();
    emit!(SlashResolved {
        case: address,
        upheld,
    });
    Ok(())
}
