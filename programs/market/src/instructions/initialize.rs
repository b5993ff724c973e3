use crate::{
    state::{Config, ConfigArgs},
    MarketError,
};
use anchor_lang::prelude::*;

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
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
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
        MarketError::NotUpgradeAuthority
    );
    let io_mint = ctx.accounts.token_config.io_mint;
    let genesis_ts = ctx.accounts.token_config.genesis_ts;
    let setup_until_ts = ctx.accounts.token_config.setup_until_ts;
    let config = &mut ctx.accounts.config;
    config.authority = authority;
    config.io_mint = io_mint;
    config.genesis_ts = genesis_ts;
    config.setup_until_ts = setup_until_ts;
    config.version = 1;
    config.bump = ctx.bumps.config;
    config.escrow_authority_bump = ctx.bumps.escrow_authority;
    config.start(&args)
}
