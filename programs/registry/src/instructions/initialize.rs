use crate::{
    state::{Config, Windows},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; pays the rent and becomes the config's authority.
    #[account(mut)]
    pub authority: Signer,
    /// CHECK: `is_upgrade_authority` checks address, owner and content.
    pub program_data: UncheckedAccount,
    /// Source of genesis and setup time, so that all programs count the same hours.
    #[account(seeds = [iog_token::constants::CONFIG_SEED], bump = token_config.bump, seeds::program = iog_token::ID)]
    pub token_config: Account<iog_token::Config>,
    #[account(init, payer = authority, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [b"windows"], bump)]
    pub windows: Account<Windows>,
    pub system_program: Program<System>,
}

pub fn initialize(
    ctx: &mut Context<Initialize>,
    attestor: Address,
    window_spread_secs: u64,
    quorum: u64,
) -> Result<()> {
    let authority = *ctx.accounts.authority.address();
    require!(
        iog_common::upgrade::is_upgrade_authority(
            ctx.accounts.program_data.account(),
            &crate::ID,
            &authority
        ),
        RegistryError::NotUpgradeAuthority
    );
    let token = &ctx.accounts.token_config;
    let (genesis_ts, setup_until_ts) = (token.genesis_ts, token.setup_until_ts);
    let config = &mut ctx.accounts.config;
    config.authority = authority;
    config.attestor.start(attestor);
    config.genesis_ts = genesis_ts;
    config.setup_until_ts = setup_until_ts;
    config.start(window_spread_secs, quorum)?;
    config.version = 1;
    config.bump = ctx.bumps.config;
    let windows = &mut ctx.accounts.windows;
    windows.version = 1;
    windows.bump = ctx.bumps.windows;
    Ok(())
}
