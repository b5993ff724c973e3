//! The ways out of a stake, for the owner and for the co-staker.

use super::vault::Vault;
use crate::{
    constants::*,
    events::{CoStakeWithdrawn, Withdrawn},
    state::{Config, DeviceStake, OwnerBook},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::payee::Payee;

#[derive(Accounts)]
pub struct Withdraw {
    /// Paid the stake account's rent and gets it back when nothing is left in it.
    #[account(mut, address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    #[account(mut)]
    pub owner_token: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

/// Anyone may call it, to the co-staker's associated token account; the co-staker itself to any of its own.
#[derive(Accounts)]
pub struct WithdrawCo {
    /// The co-staker, or anyone.
    pub signer: Signer,
    /// CHECK: gets the stake account's rent when nothing is left in it; `dup`, as the owner may be the signer.
    #[account(mut, unsafe(dup), address = stake.owner @ StakingError::NotOwner)]
    pub owner: UncheckedAccount,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    #[account(mut, seeds = [OWNER_SEED, stake.owner.as_ref()], bump = owner_book.bump)]
    pub owner_book: Account<OwnerBook>,
    #[account(mut, unsafe(dup), constraint = *co_staker_token.owner() == stake.co_staker @ StakingError::WrongRecipient)]
    pub co_staker_token: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn withdraw(ctx: &mut Context<Withdraw>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = accounts.stake.withdraw(Clock::get()?.unix_timestamp)?;
    let staked_before = accounts.config.staked_units;
    accounts.config.remove(amount)?;
    Vault {
        vault: &mut accounts.vault,
        vault_authority: &accounts.vault_authority,
        io_mint: &accounts.io_mint,
        token_program: &accounts.token_program,
        bump: ctx.bumps.vault_authority,
    }
    .pay(&mut accounts.owner_token, amount);
    emit!(Withdrawn {
        device: accounts.stake.device,
        owner: accounts.stake.owner,
        amount,
        held: accounts.stake.held_units,
        staked_before,
        staked_after: accounts.config.staked_units,
    });
    if accounts.stake.is_empty() {
        let owner = *accounts.owner.account();
        accounts.stake.close(owner)?;
    }
    Ok(())
}

/// Anyone may call it: a co-staker who is away must not keep the owner from staking anew.
pub fn withdraw_co(ctx: &mut Context<WithdrawCo>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let co_staker = accounts.stake.co_staker;
    let payee = Payee {
        recipient: &co_staker,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.co_staker_token.account().address(),
        signed: *accounts.signer.address() == co_staker,
    };
    require!(payee.is_allowed(), StakingError::NotAssociated);
    let amount = accounts.stake.withdraw_co(Clock::get()?.unix_timestamp)?;
    let staked_before = accounts.config.staked_units;
    if amount > 0 {
        accounts.config.remove(amount)?;
        Vault {
            vault: &mut accounts.vault,
            vault_authority: &accounts.vault_authority,
            io_mint: &accounts.io_mint,
            token_program: &accounts.token_program,
            bump: ctx.bumps.vault_authority,
        }
        .pay(&mut accounts.co_staker_token, amount);
    }
    emit!(CoStakeWithdrawn {
        device: accounts.stake.device,
        co_staker,
        amount,
        held: accounts.stake.co_held_units,
        staked_before,
        staked_after: accounts.config.staked_units,
    });
    if accounts.stake.release_co_staker() {
        accounts.owner_book.release()?;
    }
    if accounts.stake.is_empty() {
        let owner = *accounts.owner.account();
        accounts.stake.close(owner)?;
    }
    Ok(())
}
