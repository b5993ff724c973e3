#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use crate::{
    events::VestingCreated,
    state::{Config, Vesting, VestingArgs},
    TokenError,
};
use anchor_lang::prelude::*;
use iog_common::governance::NOBODY;

#[derive(Accounts)]
#[instruction(args: VestingArgs)]
pub struct CreateVesting {
    #[account(mut, address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [b"vesting", &[args.id]], bump)]
    pub vesting: Account<Vesting>,
    pub system_program: Program<System>,
}

pub fn create_vesting(ctx: &mut Context<CreateVesting>, args: VestingArgs) -> Result<()> {
    require!(args.total > 0, TokenError::ZeroAmount);
    require!(args.beneficiary != NOBODY, TokenError::NotBeneficiary);
    let start_ts = ctx.accounts.config.genesis_ts;
    let vesting = &mut ctx.accounts.vesting;
    vesting.beneficiary = args.beneficiary;
    vesting.total_units = args.total;
    vesting.start_ts = start_ts;
    vesting.first_release_secs = args.first_release_secs;
    vesting.period_secs = args.period_secs;
    vesting.periods = args.periods;
    vesting.at_start_bps = args.at_start_bps;
    vesting.per_second = u8::from(args.per_second);
    vesting.id = args.id;
    vesting.version = 1;
    vesting.bump = ctx.bumps.vesting;
    vesting
        .schedule()
        .validate()
        .map_err(|_| TokenError::InvalidSchedule)?;

    let allocated_before = ctx.accounts.config.allocated_units;
    let allocated_after = ctx.accounts.config.allocate(args.total)?;
    emit!(VestingCreated {
        id: args.id,
        beneficiary: args.beneficiary,
        total: args.total,
        allocated_before,
        allocated_after,
    });
    Ok(())
}
