//! Paying out what is booked, to the owner and to the co-staker, as far as it is minted.

use crate::{
    constants::*,
    events::{CoRewardClaimed, RewardClaimed},
    state::{Config, DeviceRewards},
    EmissionError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::{payee::Payee, token::Call};

/// Anyone may call it, to the owner's associated token account; the owner itself to any of its own.
#[derive(Accounts)]
pub struct Claim {
    /// The owner, or anyone.
    pub signer: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub rewards: Account<DeviceRewards>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(mut, unsafe(dup), constraint = *owner_token.owner() == rewards.owner @ EmissionError::WrongRecipient)]
    pub owner_token: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    #[account(address = config.io_mint @ EmissionError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

/// Anyone may call it, so that a former co-staker who is away does not keep a new one from earning: to the co-staker's associated token account; the
/// co-staker itself to any of its own.
#[derive(Accounts)]
pub struct ClaimCo {
    /// The co-staker, or anyone.
    pub signer: Signer,
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
    #[account(mut, unsafe(dup), constraint = rewards.is_co_staker(co_staker_token.owner()) @ EmissionError::WrongRecipient)]
    pub co_staker_token: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    #[account(address = config.io_mint @ EmissionError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let payee = Payee {
        recipient: &accounts.rewards.owner,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.owner_token.account().address(),
        signed: *accounts.signer.address() == accounts.rewards.owner,
    };
    require!(payee.is_allowed(), EmissionError::NotAssociated);
    let claimed_before = accounts.rewards.claimed_units;
    let amount = accounts.rewards.claim(&mut accounts.config)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.vault_authority,
        seeds: &[&[
            VAULT_AUTHORITY_SEED,
            &[accounts.config.vault_authority_bump],
        ]],
        amount,
        decimals: IO_DECIMALS,
    }
    .transfer(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.owner_token,
    );
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
    let co_staker = *accounts.co_staker_token.owner();
    let payee = Payee {
        recipient: &co_staker,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.co_staker_token.account().address(),
        signed: *accounts.signer.address() == co_staker,
    };
    require!(payee.is_allowed(), EmissionError::NotAssociated);
    let claimed_before = accounts.rewards.co_claimed_units;
    let amount = accounts
        .rewards
        .claim_co(&co_staker, &mut accounts.config)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.vault_authority,
        seeds: &[&[
            VAULT_AUTHORITY_SEED,
            &[accounts.config.vault_authority_bump],
        ]],
        amount,
        decimals: IO_DECIMALS,
    }
    .transfer(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.co_staker_token,
    );
    emit!(CoRewardClaimed {
        device: accounts.rewards.device,
        co_staker,
        amount,
        claimed_before,
        claimed_after: accounts.rewards.co_claimed_units,
    });
    Ok(())
}
