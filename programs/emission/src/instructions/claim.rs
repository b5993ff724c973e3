//! Paying out what is booked, to the owner and to the co-staker, as far as it is minted.

use crate::{
    constants::*,
    events::{CoRewardClaimed, RewardClaimed},
    state::{Config, DeviceRewards},
    EmissionError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct Claim {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub rewards: Account<DeviceRewards>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(mut, constraint = *owner_token.owner() == rewards.owner @ EmissionError::WrongRecipient)]
    pub owner_token: Account<TokenAccount>,
    #[account(address = config.io_mint @ EmissionError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

/// Anyone may call it, so that a former co-staker who is away does not keep a new one from earning.
#[derive(Accounts)]
pub struct ClaimCo {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub rewards: Account<DeviceRewards>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    /// Of the co-staker, or of the one before: its owner says who is paid.
    #[account(mut, constraint = rewards.is_co_staker(co_staker_token.owner()) @ EmissionError::WrongRecipient)]
    pub co_staker_token: Account<TokenAccount>,
    #[account(address = config.io_mint @ EmissionError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let claimed_before = accounts.rewards.claimed_units;
    let amount = accounts.rewards.claim(&mut accounts.config)?;
    let bump = [accounts.config.vault_authority_bump];
    accounts.token_program.transfer_checked(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.owner_token,
        &accounts.vault_authority,
        &[&[VAULT_AUTHORITY_SEED, &bump]],
        amount,
        IO_DECIMALS,
    )?;
    emit!(RewardClaimed {
        device: accounts.rewards.device,
        owner: accounts.rewards.owner,
        amount,
        claimed_before,
        claimed_after: accounts.rewards.claimed_units,
    });
    Ok(())
}

pub fn claim_co(ctx: &mut Context<ClaimCo>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let claimed_before = accounts.rewards.co_claimed_units;
    let co_staker = *accounts.co_staker_token.owner();
    let amount = accounts
        .rewards
        .claim_co(&co_staker, &mut accounts.config)?;
    let bump = [ctx.bumps.vault_authority];
    accounts.token_program.transfer_checked(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.co_staker_token,
        &accounts.vault_authority,
        &[&[VAULT_AUTHORITY_SEED, &bump]],
        amount,
        IO_DECIMALS,
    )?;
    emit!(CoRewardClaimed {
        device: accounts.rewards.device,
        co_staker,
        amount,
        claimed_before,
        claimed_after: accounts.rewards.co_claimed_units,
    });
    Ok(())
}
