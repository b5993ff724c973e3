use crate::{
    constants::*,
    state::{Config, ConfigArgs},
    TreasuryError,
};
use anchor_lang::prelude::*;
use iog_common::occupancy::MARKET;

#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; pays the rent and becomes the config's authority.
    #[account(mut)]
    pub authority: Signer,
    /// CHECK: `is_upgrade_authority` checks address, owner and content.
    pub program_data: UncheckedAccount,
    #[account(seeds = [iog_token::constants::CONFIG_SEED], bump = token_config.bump, seeds::program = iog_token::ID)]
    pub token_config: Account<iog_token::Config>,
    #[account(init, payer = authority, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, args: ConfigArgs) -> Result<()> {
    let authority = *ctx.accounts.authority.address();
    require!(
        iog_common::upgrade::is_upgrade_authority(
            ctx.accounts.program_data.account(),
            &crate::ID,
            &authority
        ),
        TreasuryError::NotUpgradeAuthority
    );
    let (market_authority, _) =
        anchor_lang::find_program_address(&[MARKET_ESCROW_AUTHORITY_SEED], &MARKET);
    let io_mint = ctx.accounts.token_config.io_mint;
    let config = &mut ctx.accounts.config;
    config.authority = authority;
    config.io_mint = io_mint;
    config.market_authority = market_authority;
    config.version = 1;
    config.bump = ctx.bumps.config;
    config.vault_authority_bump = ctx.bumps.vault_authority;
    config.start(&args)
}
