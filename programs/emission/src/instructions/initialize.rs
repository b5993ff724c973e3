use crate::{
    state::{Config, ConfigArgs},
    EmissionError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{self, TokenAccount},
};

#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; pays the rent and becomes the config's authority.
    #[account(mut)]
    pub authority: Signer,
    /// CHECK: `is_upgrade_authority` checks address, owner and content.
    pub program_data: UncheckedAccount,
    #[account(seeds = [iog_token::constants::CONFIG_SEED], bump = token_config.bump, seeds::program = iog_token::ID)]
    pub token_config: Account<iog_token::Config>,
    #[account(address = token_config.io_mint @ EmissionError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(init, payer = authority, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [b"vault"], bump, token::mint = io_mint, token::authority = vault_authority)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"minter_authority"], bump)]
    pub minter_authority: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, args: &ConfigArgs) -> Result<()> {
    let authority = *ctx.accounts.authority.address();
    require!(
        iog_common::upgrade::is_upgrade_authority(
            ctx.accounts.program_data.account(),
            &crate::ID,
            &authority
        ),
        EmissionError::NotUpgradeAuthority
    );
    let genesis_ts = ctx.accounts.token_config.genesis_ts;
    let io_mint = ctx.accounts.token_config.io_mint;
    let config = &mut ctx.accounts.config;
    config.authority = authority;
    config.io_mint = io_mint;
    config.genesis_ts = genesis_ts;
    config.start(args)?;
    config.next_hour = 1;
    config.version = 1;
    config.bump = ctx.bumps.config;
    config.vault_authority_bump = ctx.bumps.vault_authority;
    config.minter_authority_bump = ctx.bumps.minter_authority;
    Ok(())
}
